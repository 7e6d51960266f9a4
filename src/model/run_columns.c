/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "run_columns.h"

#include <stdlib.h>

#include "base/mem.h"

struct run_column *run_column_new(size_t value_size, enum value_kind kind,
				  uint32_t name)
{
	struct run_column *c = xcalloc(1, sizeof(*c));

	c->refs = 1;
	c->name = name;
	c->kind = kind;
	c->value_size = (uint32_t)value_size;
	return c;
}

struct run_column *run_column_ref(struct run_column *c)
{
	c->refs++;
	return c;
}

static void chunk_unref(struct run_chunk *chunk)
{
	if (chunk && --chunk->refs == 0)
		free(chunk);
}

void run_column_unref(struct run_column *c)
{
	size_t i;

	if (--c->refs)
		return;
	for (i = 0; i < c->n_chunks; i++)
		chunk_unref(c->chunks[i]);
	free(c->chunks);
	free(c);
}

static size_t chunk_size(const struct run_column *c)
{
	return sizeof(struct run_chunk) +
	       (size_t)RUN_CHUNK_ROWS * c->value_size;
}

static struct run_chunk *chunk_new(const struct run_column *c)
{
	struct run_chunk *chunk = xcalloc(1, chunk_size(c));
	uint64_t *bits = (uint64_t *)(void *)chunk->values;
	size_t i;

	chunk->refs = 1;
	if (value_is_number(c->kind))
		for (i = 0; i < RUN_CHUNK_ROWS; i++)
			bits[i] = RUN_NUMBER_MISSING;
	return chunk;
}

static struct run_chunk *chunk_copy(const struct run_column *c,
				    const struct run_chunk *old)
{
	struct run_chunk *chunk = xmalloc(chunk_size(c));

	chunk->refs = 1;
	memcpy(chunk->values, old->values,
	       (size_t)RUN_CHUNK_ROWS * c->value_size);
	return chunk;
}

static struct run_column *column_copy(struct run_column *old)
{
	struct run_column *c =
		run_column_new(old->value_size, old->kind, old->name);
	size_t i;

	c->n_chunks = old->n_chunks;
	c->chunks = xcalloc(c->n_chunks + 1, sizeof(*c->chunks));
	for (i = 0; i < c->n_chunks; i++) {
		c->chunks[i] = old->chunks[i];
		if (c->chunks[i])
			c->chunks[i]->refs++;
	}
	run_column_unref(old);
	return c;
}

static void make_room(struct run_column *c, size_t n_chunks)
{
	if (n_chunks <= c->n_chunks)
		return;
	c->chunks = xreallocarray(c->chunks, n_chunks, sizeof(*c->chunks));
	memset(c->chunks + c->n_chunks, 0,
	       (n_chunks - c->n_chunks) * sizeof(*c->chunks));
	c->n_chunks = n_chunks;
}

void *run_column_own(struct run_column **c, uint32_t row)
{
	size_t i = row / RUN_CHUNK_ROWS;
	struct run_chunk *shared;

	if ((*c)->refs > 1)
		*c = column_copy(*c);
	make_room(*c, i + 1);
	if (!(*c)->chunks[i]) {
		(*c)->chunks[i] = chunk_new(*c);
	} else if ((*c)->chunks[i]->refs > 1) {
		shared = (*c)->chunks[i];
		(*c)->chunks[i] = chunk_copy(*c, shared);
		chunk_unref(shared);
	}
	return (*c)->chunks[i]->values +
	       (size_t)(row % RUN_CHUNK_ROWS) * (*c)->value_size;
}

size_t run_column_bytes(const struct run_column *c)
{
	size_t i, n = sizeof(*c) + c->n_chunks * sizeof(*c->chunks);

	for (i = 0; i < c->n_chunks; i++)
		n += c->chunks[i] ? chunk_size(c) : 0;
	return n;
}
