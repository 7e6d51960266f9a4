/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "model/order.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "filter_ast.h"
#include "order_sort.h"

/* Every key is turned into a 64-bit number whose order is the order asked for,
 * and the rows are sorted by it with a stable radix sort, the last key first.
 * Texts become their rank among the distinct ones that occur. */

#define KEY_MISSING ORDER_KEY_MISSING
#define KEY_NAN     (UINT64_MAX - 1)

/* ---- keys ---------------------------------------------------------------- */

static uint64_t directed(uint64_t key, bool is_desc)
{
	return is_desc ? ~key : key;
}

uint64_t order_number_key(double v, bool is_desc)
{
	uint64_t bits;

	if (isnan(v))
		return KEY_NAN;
	if (v == 0)
		v = 0; /* -0 and 0 are one value */
	memcpy(&bits, &v, sizeof(bits));
	bits = bits >> 63 ? ~bits : bits | 1ull << 63;
	return directed(bits, is_desc);
}

static uint64_t time_key(int64_t ms, bool is_desc)
{
	if (ms == TIME_NONE)
		return KEY_MISSING;
	return directed((uint64_t)ms ^ 1ull << 63, is_desc);
}

/* The texts that occur, and by their number the rank of each. */
struct ranks {
	const struct intern *strings;
	uint32_t *ids;
	size_t n;
	uint32_t *rank; /* by interned number */
	size_t size;
	bool is_mixed; /* numbers among them go first, by value */
};

static int compare_mixed(const void *pa, const void *pb, void *ctx)
{
	const struct ranks *r = ctx;
	const char *a = intern_str(r->strings, *(const uint32_t *)pa);
	const char *b = intern_str(r->strings, *(const uint32_t *)pb);
	double x, y;
	bool na = filter_number(a, &x) && !isnan(x);
	bool nb = filter_number(b, &y) && !isnan(y);

	if (na != nb)
		return na ? -1 : 1;
	if (na && x != y)
		return x < y ? -1 : 1;
	return strcmp(a, b);
}

static void ranks_add(struct ranks *r, uint32_t id)
{
	size_t was = r->size;

	if (id >= was) {
		r->rank = xgrow(r->rank, &r->size, (size_t)id + 1,
				sizeof(*r->rank));
		memset(r->rank + was, 0, (r->size - was) * sizeof(*r->rank));
	}
	r->n += !r->rank[id];
	r->rank[id] = 1;
}

static void ranks_sort(struct ranks *r)
{
	size_t i, n = 0;

	r->ids = xcalloc(r->n + 1, sizeof(*r->ids));
	for (i = 0; i < r->size; i++)
		if (r->rank[i])
			r->ids[n++] = (uint32_t)i;
	if (r->is_mixed)
		qsort_r(r->ids, n, sizeof(*r->ids), compare_mixed, r);
	else
		order_sort_texts(r->strings, r->ids, n);
	/* From 2 up, so that none is one of the reserved keys when turned. */
	for (i = 0; i < n; i++)
		r->rank[r->ids[i]] = (uint32_t)i + 2;
}

/* The interned number of the row's text for this key; false: missing. */
static bool text_of(const struct run_set *set, const struct order_key *k,
		    uint32_t col, uint32_t row, uint32_t *id)
{
	const struct run_head *h = run_set_head(set, row);

	switch (k->by) {
	case ORDER_NAME:
		*id = h->name;
		return true;
	case ORDER_USER:
		*id = h->user;
		return h->user;
	case ORDER_EXPERIMENT:
		*id = run_set_experiment(set, h->experiment)->name;
		return true;
	default:
		*id = run_set_text_id(set, col, row);
		return (*id)--;
	}
}

static void text_keys(const struct run_set *set, const struct order_key *k,
		      uint32_t col, struct order_item *items, size_t n)
{
	struct ranks r = { .strings = run_set_strings(set),
			   .is_mixed = k->by == ORDER_VALUE };
	uint32_t id;
	size_t i;

	for (i = 0; i < n; i++)
		if (text_of(set, k, col, items[i].row, &id))
			ranks_add(&r, id);
	ranks_sort(&r);
	for (i = 0; i < n; i++)
		items[i].key = text_of(set, k, col, items[i].row, &id)
				       ? directed(r.rank[id], k->is_desc)
				       : KEY_MISSING;
	free(r.ids);
	free(r.rank);
}

static void number_keys(const struct run_set *set, uint32_t col, bool is_desc,
			struct order_item *items, size_t n)
{
	double v;
	size_t i;

	for (i = 0; i < n; i++)
		items[i].key = run_set_number(set, col, items[i].row, &v)
				       ? order_number_key(v, is_desc)
				       : KEY_MISSING;
}

static uint64_t status_key(uint8_t status)
{
	static const uint8_t by_name[] = {
		[RUN_FAILED] = 0,  [RUN_FINISHED] = 1,  [RUN_KILLED] = 2,
		[RUN_RUNNING] = 3, [RUN_SCHEDULED] = 4, [RUN_UNKNOWN] = 5,
	};

	return by_name[status];
}

static void head_keys(const struct run_set *set, const struct order_key *k,
		      int64_t now_ms, struct order_item *items, size_t n)
{
	const struct run_head *h;
	size_t i;

	for (i = 0; i < n; i++) {
		h = run_set_head(set, items[i].row);
		switch (k->by) {
		case ORDER_END:
			items[i].key = time_key(h->end_ms, k->is_desc);
			break;
		case ORDER_DURATION:
			items[i].key = time_key(run_duration_ms(h, now_ms),
						k->is_desc);
			break;
		case ORDER_STATUS:
			items[i].key =
				directed(status_key(h->status), k->is_desc);
			break;
		case ORDER_SOURCE:
			items[i].key = directed(h->source, k->is_desc);
			break;
		default:
			items[i].key = time_key(h->start_ms, k->is_desc);
			break;
		}
	}
}

static int compare_id(const void *pa, const void *pb, void *ctx)
{
	const struct order_item *a = pa, *b = pb;
	char ida[40], idb[40];

	return strcmp(run_set_id(ctx, a->row, ida),
		      run_set_id(ctx, b->row, idb));
}

static void sort_by_id(const struct run_set *set, bool is_desc,
		       struct order_item *items, size_t n)
{
	struct order_item t;
	size_t i;

	qsort_r(items, n, sizeof(*items), compare_id, (void *)set);
	for (i = 0; is_desc && i < n / 2; i++) {
		t = items[i];
		items[i] = items[n - 1 - i];
		items[n - 1 - i] = t;
	}
}

bool order_fill_keys(const struct run_set *set, const struct order_key *k,
		     int64_t now_ms, struct order_item *items, size_t n)
{
	uint32_t col = RUN_NO_COLUMN;

	if (k->by == ORDER_VALUE) {
		col = run_set_find_column(set, k->column.kind, k->column.name);
		if (col == RUN_NO_COLUMN)
			return false;
	}
	if (k->by == ORDER_VALUE && value_is_number(k->column.kind))
		number_keys(set, col, k->is_desc, items, n);
	else if (k->by == ORDER_VALUE || k->by == ORDER_NAME ||
		 k->by == ORDER_USER || k->by == ORDER_EXPERIMENT)
		text_keys(set, k, col, items, n);
	else
		head_keys(set, k, now_ms, items, n);
	return true;
}

/* Sorts by one key; equals stay as they are. */
static void sort_by(const struct run_set *set, const struct order_key *k,
		    int64_t now_ms, struct order_item **items,
		    struct order_item **spare, size_t n)
{
	if (k->by == ORDER_ID)
		sort_by_id(set, k->is_desc, *items, n);
	else if (order_fill_keys(set, k, now_ms, *items, n))
		order_radix_sort(items, spare, n);
}

/* Newest start first, and by id where runs began together: MLflow's order. */
static void sort_newest(const struct run_set *set, struct order_item **items,
			struct order_item **spare, size_t n)
{
	static const struct order_key newest = { .by = ORDER_START,
						 .is_desc = true };
	size_t i, from;

	sort_by(set, &newest, TIME_NONE, items, spare, n);
	for (from = 0; from < n; from = i) {
		for (i = from + 1;
		     i < n && (*items)[i].key == (*items)[from].key; i++)
			;
		if (i - from > 1)
			sort_by_id(set, false, *items + from, i - from);
	}
}

/* ---- filtering ----------------------------------------------------------- */

static bool is_asked(const struct order_ask *ask, const struct run_head *h)
{
	bool is_deleted = h->flags & RUN_IS_DELETED;
	size_t i;

	if (h->flags & RUN_IS_GONE)
		return false;
	if (is_deleted ? !ask->with_deleted && !ask->only_deleted
		       : ask->only_deleted)
		return false;
	for (i = 0; i < ask->n_experiments; i++)
		if (ask->experiments[i] == h->experiment)
			return true;
	return !ask->n_experiments;
}

/* The rows of the block that are asked for at all. */
static void ask_block(const struct run_set *set, const struct order_ask *ask,
		      uint32_t first, uint32_t n, struct run_bits *bits)
{
	uint32_t i;

	memset(bits, 0, sizeof(*bits));
	for (i = 0; i < n; i++)
		if (is_asked(ask, run_set_head(set, first + i)))
			bits->words[i / 64] |= 1ull << i % 64;
}

static void take_block(const struct run_bits *bits, uint32_t first,
		       struct order_item *items, size_t *n)
{
	uint64_t left;
	size_t i;

	for (i = 0; i < ARRAY_LEN(bits->words); i++)
		for (left = bits->words[i]; left; left &= left - 1)
			items[(*n)++].row = first + (uint32_t)(i * 64) +
					    (uint32_t)__builtin_ctzll(left);
}

static enum err_code keep_rows(const struct run_set *set,
			       const struct order_ask *ask,
			       const struct cancel *stop,
			       struct order_item *items, size_t *n,
			       struct err *err)
{
	struct filter_bound *b =
		ask->filter ? filter_bind(ask->filter, set) : NULL;
	uint32_t first, count = (uint32_t)run_set_count(set);
	struct run_bits bits;

	*n = 0;
	for (first = 0; first < count && !err->code; first += RUN_BLOCK_ROWS) {
		ask_block(set, ask, first, MIN(count - first, RUN_BLOCK_ROWS),
			  &bits);
		if (b)
			filter_keep(b, first / RUN_BLOCK_ROWS, &bits);
		take_block(&bits, first, items, n);
		if (cancel_is_due(stop))
			err_set(err, ERR_STOP, "cancelled");
		else if (b && filter_gave_up(b))
			err_set(err, ERR_USAGE,
				"filter: a regular expression takes too many "
				"steps: expected a simpler one");
	}
	filter_unbind(b);
	return err->code;
}

uint32_t *order_make(const struct run_set *set, const struct order_ask *ask,
		     const struct cancel *stop, size_t *n, struct err *err)
{
	size_t room = run_set_count(set) + 1, i;
	struct order_item *items = xmalloc(room * sizeof(*items));
	struct order_item *spare = xmalloc(room * sizeof(*spare));
	uint32_t *rows = NULL;

	if (keep_rows(set, ask, stop, items, n, err))
		goto out;
	sort_newest(set, &items, &spare, *n);
	for (i = ask->n_keys; i-- && !cancel_is_due(stop);)
		sort_by(set, &ask->keys[i], ask->now_ms, &items, &spare, *n);
	if (cancel_is_due(stop))
		goto out;
	rows = xmalloc((*n + 1) * sizeof(*rows));
	for (i = 0; i < *n; i++)
		rows[i] = items[i].row;
out:
	if (!rows && !err->code)
		err_set(err, ERR_STOP, "cancelled");
	free(items);
	free(spare);
	return rows;
}
