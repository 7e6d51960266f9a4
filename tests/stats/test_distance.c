/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/mem.h"
#include "stats/distance.h"
#include "stats/kolmogorov.h"

static void near(double is, double wanted, double relative)
{
	if (!(fabs(is - wanted) <= relative * fmax(fabs(wanted), 1e-300)))
		fail_msg("%.17g and not %.17g", is, wanted);
}

static int by_value(const void *x, const void *y)
{
	double a = *(const double *)x, b = *(const double *)y;

	return (a > b) - (a < b);
}

/* ((mul i + add) mod p) / p, scaled and shifted; sorted. */
static double *sequence(size_t n, long mul, long add, long p, double from,
			double scale)
{
	double *v = xcalloc(n, sizeof(*v));

	for (size_t i = 0; i < n; i++)
		v[i] = from +
		       scale * (double)((mul * (long)i + add) % p) / (double)p;
	qsort(v, n, sizeof(*v), by_value);
	return v;
}

/* Answers of scipy 1.17 for the same numbers. */
static void test_ks_of_small_samples(void **state)
{
	double *a = sequence(500, 7919, 13, 1009, 0, 1);
	double *b = sequence(400, 104729, 7, 1013, .05, .95);
	double d = ks_statistic(a, 500, b, 400);

	(void)state;
	near(d, .053, 1e-12);
	near(ks_p_value(d, 500, 400), .5431855288497, 1e-9);
	free(a);
	free(b);
}

static void test_ks_of_large_samples(void **state)
{
	double *a = sequence(12000, 7919, 13, 20011, 0, 1);
	double *b = sequence(15000, 104729, 7, 20021, .05, .95);

	(void)state;
	near(ks_statistic(a, 12000, b, 15000), .05026666666667, 1e-12);
	near(ks_p_value(.05026666666666667, 12000, 15000), 4.432863259812e-15,
	     1e-9);
	free(a);
	free(b);
}

/* scipy 1.17: kstwo.sf(d, n), one row for each way to compute it. */
static void test_kolmogorov(void **state)
{
	static const struct {
		int64_t n;
		double d, q;
	} rows[] = {
		{ 1, 0.7, 0.6000000000000001 },
		{ 5, 0.05, 1.0 },
		{ 5, 0.15, 0.9988 },
		{ 10, 0.95, 1.9531250000000172e-13 },
		{ 10, 0.6, 0.0005681672000000003 },
		{ 50, 0.1, 0.6623112704658186 },
		{ 100, 0.08, 0.5182193645480672 },
		{ 140, 0.15, 0.0032495604415101703 },
		{ 140, 0.2, 2.1981563302200222e-05 },
		{ 141, 0.02, 0.9999999744561288 },
		{ 141, 0.1, 0.11128445516467944 },
		{ 222, 0.053, 0.5431855288497337 },
		{ 500, 0.09, 0.0005653758236787942 },
		{ 3333, 0.004, 0.999999998330395 },
		{ 3333, 0.02, 0.13711046869231147 },
		{ 3333, 0.05, 1.1104062651427869e-07 },
		{ 99999, 0.003, 0.32846216508750103 },
		{ 100001, 0.006, 0.0014870418583881545 },
		{ 2000000, 0.001, 0.03660662431970485 },
		{ 2000000, 0.0005, 0.6991771101944894 },
		{ 10, 1.0, 0.0 },
		{ 3333, 0.4, 0.0 },
		{ 1000, 0.0001, 1.0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		near(kolmogorov_q(rows[i].n, rows[i].d), rows[i].q, 1e-9);
	assert_true(isnan(kolmogorov_q(0, .5)));
	assert_true(isnan(kolmogorov_q(10, NAN)));
	assert_true(kolmogorov_q(100, 0) == 1);
}

static void test_ks_with_ties_and_nothing(void **state)
{
	static const double a[] = { 1, 1, 1, 2 }, b[] = { 1, 2, 2, 2 };

	(void)state;
	near(ks_statistic(a, 4, b, 4), .5, 1e-12);
	near(ks_statistic(a, 4, a, 4) + 1, 1, 1e-12);
	assert_true(ks_statistic(a, 0, b, 4) == 0);
	assert_true(ks_p_value(0, 100, 100) == 1);
	assert_true(isnan(ks_p_value(.5, 0, 10)));
}

static void test_chi2_of_a_table(void **state)
{
	static const int64_t base[] = { 500, 300, 200, 0 };
	static const int64_t c1[] = { 420, 330, 250, 0 };
	static const int64_t c2[] = { 380, 310, 250, 60 };
	size_t df;
	double chi2 = chi2_contingency(base, c1, 3, &df);

	(void)state;
	assert_int_equal(df, 2);
	near(chi2, 13.94064872326, 1e-9);
	near(chi2_p_value(chi2, df), .0009393481679145, 1e-9);
	near(cramers_v(chi2, 2000), .08348846843504, 1e-9);
	chi2 = chi2_contingency(base, c2, 4, &df);
	assert_int_equal(df, 3);
	near(chi2, 82.08312634542, 1e-9);
	near(chi2_p_value(chi2, df), 1.096831823695e-17, 1e-9);
	near(cramers_v(chi2, 2000), .2025871742552, 1e-9);
	/* A level that neither has is no level. */
	chi2_contingency(base, c1, 4, &df);
	assert_int_equal(df, 2);
}

static void test_psi(void **state)
{
	static const int64_t p[] = { 500, 300, 200 }, q[] = { 420, 330, 250 };
	static const int64_t none[] = { 1000, 0, 0 }, empty[3] = { 0 };
	static const int64_t p4[] = { 500, 300, 0, 200, 0 };
	static const int64_t q4[] = { 380, 310, 0, 250, 60 };

	(void)state;
	near(psi_counts(p, q, 3), .02796475393142, 1e-9);
	near(psi_counts(p, q, 3), psi_counts(q, p, 3), 1e-12);
	assert_true(isfinite(psi_counts(p, none, 3)));
	assert_true(isnan(psi_counts(p, empty, 3)));
	/* Where nobody is, nothing changed; a new level: half a row before. */
	near(psi_counts(p4, q4, 5),
	     -.12 * log(.38 / .5) + .01 * log(.31 / .3) + .05 * log(.25 / .2) +
		     (.06 - .0005) * log(.06 / .0005),
	     1e-12);
	assert_true(psi_counts(p, p, 3) == 0);
	assert_true(psi_noise(1000, 500, 10, .01) >
		    psi_noise(10000, 5000, 10, .01));
	assert_true(isinf(psi_noise(1000, 500, 1, .01)));
}

/* R: p.adjust(c(.01,.04,.03,.005), "BH") */
static void test_false_discovery_rate(void **state)
{
	double p[] = { .01, .04, NAN, .03, .005 };

	(void)state;
	fdr_correct(p, 5);
	near(p[0], .02, 1e-12);
	near(p[1], .04, 1e-12);
	assert_true(isnan(p[2]));
	near(p[3], .04, 1e-12);
	near(p[4], .02, 1e-12);
}

static void test_chi2_of_nothing(void **state)
{
	static const int64_t none[] = { 0, 0 }, one[] = { 9, 0 };
	static const int64_t two[] = { 5, 4 };
	size_t df = 7;

	(void)state;
	assert_true(chi2_contingency(none, two, 2, &df) == 0);
	assert_int_equal(df, 0);
	assert_true(chi2_contingency(two, none, 2, &df) == 0);
	assert_true(chi2_contingency(one, one, 2, &df) == 0);
	assert_int_equal(df, 0);
	assert_true(chi2_p_value(0, df) == 1);
	assert_true(cramers_v(3, 0) == 0);
}

/* scipy: chi2.isf(.05, 9) */
static void test_psi_noise(void **state)
{
	(void)state;
	near(psi_noise(1000, 500, 10, .05), .003 * 16.918977604620448, 1e-9);
	assert_true(isinf(psi_noise(0, 500, 10, .05)));
	assert_true(isinf(psi_noise(1000, 0, 10, .05)));
}

/* A larger p is never corrected to less than a smaller one. */
static void test_false_discovery_steps_up(void **state)
{
	double p[] = { .04, NAN, .01, .5, .03, .02 }, q[] = { .9, .001, .8 };

	(void)state;
	fdr_correct(p, 6);
	near(p[0], .05, 1e-12);
	near(p[2], .05, 1e-12);
	near(p[3], .5, 1e-12);
	near(p[4], .05, 1e-12);
	near(p[5], .05, 1e-12);
	fdr_correct(q, 3);
	near(q[0], .9, 1e-12);
	near(q[1], .003, 1e-12);
	near(q[2], .9, 1e-12);
}

static void test_quantiles(void **state)
{
	static const double v[] = { 1, 2, 3, 4 };

	(void)state;
	near(quantile_sorted(v, 4, .5), 2.5, 1e-12);
	near(quantile_sorted(v, 4, 0), 1, 1e-12);
	near(quantile_sorted(v, 4, 1), 4, 1e-12);
	near(quantile_sorted(v, 4, .1), 1.3, 1e-12);
	assert_true(isnan(quantile_sorted(v, 0, .5)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ks_of_small_samples),
		cmocka_unit_test(test_ks_of_large_samples),
		cmocka_unit_test(test_kolmogorov),
		cmocka_unit_test(test_ks_with_ties_and_nothing),
		cmocka_unit_test(test_chi2_of_a_table),
		cmocka_unit_test(test_psi),
		cmocka_unit_test(test_false_discovery_rate),
		cmocka_unit_test(test_chi2_of_nothing),
		cmocka_unit_test(test_psi_noise),
		cmocka_unit_test(test_false_discovery_steps_up),
		cmocka_unit_test(test_quantiles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
