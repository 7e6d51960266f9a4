/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "demo/prng.h"

#define N 20000

/* The reference implementation (Vigna, splitmix64.c) from state 0. */
static void test_splitmix64(void **state)
{
	struct prng p = { 0 };

	(void)state;
	assert_int_equal(prng_u64(&p), 0xe220a8397b1dcdafull);
	assert_int_equal(prng_u64(&p), 0x6e789e6aa1b965f4ull);
	assert_int_equal(prng_u64(&p), 0x06c45d188009454full);
}

static void test_streams_are_apart(void **state)
{
	struct prng a, b, again;

	(void)state;
	prng_init(&a, DEMO_SEED, 0);
	prng_init(&b, DEMO_SEED, 1);
	prng_init(&again, DEMO_SEED, 0);
	for (int i = 0; i < 100; i++) {
		uint64_t v = prng_u64(&a);

		assert_int_equal(v, prng_u64(&again));
		assert_true(v != prng_u64(&b));
	}
}

struct moments {
	double mean, sd;
};

static struct moments measure(double (*draw)(struct prng *))
{
	double sum = 0, square = 0;
	struct moments m;
	struct prng p;

	prng_init(&p, DEMO_SEED, 3);
	for (int i = 0; i < N; i++) {
		double v = draw(&p);

		sum += v;
		square += v * v;
	}
	m.mean = sum / N;
	m.sd = sqrt(square / N - m.mean * m.mean);
	return m;
}

static double draw_exp(struct prng *p)
{
	return prng_exp(p, 12);
}

static double draw_gamma(struct prng *p)
{
	return prng_gamma(p, 2, 400);
}

static double draw_beta(struct prng *p)
{
	return prng_beta(p, 5, 2);
}

static double draw_poisson(struct prng *p)
{
	return prng_poisson(p, 3);
}

static double draw_weibull(struct prng *p)
{
	return prng_weibull(p, 2, 4);
}

/* Mean and spread within five standard errors of what theory says. */
static void check(double (*draw)(struct prng *), double mean, double sd)
{
	struct moments m = measure(draw);

	assert_true(fabs(m.mean - mean) < 5 * sd / sqrt(N));
	assert_true(fabs(m.sd / sd - 1) < .05);
}

static void test_distributions(void **state)
{
	(void)state;
	check(prng_unit, .5, sqrt(1.0 / 12));
	check(prng_normal, 0, 1);
	check(draw_exp, 12, 12);
	check(draw_gamma, 800, 400 * sqrt(2));
	check(draw_beta, 5.0 / 7, sqrt(10.0 / (49 * 8)));
	check(draw_poisson, 3, sqrt(3));
	check(draw_weibull, 4 * tgamma(1.5),
	      4 * sqrt(tgamma(2) - tgamma(1.5) * tgamma(1.5)));
}

static void test_zipf_prefers_the_first(void **state)
{
	size_t count[12] = { 0 };
	struct prng p;

	(void)state;
	prng_init(&p, DEMO_SEED, 4);
	for (int i = 0; i < N; i++)
		count[prng_zipf(&p, 12, 1.1)]++;
	for (size_t i = 0; i < 12; i++)
		assert_true(count[i] > 0);
	/* 2^1.1 = 2.14 times as often as the second. */
	assert_true(fabs((double)count[0] / (double)count[1] - 2.14) < .2);
}

static void test_hex_is_an_id(void **state)
{
	char a[33], b[33];
	struct prng p;

	(void)state;
	prng_init(&p, 1, 2);
	prng_hex32(&p, a);
	prng_hex32(&p, b);
	assert_int_equal(strspn(a, "0123456789abcdef"), 32);
	assert_int_equal(strlen(a), 32);
	assert_string_not_equal(a, b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_splitmix64),
		cmocka_unit_test(test_streams_are_apart),
		cmocka_unit_test(test_distributions),
		cmocka_unit_test(test_zipf_prefers_the_first),
		cmocka_unit_test(test_hex_is_an_id),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
