/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "watch/compare.h"

/* A generator of our own: the same everywhere. */
static uint64_t seed;

static double uniform(void)
{
	uint64_t z = (seed += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return (double)((z ^ (z >> 31)) >> 11) / 9007199254740992.0;
}

static double normal(void)
{
	return sqrt(-2 * log(1 - uniform())) * cos(2 * M_PI * uniform());
}

#define MAX_COLUMNS 1000

/* Columns of numbers: n_shifted of them by `shift`. */
static struct frame *numbers(size_t n_columns, size_t rows, size_t n_shifted,
			     double shift)
{
	static char names[MAX_COLUMNS][8], cells[MAX_COLUMNS][32];
	static const char *all[MAX_COLUMNS];
	static struct csv_field fields[MAX_COLUMNS];
	struct frame *f;

	for (size_t i = 0; i < n_columns; i++) {
		snprintf(names[i], sizeof(names[i]), "c%zu", i);
		all[i] = names[i];
	}
	f = frame_new(all, n_columns, rows);
	for (size_t i = 0; i < n_columns; i++)
		frame_set_number(f, i);
	for (size_t r = 0; r < rows; r++) {
		for (size_t i = 0; i < n_columns; i++) {
			double v = normal() + (i < n_shifted ? shift : 0);

			snprintf(cells[i], sizeof(cells[i]), "%.9g", v);
			fields[i].s = cells[i];
			fields[i].len = strlen(cells[i]);
		}
		frame_add(f, fields);
	}
	return f;
}

/* One column of words: `share` of the rows say `word`, some nothing. */
static struct frame *words(size_t rows, const char *word, double share,
			   double nulls)
{
	const char *name = "merchant";
	struct frame *f = frame_new(&name, 1, rows);

	for (size_t r = 0; r < rows; r++) {
		const char *s = uniform() < nulls   ? ""
				: uniform() < share ? word
				: uniform() < .5    ? "grocery"
						    : "travel";
		struct csv_field field = { .s = s, .len = strlen(s) };

		frame_add(f, &field);
	}
	return f;
}

/* A column of numbers: a share `same` of one value, the others uniform in
 * 0..10; some nothing. */
static struct frame *amounts(size_t rows, double value, double same,
			     double nulls)
{
	const char *name = "amount";
	struct frame *f = frame_new(&name, 1, rows);

	frame_set_number(f, 0);
	for (size_t r = 0; r < rows; r++) {
		char text[32];
		struct csv_field field = { .s = text };

		snprintf(text, sizeof(text), "%.9g",
			 uniform() < same ? value : 10 * uniform());
		if (uniform() < nulls)
			*text = 0;
		field.len = strlen(text);
		frame_add(f, &field);
	}
	return f;
}

/* A column of whole numbers, each of 0..most as often, and one of `far`. */
static struct frame *whole(size_t rows, int most, int far)
{
	const char *name = "n_tx";
	struct frame *f = frame_new(&name, 1, rows);

	frame_set_number(f, 0);
	for (size_t r = 0; r < rows; r++) {
		char text[32];
		struct csv_field field = { .s = text };

		snprintf(text, sizeof(text), "%d",
			 r ? (int)(r % (size_t)(most + 1)) : far);
		field.len = strlen(text);
		frame_add(f, &field);
	}
	return f;
}

static void add_word(struct frame *f, const char *word)
{
	const struct csv_field field = { .s = word, .len = strlen(word) };

	frame_add(f, &field);
}

/* Ten kinds, each half as frequent as the one before. */
static struct frame *letters(size_t rows)
{
	const char *name = "letter";
	struct frame *f = frame_new(&name, 1, rows);

	for (size_t r = 0; r < rows; r++) {
		char word[2] = "a";

		while (*word < 'j' && uniform() < .5)
			(*word)++;
		add_word(f, word);
	}
	return f;
}

static struct frame *ids(int rows, int from)
{
	const char *name = "who";
	struct frame *f = frame_new(&name, 1, (size_t)rows);

	for (int r = 0; r < rows; r++) {
		char word[32];

		snprintf(word, sizeof(word), "person %d", from + r);
		add_word(f, word);
	}
	return f;
}

static struct frame *table(const int counts[4])
{
	const char *name = "level";
	struct frame *f = frame_new(&name, 1, 1000);

	for (int i = 0; i < 4; i++) {
		const char word[] = { (char)('a' + i), 0 };

		for (int r = 0; r < counts[i]; r++)
			add_word(f, word);
	}
	return f;
}

static struct drift_report *compare(struct frame *base, struct frame *win,
				    int64_t min_rows)
{
	struct drift_ask ask = { .baseline = base,
				 .window = win,
				 .alpha = .05,
				 .psi_floor = .1,
				 .min_rows = min_rows };
	struct drift_report *r = drift_report_new();

	drift_compare(&ask, r);
	frame_free(base);
	frame_free(win);
	return r;
}

/* A thousand columns that did not move: no verdict, whatever the floor, and
 * p-values as even as they must be. */
static void test_same_data_is_quiet(void **state)
{
	struct drift_report *r;
	size_t n_small = 0;

	(void)state;
	seed = 1;
	r = compare(numbers(1000, 1000, 0, 0), numbers(1000, 500, 0, 0), 200);
	assert_int_equal(r->n_columns, 1000);
	for (size_t i = 0; i < 1000; i++)
		n_small += r->columns[i].p_value <= .05;
	assert_in_range(n_small, 25, 65);
	assert_true(r->n_drifted <= 50);
	drift_report_free(r);
}

/* As above for words of ten kinds, of which some are rare. */
static void test_same_words_are_quiet(void **state)
{
	size_t n_small = 0, n_drifted = 0;

	(void)state;
	seed = 11;
	for (int i = 0; i < 300; i++) {
		struct drift_report *r =
			compare(letters(1000), letters(500), 200);

		n_small += r->columns[0].p_value <= .05;
		n_drifted += r->n_drifted;
		drift_report_free(r);
	}
	assert_in_range(n_small, 5, 27);
	assert_true(n_drifted <= 15);
}

/* Every row another word: nothing moved, and it takes no time. */
static void test_words_that_never_return(void **state)
{
	struct drift_report *r;

	(void)state;
	r = compare(ids(30000, 0), ids(20000, 30000), 200);
	assert_int_equal(r->n_columns, 1);
	assert_int_equal(r->n_drifted, 0);
	drift_report_free(r);
}

/* The known answer of a contingency table, all levels in it. */
static void test_the_known_table(void **state)
{
	static const int base[] = { 500, 300, 200, 0 };
	static const int win[] = { 380, 310, 250, 60 };
	struct drift_report *r = compare(table(base), table(win), 200);
	const struct drift_column *c = &r->columns[0];

	(void)state;
	assert_true(fabs(c->test_value - 82.08312634542) < 1e-9);
	assert_true(fabs(c->p_value / 1.096831823695e-17 - 1) < 1e-9);
	assert_true(fabs(c->effect - .2025871742552) < 1e-12);
	assert_int_equal(c->hist.n_bins, 4);
	drift_report_free(r);
}

/* Whole numbers are in bins of their own, or as many of them in each. */
static void test_whole_numbers_are_drawn_evenly(void **state)
{
	struct drift_report *r =
		compare(whole(1200, 5, 5), whole(600, 5, 7), 200);
	const struct drift_hist *h = &r->columns[0].hist;

	(void)state;
	assert_int_equal(h->n_bins, 8);
	assert_true(h->edges[0] == -.5 && h->edges[8] == 7.5);
	assert_true(fabs(h->baseline[3] - 1 / 6.0) < 1e-9);
	assert_true(h->baseline[7] == 0 && h->window[7] == 1 / 600.0);
	drift_report_free(r);
	r = compare(whole(6000, 99, 9), whole(6000, 99, 9), 200);
	h = &r->columns[0].hist;
	assert_in_range(h->n_bins, 19, 21);
	for (size_t i = 1; i + 1 < h->n_bins; i++)
		assert_true(fabs(h->baseline[i] - .05) < .001);
	drift_report_free(r);
}

static void test_a_shift_is_found(void **state)
{
	struct drift_report *r;

	(void)state;
	seed = 2;
	r = compare(numbers(40, 1000, 0, 0), numbers(40, 500, 20, .6), 200);
	assert_in_range(r->n_drifted, 19, 22);
	/* The worst is one of those that moved, and says how. */
	assert_true(atoi(r->columns[0].name + 1) < 20);
	assert_non_null(strstr(r->columns[0].change, "median"));
	assert_string_equal(r->columns[0].test, "KS");
	assert_true(r->columns[0].value > r->columns[0].limit);
	drift_report_free(r);
}

static void test_few_rows_say_nothing(void **state)
{
	struct drift_report *r;

	(void)state;
	seed = 3;
	r = compare(numbers(3, 1000, 0, 0), numbers(3, 50, 3, 3), 200);
	assert_int_equal(r->n_drifted, 0);
	assert_int_equal(r->columns[0].verdict, DRIFT_TOO_FEW);
	drift_report_free(r);
}

static void test_a_new_word_is_found(void **state)
{
	struct drift_report *r;

	(void)state;
	seed = 4;
	r = compare(words(2000, "crypto", 0, 0), words(1000, "crypto", .3, 0),
		    200);
	assert_int_equal(r->n_drifted, 1);
	assert_int_equal(r->columns[0].type, COLUMN_CATEGORY);
	assert_string_equal(r->columns[0].test, "chi2");
	assert_non_null(strstr(r->columns[0].change, "%"));
	drift_report_free(r);
}

static void test_missing_values_are_found(void **state)
{
	struct drift_report *r;

	(void)state;
	seed = 5;
	r = compare(words(2000, "x", .2, .02), words(1000, "x", .2, .3), 200);
	assert_int_equal(r->n_drifted, 1);
	drift_report_free(r);
}

static void check_told(const struct drift_report *r, const char *test,
		       const char *change)
{
	const struct drift_column *c = &r->columns[0];
	struct drift_test told = drift_told_test(c);

	assert_int_equal(r->n_drifted, 1);
	assert_string_equal(told.name, test);
	assert_true(told.p_value < 1e-9);
	if (strncmp(c->change, change, strlen(change)))
		fail_msg("%s", c->change);
}

/* Which of the two samples is drawn first is up to the compiler, and so are the
 * last digits. Where it is missing values that moved, it is them that are told,
 * with the p of their own test; where a few are missing beside, it is the
 * values. */
static void test_what_moved_is_told(void **state)
{
	struct drift_report *r;

	(void)state;
	seed = 14;
	r = compare(words(2000, "x", .2, .03), words(1000, "x", .2, .28), 200);
	check_told(r, "missing", "missing 4% → 2");
	assert_true(r->columns[0].p_value > .01);
	drift_report_free(r);
	r = compare(amounts(2000, 0, 0, .003), amounts(1000, 0, 0, .28), 200);
	check_told(r, "missing", "missing 0.");
	drift_report_free(r);
	r = compare(amounts(2000, 0, 0, .03), amounts(1000, 0, 0, 1), 200);
	check_told(r, "missing", "missing 3% → 100%");
	drift_report_free(r);
	r = compare(words(2000, "x", .2, .02), words(1000, "x", .7, .08), 200);
	check_told(r, "chi2", "x ");
	drift_report_free(r);
	r = compare(amounts(2000, 0, 0, .02), amounts(1000, 3, .6, .08), 200);
	check_told(r, "KS", "median ");
	drift_report_free(r);
}

/* A fifth of the values in another unit: the median hardly moves. */
static void test_an_end_that_moved_is_told(void **state)
{
	struct drift_report *r;

	(void)state;
	seed = 15;
	r = compare(amounts(2000, 0, 0, 0), amounts(1000, 90, .2, 0), 200);
	check_told(r, "KS", "p95 9.");
	assert_non_null(strstr(r->columns[0].change, " → 90.00"));
	drift_report_free(r);
}

static void test_nothing_left_is_found(void **state)
{
	struct drift_report *r;

	(void)state;
	seed = 6;
	r = compare(words(1000, "x", .2, 0), words(500, "x", .2, 1), 200);
	assert_int_equal(r->n_drifted, 1);
	assert_string_equal(r->columns[0].reason, "no value in the window");
	drift_report_free(r);
}

/* Of what is hardly ever there, none in a window is no news. */
static void test_nothing_left_of_little_is_not(void **state)
{
	struct drift_report *r;

	(void)state;
	seed = 13;
	for (int i = 0; i < 2; i++) {
		r = i ? compare(words(1000, "x", .2, .998),
				words(500, "x", .2, 1), 200)
		      : compare(amounts(1000, 0, 0, .998),
				amounts(500, 0, 0, 1), 200);
		assert_in_range(r->columns[0].n_baseline, 1, 9);
		assert_int_equal(r->columns[0].n_window, 0);
		assert_int_equal(r->n_drifted, 0);
		drift_report_free(r);
	}
}

static enum drift_use hide(void *ctx, const char *column)
{
	(void)ctx;
	(void)column;
	return DRIFT_HIDE;
}

static void test_hidden_columns_show_no_value(void **state)
{
	struct frame *base, *win;
	struct drift_ask ask = {
		.alpha = .05, .psi_floor = .1, .min_rows = 100, .use = hide
	};
	struct drift_report *r = drift_report_new();

	(void)state;
	seed = 7;
	ask.baseline = base = words(1000, "secret", .5, 0);
	ask.window = win = words(500, "secret", .1, 0);
	drift_compare(&ask, r);
	assert_int_equal(r->n_drifted, 1);
	assert_true(r->columns[0].is_hidden);
	assert_int_equal(r->columns[0].hist.n_bins, 0);
	assert_null(r->columns[0].hist.labels);
	assert_null(r->columns[0].change);
	frame_free(base);
	frame_free(win);
	drift_report_free(r);
}

/* The p that is told is the test's; what is judged takes nulls in too. */
static void test_nulls_are_judged_beside(void **state)
{
	struct frame *base, *win;
	struct drift_ask ask = { .alpha = .05, .psi_floor = .1, .min_rows = 9 };
	struct drift_report *r = drift_report_new();

	(void)state;
	seed = 12;
	ask.baseline = base = amounts(2000, 0, 0, .02);
	ask.window = win = amounts(1000, 0, 0, .3);
	drift_compare(&ask, r);
	assert_true(r->columns[0].p_value > .01);
	assert_true(r->columns[0].q_value < 1e-9);
	frame_free(base);
	frame_free(win);
	drift_report_free(r);
}

static void test_constants_are_no_drift(void **state)
{
	struct drift_report *r;

	(void)state;
	r = compare(words(1000, "only", 1, 0), words(500, "only", 1, 0), 100);
	assert_int_equal(r->n_drifted, 0);
	drift_report_free(r);
}

static void test_missing_numbers_are_found(void **state)
{
	struct drift_report *r;

	(void)state;
	seed = 8;
	r = compare(amounts(2000, 0, 0, .02), amounts(1000, 0, 0, .18), 200);
	assert_int_equal(r->n_drifted, 1);
	assert_int_equal(
		r->columns[0].n_baseline + r->columns[0].n_null_baseline, 2000);
	assert_non_null(strstr(r->columns[0].change, "missing 2% → "));
	drift_report_free(r);
	r = compare(amounts(2000, 0, 0, .02), amounts(1000, 0, 0, 1), 200);
	assert_int_equal(r->n_drifted, 1);
	assert_string_equal(r->columns[0].reason, "no value in the window");
	drift_report_free(r);
	r = compare(amounts(2000, 0, 0, 1), amounts(1000, 0, 0, .02), 200);
	assert_int_equal(r->columns[0].verdict, DRIFT_EMPTY);
	drift_report_free(r);
}

/* A value that stands still is as surprised by a lower one as by a higher. */
static void test_constants_that_move_are_found(void **state)
{
	static const double to[] = { 3, 7 };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct drift_report *r = compare(
			amounts(1000, 5, 1, 0), amounts(500, to[i], 1, 0), 200);

		assert_int_equal(r->n_drifted, 1);
		drift_report_free(r);
	}
}

/* Most values are one; the others stay where they were. */
static void test_a_value_that_grows_rarer_is_found(void **state)
{
	struct drift_report *r;

	(void)state;
	seed = 9;
	r = compare(amounts(2000, 5, .9, 0), amounts(1000, 5, .1, 0), 200);
	assert_int_equal(r->n_drifted, 1);
	drift_report_free(r);
	r = compare(amounts(2000, 5, .9, 0), amounts(1000, 5, .9, 0), 200);
	assert_int_equal(r->n_drifted, 0);
	drift_report_free(r);
	r = compare(amounts(2000, 5, 1, 0), amounts(1000, 5, 1, 0), 200);
	assert_int_equal(r->n_drifted, 0);
	drift_report_free(r);
}

static const struct drift_column *column(const struct drift_report *r,
					 const char *name)
{
	for (size_t i = 0; i < r->n_columns; i++)
		if (!strcmp(r->columns[i].name, name))
			return &r->columns[i];
	fail_msg("no column %s", name);
	return NULL;
}

/* Three constant columns; the third may be of numbers. */
static struct frame *constants(const char *second, bool has_number)
{
	const char *names[] = { "both", second, "n" };
	const struct csv_field cells[] = { { .s = "x", .len = 1 },
					   { .s = "y", .len = 1 },
					   { .s = "1", .len = 1 } };
	struct frame *f = frame_new(names, 3, 300);

	if (has_number)
		frame_set_number(f, 2);
	for (int i = 0; i < 300; i++)
		frame_add(f, cells);
	return f;
}

static void test_columns_of_one_side_are_told(void **state)
{
	struct drift_report *r;

	(void)state;
	r = compare(constants("gone", false), constants("new", true), 200);
	assert_int_equal(r->n_columns, 4);
	assert_int_equal(r->n_drifted, 0);
	assert_int_equal(column(r, "both")->verdict, DRIFT_NO);
	assert_int_equal(column(r, "gone")->verdict, DRIFT_EMPTY);
	assert_string_equal(column(r, "gone")->reason, "not in the window");
	assert_string_equal(column(r, "new")->reason, "not in the baseline");
	assert_string_equal(column(r, "n")->reason, "numbers on one side only");
	assert_null(column(r, "new")->statistic);
	drift_report_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same_data_is_quiet),
		cmocka_unit_test(test_same_words_are_quiet),
		cmocka_unit_test(test_words_that_never_return),
		cmocka_unit_test(test_the_known_table),
		cmocka_unit_test(test_whole_numbers_are_drawn_evenly),
		cmocka_unit_test(test_a_shift_is_found),
		cmocka_unit_test(test_few_rows_say_nothing),
		cmocka_unit_test(test_a_new_word_is_found),
		cmocka_unit_test(test_missing_values_are_found),
		cmocka_unit_test(test_what_moved_is_told),
		cmocka_unit_test(test_an_end_that_moved_is_told),
		cmocka_unit_test(test_nothing_left_is_found),
		cmocka_unit_test(test_nothing_left_of_little_is_not),
		cmocka_unit_test(test_hidden_columns_show_no_value),
		cmocka_unit_test(test_nulls_are_judged_beside),
		cmocka_unit_test(test_constants_are_no_drift),
		cmocka_unit_test(test_columns_of_one_side_are_told),
		cmocka_unit_test(test_missing_numbers_are_found),
		cmocka_unit_test(test_constants_that_move_are_found),
		cmocka_unit_test(test_a_value_that_grows_rarer_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
