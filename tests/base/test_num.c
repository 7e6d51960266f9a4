/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/num.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/human.h"
#include "base/mem.h"

static double from_bits(uint64_t bits)
{
	double v;

	memcpy(&v, &bits, sizeof(v));
	return v;
}

/* Samples of RFC 8785, appendix B. */
static void test_rfc8785_numbers(void **state)
{
	static const struct {
		uint64_t bits;
		const char *text;
	} want[] = {
		{ 0x0000000000000000, "0" },
		{ 0x0000000000000001, "5e-324" },
		{ 0x8000000000000001, "-5e-324" },
		{ 0x7fefffffffffffff, "1.7976931348623157e+308" },
		{ 0xffefffffffffffff, "-1.7976931348623157e+308" },
		{ 0x4340000000000000, "9007199254740992" },
		{ 0xc340000000000000, "-9007199254740992" },
		{ 0x4430000000000000, "295147905179352830000" },
		{ 0x44b52d02c7e14af5, "9.999999999999997e+22" },
		{ 0x44b52d02c7e14af6, "1e+23" },
		{ 0x44b52d02c7e14af7, "1.0000000000000001e+23" },
		{ 0x444b1ae4d6e2ef4e, "999999999999999700000" },
		{ 0x444b1ae4d6e2ef4f, "999999999999999900000" },
		{ 0x444b1ae4d6e2ef50, "1e+21" },
		{ 0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7" },
		{ 0x3eb0c6f7a0b5ed8d, "0.000001" },
		{ 0x41b3de4355555553, "333333333.3333332" },
		{ 0x41b3de4355555554, "333333333.33333325" },
		{ 0x41b3de4355555555, "333333333.3333333" },
		{ 0x41b3de4355555556, "333333333.3333334" },
		{ 0x41b3de4355555557, "333333333.33333343" },
		{ 0xbecbf647612f3696, "-0.0000033333333333333333" },
		{ 0x43143ff3c1cb0959, "1424953923781206.2" },
	};
	char out[NUM_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		size_t n = num_format(out, from_bits(want[i].bits));

		assert_string_equal(out, want[i].text);
		assert_int_equal(n, strlen(out));
	}
}

static void test_what_is_no_number_has_a_name(void **state)
{
	char out[NUM_MAX];

	(void)state;
	num_format(out, NAN);
	assert_string_equal(out, "NaN");
	num_format(out, -NAN);
	assert_string_equal(out, "NaN");
	num_format(out, INFINITY);
	assert_string_equal(out, "Infinity");
	num_format(out, -INFINITY);
	assert_string_equal(out, "-Infinity");
	num_format(out, -0.0);
	assert_string_equal(out, "-0");
}

static uint64_t random_next(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

static double random_double(uint64_t *state, int i)
{
	double unit = (double)(random_next(state) >> 11) * 0x1p-53;

	switch (i % 4) {
	case 0: /* any bits at all */
		return from_bits(random_next(state));
	case 1:
		return unit;
	case 2: /* few digits */
		return round(unit * 1e4) *
		       pow(10, (double)(random_next(state) % 40) - 20);
	default:
		return unit * pow(10, (double)(random_next(state) % 50) - 25);
	}
}

static unsigned count_digits(const char *s)
{
	unsigned n = 0, zeros = 0;

	for (; *s && *s != 'e'; s++) {
		if (*s < '0' || *s > '9' || (*s == '0' && !n))
			continue;
		n++;
		zeros = *s == '0' ? zeros + 1 : 0;
	}
	return n - zeros;
}

/* Against libc: it reads back, and no shorter one does. */
static void test_shortest_and_exact(void **state)
{
	uint64_t seed = 20261124;
	char out[NUM_MAX], text[40];

	(void)state;
	for (int i = 0; i < 40000; i++) {
		double v = random_double(&seed, i), back;
		int n = 1;

		if (!isfinite(v) || v == 0)
			continue;
		num_format(out, v);
		assert_true(num_parse(out, strlen(out), &back));
		assert_memory_equal(&back, &v, sizeof(v));
		do
			snprintf(text, sizeof(text), "%.*e", n - 1, v);
		while (strtod(text, NULL) != v && n++ < 17);
		if (count_digits(out) != count_digits(text))
			fail_msg("%s is longer than %s", out, text);
	}
}

static void test_integers(void **state)
{
	static const struct {
		int64_t v;
		const char *text;
	} want[] = {
		{ 0, "0" },
		{ -1, "-1" },
		{ INT64_MAX, "9223372036854775807" },
		{ INT64_MIN, "-9223372036854775808" },
	};
	static const char *const bad[] = { "",
					   "-",
					   "+1",
					   " 1",
					   "1 ",
					   "1a",
					   "--1",
					   "1.0",
					   "1e3",
					   "9223372036854775808",
					   "-9223372036854775809" };
	char out[NUM_MAX];
	int64_t v = 42;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_false(num_parse_int(bad[i], strlen(bad[i]), &v));
	assert_int_equal(v, 42);
	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		assert_int_equal(num_format_int(out, want[i].v),
				 strlen(want[i].text));
		assert_string_equal(out, want[i].text);
		assert_true(num_parse_int(out, strlen(out), &v));
		assert_true(v == want[i].v);
	}
}

static void test_decimals_are_taken_whole_or_not(void **state)
{
	static const char *const bad[] = {
		"",      ".",   "-",     "e5",  "1e",    "1e+",
		"0x10",  "nan", "inf",   " 1",  "1 ",    "1,5",
		"1.2.3", "--1", "1e5.0", "1_0", "1e999", "-1e999",
	};
	char zeros[200];
	double v = 42;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		if (num_parse(bad[i], strlen(bad[i]), &v))
			fail_msg("'%s' was taken", bad[i]);
	}
	assert_true(v == 42);
	assert_true(num_parse("-.5e1", 5, &v) && v == -5);
	assert_true(num_parse("+5.", 3, &v) && v == 5);
	assert_true(num_parse("15xyz", 2, &v) && v == 15);
	assert_true(num_parse("1e-999", 6, &v) && v == 0);
	memset(zeros, '0', sizeof(zeros));
	memcpy(zeros, "0.", 2);
	zeros[sizeof(zeros) - 1] = '7';
	assert_true(num_parse(zeros, sizeof(zeros), &v) && v == 7e-198);
}

static void check_human(const char *got, const char *want)
{
	assert_string_equal(got, want);
}

static void test_human_times(void **state)
{
	char out[HUMAN_MAX];

	(void)state;
	check_human(human_duration(out, 0), "0s");
	check_human(human_duration(out, 250), "250ms");
	check_human(human_duration(out, 45000), "45s");
	check_human(human_duration(out, 90000), "1m 30s");
	check_human(human_duration(out, 725000), "12m");
	check_human(human_duration(out, 7800000), "2h 10m");
	check_human(human_duration(out, 97200000), "1d 3h");
	check_human(human_duration(out, 9 * 86400000LL + 5), "9d");
	check_human(human_duration(out, -45000), "-45s");
	check_human(human_duration(out, INT64_MIN), "-");
	check_human(human_duration(out, INT64_MAX), "106751991167d");
	check_human(human_duration(out, -INT64_MAX), "-106751991167d");
	assert_true(human_steady_ms(-5) == -5);
	assert_true(human_steady_ms(9999) == 0);
	assert_true(human_steady_ms(59999) == 50000);
	assert_true(human_steady_ms(90000) == 60000);
	assert_true(human_steady_ms(7800001) == 7800001);
	check_human(human_age(out, 45999), "45s");
	check_human(human_age(out, 725000), "12m");
	check_human(human_age(out, 3 * 3600000 + 5), "3h");
	check_human(human_age(out, 41 * 86400000LL), "41d");
	check_human(human_fresh(out, -5), "live");
	check_human(human_fresh(out, 9999), "live");
	check_human(human_fresh(out, 10000), "10s");
	check_human(human_fresh(out, 59999), "50s");
	check_human(human_fresh(out, 60000), "1m");
	check_human(human_fresh(out, 7200000), "2h");
	check_human(human_fresh(out, INT64_MIN), "-");
}

static void test_human_numbers(void **state)
{
	char out[HUMAN_MAX];

	(void)state;
	check_human(human_count(out, 0), "0");
	check_human(human_count(out, 999), "999");
	check_human(human_count(out, 1284), "1,284");
	check_human(human_count(out, -1284567), "-1,284,567");
	check_human(human_count(out, -128), "-128");
	check_human(human_count(out, INT64_MIN), "-9,223,372,036,854,775,808");
	check_human(human_si(out, 0), "0");
	check_human(human_si(out, 12400), "12.4 k");
	check_human(human_si(out, 3100000), "3.1 M");
	check_human(human_si(out, 999.4), "999");
	check_human(human_si(out, 999.6), "1 k");
	check_human(human_si(out, -52300), "-52.3 k");
	check_human(human_si(out, 0.524), "0.52");
	check_human(human_si(out, 1e30), "1.0e+18 T");
	check_human(human_si(out, NAN), "NaN");
	check_human(human_bytes(out, 214e6), "214 MB");
	check_human(human_bytes(out, 12), "12 B");
	check_human(human_latency(out, 1900), "1.9 s");
	check_human(human_latency(out, 38), "38 ms");
	check_human(human_number(out, 0.98061, 4), "0.9806");
	check_human(human_number(out, 0, 2), "0.00");
	check_human(human_number(out, -0.0, 2), "0.00");
	check_human(human_number(out, 1.23e9, 4), "1.2e+09");
	check_human(human_number(out, 0.000012, 4), "1.2e-05");
	check_human(human_number(out, NAN, 4), "NaN");
	check_human(human_number(out, INFINITY, 4), "inf");
	check_human(human_number(out, -INFINITY, 4), "-inf");
	check_human(human_number(out, -999999999, 99),
		    "-999999999.00000000000000000");
	check_human(human_p(out, 0.03141), "0.0314");
	check_human(human_p(out, 0.00001), "<0.0001");
	check_human(human_p(out, 1), "1.0000");
	check_human(human_p(out, NAN), "-");
	check_human(human_exact(out, 0.1), "0.1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rfc8785_numbers),
		cmocka_unit_test(test_what_is_no_number_has_a_name),
		cmocka_unit_test(test_shortest_and_exact),
		cmocka_unit_test(test_integers),
		cmocka_unit_test(test_decimals_are_taken_whole_or_not),
		cmocka_unit_test(test_human_times),
		cmocka_unit_test(test_human_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
