/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_STATS_DISTANCE_H
#define MLTOWER_STATS_DISTANCE_H

#include <stddef.h>
#include <stdint.h>

/* Distances and tests between a baseline (n values) and a window (m values). */

/* Population stability index over k bins, sum (p - q) ln(p / q), of counts. A
 * bin that is empty on one side counts as half a row there, so that the sum
 * stays finite; empty on both, it is left out. NaN where a side has nothing. */
double psi_counts(const int64_t *baseline, const int64_t *window, size_t k);
/* What PSI is exceeded with probability alpha when nothing changed:
 * (1/n + 1/m) * chi2(1 - alpha, k - 1), to first order. */
double psi_noise(double n, double m, size_t k, double alpha);

/* Two-sample Kolmogorov-Smirnov statistic D = sup |F - G|; both sorted, ties
 * are safe. 0 where one is empty. */
double ks_statistic(const double *sorted_a, size_t n, const double *sorted_b,
		    size_t m);
/* Its two-sided p-value, asymptotic in that a sample is held against another
 * as if against a distribution, with n m / (n + m) values: kolmogorov_q. What
 * scipy's ks_2samp(method="asymp") gives. */
double ks_p_value(double d, double n, double m);

/* Chi-square test of a 2 x k contingency table, no continuity correction;
 * columns that are empty in both are left out. *df gets the degrees of
 * freedom. */
double chi2_contingency(const int64_t *a, const int64_t *b, size_t k,
			size_t *df);
double chi2_p_value(double statistic, size_t df);
/* Cramer's V of a 2 x k table: sqrt(chi2 / N). */
double cramers_v(double chi2, double n_total);

/* Benjamini and Hochberg 1995: p-values corrected over n tests, in place. NaN
 * (not tested) stays and is not counted. */
void fdr_correct(double *p, size_t n);

/* The q-quantile of sorted values, linear between neighbours (type 7). NaN of
 * none. */
double quantile_sorted(const double *sorted, size_t n, double q);

#endif
