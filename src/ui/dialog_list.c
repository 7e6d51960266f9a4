/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "dialog_list.h"

#include <stdlib.h>

#include "base/mem.h"

void dialog_list_init(struct dialog_list *l, size_t n)
{
	*l = (struct dialog_list){ .starts = xcalloc(n + 1, sizeof(int)),
				   .n = n };
}

void dialog_list_release(struct dialog_list *l)
{
	free(l->starts);
	*l = (struct dialog_list){ 0 };
}

/* Draws all of them to nowhere. */
static void count(struct dialog_list *l, const struct dialog *d,
		  dialog_list_row *row, void *ctx)
{
	struct rect clip = d->s->clip;
	struct dialog nowhere = *d;

	surface_clip(d->s, (struct rect){ 0, 0, 0, 0 });
	nowhere.y = 0;
	for (size_t i = 0; i < l->n; i++) {
		row(ctx, &nowhere, i);
		l->starts[i + 1] = nowhere.y;
	}
	surface_clip(d->s, clip);
	l->width = d->r.w;
}

void dialog_list_draw(struct dialog_list *l, struct dialog *d, size_t from,
		      size_t to, dialog_list_row *row, void *ctx)
{
	const struct rect *clip = &d->s->clip;
	int origin;

	if (l->width != d->r.w)
		count(l, d, row, ctx);
	origin = d->y - l->starts[from];
	while (from < to && origin + l->starts[from + 1] <= clip->y)
		from++;
	for (; from < to && origin + l->starts[from] < clip->y + clip->h;
	     from++) {
		d->y = origin + l->starts[from];
		row(ctx, d, from);
	}
	d->y = origin + l->starts[to];
}
