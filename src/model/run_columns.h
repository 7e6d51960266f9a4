/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_MODEL_RUN_COLUMNS_H
#define MLTOWER_MODEL_RUN_COLUMNS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "model/run_set.h"

/* One column of a run set: fixed-size values in chunks that are made when a
 * row of theirs is first written, and copied when somebody else refers to
 * them. A chunk starts with every value missing. */
#define RUN_CHUNK_ROWS RUN_BLOCK_ROWS

struct run_chunk {
	_Atomic uint32_t refs;
	_Alignas(16) unsigned char values[];
};

struct run_column {
	_Atomic uint32_t refs;
	uint32_t name; /* interned */
	enum value_kind kind;
	uint32_t value_size;
	size_t n_chunks;
	struct run_chunk **chunks; /* NULL: none of its rows has a value */
};

struct run_column *run_column_new(size_t value_size, enum value_kind kind,
				  uint32_t name);
struct run_column *run_column_ref(struct run_column *c);
void run_column_unref(struct run_column *c);
/* The value to write to; *c and the chunk are this holder's alone after it. */
void *run_column_own(struct run_column **c, uint32_t row);
size_t run_column_bytes(const struct run_column *c);

/* NULL where the row's chunk was never written. */
static inline const void *run_column_at(const struct run_column *c,
					uint32_t row)
{
	size_t chunk = row / RUN_CHUNK_ROWS;

	if (chunk >= c->n_chunks || !c->chunks[chunk])
		return NULL;
	return c->chunks[chunk]->values +
	       (size_t)(row % RUN_CHUNK_ROWS) * c->value_size;
}

#endif
