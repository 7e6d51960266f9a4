/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "compare_column.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "stats/distance.h"

#define MAX_LABELS 12 /* categories drawn by name, the rest together */
#define MIN_CELL   5  /* rows expected in a cell; see pool() */

struct level {
	const char *name;
	int64_t base, win;
};

struct levels {
	struct level *all;
	size_t n, cap;
};

static void add_level(struct levels *l, const char *name, int64_t base,
		      int64_t win)
{
	l->all = xgrow(l->all, &l->cap, l->n + 1, sizeof(*l->all));
	l->all[l->n++] = (struct level){ name, base, win };
}

/* Rows by code; yours. */
static int64_t *count_codes(const struct frame *f, size_t column, size_t *n)
{
	int64_t *counts;

	*n = intern_count(f->strings) + 1;
	counts = xcalloc(*n, sizeof(*counts));
	for (size_t i = 0; i < f->n; i++)
		counts[f->columns[column].codes[i]]++;
	return counts;
}

/* The levels of both sides, without the absent ones, whose numbers go to c. */
static void tabulate(struct levels *l, const struct drift_ask *ask, size_t bc,
		     size_t wc, struct drift_column *c)
{
	const struct intern *base = ask->baseline->strings;
	const struct intern *win = ask->window->strings;
	size_t n_base, n_win;
	int64_t *p = count_codes(ask->baseline, bc, &n_base);
	int64_t *q = count_codes(ask->window, wc, &n_win);

	c->n_null_baseline = p[0];
	c->n_null_window = q[0];
	for (uint32_t code = 1; code < n_win; code++) {
		const char *name = intern_str(win, code);
		uint32_t same = q[code] ? intern_find(base, name) : 0;

		if (!q[code])
			continue;
		add_level(l, name, same ? p[same] : 0, q[code]);
		if (same)
			p[same] = 0;
	}
	for (uint32_t code = 1; code < n_base; code++)
		if (p[code])
			add_level(l, intern_str(base, code), p[code], 0);
	free(p);
	free(q);
}

static int by_size(const void *x, const void *y)
{
	const struct level *a = x, *b = y;
	int64_t i = a->base + a->win, k = b->base + b->win;

	return (i < k) - (i > k);
}

/* The levels from `at` on count as one. */
static void fold(struct levels *l, size_t at)
{
	if (at + 1 >= l->n)
		return;
	l->all[at].name = "others";
	for (size_t i = at + 1; i < l->n; i++) {
		l->all[at].base += l->all[i].base;
		l->all[at].win += l->all[i].win;
	}
	l->n = at + 1;
}

/* Of the two cells of a level, in how many less than MIN_CELL are expected. */
static size_t n_rare(double level, double n, double m)
{
	return (level * n / (n + m) < MIN_CELL) +
	       (level * m / (n + m) < MIN_CELL);
}

/* The test holds where at most a fifth of all cells expect few rows (Cochran
 * 1954): until then the smallest levels count as one. */
static void pool(struct levels *l, double n, double m)
{
	size_t at = l->n, rare = 0;
	double rest = 0;

	for (size_t i = 0; i < l->n; i++)
		rare += n_rare((double)(l->all[i].base + l->all[i].win), n, m);
	while (at > 1) {
		size_t n_kept = at + (at < l->n);
		double level;

		if (5 * (rare + (at < l->n ? n_rare(rest, n, m) : 0)) <=
		    2 * n_kept)
			break;
		at--;
		level = (double)(l->all[at].base + l->all[at].win);
		rare -= n_rare(level, n, m);
		rest += level;
	}
	if (l->n > 2)
		fold(l, MAX(at, (size_t)1));
}

static const char *level_change(const struct levels *l, double n, double m,
				struct arena *a)
{
	double most = -1, before = 0, after = 0;
	const char *name = "";

	for (size_t i = 0; i < l->n; i++) {
		double p = 100 * (double)l->all[i].base / n;
		double q = 100 * (double)l->all[i].win / m;

		if (fabs(p - q) <= most)
			continue;
		most = fabs(p - q);
		before = p;
		after = q;
		name = l->all[i].name;
	}
	return arena_printf(a, "%s %.0f%% → %.0f%%", name, before, after);
}

static void draw_levels(struct levels *l, double n, double m, struct arena *a,
			struct drift_column *c)
{
	const char **labels = arena_alloc(a, (l->n + 1) * sizeof(*labels));
	double *p = arena_alloc(a, (l->n + 1) * sizeof(*p));
	double *q = arena_alloc(a, (l->n + 1) * sizeof(*q));

	if (!c->change)
		c->change = level_change(l, n, m, a);
	fold(l, MAX_LABELS - 1);
	for (size_t i = 0; i < l->n; i++) {
		labels[i] = arena_strdup(a, l->all[i].name);
		p[i] = (double)l->all[i].base / n;
		q[i] = (double)l->all[i].win / m;
	}
	c->hist = (struct drift_hist){
		.n_bins = l->n, .labels = labels, .baseline = p, .window = q
	};
}

struct table {
	int64_t *p, *q; /* rows of each level in baseline and window */
	size_t k;
};

static struct table table_of(const struct levels *l)
{
	struct table t = { .p = xcalloc(l->n + 1, sizeof(*t.p)),
			   .q = xcalloc(l->n + 1, sizeof(*t.q)) };

	for (; t.k < l->n; t.k++) {
		t.p[t.k] = l->all[t.k].base;
		t.q[t.k] = l->all[t.k].win;
	}
	return t;
}

static void table_release(struct table *t)
{
	free(t->p);
	free(t->q);
}

/* The test as it is told: all levels, no absent values. */
static void test_levels(const struct levels *l, struct drift_column *c)
{
	struct table t = table_of(l);
	size_t df;

	c->test = "chi2";
	c->test_value = chi2_contingency(t.p, t.q, t.k, &df);
	c->p_value = chi2_p_value(c->test_value, df);
	c->effect =
		cramers_v(c->test_value, (double)(c->n_baseline + c->n_window));
	table_release(&t);
}

/* What is judged: the pooled levels, and the absent values as one more. The
 * p-value is of the levels. */
static double judge_levels(const struct levels *l, const struct drift_ask *ask,
			   struct drift_column *c)
{
	double n = (double)ask->baseline->n, m = (double)ask->window->n, p;
	struct table t = table_of(l);
	size_t df;

	p = chi2_contingency(t.p, t.q, t.k, &df);
	p = chi2_p_value(p, df);
	if (c->n_null_baseline || c->n_null_window) {
		t.p[t.k] = c->n_null_baseline;
		t.q[t.k++] = c->n_null_window;
	}
	c->statistic = "PSI";
	c->value = psi_counts(t.p, t.q, t.k);
	c->limit = compare_psi_limit(ask, t.p, t.q, t.k, n, m);
	table_release(&t);
	return p;
}

double compare_levels(const struct drift_ask *ask, size_t bc, size_t wc,
		      struct arena *a, struct drift_column *c)
{
	double n = (double)ask->baseline->n, m = (double)ask->window->n;
	struct levels l = { 0 };
	double p = NAN;

	c->type = COLUMN_CATEGORY;
	tabulate(&l, ask, bc, wc, c);
	c->n_baseline = (int64_t)ask->baseline->n - c->n_null_baseline;
	c->n_window = (int64_t)ask->window->n - c->n_null_window;
	if (l.n && n > 0 && m > 0) {
		test_levels(&l, c);
		qsort(l.all, l.n, sizeof(*l.all), by_size);
		pool(&l, n, m);
		p = judge_levels(&l, ask, c);
		p = compare_missing(ask, p, a, c);
	}
	if (c->n_baseline && c->n_window && !c->is_hidden)
		draw_levels(&l, (double)c->n_baseline, (double)c->n_window, a,
			    c);
	free(l.all);
	return p;
}
