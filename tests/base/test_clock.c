/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "base/mem.h"

static void test_clocks_go_forward(void **state)
{
	int64_t us = clock_mono_us(), ms = clock_mono_ms();

	(void)state;
	assert_true(ms >= us / 1000);
	assert_true(clock_mono_us() >= us);
}

static void test_environment_fixes_the_time(void **state)
{
	(void)state;
	setenv("MLTOWER_NOW_MS", "1234567890123", 1);
	assert_true(clock_utc_ms() == 1234567890123);
	setenv("MLTOWER_NOW_MS", "soon", 1);
	assert_true(clock_utc_ms() / 1000 >= time(NULL) - 5);
	unsetenv("MLTOWER_NOW_MS");
	assert_true(clock_utc_ms() / 1000 >= time(NULL) - 5);
}

static void test_formats(void **state)
{
	char out[32], hhmm[8];

	(void)state;
	clock_format_utc(1795508734000, out);
	assert_string_equal(out, "2026-11-24T08:25:34.000Z");
	clock_format_utc(-1, out);
	assert_string_equal(out, "1969-12-31T23:59:59.999Z");
	clock_format_utc(INT64_C(253402300799999), out);
	assert_string_equal(out, "9999-12-31T23:59:59.999Z");
	setenv("TZ", "XXX-02:30", 1);
	tzset();
	clock_format_local(1795508734000, out);
	assert_string_equal(out, "2026-11-24 10:55:34");
	clock_format_short(1795508734000, out);
	assert_string_equal(out, "11-24 10:55");
	clock_format_hhmm(1795508734000, hhmm);
	assert_string_equal(hhmm, "10:55");
	setenv("TZ", "UTC0", 1);
	tzset();
	clock_format_hhmm(1795508734000, hhmm);
	assert_string_equal(hhmm, "08:25");
}

static void test_no_time_is_a_dash(void **state)
{
	static const int64_t times[] = { TIME_NONE, INT64_MAX, INT64_MIN + 1,
					 INT64_C(253402300800000) };
	char out[32], hhmm[8];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(times); i++) {
		clock_format_utc(times[i], out);
		assert_string_equal(out, "-");
		clock_format_local(times[i], out);
		assert_string_equal(out, "-");
		clock_format_short(times[i], out);
		assert_string_equal(out, "-");
		assert_false(clock_has_date(times[i]));
		assert_true(clock_has_date(clock_nearest_date(times[i])));
		clock_format_hhmm(times[i], hhmm);
		assert_string_equal(hhmm, "-");
	}
}

static void test_parses(void **state)
{
	static const struct {
		const char *s;
		int64_t ms;
	} good[] = {
		{ "2026-11-24T08:25:34.000Z", 1795508734000 },
		{ "2026-11-24T08:25:34Z", 1795508734000 },
		{ "2026-11-24t08:25:34.5z", 1795508734500 },
		{ "2026-11-24T08:25:34.123456789Z", 1795508734123 },
		{ "2026-11-24T10:25:34+02:00", 1795508734000 },
		{ "2026-11-24T03:25:34-0500", 1795508734000 },
		{ "2026-11-24", 1795478400000 },
		{ "2026-11-24 08:25", 1795508700000 },
		{ "2026-11-24 08:25:34", 1795508734000 },
		{ "1795508734", 1795508734000 },
		{ "1795508734000", 1795508734000 },
		{ "0", 0 },
		{ "1970-01-01", 0 },
		{ "1969-12-31T23:59:59.999Z", -1 },
		{ "2024-02-29", 1709164800000 },
		{ "2000-02-29", 951782400000 },
		{ "0001-01-01", INT64_C(-62135596800000) },
		{ "2016-12-31T23:59:60Z", 1483228799000 },
	};
	int64_t ms;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		ms = 7;
		if (!clock_parse(good[i].s, &ms) || ms != good[i].ms)
			fail_msg("%s gives %lld", good[i].s, (long long)ms);
	}
}

static void test_refuses_what_is_no_time(void **state)
{
	static const char *const bad[] = {
		"",
		" ",
		"now",
		"-5",
		"2026-13-01x",
		"2026-13-01",
		"2026-00-10",
		"2026-02-29",
		"1900-02-29",
		"2026-11-24T",
		"2026-11-24T8:25",
		"2026-11-24T24:00",
		"2026-11-24T08:60",
		"2026-11-24T08:25:61Z",
		"2026-11-24T08:25:34.Z",
		"2026-11-24T08:25:34Zx",
		"2026-11-24T08:25:34+99:00",
		"2026-11-24T08:25:34+02:",
		" 2026-11-24",
		"2026-11-24 ",
		"99999999999999999999999",
		"1e9",
	};
	int64_t ms = 42;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		if (clock_parse(bad[i], &ms))
			fail_msg("'%s' was taken", bad[i]);
	}
	assert_false(clock_parse(NULL, &ms));
	assert_true(ms == 42);
}

/* Every day of 800 years, there and back. */
static void test_every_day_round_trips(void **state)
{
	char out[32];
	int64_t ms;

	(void)state;
	for (int64_t day = -150000; day < 150000; day += 1) {
		clock_format_utc(day * 86400000 + 12345678, out);
		assert_true(clock_parse(out, &ms));
		assert_true(ms == day * 86400000 + 12345678);
	}
}

static void test_durations(void **state)
{
	static const struct {
		const char *s;
		int64_t ms;
	} good[] = {
		{ "90s", 90000 },     { "10m", 600000 },
		{ "2h", 7200000 },    { "1d", 86400000 },
		{ "1w", 604800000 },  { "250ms", 250 },
		{ "1h30m", 5400000 }, { "0s", 0 },
		{ "1s5ms", 1005 },    { "1w2d3h4m5s6ms", 788645006 },
		{ "2932896d", INT64_C(253402214400000) },
	};
	static const char *const bad[] = {
		"",
		"5",
		"s",
		"5x",
		"-5s",
		"1.5h",
		"5 s",
		"1h ",
		"30m1h",
		"1h1h",
		"5msx",
		"99999999999999999999s",
		"9999999999999999w",
		"2932897d",
	};
	int64_t ms = 42;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		if (clock_parse_duration(bad[i], &ms))
			fail_msg("'%s' was taken", bad[i]);
	}
	assert_false(clock_parse_duration(NULL, &ms));
	assert_true(ms == 42);
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		if (!clock_parse_duration(good[i].s, &ms) || ms != good[i].ms)
			fail_msg("%s gives %lld", good[i].s, (long long)ms);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clocks_go_forward),
		cmocka_unit_test(test_environment_fixes_the_time),
		cmocka_unit_test(test_formats),
		cmocka_unit_test(test_no_time_is_a_dash),
		cmocka_unit_test(test_parses),
		cmocka_unit_test(test_refuses_what_is_no_time),
		cmocka_unit_test(test_every_day_round_trips),
		cmocka_unit_test(test_durations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
