/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "demo/world.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "format/digest.h"

static const struct world *const worlds[WORLD_N] = {
	[WORLD_FRAUD] = &world_fraud,
	[WORLD_SOLAR] = &world_solar,
	[WORLD_ICU] = &world_icu,
};

const struct world *world_get(enum world_id id)
{
	return worlds[id];
}

const struct world *world_find(const char *name)
{
	for (int i = 0; i < WORLD_N; i++)
		if (!strcmp(worlds[i]->name, name))
			return worlds[i];
	return NULL;
}

void world_seed(struct world_streams *s, enum world_id id, uint64_t seed)
{
	for (uint64_t i = 0; i < WORLD_STREAMS; i++)
		prng_init(&s->of[i], seed, (uint64_t)id * WORLD_STREAMS + i);
}

void world_add_header(const struct world *w, struct buf *out)
{
	for (size_t i = 0; i < w->n_columns; i++) {
		buf_addc(out, ',');
		buf_adds(out, w->columns[i].name);
	}
}

void world_add_fields(const struct world *w, const struct world_row *row,
		      struct buf *out)
{
	char number[NUM_MAX];

	for (size_t i = 0; i < w->n_columns; i++) {
		const struct world_column *c = &w->columns[i];
		double v = row->shown[i];

		buf_addc(out, ',');
		if (isnan(v))
			continue;
		if (c->words) {
			buf_adds(out, c->words[(size_t)v]);
			continue;
		}
		num_format_fixed(number, sizeof(number), v, c->decimals);
		buf_adds(out, number);
	}
}

void frame_draw(struct frame *f, const struct world *w, uint64_t seed, size_t n,
		const struct drift *moved, double share_moved, bool keep_rows)
{
	static const struct drift quiet;
	struct world_streams streams;
	struct world_row row;
	struct prng which;
	char hex[SHA256_HEX];

	memset(f, 0, sizeof(*f));
	f->n = n;
	f->n_x = w->n_x;
	f->x = xcalloc(n * w->n_x, sizeof(*f->x));
	f->y = xcalloc(n, sizeof(*f->y));
	if (keep_rows)
		f->rows = xcalloc(n, sizeof(*f->rows));
	world_seed(&streams, w->id, seed);
	prng_init(&which, seed, 1000 + (uint64_t)w->id);
	for (size_t i = 0; i < n; i++) {
		bool is_moved = prng_unit(&which) < share_moved;

		memset(&row, 0, sizeof(row));
		w->draw(&streams, is_moved ? moved : &quiet, &row);
		memcpy(&f->x[i * w->n_x], row.x, w->n_x * sizeof(*f->x));
		f->y[i] = (float)row.y;
		if (keep_rows)
			f->rows[i] = row;
	}
	digest_sha256v(
		(struct digest_piece[]){ { f->x, n * w->n_x * sizeof(*f->x) },
					 { f->y, n * sizeof(*f->y) } },
		2, hex);
	memcpy(f->digest, hex, 8);
}

void frame_release(struct frame *f)
{
	free(f->x);
	free(f->y);
	free(f->rows);
	memset(f, 0, sizeof(*f));
}
