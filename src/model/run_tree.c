/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "model/run_tree.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define NONE UINT32_MAX

/* By place in rows. */
struct tree {
	const struct run_set *set;
	const uint32_t *rows;
	uint32_t n;
	uint32_t *slots; /* places by the hash of their ids; NONE: empty */
	size_t mask;
	uint32_t *parent, *first_child, *next; /* NONE */
	bool *is_placed;
	uint32_t *rows_out, *depths_out;
	uint32_t n_out;
};

static size_t hash_of(uint16_t source, const struct run_id *id)
{
	uint64_t a, b;

	memcpy(&a, id->bytes, 8);
	memcpy(&b, id->bytes + 8, 8);
	a = (a ^ source) * 0x9e3779b97f4a7c15u ^ b;
	a *= 0xd6e8feb86659fd93u;
	return (size_t)(a ^ a >> 32);
}

static void index_rows(struct tree *t)
{
	const struct run_head *h;
	size_t at;
	uint32_t i;

	for (t->mask = 15; t->mask < (size_t)t->n * 2;
	     t->mask = t->mask * 2 + 1)
		;
	t->slots = xmalloc((t->mask + 1) * sizeof(*t->slots));
	memset(t->slots, 0xff, (t->mask + 1) * sizeof(*t->slots));
	for (i = 0; i < t->n; i++) {
		h = run_set_head(t->set, t->rows[i]);
		at = hash_of(h->source, &h->id) & t->mask;
		while (t->slots[at] != NONE)
			at = (at + 1) & t->mask;
		t->slots[at] = i;
	}
}

static uint32_t find_parent(const struct tree *t, uint32_t row)
{
	const struct run_head *h = run_set_head(t->set, row), *p;
	const struct run_id *id = run_set_parent(t->set, row);
	bool is_interned = h->flags & RUN_PARENT_INTERNED;
	size_t at;

	if (!id)
		return NONE;
	at = hash_of(h->source, id) & t->mask;
	for (; t->slots[at] != NONE; at = (at + 1) & t->mask) {
		p = run_set_head(t->set, t->rows[t->slots[at]]);
		if (p->source == h->source &&
		    !!(p->flags & RUN_ID_INTERNED) == is_interned &&
		    !memcmp(&p->id, id, sizeof(*id)))
			return t->slots[at];
	}
	return NONE;
}

static void link_rows(struct tree *t)
{
	uint32_t i, p;

	for (i = 0; i < t->n; i++)
		t->parent[i] = find_parent(t, t->rows[i]);
	/* From the end, so that the first of siblings comes first. */
	for (i = t->n; i--;) {
		p = t->parent[i];
		if (p == NONE)
			continue;
		t->next[i] = t->first_child[p];
		t->first_child[p] = i;
	}
}

static void place(struct tree *t, uint32_t i, uint32_t depth)
{
	t->is_placed[i] = true;
	t->rows_out[t->n_out] = t->rows[i];
	t->depths_out[t->n_out++] = depth;
}

/* The run with all below it that has no place yet. */
static void place_all(struct tree *t, uint32_t top)
{
	uint32_t at = top, depth = 0, next;

	if (t->is_placed[top])
		return;
	place(t, top, 0);
	next = t->first_child[top];
	for (;;) {
		while (next != NONE && t->is_placed[next])
			next = t->next[next];
		if (next != NONE) {
			at = next;
			place(t, at, ++depth);
			next = t->first_child[at];
		} else if (at == top) {
			return;
		} else {
			next = t->next[at];
			at = t->parent[at];
			depth--;
		}
	}
}

void run_tree_make(const struct run_set *set, uint32_t *rows, uint32_t *depths,
		   size_t n)
{
	struct tree t = {
		.set = set, .rows = rows, .n = (uint32_t)n, .depths_out = depths
	};
	size_t size = n * sizeof(uint32_t);
	uint32_t i;

	t.parent = xmalloc(size + 1);
	t.first_child = xmalloc(size + 1);
	t.next = xmalloc(size + 1);
	t.rows_out = xmalloc(size + 1);
	t.is_placed = xcalloc(n + 1, sizeof(*t.is_placed));
	memset(t.first_child, 0xff, size);
	memset(t.next, 0xff, size);
	index_rows(&t);
	link_rows(&t);
	for (i = 0; i < t.n; i++)
		if (t.parent[i] == NONE)
			place_all(&t, i);
	/* What is left is a circle, or hangs below one. */
	for (i = 0; t.n_out < t.n; i++)
		place_all(&t, i);
	memcpy(rows, t.rows_out, size);
	free(t.parent);
	free(t.first_child);
	free(t.next);
	free(t.rows_out);
	free(t.is_placed);
	free(t.slots);
}
