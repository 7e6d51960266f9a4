/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "watch/compare.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/human.h"
#include "base/mem.h"
#include "stats/distance.h"

#define N_TEST_BINS 10 /* deciles of the baseline, and one for absent ones */
#define N_DRAW_BINS 24
#define MAX_LABELS  12 /* categories drawn by name, the rest together */

struct sample {
	const double *sorted;
	size_t n, n_null;
};

static struct sample sample_of(const struct frame *f, size_t column)
{
	struct sample s;

	s.sorted = frame_sorted(f, column, &s.n, &s.n_null);
	return s;
}

/* ---- numbers ---- */

/* Counts by upper edges: bin i holds edge[i-1] < x <= edge[i]. */
static void count_by(const struct sample *s, const double *edges,
		     size_t n_edges, int64_t *counts)
{
	size_t at = 0;

	for (size_t i = 0; i <= n_edges; i++) {
		size_t from = at;

		while (at < s->n && (i == n_edges || s->sorted[at] <= edges[i]))
			at++;
		counts[i] = (int64_t)(at - from);
	}
}

/* Inner deciles of the baseline, equal ones once. Where the least value is one
 * of them, what lies below it has a bin of its own: a constant that moves down
 * must not count as the constant. At most N_TEST_BINS edges. */
static size_t decile_edges(const struct sample *base, double *edges)
{
	size_t n = 0;

	for (int i = 1; i < N_TEST_BINS; i++) {
		double edge = quantile_sorted(base->sorted, base->n, i / 10.0);

		if (!n && edge <= base->sorted[0])
			edges[n++] = nextafter(edge, -INFINITY);
		if (!n || edge > edges[n - 1])
			edges[n++] = edge;
	}
	return n;
}

static void judge_numbers(const struct sample *base, const struct sample *win,
			  const struct drift_ask *ask, struct drift_column *c)
{
	double edges[N_TEST_BINS];
	int64_t p[N_TEST_BINS + 2] = { 0 }, q[N_TEST_BINS + 2] = { 0 };
	size_t n_edges = decile_edges(base, edges), k = n_edges + 1;
	double n = (double)(base->n + base->n_null);
	double m = (double)(win->n + win->n_null);

	count_by(base, edges, n_edges, p);
	count_by(win, edges, n_edges, q);
	if (base->n_null || win->n_null) {
		p[k] = (int64_t)base->n_null;
		q[k++] = (int64_t)win->n_null;
	}
	c->statistic = "PSI";
	c->value = psi_counts(p, q, k);
	c->limit = fmax(ask->psi_floor, psi_noise(n, m, k, ask->alpha));
	c->test = "KS";
	c->test_value =
		ks_statistic(base->sorted, base->n, win->sorted, win->n);
	c->effect = c->test_value;
	c->p_value = ks_p_value(c->test_value, (double)base->n, (double)win->n);
	/* Values that are missing are a change of their own. */
	if (base->n_null + win->n_null) {
		const int64_t a[2] = { (int64_t)base->n,
				       (int64_t)base->n_null };
		const int64_t b[2] = { (int64_t)win->n, (int64_t)win->n_null };
		size_t df;
		double chi2 = chi2_contingency(a, b, 2, &df);

		c->p_value = fmin(c->p_value, chi2_p_value(chi2, df));
	}
}

/* Equal widths between the outer hundredths of both; on a log axis where the
 * values span a decade and are positive. */
static void draw_edges(const struct sample *a, const struct sample *b,
		       double *edges)
{
	double lo = fmin(quantile_sorted(a->sorted, a->n, .005),
			 quantile_sorted(b->sorted, b->n, .005));
	double hi = fmax(quantile_sorted(a->sorted, a->n, .995),
			 quantile_sorted(b->sorted, b->n, .995));
	bool is_log = lo > 0 && hi / lo > 20;

	if (hi <= lo)
		hi = lo + (lo ? fabs(lo) * .01 : 1);
	for (int i = 0; i <= N_DRAW_BINS; i++) {
		double t = (double)i / N_DRAW_BINS;

		edges[i] = is_log ? lo * pow(hi / lo, t) : lo + (hi - lo) * t;
	}
}

static double *shares_of(const struct sample *s, const double *edges,
			 struct arena *a)
{
	double *out = arena_alloc(a, N_DRAW_BINS * sizeof(*out));
	int64_t counts[N_DRAW_BINS + 2];

	/* Inner edges only: the outer bins take what lies beyond. */
	count_by(s, edges + 1, N_DRAW_BINS - 1, counts);
	for (int i = 0; i < N_DRAW_BINS; i++)
		out[i] = s->n ? (double)counts[i] / (double)s->n : 0;
	return out;
}

static const char *number(struct arena *a, double v)
{
	char out[HUMAN_MAX];

	return arena_strdup(a, human_number(out, v, fabs(v) >= 1000 ? 0 : 2));
}

static double null_share(const struct sample *s)
{
	size_t n = s->n + s->n_null;

	return n ? 100.0 * (double)s->n_null / (double)n : 0;
}

static const char *number_change(const struct sample *base,
				 const struct sample *win, struct arena *a)
{
	double before = null_share(base), after = null_share(win);

	if (fabs(after - before) >= 5)
		return arena_printf(a, "nulls %.0f%% → %.0f%%", before, after);
	return arena_printf(
		a, "median %s → %s",
		number(a, quantile_sorted(base->sorted, base->n, .5)),
		number(a, quantile_sorted(win->sorted, win->n, .5)));
}

static void compare_numbers(const struct drift_ask *ask, size_t bc, size_t wc,
			    struct arena *a, struct drift_column *c)
{
	struct sample base = sample_of(ask->baseline, bc);
	struct sample win = sample_of(ask->window, wc);
	double *edges;

	c->type = COLUMN_NUMBER;
	c->n_baseline = (int64_t)base.n;
	c->n_window = (int64_t)win.n;
	c->n_null_baseline = (int64_t)base.n_null;
	c->n_null_window = (int64_t)win.n_null;
	if (base.n && (win.n || win.n_null))
		judge_numbers(&base, &win, ask, c);
	if (base.n && win.n && !c->is_hidden) {
		edges = arena_alloc(a, (N_DRAW_BINS + 1) * sizeof(*edges));
		draw_edges(&base, &win, edges);
		c->hist.n_bins = N_DRAW_BINS;
		c->hist.edges = edges;
		c->hist.baseline = shares_of(&base, edges, a);
		c->hist.window = shares_of(&win, edges, a);
		c->change = number_change(&base, &win, a);
	}
}

/* ---- categories ---- */

struct level {
	const char *name;
	int64_t base, win;
};

struct levels {
	struct level *all;
	size_t n, cap;
};

static struct level *level_of(struct levels *l, const char *name)
{
	for (size_t i = 0; i < l->n; i++)
		if (!strcmp(l->all[i].name, name))
			return &l->all[i];
	l->all = xgrow(l->all, &l->cap, l->n + 1, sizeof(*l->all));
	l->all[l->n] = (struct level){ .name = name };
	return &l->all[l->n++];
}

/* Counts by code first, so that each name is looked for once. */
static void count_levels(struct levels *l, const struct frame *f, size_t col,
			 bool is_window, int64_t *n_null)
{
	size_t n_codes = intern_count(f->strings) + 2;
	int64_t *counts = xcalloc(n_codes, sizeof(*counts));

	*n_null = 0;
	for (size_t i = 0; i < f->n; i++)
		counts[f->columns[col].codes[i]]++;
	*n_null = counts[0];
	for (uint32_t code = 1; code < n_codes; code++) {
		struct level *level;

		if (!counts[code])
			continue;
		level = level_of(l, intern_str(f->strings, code));
		*(is_window ? &level->win : &level->base) += counts[code];
	}
	free(counts);
}

static int by_size(const void *x, const void *y)
{
	const struct level *a = x, *b = y;
	int64_t i = a->base + a->win, k = b->base + b->win;

	return (i < k) - (i > k);
}

/* Beyond the largest ones the rest counts as one. */
static void fold(struct levels *l)
{
	if (l->n <= MAX_LABELS)
		return;
	l->all[MAX_LABELS - 1].name = "others";
	for (size_t i = MAX_LABELS; i < l->n; i++) {
		l->all[MAX_LABELS - 1].base += l->all[i].base;
		l->all[MAX_LABELS - 1].win += l->all[i].win;
	}
	l->n = MAX_LABELS;
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

static void draw_levels(const struct levels *l, double n, double m,
			struct arena *a, struct drift_column *c)
{
	const char **labels = arena_alloc(a, (l->n + 1) * sizeof(*labels));
	double *p = arena_alloc(a, (l->n + 1) * sizeof(*p));
	double *q = arena_alloc(a, (l->n + 1) * sizeof(*q));

	for (size_t i = 0; i < l->n; i++) {
		labels[i] = arena_strdup(a, l->all[i].name);
		p[i] = (double)l->all[i].base / n;
		q[i] = (double)l->all[i].win / m;
	}
	c->hist = (struct drift_hist){
		.n_bins = l->n, .labels = labels, .baseline = p, .window = q
	};
	c->change = level_change(l, n, m, a);
}

static void judge_levels(const struct levels *l, const struct drift_ask *ask,
			 struct drift_column *c)
{
	int64_t p[MAX_LABELS + 1], q[MAX_LABELS + 1];
	size_t k = 0, df;
	double n, m;

	for (; k < l->n; k++) {
		p[k] = l->all[k].base;
		q[k] = l->all[k].win;
	}
	if (c->n_null_baseline || c->n_null_window) {
		p[k] = c->n_null_baseline;
		q[k++] = c->n_null_window;
	}
	n = (double)(c->n_baseline + c->n_null_baseline);
	m = (double)(c->n_window + c->n_null_window);
	c->statistic = "PSI";
	c->value = psi_counts(p, q, k);
	c->limit = fmax(ask->psi_floor, psi_noise(n, m, k, ask->alpha));
	if (k < 2)
		c->limit = ask->psi_floor;
	c->test = "chi2";
	c->test_value = chi2_contingency(p, q, k, &df);
	c->p_value = chi2_p_value(c->test_value, df);
	c->effect = cramers_v(c->test_value, n + m);
}

static void compare_levels(const struct drift_ask *ask, size_t bc, size_t wc,
			   struct arena *a, struct drift_column *c)
{
	struct levels l = { 0 };

	c->type = COLUMN_CATEGORY;
	count_levels(&l, ask->baseline, bc, false, &c->n_null_baseline);
	count_levels(&l, ask->window, wc, true, &c->n_null_window);
	c->n_baseline = (int64_t)ask->baseline->n - c->n_null_baseline;
	c->n_window = (int64_t)ask->window->n - c->n_null_window;
	if (l.n)
		qsort(l.all, l.n, sizeof(*l.all), by_size);
	fold(&l);
	if (l.n)
		judge_levels(&l, ask, c);
	if (c->n_baseline && c->n_window && !c->is_hidden)
		draw_levels(&l, (double)c->n_baseline, (double)c->n_window, a,
			    c);
	free(l.all);
}

/* ---- all columns ---- */

static void settle(const struct drift_ask *ask, struct drift_column *c)
{
	int64_t n = c->n_baseline + c->n_null_baseline;
	int64_t m = c->n_window + c->n_null_window;

	if (c->reason) { /* nothing to compare with */
		c->verdict = DRIFT_EMPTY;
	} else if (MIN(n, m) < ask->min_rows) {
		c->verdict = DRIFT_TOO_FEW;
		c->reason = "too few rows to say";
	} else if (!c->n_window && c->n_baseline) {
		c->verdict = DRIFT_YES;
		c->reason = "no value in the window";
		c->change = c->change ? c->change : "all nulls";
	} else if (!c->n_baseline) {
		c->verdict = DRIFT_EMPTY;
		c->reason = "no value in the baseline";
	} else if (c->q_value > ask->alpha) {
		c->verdict = DRIFT_NO;
		c->reason = "not significant";
	} else if (c->value <= c->limit) {
		c->verdict = DRIFT_NO;
		c->reason = "significant, but small";
	} else {
		c->verdict = DRIFT_YES;
		c->reason = "significant and large";
	}
}

static void correct(struct drift_column *columns, size_t n, int64_t min_rows)
{
	double *p = xcalloc(n + 1, sizeof(*p));

	for (size_t i = 0; i < n; i++) {
		int64_t least =
			MIN(columns[i].n_baseline + columns[i].n_null_baseline,
			    columns[i].n_window + columns[i].n_null_window);

		p[i] = least < min_rows || !columns[i].statistic
			       ? NAN
			       : columns[i].p_value;
	}
	fdr_correct(p, n);
	for (size_t i = 0; i < n; i++)
		columns[i].q_value = isnan(p[i]) ? 1 : p[i];
	free(p);
}

static int by_badness(const void *x, const void *y)
{
	const struct drift_column *a = x, *b = y;
	double i, k;

	if ((a->verdict == DRIFT_YES) != (b->verdict == DRIFT_YES))
		return (b->verdict == DRIFT_YES) - (a->verdict == DRIFT_YES);
	i = drift_badness(a);
	k = drift_badness(b);
	return i != k ? (i < k) - (i > k) : strcmp(a->name, b->name);
}

/* wc or bc < 0: that side has no such column. */
static void compare_column(const struct drift_ask *ask, int bc, int wc,
			   bool hide, struct arena *a, struct drift_column *c)
{
	const struct frame_column *base =
		bc < 0 ? NULL : &ask->baseline->columns[bc];
	const struct frame_column *win =
		wc < 0 ? NULL : &ask->window->columns[wc];
	bool is_number = win ? win->is_number : base->is_number;

	memset(c, 0, sizeof(*c));
	c->name = arena_strdup(a, win ? win->name : base->name);
	c->type = is_number ? COLUMN_NUMBER : COLUMN_CATEGORY;
	c->is_hidden = hide;
	c->p_value = 1;
	if (!base)
		c->reason = "not in the baseline";
	else if (!win)
		c->reason = "not in the window";
	else if (base->is_number != win->is_number)
		c->reason = "numbers on one side only";
	else if (is_number)
		compare_numbers(ask, (size_t)bc, (size_t)wc, a, c);
	else
		compare_levels(ask, (size_t)bc, (size_t)wc, a, c);
}

/* The columns of one side: all of the window, or what only the baseline has. */
static void compare_side(const struct drift_ask *ask, bool is_window,
			 struct drift_column *columns, struct drift_report *out)
{
	const struct frame *side = is_window ? ask->window : ask->baseline;
	const struct frame *other = is_window ? ask->baseline : ask->window;

	for (size_t i = 0; i < side->n_columns; i++) {
		const char *name = side->columns[i].name;
		enum drift_use use =
			ask->use ? ask->use(ask->ctx, name) : DRIFT_SHOW;
		int there = frame_find(other, name);

		if (use == DRIFT_SKIP || (!is_window && there >= 0))
			continue;
		compare_column(ask, is_window ? there : (int)i,
			       is_window ? (int)i : -1, use == DRIFT_HIDE,
			       &out->arena, &columns[out->n_columns++]);
	}
}

void drift_compare(const struct drift_ask *ask, struct drift_report *out)
{
	size_t most = ask->window->n_columns + ask->baseline->n_columns;
	struct drift_column *columns =
		arena_alloc(&out->arena, (most + 1) * sizeof(*columns));

	out->n_columns = out->n_drifted = 0;
	out->n_rows = (int64_t)ask->window->n;
	compare_side(ask, true, columns, out);
	compare_side(ask, false, columns, out);
	correct(columns, out->n_columns, ask->min_rows);
	for (size_t i = 0; i < out->n_columns; i++) {
		settle(ask, &columns[i]);
		out->n_drifted += columns[i].verdict == DRIFT_YES;
	}
	qsort(columns, out->n_columns, sizeof(*columns), by_badness);
	out->columns = columns;
}
