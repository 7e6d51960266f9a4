/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "compare_column.h"

#include <math.h>
#include <stdlib.h>

#include "base/human.h"
#include "base/mem.h"
#include "stats/distance.h"

#define N_DECILES   10
#define N_DRAW_BINS 24
#define MAX_WHOLE   240 /* whole numbers that bins are put around */

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
 * must not count as the constant. At most N_DECILES edges. */
static size_t decile_edges(const struct sample *base, double *edges)
{
	size_t n = 0;

	for (int i = 1; i < N_DECILES; i++) {
		double edge = quantile_sorted(base->sorted, base->n,
					      (double)i / N_DECILES);

		if (!n && edge <= base->sorted[0])
			edges[n++] = nextafter(edge, -INFINITY);
		if (!n || edge > edges[n - 1])
			edges[n++] = edge;
	}
	return n;
}

/* Edges of the bins that were asked for; at most DRIFT_MAX_BINS + 1. */
static size_t asked_edges(const struct drift_bins *bins,
			  const struct sample *base, const struct sample *win,
			  double *edges)
{
	double lo = base->sorted[0], hi = base->sorted[base->n - 1], step;
	size_t n = bins->n;

	if (bins->kind == BINS_EDGES) {
		for (size_t i = 0; i <= n; i++)
			edges[i] = bins->edges[i];
		return n + 1;
	}
	if (bins->kind == BINS_STURGES)
		n = (size_t)ceil(log2((double)(base->n + win->n)) + 1);
	if (win->n) {
		lo = fmin(lo, win->sorted[0]);
		hi = fmax(hi, win->sorted[win->n - 1]);
	}
	step = (hi - lo) / (double)n;
	for (size_t i = 0; i < n; i++)
		edges[i] = lo + step * (double)i;
	edges[n] = hi;
	return n + 1;
}

/* Counts between edges: first what lies below, then [e0,e1) ... and the last
 * one closed, then what lies above. n_edges + 1 counts. */
static void count_between(const struct sample *s, const double *edges,
			  size_t n_edges, int64_t *counts)
{
	size_t at = 0;

	for (size_t i = 0; i <= n_edges; i++) {
		size_t from = at;

		while (at < s->n &&
		       (i == n_edges || s->sorted[at] < edges[i] ||
			(i + 1 == n_edges && s->sorted[at] <= edges[i])))
			at++;
		counts[i] = (int64_t)(at - from);
	}
}

/* Counts of both sides over the bins that PSI is taken over. */
static size_t count_bins(const struct drift_ask *ask, const struct sample *base,
			 const struct sample *win, int64_t *p, int64_t *q)
{
	double edges[DRIFT_MAX_BINS + 1];
	size_t n;

	if (ask->bins.kind == BINS_DECILE) {
		n = decile_edges(base, edges);
		count_by(base, edges, n, p);
		count_by(win, edges, n, q);
	} else {
		n = asked_edges(&ask->bins, base, win, edges);
		count_between(base, edges, n, p);
		count_between(win, edges, n, q);
	}
	return n + 1;
}

static void judge_numbers(const struct sample *base, const struct sample *win,
			  const struct drift_ask *ask, struct drift_column *c)
{
	int64_t p[DRIFT_MAX_BINS + 3], q[DRIFT_MAX_BINS + 3];
	size_t k = count_bins(ask, base, win, p, q);
	double n = (double)(base->n + base->n_null);
	double m = (double)(win->n + win->n_null);

	if (base->n_null || win->n_null) {
		p[k] = (int64_t)base->n_null;
		q[k++] = (int64_t)win->n_null;
	}
	c->statistic = "PSI";
	c->value = psi_counts(p, q, k);
	c->limit = compare_psi_limit(ask, p, q, k, n, m);
	c->test = "KS";
	c->test_value =
		ks_statistic(base->sorted, base->n, win->sorted, win->n);
	c->effect = c->test_value;
	c->p_value = ks_p_value(c->test_value, (double)base->n, (double)win->n);
}

static bool is_whole(const struct sample *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->sorted[i] != floor(s->sorted[i]))
			return false;
	return true;
}

/* Edges between whole numbers, as many of them in each bin: else some bins have
 * more of them than others, or none. Returns the bins; 0: too many numbers. */
static size_t whole_edges(double lo, double hi, double most, double *edges)
{
	double n_numbers = floor(hi) - ceil(lo) + 1;
	double width = ceil(n_numbers / N_DRAW_BINS);
	size_t n;

	if (!(n_numbers >= 1 && n_numbers <= most))
		return 0;
	n = (size_t)ceil(n_numbers / width);
	for (size_t i = 0; i <= n; i++)
		edges[i] = ceil(lo) - .5 + width * (double)i;
	return n;
}

/* Equal widths between the outer hundredths of both; on a log axis where the
 * values span a decade and are positive. Whole numbers that are few have a bin
 * each, all of them. Returns the bins. */
static size_t draw_edges(const struct sample *a, const struct sample *b,
			 double *edges)
{
	double lo = fmin(quantile_sorted(a->sorted, a->n, .005),
			 quantile_sorted(b->sorted, b->n, .005));
	double hi = fmax(quantile_sorted(a->sorted, a->n, .995),
			 quantile_sorted(b->sorted, b->n, .995));
	bool is_log = lo > 0 && hi / lo > 20;
	size_t n = 0;

	if (is_whole(a) && is_whole(b)) {
		n = whole_edges(fmin(a->sorted[0], b->sorted[0]),
				fmax(a->sorted[a->n - 1], b->sorted[b->n - 1]),
				N_DRAW_BINS, edges);
		if (!n)
			n = whole_edges(lo, hi,
					is_log ? N_DRAW_BINS : MAX_WHOLE,
					edges);
	}
	if (n)
		return n;
	if (hi <= lo)
		hi = lo + (lo ? fabs(lo) * .01 : 1);
	for (int i = 0; i <= N_DRAW_BINS; i++) {
		double t = (double)i / N_DRAW_BINS;

		edges[i] = is_log ? lo * pow(hi / lo, t) : lo + (hi - lo) * t;
	}
	return N_DRAW_BINS;
}

static double *shares_of(const struct sample *s, const double *edges,
			 size_t n_bins, struct arena *a)
{
	double *out = arena_alloc(a, n_bins * sizeof(*out));
	int64_t counts[N_DRAW_BINS + 2];

	/* Inner edges only: the outer bins take what lies beyond. */
	count_by(s, edges + 1, n_bins - 1, counts);
	for (size_t i = 0; i < n_bins; i++)
		out[i] = s->n ? (double)counts[i] / (double)s->n : 0;
	return out;
}

static const char *number(struct arena *a, double v)
{
	char out[HUMAN_MAX];

	return arena_strdup(a, human_number(out, v, fabs(v) >= 1000 ? 0 : 2));
}

/* How far a quantile moved, in spreads of the baseline. */
static double shift_of(const struct sample *base, const struct sample *win,
		       double q)
{
	double spread = quantile_sorted(base->sorted, base->n, .95) -
			quantile_sorted(base->sorted, base->n, .05);

	return fabs(quantile_sorted(win->sorted, win->n, q) -
		    quantile_sorted(base->sorted, base->n, q)) /
	       fmax(spread, 1e-300);
}

/* The median, unless an end moved ten times as far: a few values far off leave
 * the median where it was. */
static const char *number_change(const struct sample *base,
				 const struct sample *win, struct arena *a)
{
	static const struct {
		const char *name;
		double q;
	} ends[] = { { "p5", .05 }, { "p95", .95 } };
	const char *name = "median";
	double q = .5, most = 10 * shift_of(base, win, q);

	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		double shift = shift_of(base, win, ends[i].q);

		if (shift < .5 || shift <= most)
			continue;
		name = ends[i].name;
		q = ends[i].q;
		most = shift;
	}
	return arena_printf(
		a, "%s %s → %s", name,
		number(a, quantile_sorted(base->sorted, base->n, q)),
		number(a, quantile_sorted(win->sorted, win->n, q)));
}

double compare_numbers(const struct drift_ask *ask, size_t bc, size_t wc,
		       struct arena *a, struct drift_column *c)
{
	struct sample base = sample_of(ask->baseline, bc);
	struct sample win = sample_of(ask->window, wc);
	double *edges, p = NAN;

	c->type = COLUMN_NUMBER;
	c->n_baseline = (int64_t)base.n;
	c->n_window = (int64_t)win.n;
	c->n_null_baseline = (int64_t)base.n_null;
	c->n_null_window = (int64_t)win.n_null;
	if (base.n && (win.n || win.n_null)) {
		judge_numbers(&base, &win, ask, c);
		p = compare_missing(ask, c->p_value, a, c);
	}
	if (base.n && win.n && !c->is_hidden) {
		edges = arena_alloc(a, (N_DRAW_BINS + 1) * sizeof(*edges));
		c->hist.n_bins = draw_edges(&base, &win, edges);
		c->hist.edges = edges;
		c->hist.baseline = shares_of(&base, edges, c->hist.n_bins, a);
		c->hist.window = shares_of(&win, edges, c->hist.n_bins, a);
		if (!c->change)
			c->change = number_change(&base, &win, a);
	}
	return p;
}
