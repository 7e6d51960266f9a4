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

#include "../io/scratch.h"
#include "base/mem.h"
#include "data/frame.h"

static void add(struct frame *f, const char *a, const char *b)
{
	const struct csv_field cells[] = { { .s = a, .len = strlen(a) },
					   { .s = b, .len = strlen(b) } };

	frame_add(f, cells);
}

static struct frame *two_columns(size_t max_rows)
{
	struct frame *f =
		frame_new((const char *const[]){ "x", "word" }, 2, max_rows);

	frame_set_number(f, 0);
	return f;
}

static void test_newest_rows_stay(void **state)
{
	struct frame *f = two_columns(3);
	size_t n, n_null;
	const double *x;

	(void)state;
	assert_int_equal(frame_find(f, "word"), 1);
	assert_int_equal(frame_find(f, "none"), -1);
	add(f, "9", "old");
	add(f, "3", "a");
	add(f, "", "b");
	add(f, "-1e2", "a");
	assert_int_equal(f->n, 3);
	x = frame_sorted(f, 0, &n, &n_null);
	assert_int_equal(n, 2);
	assert_int_equal(n_null, 1);
	assert_true(x[0] == -100 && x[1] == 3);
	frame_clear(f);
	add(f, "7", "");
	x = frame_sorted(f, 0, &n, &n_null);
	assert_int_equal(n + n_null, 1);
	assert_true(x[0] == 7);
	assert_int_equal(f->columns[1].codes[0], 0);
	frame_free(f);
}

static void test_numbers_of_logs(void **state)
{
	static const char *const none[] = { "",  "nan", "inf",  "1x",
					    "x", "1 2", "1e999" };
	double v = 0;

	(void)state;
	assert_true(frame_parse_number("-1.5e3,", 6, &v));
	assert_true(v == -1500);
	for (size_t i = 0; i < ARRAY_LEN(none); i++)
		assert_false(frame_parse_number(none[i], strlen(none[i]), &v));
	assert_false(frame_parse_number("1\0002", 3, &v));
}

static const char *word(const struct frame *f, size_t column, size_t row)
{
	return intern_str(f->strings, f->columns[column].codes[row]);
}

/* A column in which every row says another word costs the others nothing, and
 * no more memory than the rows that are here. */
static void test_words_that_never_return(void **state)
{
	struct frame *f =
		frame_new((const char *const[]){ "id", "word" }, 2, 500);
	char id[32];

	(void)state;
	for (int i = 0; i < 100000; i++) {
		snprintf(id, sizeof(id), "tx-%d", i);
		add(f, id, i % 2 ? "grocery" : "travel");
	}
	for (size_t i = 0; i < f->n; i++)
		assert_string_equal(word(f, 1, i),
				    i % 2 ? "grocery" : "travel");
	assert_string_equal(word(f, 0, 499), "tx-99999");
	assert_true(intern_count(f->strings) < 20000);
	frame_free(f);
}

static void test_a_column_that_nobody_wants(void **state)
{
	struct frame *f =
		frame_new((const char *const[]){ "id", "word" }, 2, 10);

	(void)state;
	frame_skip(f, 0);
	add(f, "tx-1", "a");
	add(f, "tx-2", "b");
	assert_int_equal(intern_find(f->strings, "tx-1"), 0);
	assert_string_equal(word(f, 1, 1), "b");
	frame_free(f);
}

static void test_long_words_are_cut(void **state)
{
	struct frame *f =
		frame_new((const char *const[]){ "id", "word" }, 2, 10);
	char *text = xmalloc(100001);

	(void)state;
	memset(text, 'x', 100000);
	text[100000] = 0;
	add(f, text, "a");
	assert_int_equal(strlen(word(f, 0, 0)), FRAME_MAX_WORD);
	free(text);
	frame_free(f);
}

static struct frame *load(const char *path, size_t max,
			  const struct frame_types *types)
{
	struct err err = { 0 };
	struct frame *f = NULL;

	assert_int_equal(types ? frame_load_csv_as(path, max, types, &f, &err)
			       : frame_load_csv(path, max, &f, &err),
			 0);
	assert_non_null(f);
	return f;
}

static void test_types_are_found(void **state)
{
	struct scratch *s = *state;
	struct frame *f;

	write_file(s->path, "w", "share,hour,code,word,empty\r\n");
	for (int i = 0; i < 12; i++) {
		char line[64];

		snprintf(line, sizeof(line), "%d.5,%d,%d,\"w\n%d\",\r\n", i % 2,
			 i, i % 3, i);
		write_file(s->path, "a", line);
	}
	/* Of another width, and not closed: left out. */
	write_file(s->path, "a", "1,2\r\n1,2,3,\"4,5");
	f = load(s->path, 100, NULL);
	assert_int_equal(f->n, 12);
	assert_true(f->columns[0].is_number);
	assert_true(f->columns[1].is_number);
	assert_false(f->columns[2].is_number);
	assert_false(f->columns[3].is_number);
	assert_false(f->columns[4].is_number);
	assert_string_equal(intern_str(f->strings, f->columns[3].codes[0]),
			    "w\n0");
	assert_int_equal(f->columns[4].codes[0], 0);
	frame_free(f);
	f = load(s->path, 5, NULL);
	assert_int_equal(f->n, 5);
	assert_int_equal(f->max, 5);
	frame_free(f);
}

/* What stands for "nothing" does not make words of numbers. */
static void test_nothing_makes_no_words(void **state)
{
	struct scratch *s = *state;
	struct frame *f;
	size_t n, n_null;

	write_file(s->path, "w", "x,y\nnan,NULL\n1.25,nope\nNaN,2.5\n,3\n");
	f = load(s->path, 10, NULL);
	assert_true(f->columns[0].is_number);
	assert_false(f->columns[1].is_number);
	frame_sorted(f, 0, &n, &n_null);
	assert_int_equal(n, 1);
	assert_int_equal(n_null, 3);
	frame_free(f);
}

static void test_types_are_told(void **state)
{
	static const char *const numbers[] = { "b" }, *const words[] = { "c" };
	struct scratch *s = *state;
	struct frame *like = two_columns(1), *f;
	struct frame_types types = { .numbers = numbers,
				     .n_numbers = 1,
				     .categories = words,
				     .n_categories = 1,
				     .like = like };

	write_file(s->path, "w", "x,b,c,word\n1,2,.5,.5\n1,no,.7,.7\n");
	f = load(s->path, 10, &types);
	assert_true(f->columns[0].is_number);
	assert_true(f->columns[1].is_number);
	assert_true(isnan(f->columns[1].numbers[1]));
	assert_false(f->columns[2].is_number);
	assert_false(f->columns[3].is_number);
	frame_free(f);
	frame_free(like);
}

static void test_files_that_are_none(void **state)
{
	struct scratch *s = *state;
	struct err err = { 0 };
	struct frame *f = NULL;

	assert_int_not_equal(frame_load_csv(s->path, 10, &f, &err), 0);
	err_clear(&err);
	write_file(s->path, "w", "");
	assert_int_equal(frame_load_csv(s->path, 10, &f, &err), ERR_PARSE);
	assert_null(f);
	write_file(s->path, "w", "\xef\xbb\xbfonly,header");
	f = load(s->path, 10, NULL);
	assert_int_equal(f->n, 0);
	assert_int_equal(frame_find(f, "only"), 0);
	frame_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_newest_rows_stay),
		cmocka_unit_test(test_numbers_of_logs),
		cmocka_unit_test(test_words_that_never_return),
		cmocka_unit_test(test_a_column_that_nobody_wants),
		cmocka_unit_test(test_long_words_are_cut),
		cmocka_unit_test_setup_teardown(test_types_are_found,
						scratch_init, scratch_release),
		cmocka_unit_test_setup_teardown(test_nothing_makes_no_words,
						scratch_init, scratch_release),
		cmocka_unit_test_setup_teardown(test_types_are_told,
						scratch_init, scratch_release),
		cmocka_unit_test_setup_teardown(test_files_that_are_none,
						scratch_init, scratch_release),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
