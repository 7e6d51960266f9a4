/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "order_sort.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define RADIX_BITS   11
#define RADIX_SIZE   (1u << RADIX_BITS)
#define RADIX_PASSES 6 /* 6 x 11 >= 64 */

/* What a sort is about: the bits that differ between keys, from the lowest on
 * in digits of RADIX_BITS. */
struct radix {
	unsigned low; /* the lowest bit that differs */
	int n_passes; /* none: all keys are equal, or in order already */
	uint32_t counts[RADIX_PASSES][RADIX_SIZE];
};

static unsigned digit(const struct radix *r, uint64_t key, int pass)
{
	return (unsigned)(key >> r->low >> (pass * RADIX_BITS)) &
	       (RADIX_SIZE - 1);
}

static void look_at_keys(const struct order_item *items, size_t n,
			 struct radix *r)
{
	uint64_t differs = 0;
	bool is_sorted = true;
	size_t i;

	for (i = 1; i < n; i++) {
		differs |= items[i].key ^ items[0].key;
		is_sorted &= items[i - 1].key <= items[i].key;
	}
	if (is_sorted)
		return;
	r->low = (unsigned)__builtin_ctzll(differs);
	r->n_passes =
		(64 - __builtin_clzll(differs) - (int)r->low + RADIX_BITS - 1) /
		RADIX_BITS;
}

static void count_digits(const struct order_item *items, size_t n,
			 struct radix *r)
{
	size_t i;
	int pass;

	for (i = 0; i < n; i++)
		for (pass = 0; pass < r->n_passes; pass++)
			r->counts[pass][digit(r, items[i].key, pass)]++;
}

/* One pass from `from` to `to`; counts become the places to write to. */
static void radix_pass(const struct order_item *from, struct order_item *to,
		       size_t n, struct radix *r, int pass)
{
	uint32_t *counts = r->counts[pass], at = 0, c;
	size_t i;

	for (i = 0; i < RADIX_SIZE; i++) {
		c = counts[i];
		counts[i] = at;
		at += c;
	}
	for (i = 0; i < n; i++)
		to[counts[digit(r, from[i].key, pass)]++] = from[i];
}

void order_radix_sort(struct order_item **items, struct order_item **spare,
		      size_t n)
{
	struct radix *r = xcalloc(1, sizeof(*r));
	struct order_item *t;
	int pass;

	look_at_keys(*items, n, r);
	if (r->n_passes)
		count_digits(*items, n, r);
	for (pass = 0; pass < r->n_passes; pass++) {
		/* A digit that all keys share sorts nothing. */
		if (r->counts[pass][digit(r, (*items)[0].key, pass)] == n)
			continue;
		radix_pass(*items, *spare, n, r, pass);
		t = *items;
		*items = *spare;
		*spare = t;
	}
	free(r);
}

/* ---- texts --------------------------------------------------------------- */

/* Names are made alike: "rf-depth14-123". At each place only a few bytes occur,
 * so that the first places of a text, each as the rank of its byte among those,
 * fit into one number: often all of them. */
#define MAX_PLACES 64

struct packing {
	uint8_t rank[MAX_PLACES][256]; /* 0: the text has ended */
	unsigned n_ranks[MAX_PLACES];
	size_t n_places; /* that fit */
	bool is_whole;   /* no text goes on behind them */
};

static void find_bytes(const struct intern *strings, const uint32_t *ids,
		       size_t n, struct packing *p)
{
	const unsigned char *s;
	size_t i, k;

	for (i = 0; i < n; i++) {
		s = (const unsigned char *)intern_str(strings, ids[i]);
		for (k = 0; k < MAX_PLACES && s[k]; k++)
			p->rank[k][s[k]] = 1;
	}
}

static void make_ranks(struct packing *p)
{
	uint64_t product = 1;
	size_t k, byte;
	unsigned n;

	for (k = 0; k < MAX_PLACES; k++) {
		n = 1;
		for (byte = 1; byte < 256; byte++)
			if (p->rank[k][byte])
				p->rank[k][byte] = (uint8_t)n++;
		p->n_ranks[k] = n;
		p->is_whole = n == 1;
		if (p->is_whole ||
		    __builtin_mul_overflow(product, (uint64_t)n, &product))
			break;
	}
	p->n_places = k;
}

static uint64_t pack(const struct packing *p, const unsigned char *s)
{
	uint64_t key = 0;
	size_t k;

	for (k = 0; k < p->n_places; k++) {
		key = key * p->n_ranks[k] + p->rank[k][*s];
		s += *s != 0;
	}
	return key;
}

/* What is behind the packed places, for those that are equal so far. */
struct rest {
	const struct intern *strings;
	size_t from;
};

static const char *rest_of(const struct rest *r, uint32_t id)
{
	const char *s = intern_str(r->strings, id);

	return strnlen(s, r->from) == r->from ? s + r->from : "";
}

static int compare_rest(const void *pa, const void *pb, void *ctx)
{
	const struct order_item *a = pa, *b = pb;

	return strcmp(rest_of(ctx, a->row), rest_of(ctx, b->row));
}

static void sort_rests(const struct intern *strings, const struct packing *p,
		       struct order_item *items, size_t n)
{
	struct rest rest = { strings, p->n_places };
	size_t from, to;

	for (from = 0; from < n; from = to) {
		for (to = from + 1; to < n && items[to].key == items[from].key;)
			to++;
		if (to - from > 1)
			qsort_r(items + from, to - from, sizeof(*items),
				compare_rest, &rest);
	}
}

void order_sort_texts(const struct intern *strings, uint32_t *ids, size_t n)
{
	struct packing *p = xcalloc(1, sizeof(*p));
	struct order_item *items = xmalloc((n + 1) * sizeof(*items));
	struct order_item *spare = xmalloc((n + 1) * sizeof(*spare));
	size_t i;

	find_bytes(strings, ids, n, p);
	make_ranks(p);
	for (i = 0; i < n; i++) {
		items[i].key = pack(
			p, (const unsigned char *)intern_str(strings, ids[i]));
		items[i].row = ids[i];
	}
	order_radix_sort(&items, &spare, n);
	if (!p->is_whole)
		sort_rests(strings, p, items, n);
	for (i = 0; i < n; i++)
		ids[i] = items[i].row;
	free(items);
	free(spare);
	free(p);
}
