/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "stats/distance.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "stats/kolmogorov.h"

/* An empty bin counts as half a row: the share stays of its own sample. */
static double share(int64_t count, double n)
{
	return (count ? (double)count : .5) / n;
}

double psi_counts(const int64_t *baseline, const int64_t *window, size_t k)
{
	double n = 0, m = 0, sum = 0;

	for (size_t i = 0; i < k; i++) {
		n += (double)baseline[i];
		m += (double)window[i];
	}
	if (n == 0 || m == 0)
		return NAN;
	for (size_t i = 0; i < k; i++) {
		double p = share(baseline[i], n), q = share(window[i], m);

		if (baseline[i] || window[i])
			sum += (p - q) * log(p / q);
	}
	return sum;
}

double psi_noise(double n, double m, size_t k, double alpha)
{
	if (k < 2 || n < 1 || m < 1)
		return INFINITY;
	return (1 / n + 1 / m) * gsl_cdf_chisq_Qinv(alpha, (double)(k - 1));
}

double ks_statistic(const double *a, size_t n, const double *b, size_t m)
{
	size_t i = 0, j = 0;
	double d = 0;

	if (!n || !m)
		return 0;
	while (i < n && j < m) {
		double x = fmin(a[i], b[j]);

		while (i < n && a[i] <= x)
			i++;
		while (j < m && b[j] <= x)
			j++;
		d = fmax(d,
			 fabs((double)i / (double)n - (double)j / (double)m));
	}
	return d;
}

double ks_p_value(double d, double n, double m)
{
	if (n < 1 || m < 1)
		return NAN;
	return kolmogorov_q((int64_t)fmax(1, nearbyint(n * m / (n + m))), d);
}

double chi2_contingency(const int64_t *a, const int64_t *b, size_t k,
			size_t *df)
{
	double n = 0, m = 0, sum = 0;
	size_t used = 0;

	for (size_t i = 0; i < k; i++) {
		n += (double)a[i];
		m += (double)b[i];
	}
	*df = 0;
	if (n == 0 || m == 0)
		return 0;
	for (size_t i = 0; i < k; i++) {
		double both = (double)a[i] + (double)b[i];
		double ea = both * n / (n + m), eb = both * m / (n + m);

		if (both == 0)
			continue;
		used++;
		sum += ((double)a[i] - ea) * ((double)a[i] - ea) / ea +
		       ((double)b[i] - eb) * ((double)b[i] - eb) / eb;
	}
	*df = used ? used - 1 : 0;
	return sum;
}

double chi2_p_value(double statistic, size_t df)
{
	return df ? gsl_cdf_chisq_Q(statistic, (double)df) : 1;
}

double cramers_v(double chi2, double n_total)
{
	return n_total > 0 ? sqrt(chi2 / n_total) : 0;
}

struct ranked {
	double p;
	size_t at;
};

static int by_p(const void *x, const void *y)
{
	double a = ((const struct ranked *)x)->p;
	double b = ((const struct ranked *)y)->p;

	return (a > b) - (a < b);
}

void fdr_correct(double *p, size_t n)
{
	struct ranked *r = xcalloc(n + 1, sizeof(*r));
	size_t m = 0;
	double least = 1;

	for (size_t i = 0; i < n; i++)
		if (!isnan(p[i]))
			r[m++] = (struct ranked){ p[i], i };
	qsort(r, m, sizeof(*r), by_p);
	for (size_t i = m; i-- > 0;) {
		least = fmin(least, r[i].p * (double)m / (double)(i + 1));
		p[r[i].at] = least;
	}
	free(r);
}

double quantile_sorted(const double *sorted, size_t n, double q)
{
	double at = q * (double)(n ? n - 1 : 0);
	size_t i = (size_t)at;

	if (!n)
		return NAN;
	if (i + 1 >= n)
		return sorted[n - 1];
	return sorted[i] + (at - (double)i) * (sorted[i + 1] - sorted[i]);
}
