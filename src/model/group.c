/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "model/group.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "order_sort.h"

/* Rows are put into groups by a hash of what they have in the keys' columns; a
 * group is known by its first row, so that nothing is kept of the keys. */

#define LOOK_EVERY 4096u /* rows between two looks at the cancel */

struct slot {
	uint32_t group; /* + 1; 0: empty */
	uint32_t hash;
};

struct grouping {
	const struct run_set *set;
	const struct group_ask *ask;
	const struct cancel *stop;
	struct group_key *keys;
	size_t n_keys;
	const uint32_t *rows;
	size_t n_rows;
	uint32_t *known;    /* those of repeats; else NULL */
	uint32_t *group_of; /* by place in rows */
	uint32_t *first;    /* by group: its first row */
	size_t cap_first;
	struct slot *slots;
	size_t n_slots;
	struct groups *out;
};

static bool is_due(const struct grouping *g, size_t i)
{
	return i % LOOK_EVERY == 0 && cancel_is_due(g->stop);
}

/* ---- which group --------------------------------------------------------- */

static uint32_t hash_row(const struct grouping *g, uint32_t row)
{
	uint64_t h = 0;
	size_t k;

	for (k = 0; k < g->n_keys; k++) {
		h ^= group_key_of(g->set, &g->keys[k], row);
		h *= 0x9e3779b97f4a7c15u;
		h ^= h >> 32;
	}
	return (uint32_t)h;
}

static bool is_equal(const struct grouping *g, uint32_t a, uint32_t b)
{
	size_t k;

	for (k = 0; k < g->n_keys; k++)
		if (group_key_of(g->set, &g->keys[k], a) !=
		    group_key_of(g->set, &g->keys[k], b))
			return false;
	return true;
}

static void make_room(struct grouping *g)
{
	struct slot *old = g->slots;
	size_t n_old = g->n_slots, i, at;

	if (g->out->n * 2 < g->n_slots)
		return;
	g->n_slots = MAX(n_old * 4, (size_t)256);
	g->slots = xcalloc(g->n_slots, sizeof(*g->slots));
	for (i = 0; i < n_old; i++) {
		if (!old[i].group)
			continue;
		at = old[i].hash & (g->n_slots - 1);
		while (g->slots[at].group)
			at = (at + 1) & (g->n_slots - 1);
		g->slots[at] = old[i];
	}
	free(old);
}

static uint32_t find_group(struct grouping *g, uint32_t row)
{
	uint32_t hash = hash_row(g, row);
	size_t at = hash & (g->n_slots - 1);
	struct slot *s;

	for (; (s = &g->slots[at])->group; at = (at + 1) & (g->n_slots - 1))
		if (s->hash == hash && is_equal(g, g->first[s->group - 1], row))
			return s->group - 1;
	g->first = xgrow(g->first, &g->cap_first, g->out->n + 1,
			 sizeof(*g->first));
	g->first[g->out->n] = row;
	*s = (struct slot){ (uint32_t)++g->out->n, hash };
	make_room(g);
	return (uint32_t)g->out->n - 1;
}

/* Has it any of what repeats are told by, beside source and experiment? */
static bool is_known(const struct grouping *g, uint32_t row)
{
	size_t k = g->ask->by->n_keys + GROUP_N_PLACES;

	while (k < g->n_keys && !group_key_of(g->set, &g->keys[k], row))
		k++;
	return k < g->n_keys;
}

/* False: cancelled. */
static bool leave_unknown_out(struct grouping *g)
{
	size_t n = 0, i;

	g->known = xmalloc((g->n_rows + 1) * sizeof(*g->known));
	for (i = 0; i < g->n_rows; i++) {
		if (is_due(g, i))
			return false;
		if (is_known(g, g->rows[i]))
			g->known[n++] = g->rows[i];
	}
	g->out->n_unknown = g->n_rows - n;
	g->rows = g->known;
	g->n_rows = n;
	return true;
}

/* False: cancelled. */
static bool find_groups(struct grouping *g)
{
	size_t i;

	if (g->ask->by->is_repeats && !leave_unknown_out(g))
		return false;
	make_room(g);
	for (i = 0; i < g->n_rows; i++) {
		if (is_due(g, i))
			return false;
		g->group_of[i] = find_group(g, g->rows[i]);
	}
	return true;
}

/* ---- what is in it ------------------------------------------------------- */

/* Rows by group, in their order; the groups are still in that of their first
 * rows. */
static void share_rows(struct grouping *g)
{
	struct groups *out = g->out;
	uint32_t *next = xcalloc(out->n + 1, sizeof(*next)), at = 0;
	size_t i;

	out->all = xcalloc(out->n + 1, sizeof(*out->all));
	out->rows = xmalloc((g->n_rows + 1) * sizeof(*out->rows));
	for (i = 0; i < g->n_rows; i++)
		out->all[g->group_of[i]].n++;
	for (i = 0; i < out->n; i++) {
		out->all[i].rows = out->rows + at;
		next[i] = at;
		at += out->all[i].n;
	}
	for (i = 0; i < g->n_rows; i++)
		out->rows[next[g->group_of[i]]++] = g->rows[i];
	free(next);
}

static void stat_add(struct group_stat *s, double v, uint32_t row, int goal)
{
	double d;

	if (!isfinite(v)) {
		s->n_odd++;
		return;
	}
	if (goal && (!s->n || (goal > 0 ? v > s->max : v < s->min)))
		s->best_row = row;
	s->min = s->n ? fmin(s->min, v) : v;
	s->max = s->n ? fmax(s->max, v) : v;
	d = v - s->mean;
	s->mean += d / ++s->n;
	s->sd += d * (v - s->mean); /* the sum of squares, until the end */
}

static void stat_end(struct group_stat *s)
{
	s->sd = s->n > 1 ? sqrt(s->sd / (s->n - 1)) : NAN;
}

static void spread_of(const struct grouping *g, const struct group *group,
		      uint32_t col, struct group_stat *s)
{
	double *values = xmalloc((group->n + 1) * sizeof(*values)), v;
	size_t n = 0, i;

	for (i = 0; i < group->n; i++)
		if (run_set_number(g->set, col, group->rows[i], &v) &&
		    isfinite(v))
			values[n++] = v;
	s->spread = group_spread_of(values, n);
	free(values);
}

/* One metric of all groups; false: cancelled. */
static bool measure(struct grouping *g, size_t m)
{
	const struct group_metric *metric = &g->ask->metrics[m];
	size_t stride = g->ask->n_metrics, i;
	struct group_stat *stats = g->out->stats + m;
	uint32_t col =
		run_set_find_column(g->set, metric->key.kind, metric->key.name);
	double v;

	for (i = 0; i < g->out->n; i++)
		stats[i * stride].best_row = RUN_NO_ROW;
	for (i = 0; i < g->n_rows && col != RUN_NO_COLUMN; i++) {
		if (is_due(g, i))
			return false;
		if (run_set_number(g->set, col, g->rows[i], &v))
			stat_add(&stats[g->group_of[i] * stride], v, g->rows[i],
				 metric->goal);
	}
	for (i = 0; i < g->out->n; i++) {
		stat_end(&stats[i * stride]);
		if (g->ask->by->is_repeats && col != RUN_NO_COLUMN)
			spread_of(g, &g->out->all[i], col, &stats[i * stride]);
	}
	return true;
}

static bool measure_all(struct grouping *g)
{
	struct groups *out = g->out;
	size_t stride = g->ask->n_metrics, i;

	out->stats = xcalloc(out->n * stride + 1, sizeof(*out->stats));
	for (i = 0; i < out->n; i++)
		out->all[i].stats = out->stats + i * stride;
	for (i = 0; i < stride; i++)
		if (!measure(g, i))
			return false;
	return true;
}

/* Code and data are the last keys of repeats. */
static void look_at_repeats(struct grouping *g)
{
	const struct group_key *end = g->keys + g->n_keys;
	struct group *group;
	size_t i;

	for (i = 0; i < g->out->n; i++) {
		group = &g->out->all[i];
		group->is_code_known =
			group_key_of(g->set, end - 1, group->rows[0]);
		group->is_data_known =
			group_key_of(g->set, end - 2, group->rows[0]);
	}
}

/* ---- order --------------------------------------------------------------- */

/* The metric named, else the first of which the group has a value. */
static size_t sorted_metric(const struct group_ask *ask,
			    const struct group *group,
			    const struct group_sort *s)
{
	size_t m = s->index;

	if (m == GROUP_ANY_METRIC)
		for (m = 0; m + 1 < ask->n_metrics && !group->stats[m].n; m++)
			;
	return m;
}

/* NaN where it has none, which comes last. */
static double stat_value(const struct group_ask *ask, const struct group *group,
			 const struct group_sort *s)
{
	const struct group_stat *stat;
	size_t m;

	if (s->by == GROUP_SORT_COUNT)
		return group->n;
	m = sorted_metric(ask, group, s);
	stat = &group->stats[m];
	if (!stat->n)
		return NAN;
	switch (s->by) {
	case GROUP_SORT_SD:
		return stat->sd;
	case GROUP_SORT_MIN:
		return stat->min;
	case GROUP_SORT_MAX:
		return stat->max;
	case GROUP_SORT_BEST:
		return ask->metrics[m].goal < 0 ? stat->min : stat->max;
	default:
		return stat->mean;
	}
}

static void sort_by_value(const struct grouping *g, const struct group_sort *s,
			  struct order_item **items, struct order_item **spare)
{
	size_t i;

	for (i = 0; i < g->out->n; i++)
		(*items)[i].key = order_number_key(
			stat_value(g->ask, &g->out->all[(*items)[i].row], s),
			s->is_desc);
	order_radix_sort(items, spare, g->out->n);
}

/* A group has what its first row has. */
static void sort_by_key(const struct grouping *g, const struct group_sort *s,
			struct order_item **items, struct order_item **spare)
{
	struct order_key key = g->keys[s->index].key;
	size_t n = g->out->n, i;
	uint32_t *who = xmalloc((n + 1) * sizeof(*who));
	bool has_keys;

	key.is_desc = s->is_desc;
	for (i = 0; i < n; i++) {
		who[i] = (*items)[i].row;
		(*items)[i].row = g->first[who[i]];
	}
	has_keys = order_fill_keys(g->set, &key, TIME_NONE, *items, n);
	for (i = 0; i < n; i++)
		(*items)[i].row = who[i];
	if (has_keys)
		order_radix_sort(items, spare, n);
	free(who);
}

static struct group_sort *usual_sorts(const struct group_by *by, size_t *n)
{
	struct group_sort *sorts = xcalloc(by->n_keys + 1, sizeof(*sorts));
	size_t i;

	*n = 0;
	if (by->is_repeats)
		sorts[(*n)++] = (struct group_sort){ .by = GROUP_SORT_COUNT,
						     .is_desc = true };
	for (i = 0; i < by->n_keys; i++)
		sorts[(*n)++].index = i;
	return sorts;
}

static void sort_groups(struct grouping *g)
{
	struct groups *out = g->out;
	size_t n = out->n, n_sorts = g->ask->n_sorts, i;
	struct order_item *items = xcalloc(n + 1, sizeof(*items));
	struct order_item *spare = xcalloc(n + 1, sizeof(*spare));
	struct group *sorted = xcalloc(n + 1, sizeof(*sorted));
	struct group_sort *usual = NULL;
	const struct group_sort *sorts = g->ask->sorts;

	if (!n_sorts)
		sorts = usual = usual_sorts(g->ask->by, &n_sorts);
	for (i = 0; i < n; i++)
		items[i].row = (uint32_t)i;
	for (i = n_sorts; i--;) {
		if (sorts[i].by == GROUP_SORT_KEY)
			sort_by_key(g, &sorts[i], &items, &spare);
		else
			sort_by_value(g, &sorts[i], &items, &spare);
	}
	for (i = 0; i < n; i++)
		sorted[i] = out->all[items[i].row];
	free(out->all);
	out->all = sorted;
	free(items);
	free(spare);
	free(usual);
}

static const struct {
	const char *name;
	enum group_sort_by by;
} stat_names[] = {
	{ "runs", GROUP_SORT_COUNT }, { "count", GROUP_SORT_COUNT },
	{ "mean", GROUP_SORT_MEAN },  { "sd", GROUP_SORT_SD },
	{ "min", GROUP_SORT_MIN },    { "max", GROUP_SORT_MAX },
	{ "best", GROUP_SORT_BEST },
};

static bool is_same_key(const struct order_key *a, const struct order_key *b)
{
	if (a->by != b->by)
		return false;
	return a->by != ORDER_VALUE ||
	       (a->column.kind == b->column.kind &&
		!strcmp(a->column.name, b->column.name));
}

/* "auc" is its mean, "auc.sd" what it says. */
static bool find_metric(const char *name, const struct group_ask *ask,
			struct group_sort *out)
{
	const char *dot = strrchr(name, '.');
	size_t i, k;

	for (i = 0; i < ask->n_metrics; i++) {
		const char *metric = ask->metrics[i].key.name;

		out->index = i;
		out->by = GROUP_SORT_MEAN;
		if (!strcmp(metric, name))
			return true;
		if (!dot || strncmp(metric, name, (size_t)(dot - name)) != 0 ||
		    metric[dot - name])
			continue;
		for (k = 2; k < ARRAY_LEN(stat_names); k++) {
			out->by = stat_names[k].by;
			if (!strcmp(stat_names[k].name, dot + 1))
				return true;
		}
	}
	return false;
}

static bool find_sort(const struct order_key *key, const struct group_ask *ask,
		      struct group_sort *out)
{
	size_t i;

	*out = (struct group_sort){ .is_desc = key->is_desc };
	for (i = 0; i < ask->by->n_keys; i++) {
		out->index = i;
		if (is_same_key(key, &ask->by->keys[i]))
			return true;
	}
	if (key->by != ORDER_VALUE || key->column.kind != VALUE_METRIC)
		return false;
	if (find_metric(key->column.name, ask, out))
		return true;
	out->index = GROUP_ANY_METRIC;
	for (i = 0; i < ARRAY_LEN(stat_names); i++) {
		out->by = stat_names[i].by;
		if (!strcmp(stat_names[i].name, key->column.name))
			return out->by == GROUP_SORT_COUNT || ask->n_metrics;
	}
	return false;
}

enum err_code group_sorts(const struct order_key *order, size_t n,
			  const struct group_ask *ask, struct group_sort **out,
			  struct err *err)
{
	struct group_sort *sorts = xcalloc(n + 1, sizeof(*sorts));
	struct buf name = BUF_INIT(0);
	const char *text;
	size_t i;

	for (i = 0; i < n && find_sort(&order[i], ask, &sorts[i]); i++)
		;
	if (i < n) {
		text = group_key_name(&order[i], &name);
		err_set(err, ERR_USAGE,
			"groups have no column '%.60s': expected what they "
			"are made by, runs, count, mean, sd, min, max, best, "
			"or "
			"METRIC.sd",
			text ? text : "time");
		free(sorts);
		sorts = NULL;
	}
	buf_release(&name);
	*out = sorts;
	return sorts ? ERR_OK : err->code;
}

/* ---- all of it ----------------------------------------------------------- */

struct groups *groups_make(const struct run_set *set, const uint32_t *rows,
			   size_t n, const struct group_ask *ask,
			   const struct cancel *stop, struct err *err)
{
	struct grouping g = {
		.set = set, .ask = ask, .stop = stop, .rows = rows, .n_rows = n
	};
	bool is_made;

	g.keys = group_keys_bind(set, ask->by, &g.n_keys);
	g.group_of = xmalloc((n + 1) * sizeof(*g.group_of));
	g.out = xcalloc(1, sizeof(*g.out));
	is_made = find_groups(&g);
	if (is_made) {
		share_rows(&g);
		is_made = measure_all(&g);
	}
	if (is_made && ask->by->is_repeats)
		look_at_repeats(&g);
	if (is_made) {
		sort_groups(&g);
	} else {
		err_set(err, ERR_STOP, "cancelled");
		groups_free(g.out);
		g.out = NULL;
	}
	free(g.keys);
	free(g.known);
	free(g.group_of);
	free(g.first);
	free(g.slots);
	return g.out;
}

void groups_free(struct groups *g)
{
	if (!g)
		return;
	free(g->all);
	free(g->rows);
	free(g->stats);
	free(g);
}
