/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "watch/monitor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/mem.h"

static const char *const hidden[] = { "sec*" };
static const struct monitor_conf conf = {
	.name = "m",
	.source = "prod",
	.model = "fraud",
	.n_never_show = 1,
	.never_show = hidden,
	.window_rows = 100,
	.alpha = .05,
	.min_rows = 20,
	.psi_floor = .25,
};
static char c_amount[] = "amount", c_secret[] = "secret", c_id[] = "id";
static const struct predlog_column columns[] = {
	{ c_amount, PREDLOG_FEATURE },
	{ c_secret, PREDLOG_FEATURE },
	{ c_id, PREDLOG_ID },
};

static void cells_of(int value, char text[16], struct csv_field cells[3])
{
	snprintf(text, 16, "%d", value);
	for (int i = 0; i < 3; i++)
		cells[i] = (struct csv_field){ .s = text, .len = strlen(text) };
}

/* Amounts 0 ... 99; a number or not as told. Goes to the monitor. */
static struct frame *baseline(bool is_number)
{
	static const char *const names[] = { "amount", "secret", "id" };
	struct frame *f = frame_new(names, 3, 100);

	for (size_t i = 0; is_number && i < 3; i++)
		frame_set_number(f, i);
	for (int i = 0; i < 100; i++) {
		struct csv_field cells[3];
		char text[16];

		cells_of(i, text, cells);
		frame_add(f, cells);
	}
	return f;
}

static void add(struct monitor *m, const char *version, int value,
		int64_t time_ms)
{
	struct predlog_row row = { .version = version,
				   .event_ms = time_ms,
				   .predicted_ms = time_ms };
	struct csv_field cells[3];
	char text[16];

	cells_of(value, text, cells);
	row.cells = cells;
	monitor_add(m, &row, time_ms + 5);
}

static void add_many(struct monitor *m, const char *version, int n)
{
	for (int i = 0; i < n; i++)
		add(m, version, i, 1000 + i);
}

/* Serves version 1 and has its baseline. */
static struct monitor *served(bool is_number)
{
	struct monitor *m = monitor_new(&conf);

	monitor_set_columns(m, columns, 3);
	add(m, "1", 0, 1000);
	assert_true(monitor_needs_baseline(m));
	monitor_set_baseline(m, baseline(is_number), "");
	assert_false(monitor_needs_baseline(m));
	return m;
}

static int64_t n_rows(struct monitor *m)
{
	struct drift_report *r = monitor_evaluate(m, 9000, 0, "");
	int64_t n = r ? r->n_rows : 0;

	drift_report_free(r);
	return n;
}

static const struct drift_column *find(const struct drift_report *r,
				       const char *name)
{
	for (size_t i = 0; i < r->n_columns; i++)
		if (!strcmp(r->columns[i].name, name))
			return &r->columns[i];
	return NULL;
}

/* ---- */

/* Nothing of drift, and why. */
static void assert_says(struct monitor *m, const char *blind, const char *why)
{
	struct drift_report *r = monitor_evaluate(m, 9000, 0, blind);
	char text[DRIFT_WHY_MAX];

	assert_int_equal(r->n_columns, 0);
	assert_true(drift_says_nothing(r, text));
	assert_string_equal(text, why);
	drift_report_free(r);
}

static void test_nothing_without_rows_or_baseline(void **state)
{
	struct monitor *m = monitor_new(&conf);

	(void)state;
	assert_says(m, "", "no rows yet");
	assert_string_equal(monitor_version(m), "");
	assert_true(monitor_last_row_ms(m) == TIME_NONE);
	monitor_set_columns(m, columns, 3);
	add_many(m, "1", 30);
	monitor_set_baseline(m, NULL, "no such file");
	assert_string_equal(monitor_baseline_error(m), "no such file");
	assert_false(monitor_needs_baseline(m));
	assert_says(m, "no such file", "no such file");
	assert_int_equal(monitor_last_row_ms(m), 1029 + 5);
	monitor_free(m);
}

static void test_versions_never_mix(void **state)
{
	struct monitor *m = served(true);
	int64_t first;

	(void)state;
	add_many(m, "1", 60);
	assert_int_equal(n_rows(m), 60);
	assert_false(monitor_take_first_served(m, &first));
	for (int i = 0; i < 40; i++)
		add(m, "2", i, 5000 + i);
	assert_string_equal(monitor_version(m), "2");
	/* Nine tenths of forty: from the thirty-sixth on. */
	assert_int_equal(n_rows(m), 5);
	assert_true(monitor_needs_baseline(m));
	assert_true(monitor_take_first_served(m, &first));
	assert_int_equal(first, 5000);
	assert_false(monitor_take_first_served(m, &first));
	monitor_set_baseline(m, baseline(true), "");
	assert_false(monitor_needs_baseline(m));
	monitor_free(m);
}

/* Logs that rotate go on in another file; a log that was cut does not. */
static void test_a_log_that_goes_on(void **state)
{
	static char c_more[] = "more";
	static const struct predlog_column other[] = {
		{ c_amount, PREDLOG_FEATURE },
		{ c_secret, PREDLOG_FEATURE },
		{ c_more, PREDLOG_FEATURE },
	};
	struct monitor *m = served(true);

	(void)state;
	add_many(m, "1", 60);
	monitor_set_columns(m, columns, 3);
	assert_int_equal(n_rows(m), 60);
	monitor_restart(m);
	assert_string_equal(monitor_version(m), "1");
	add_many(m, "1", 7);
	assert_int_equal(n_rows(m), 7);
	monitor_set_columns(m, other, 3);
	assert_int_equal(n_rows(m), 0);
	monitor_free(m);
}

static void test_a_canary_does_not_take_over(void **state)
{
	struct monitor *m = served(true);

	(void)state;
	for (int i = 0; i < 100; i++)
		add(m, i % 10 ? "1" : "2", i, 2000 + i);
	assert_string_equal(monitor_version(m), "1");
	assert_false(monitor_needs_baseline(m));
	assert_int_equal(n_rows(m), 90);
	monitor_free(m);
}

/* Those in between of a version that lost; not those that were before. */
static void test_rows_left_out_are_counted(void **state)
{
	struct monitor *m = served(true);
	struct drift_report *r;

	(void)state;
	monitor_restart(m);
	monitor_leave_out(m, "0");
	for (int i = 0; i < 400; i++)
		add(m, i % 4 ? "1" : "2", i, 2000 + i);
	/* The window has 100 rows: to 33 of them one of the others. */
	r = monitor_evaluate(m, 9000, 0, "");
	assert_int_equal(r->n_rows, 100);
	assert_int_equal(r->n_left_out, 33);
	assert_string_equal(r->left_out, "2");
	drift_report_free(r);
	monitor_leave_out(m, "3");
	r = monitor_evaluate(m, 9000, 0, "");
	assert_int_equal(r->n_left_out, 34);
	assert_string_equal(r->left_out, "");
	drift_report_free(r);
	monitor_free(m);
}

/* By chance now one and now the other has most of the newest rows. */
static void test_two_that_share_a_log_do_not_take_turns(void **state)
{
	struct monitor *m = served(true);
	uint32_t x = 1;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		x = x * 1664525 + 1013904223;
		add(m, x >> 31 ? "1" : "2", i, 2000 + i);
		assert_string_equal(monitor_version(m), "1");
	}
	/* The one that the registry names has it with half of them. */
	monitor_name_version(m, "2");
	for (int i = 0; i < 20000; i++) {
		x = x * 1664525 + 1013904223;
		add(m, x >> 31 ? "1" : "2", i, 2000 + i);
		assert_true(i < 500 || !strcmp(monitor_version(m), "2"));
	}
	monitor_free(m);
}

static void test_the_alias_names_what_the_log_does_not(void **state)
{
	struct monitor *m = monitor_new(&conf);

	(void)state;
	monitor_set_columns(m, columns, 3);
	monitor_set_baseline(m, baseline(true), "");
	add(m, "", 1, 1000);
	monitor_name_version(m, "7");
	assert_string_equal(monitor_watched(m), "7");
	assert_string_equal(monitor_version(m), "");
	assert_true(monitor_needs_baseline(m));
	monitor_set_baseline(m, baseline(true), "");
	monitor_name_version(m, "7");
	assert_false(monitor_needs_baseline(m));
	add(m, "6", 1, 1000);
	for (int i = 0; i < 40; i++)
		add(m, "6", 1, 1000);
	assert_string_equal(monitor_watched(m), "6");
	monitor_free(m);
}

static void test_the_baseline_decides_types(void **state)
{
	(void)state;
	for (int is_number = 0; is_number < 2; is_number++) {
		struct monitor *m = served(is_number);
		struct drift_report *r;

		add_many(m, "1", 60);
		r = monitor_evaluate(m, 9000, 0, "");
		assert_non_null(r);
		assert_non_null(find(r, "amount"));
		assert_int_equal(find(r, "amount")->type,
				 is_number ? COLUMN_NUMBER : COLUMN_CATEGORY);
		drift_report_free(r);
		monitor_free(m);
	}
}

static void test_what_is_never_shown(void **state)
{
	struct monitor *m = served(true);
	struct drift_report *r;
	const struct drift_column *c;

	(void)state;
	add_many(m, "1", 60);
	r = monitor_evaluate(m, 9000, 2, "");
	c = find(r, "secret");
	assert_non_null(c);
	assert_true(c->is_hidden);
	assert_null(c->hist.edges);
	assert_string_equal(c->change ? c->change : "", "");
	assert_false(find(r, "amount")->is_hidden);
	assert_null(find(r, "id"));
	assert_int_equal(r->n_bad_rows, 2);
	assert_int_equal(r->window_from_ms, 1000);
	assert_int_equal(r->window_to_ms, 1059);
	drift_report_free(r);
	monitor_free(m);
}

/* Amounts 0 ... 99 were trained on; version 2 was on those that come now. */
static void test_a_newer_version_that_knows_the_window(void **state)
{
	struct monitor *m = served(true);
	struct frame *known = baseline(true), *alien = baseline(false);
	struct drift_report *r;

	(void)state;
	for (int i = 0; i < 100; i++)
		known->columns[0].numbers[i] += 60;
	for (int i = 0; i < 100; i++)
		add(m, "1", i + 60, 1000 + i);
	r = monitor_evaluate(m, 9000, 0, "");
	assert_true(r->n_drifted > 0);
	assert_string_equal(r->newer.version, "");
	/* As bad as the one that serves; nothing in it can be compared. */
	monitor_try_newer(m, "2", monitor_baseline(m), r);
	monitor_try_newer(m, "2", alien, r);
	assert_string_equal(r->newer.version, "");
	monitor_try_newer(m, "2", known, r);
	assert_string_equal(r->newer.version, "2");
	assert_string_equal(r->newer.statistic, "PSI");
	assert_int_equal(r->newer.n_drifted, r->n_drifted - 1);
	drift_report_free(r);
	frame_free(known);
	frame_free(alien);
	monitor_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_without_rows_or_baseline),
		cmocka_unit_test(test_versions_never_mix),
		cmocka_unit_test(test_a_log_that_goes_on),
		cmocka_unit_test(test_a_canary_does_not_take_over),
		cmocka_unit_test(test_rows_left_out_are_counted),
		cmocka_unit_test(test_two_that_share_a_log_do_not_take_turns),
		cmocka_unit_test(test_the_alias_names_what_the_log_does_not),
		cmocka_unit_test(test_the_baseline_decides_types),
		cmocka_unit_test(test_what_is_never_shown),
		cmocka_unit_test(test_a_newer_version_that_knows_the_window),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
