/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "score.h"

#include <math.h>
#include <stdlib.h>

#include "demo/learner.h"

static const char *const binary_names[] = { "val/auc", "val/logloss", "val/f1",
					    "val/recall", "train/logloss" };
static const char *const number_names[] = { "val/nrmse", "val/mae", "val/rmse",
					    "train/rmse" };

const char *const *learner_metrics(const struct world *w, size_t *n)
{
	*n = w->is_regression ? ARRAY_LEN(number_names)
			      : ARRAY_LEN(binary_names);
	return w->is_regression ? number_names : binary_names;
}

struct ranked {
	double score;
	float y;
};

static int by_score(const void *a, const void *b)
{
	double x = ((const struct ranked *)a)->score;
	double y = ((const struct ranked *)b)->score;

	return (x > y) - (x < y);
}

double score_auc(const double *score, const float *y, size_t n)
{
	struct ranked *r = xcalloc(n + 1, sizeof(*r));
	double n_true = 0, rank_sum = 0, n_false;

	for (size_t i = 0; i < n; i++)
		r[i] = (struct ranked){ score[i], y[i] };
	qsort(r, n, sizeof(*r), by_score);
	for (size_t i = 0, end; i < n; i = end) {
		double hits = 0;

		for (end = i; end < n && r[end].score == r[i].score; end++)
			hits += r[end].y > .5f;
		/* The mean of the ranks i+1 .. end. */
		rank_sum += hits * (double)(i + 1 + end) / 2;
		n_true += hits;
	}
	free(r);
	n_false = (double)n - n_true;
	if (n_true <= 0 || n_false <= 0)
		return NAN;
	return (rank_sum - n_true * (n_true + 1) / 2) / (n_true * n_false);
}

double score_logloss(const double *p, const float *y, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++) {
		double q = fmin(fmax(p[i], 1e-6), 1 - 1e-6);

		sum -= y[i] > .5f ? log(q) : log(1 - q);
	}
	return sum / (double)n;
}

static void score_binary(const double *p, const float *y, size_t n, double *out)
{
	double hit = 0, said = 0, is = 0;

	for (size_t i = 0; i < n; i++) {
		said += p[i] >= CUT_OFF;
		is += y[i] > .5f;
		hit += p[i] >= CUT_OFF && y[i] > .5f;
	}
	out[0] = score_auc(p, y, n);
	out[1] = score_logloss(p, y, n);
	out[2] = said + is > 0 ? 2 * hit / (said + is) : 0;
	out[3] = is > 0 ? hit / is : 0;
}

double score_rmse(const double *p, const float *y, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += (p[i] - y[i]) * (p[i] - y[i]);
	return sqrt(sum / (double)n);
}

static void score_number(const double *p, const float *y, size_t n, double *out)
{
	double mean = 0, off = 0;

	for (size_t i = 0; i < n; i++) {
		mean += y[i];
		off += fabs(p[i] - y[i]);
	}
	out[2] = score_rmse(p, y, n);
	out[1] = off / (double)n;
	out[0] = out[2] / (mean / (double)n);
}

void score_all(const struct world *w, const double *p, const float *y, size_t n,
	       double *out)
{
	if (w->is_regression)
		score_number(p, y, n, out);
	else
		score_binary(p, y, n, out);
}
