/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "watch/compare.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "compare_column.h"
#include "stats/distance.h"

double compare_psi_limit(const struct drift_ask *ask, const int64_t *p,
			 const int64_t *q, size_t k, double n, double m)
{
	size_t filled = 0;

	for (size_t i = 0; i < k; i++)
		filled += p[i] || q[i];
	return filled < 2 ? ask->psi_floor
			  : fmax(ask->psi_floor,
				 psi_noise(n, m, filled, ask->alpha));
}

/* Less than one in a hundred is not nothing. */
static const char *share_text(struct arena *a, int64_t n_null, int64_t n)
{
	double pct = 100 * drift_missing_share(n_null, n);

	return arena_printf(a, "%.*f%%", pct > 0 && pct < 1, pct);
}

/* More of PSI is between missing and present than between the values. */
static bool is_cause(const struct drift_ask *ask, const struct drift_column *c,
		     double psi)
{
	return !c->n_window ||
	       (c->missing.p_value <= ask->alpha && 2 * psi > c->value);
}

double compare_missing(const struct drift_ask *ask, double p_values,
		       struct arena *a, struct drift_column *c)
{
	const int64_t p[] = { c->n_baseline, c->n_null_baseline };
	const int64_t q[] = { c->n_window, c->n_null_window };
	struct drift_missing *m = &c->missing;
	size_t df;

	if (!p[1] && !q[1])
		return p_values;
	m->chi2 = chi2_contingency(p, q, 2, &df);
	m->p_value = chi2_p_value(m->chi2, df);
	m->effect = cramers_v(m->chi2, (double)(p[0] + p[1] + q[0] + q[1]));
	m->is_cause = is_cause(ask, c, psi_counts(p, q, 2));
	if (m->is_cause && !c->is_hidden)
		c->change = arena_printf(a, "missing %s → %s",
					 share_text(a, p[1], p[0]),
					 share_text(a, q[1], q[0]));
	return c->n_window ? fmin(1, 2 * fmin(p_values, m->p_value))
			   : m->p_value;
}

static void settle(const struct drift_ask *ask, struct drift_column *c)
{
	int64_t n = c->n_baseline + c->n_null_baseline;
	int64_t m = c->n_window + c->n_null_window;

	if (c->reason) { /* nothing to compare with */
		c->verdict = DRIFT_EMPTY;
	} else if (MIN(n, m) < ask->min_rows) {
		c->verdict = DRIFT_TOO_FEW;
		c->reason = "too few rows to say";
	} else if (!c->n_baseline) {
		c->verdict = DRIFT_EMPTY;
		c->reason = "no value in the baseline";
	} else if (c->q_value > ask->alpha) {
		c->verdict = DRIFT_NO;
		c->reason = "not significant";
	} else if (!c->n_window) {
		c->verdict = DRIFT_YES;
		c->reason = "no value in the window";
	} else if (c->value <= c->limit) {
		c->verdict = DRIFT_NO;
		c->reason = "significant, but small";
	} else {
		c->verdict = DRIFT_YES;
		c->reason = "significant and large";
	}
}

/* p-values of the columns in p, corrected over those that have enough rows. */
static void correct(struct drift_column *columns, double *p, size_t n,
		    int64_t min_rows)
{
	for (size_t i = 0; i < n; i++) {
		int64_t base =
			columns[i].n_baseline + columns[i].n_null_baseline;
		int64_t win = columns[i].n_window + columns[i].n_null_window;

		if (MIN(base, win) < min_rows)
			p[i] = NAN;
	}
	fdr_correct(p, n);
	for (size_t i = 0; i < n; i++)
		columns[i].q_value = isnan(p[i]) ? 1 : p[i];
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

/* wc or bc < 0: that side has no such column. The p-value to be judged; NaN
 * where nothing was tested. */
static double compare_column(const struct drift_ask *ask, int bc, int wc,
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
	c->since_ms = c->fired_ms = TIME_NONE;
	if (!base)
		c->reason = "not in the baseline";
	else if (!win)
		c->reason = "not in the window";
	else if (base->is_number != win->is_number)
		c->reason = "numbers on one side only";
	else if (is_number)
		return compare_numbers(ask, (size_t)bc, (size_t)wc, a, c);
	else
		return compare_levels(ask, (size_t)bc, (size_t)wc, a, c);
	return NAN;
}

/* The columns of one side: all of the window, or what only the baseline has. */
static void compare_side(const struct drift_ask *ask, bool is_window,
			 struct drift_column *columns, double *p,
			 struct drift_report *out)
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
		p[out->n_columns] = compare_column(
			ask, is_window ? there : (int)i,
			is_window ? (int)i : -1, use == DRIFT_HIDE, &out->arena,
			&columns[out->n_columns]);
		out->n_columns++;
	}
}

void drift_compare(const struct drift_ask *ask, struct drift_report *out)
{
	size_t most = ask->window->n_columns + ask->baseline->n_columns;
	struct drift_column *columns =
		arena_alloc(&out->arena, (most + 1) * sizeof(*columns));
	double *p = xcalloc(most + 1, sizeof(*p));

	out->n_columns = out->n_drifted = 0;
	out->n_rows = (int64_t)ask->window->n;
	out->min_rows = ask->min_rows;
	compare_side(ask, true, columns, p, out);
	compare_side(ask, false, columns, p, out);
	correct(columns, p, out->n_columns, ask->min_rows);
	for (size_t i = 0; i < out->n_columns; i++) {
		settle(ask, &columns[i]);
		out->n_drifted += columns[i].verdict == DRIFT_YES;
	}
	qsort(columns, out->n_columns, sizeof(*columns), by_badness);
	out->columns = columns;
	free(p);
}
