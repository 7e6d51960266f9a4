/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "model/run_tree.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define NONE  UINT32_MAX
#define ASKED (UINT32_MAX - 1) /* for, and not among the nodes yet */

struct node {
	uint32_t row;
	uint32_t parent, first_child, next; /* nodes; NONE */
	uint8_t more;
	bool is_asked, is_placed;
};

struct making {
	const struct run_set *set;
	const struct run_tree_ask *ask;
	uint32_t *slots; /* rows by the hash of their ids; NONE: empty */
	size_t mask;
	uint32_t *node_of; /* by row; NONE, ASKED */
	struct node *nodes;
	size_t n, cap;
	uint32_t folded_depth; /* what is deeper is left out; NONE: nothing */
	struct run_tree *out;
};

/* ---- who is whose parent ------------------------------------------------- */

static size_t hash_of(uint16_t source, const struct run_id *id)
{
	uint64_t a, b;

	memcpy(&a, id->bytes, 8);
	memcpy(&b, id->bytes + 8, 8);
	a = (a ^ source) * 0x9e3779b97f4a7c15u ^ b;
	a *= 0xd6e8feb86659fd93u;
	return (size_t)(a ^ a >> 32);
}

static void index_row(struct making *m, uint32_t row)
{
	const struct run_head *h = run_set_head(m->set, row);
	size_t at = hash_of(h->source, &h->id) & m->mask;

	while (m->slots[at] != NONE)
		at = (at + 1) & m->mask;
	m->slots[at] = row;
}

/* The rows asked for; all there are where others may be parents. */
static void index_rows(struct making *m)
{
	uint32_t n_set = run_set_count(m->set), row;
	bool is_whole = m->ask->with_parents && m->ask->n < n_set;
	size_t n = is_whole ? n_set : m->ask->n, i;

	for (m->mask = 15; m->mask < n * 2; m->mask = m->mask * 2 + 1)
		;
	m->slots = xmalloc((m->mask + 1) * sizeof(*m->slots));
	memset(m->slots, 0xff, (m->mask + 1) * sizeof(*m->slots));
	for (i = 0; !is_whole && i < n; i++)
		index_row(m, m->ask->rows[i]);
	for (row = 0; is_whole && row < n_set; row++)
		if (!(run_set_head(m->set, row)->flags & RUN_IS_GONE))
			index_row(m, row);
}

static uint32_t find_parent(const struct making *m, uint32_t row)
{
	const struct run_head *h = run_set_head(m->set, row), *p;
	const struct run_id *id = run_set_parent(m->set, row);
	bool is_interned = h->flags & RUN_PARENT_INTERNED;
	size_t at;

	if (!id)
		return NONE;
	at = hash_of(h->source, id) & m->mask;
	for (; m->slots[at] != NONE; at = (at + 1) & m->mask) {
		p = run_set_head(m->set, m->slots[at]);
		if (p->source == h->source &&
		    !!(p->flags & RUN_ID_INTERNED) == is_interned &&
		    !memcmp(&p->id, id, sizeof(*id)))
			return m->slots[at];
	}
	return NONE;
}

/* ---- the nodes ----------------------------------------------------------- */

static void add_node(struct making *m, uint32_t row, bool is_asked)
{
	m->nodes = xgrow(m->nodes, &m->cap, m->n + 1, sizeof(*m->nodes));
	m->node_of[row] = (uint32_t)m->n;
	m->nodes[m->n++] = (struct node){ .row = row,
					  .first_child = NONE,
					  .next = NONE,
					  .is_asked = is_asked };
}

static bool is_deleted(const struct run_set *set, uint32_t row)
{
	return run_set_head(set, row)->flags & RUN_IS_DELETED;
}

/* All above the row up to one that is there anyway. */
static void add_parents(struct making *m, uint32_t row)
{
	bool wanted = is_deleted(m->set, row);

	for (;;) {
		row = find_parent(m, row);
		if (row == NONE || m->node_of[row] != NONE ||
		    is_deleted(m->set, row) != wanted)
			return;
		add_node(m, row, false);
	}
}

static void add_nodes(struct making *m)
{
	size_t size = run_set_count(m->set) * sizeof(*m->node_of);
	const struct run_tree_ask *ask = m->ask;
	size_t i;

	m->node_of = xmalloc(size + 1);
	memset(m->node_of, 0xff, size);
	for (i = 0; i < ask->n; i++)
		m->node_of[ask->rows[i]] = ASKED;
	for (i = 0; i < ask->n; i++) {
		if (ask->with_parents)
			add_parents(m, ask->rows[i]);
		add_node(m, ask->rows[i], true);
	}
}

static void link_nodes(struct making *m)
{
	struct node *at, *parent;
	uint32_t row;
	size_t i;

	for (i = 0; i < m->n; i++) {
		row = find_parent(m, m->nodes[i].row);
		m->nodes[i].parent = row == NONE ? NONE : m->node_of[row];
	}
	/* From the end, so that the first of siblings comes first. */
	for (i = m->n; i--;) {
		at = &m->nodes[i];
		if (at->parent == NONE)
			continue;
		parent = &m->nodes[at->parent];
		at->next = parent->first_child;
		parent->first_child = (uint32_t)i;
	}
}

/* ---- from the top down --------------------------------------------------- */

static int compare_rows(const void *pa, const void *pb)
{
	uint32_t a = *(const uint32_t *)pa, b = *(const uint32_t *)pb;

	return (a > b) - (a < b);
}

static bool is_folded(const struct making *m, const struct node *at)
{
	return at->first_child != NONE && m->ask->n_folded &&
	       bsearch(&at->row, m->ask->folded, m->ask->n_folded,
		       sizeof(at->row), compare_rows);
}

static void place(struct making *m, uint32_t i, uint32_t depth)
{
	struct node *at = &m->nodes[i];
	struct run_tree *out = m->out;

	at->is_placed = true;
	if (depth)
		at->more = (uint8_t)(m->nodes[at->parent].more << 1 |
				     (at->next != NONE));
	if (depth > m->folded_depth) {
		out->places[out->n - 1].n_folded += at->is_asked;
		return;
	}
	m->folded_depth = is_folded(m, at) ? depth : NONE;
	out->rows[out->n] = at->row;
	out->places[out->n++] = (struct run_tree_place){
		.depth = depth,
		.more = at->more,
		.has_below = at->first_child != NONE,
		.is_asked = at->is_asked,
	};
}

/* The run with all below it that has no place yet. */
static void place_all(struct making *m, uint32_t top)
{
	uint32_t at = top, depth = 0, next;

	if (m->nodes[top].is_placed)
		return;
	m->folded_depth = NONE;
	place(m, top, 0);
	next = m->nodes[top].first_child;
	for (;;) {
		while (next != NONE && m->nodes[next].is_placed)
			next = m->nodes[next].next;
		if (next != NONE) {
			at = next;
			place(m, at, ++depth);
			next = m->nodes[at].first_child;
		} else if (at == top) {
			return;
		} else {
			next = m->nodes[at].next;
			at = m->nodes[at].parent;
			depth--;
		}
	}
}

void run_tree_make(const struct run_set *set, const struct run_tree_ask *ask,
		   struct run_tree *out)
{
	struct making m = { .set = set, .ask = ask, .out = out };
	uint32_t i;

	index_rows(&m);
	add_nodes(&m);
	link_nodes(&m);
	*out = (struct run_tree){ 0 };
	out->rows = xmalloc((m.n + 1) * sizeof(*out->rows));
	out->places = xmalloc((m.n + 1) * sizeof(*out->places));
	for (i = 0; i < m.n; i++)
		if (m.nodes[i].parent == NONE)
			place_all(&m, i);
	/* What is left is a circle, or hangs below one. */
	for (i = 0; i < m.n; i++)
		place_all(&m, i);
	free(m.slots);
	free(m.node_of);
	free(m.nodes);
}

void run_tree_release(struct run_tree *t)
{
	free(t->rows);
	free(t->places);
	*t = (struct run_tree){ 0 };
}
