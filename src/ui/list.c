/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "list.h"

#include "base/mem.h"

void list_set(struct list *l, size_t n_rows, size_t cursor)
{
	l->n_rows = n_rows;
	l->cursor = n_rows ? MIN(cursor, n_rows - 1) : 0;
	list_fit(l, l->height);
}

void list_fit(struct list *l, size_t height)
{
	size_t last_top = l->n_rows > height ? l->n_rows - height : 0;

	l->height = height;
	if (!height)
		return;
	if (l->cursor < l->top)
		l->top = l->cursor;
	if (l->cursor >= l->top + height)
		l->top = l->cursor - height + 1;
	l->top = MIN(l->top, last_top);
}

static void move(struct list *l, long by)
{
	long to = (long)l->cursor + by;
	long last = l->n_rows ? (long)l->n_rows - 1 : 0;

	l->cursor = (size_t)MAX(0, MIN(to, last));
	list_fit(l, l->height);
}

/* Past the edge the view moves by half of itself: scrolled line by line, every
 * key would send the whole pane down a slow line. */
static void step(struct list *l, long by)
{
	size_t top = l->top, half = l->height / 2;

	move(l, by);
	if (l->top == top)
		return;
	l->top = by > 0 ? l->top + half : l->top - MIN(l->top, half);
	list_fit(l, l->height);
}

bool list_command(struct list *l, enum command_id cmd)
{
	long page = l->height > 1 ? (long)l->height - 1 : 1;

	switch (cmd) {
	case CMD_UP:
		step(l, -1);
		return true;
	case CMD_DOWN:
		step(l, 1);
		return true;
	case CMD_TOP:
		move(l, -(long)l->cursor);
		return true;
	case CMD_BOTTOM:
		move(l, (long)l->n_rows);
		return true;
	case CMD_HALF_UP:
		move(l, -MAX(1, page / 2));
		return true;
	case CMD_HALF_DOWN:
		move(l, MAX(1, page / 2));
		return true;
	case CMD_PAGE_UP:
		move(l, -page);
		return true;
	case CMD_PAGE_DOWN:
		move(l, page);
		return true;
	default:
		return false;
	}
}
