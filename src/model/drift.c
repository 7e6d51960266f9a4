/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "model/drift.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"

struct drift_report *drift_report_new(void)
{
	struct drift_report *r = xcalloc(1, sizeof(*r));

	r->monitor = r->model = r->version = r->source = r->left_out = "";
	r->blind = "";
	r->newer = (struct drift_newer){ "", "", "", 0, 0, 0 };
	r->made_ms = r->window_from_ms = r->window_to_ms = TIME_NONE;
	r->newest_predicted_ms = r->newest_ingested_ms = TIME_NONE;
	return r;
}

void drift_report_free(struct drift_report *r)
{
	if (!r)
		return;
	arena_release(&r->arena);
	free(r);
}

struct drift_test drift_told_test(const struct drift_column *c)
{
	const struct drift_missing *m = &c->missing;

	if (m->is_cause)
		return (struct drift_test){ "missing", m->chi2, m->p_value,
					    m->effect };
	return (struct drift_test){ c->test ? c->test : "", c->test_value,
				    c->p_value, c->effect };
}

double drift_missing_share(int64_t n_null, int64_t n)
{
	return n_null ? (double)n_null / (double)(n_null + n) : 0;
}

double drift_badness(const struct drift_column *c)
{
	if (c->verdict != DRIFT_NO && c->verdict != DRIFT_YES &&
	    c->verdict != DRIFT_HIDDEN)
		return 0;
	if (isnan(c->value) || !(c->limit > 0))
		return 0;
	return c->value / c->limit;
}

size_t drift_count_judged(const struct drift_report *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n_columns; i++)
		n += r->columns[i].verdict == DRIFT_NO ||
		     r->columns[i].verdict == DRIFT_YES;
	return n;
}

bool drift_says_nothing(const struct drift_report *r, char why[DRIFT_WHY_MAX])
{
	if (*r->blind)
		snprintf(why, DRIFT_WHY_MAX, "%s", r->blind);
	else if (!r->n_rows)
		snprintf(why, DRIFT_WHY_MAX, "no rows yet");
	else if (r->n_rows < r->min_rows)
		snprintf(why, DRIFT_WHY_MAX, "%lld rows of %lld",
			 (long long)r->n_rows, (long long)r->min_rows);
	else if (!r->n_columns)
		snprintf(why, DRIFT_WHY_MAX, "nothing to compare");
	else if (!drift_count_judged(r))
		snprintf(why, DRIFT_WHY_MAX, "%.100s: %.100s",
			 r->columns[0].name, r->columns[0].reason);
	else
		return false;
	return true;
}

static double worst(const struct drift_report *r)
{
	return r->n_columns ? drift_badness(&r->columns[0]) : 0;
}

bool drift_fits_better(const struct drift_report *a,
		       const struct drift_report *b)
{
	size_t n = drift_count_judged(a);

	if (!n || n < drift_count_judged(b))
		return false;
	return a->n_drifted < b->n_drifted ||
	       (a->n_drifted == b->n_drifted && worst(a) < worst(b));
}
