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

#include "base/clock.h"
#include "base/mem.h"

#include "model/order.h"

struct fixture {
	struct intern *strings;
	struct run_set *set;
	struct batch *batch;
};

static int setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));

	f->strings = intern_new();
	f->set = run_set_new(f->strings);
	f->batch = batch_new();
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	batch_free(f->batch);
	run_set_free(f->set);
	intern_free(f->strings);
	free(f);
	return 0;
}

/* The run's id is its name's first letter, many times. */
static uint32_t add(struct fixture *f, const char *name, int64_t start_ms,
		    int64_t end_ms)
{
	char id[33];

	memset(id, name[0], 32);
	id[32] = '\0';
	return batch_add_run(f->batch,
			     &(struct run_facts){ .id = id,
						  .name = name,
						  .experiment_id = "1",
						  .user = "",
						  .parent_id = "",
						  .status = RUN_FINISHED,
						  .start_ms = start_ms,
						  .end_ms = end_ms });
}

static void number(struct fixture *f, uint32_t run, double v)
{
	batch_add_number(f->batch, run, batch_key(f->batch, VALUE_METRIC, "m"),
			 v);
}

/* First letters of the names, in the order asked for. */
static const char *ordered(struct fixture *f, const char *sort,
			   struct order_ask ask)
{
	static char out[64];
	struct order_key *keys = NULL;
	struct err err = { 0 };
	uint32_t *rows;
	size_t n, i;

	if (f->batch->n_runs) {
		run_set_apply(f->set, f->batch);
		f->batch->n_runs = f->batch->n_values = 0;
	}
	if (sort)
		assert_int_equal(order_parse(sort, &keys, &ask.n_keys, &err),
				 ERR_OK);
	ask.keys = keys;
	rows = order_make(f->set, &ask, NULL, &n, &err);
	assert_non_null(rows);
	for (i = 0; i < n; i++)
		out[i] = run_set_name(f->set, rows[i])[0];
	out[n] = '\0';
	free(rows);
	free(keys);
	return out;
}

static const struct order_ask all;

static void test_newest_first_where_nothing_is_asked(void **state)
{
	struct fixture *f = *state;

	add(f, "a", 10, 20);
	add(f, "b", TIME_NONE, TIME_NONE);
	add(f, "c", 30, 31);
	add(f, "e", 20, 90);
	add(f, "d", 20, 25);
	assert_string_equal(ordered(f, NULL, all), "cdeab");
	assert_string_equal(ordered(f, "start", all), "adecb");
	assert_string_equal(ordered(f, "age", all), "cdeab");
	assert_string_equal(ordered(f, "duration", all), "cdaeb");
	assert_string_equal(ordered(f, "duration:desc", all), "eadcb");
	assert_string_equal(ordered(f, "name:desc", all), "edcba");
	assert_string_equal(ordered(f, "id", all), "abcde");
}

/* A filter's names for a column are an order's too. */
static void test_names_are_those_of_filters(void **state)
{
	struct fixture *f = *state;

	add(f, "a", 10, 40);
	add(f, "c", 30, 31);
	add(f, "b", 20, 90);
	assert_string_equal(ordered(f, "attributes.end_time", all), "cab");
	assert_string_equal(ordered(f, "Created:desc", all), "cba");
	assert_string_equal(ordered(f, "Run name", all), "abc");
	assert_string_equal(ordered(f, "attributes.`run_name` DESC", all),
			    "cba");
	assert_string_equal(ordered(f, "attribute.status,run.run_id", all),
			    "abc");
}

static void test_quoted_names_keep_their_suffix(void **state)
{
	static const char *const same[] = {
		"metrics.`a,b`.max", "metric.\"a,b\".max",  "`a,b`.max",
		"metrics.'a/b'.max", "\"metrics.a,b\".max",
	};
	struct order_key *keys = NULL;
	struct err err = { 0 };
	size_t n, i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(same); i++) {
		assert_int_equal(order_parse(same[i], &keys, &n, &err), ERR_OK);
		assert_int_equal(n, 1);
		assert_int_equal(keys->by, ORDER_VALUE);
		assert_int_equal(keys->column.kind, VALUE_METRIC);
		assert_string_equal(keys->column.name,
				    i == 3 ? "a/b.max" : "a,b.max");
		free(keys);
	}
}

/* A running run takes as long as it has by now. */
static void test_running_runs_have_a_duration(void **state)
{
	struct fixture *f = *state;
	struct order_ask ask = { .now_ms = 100 };

	add(f, "a", 10, 20);
	f->batch->runs[add(f, "b", 10, TIME_NONE)].status = RUN_RUNNING;
	add(f, "c", 10, TIME_NONE); /* ended, nobody knows when */
	add(f, "d", 10, 120);
	assert_string_equal(ordered(f, "duration:desc", ask), "dbac");
	assert_string_equal(ordered(f, "duration", ask), "abdc");
}

static void test_missing_is_last_and_nan_before_it(void **state)
{
	struct fixture *f = *state;

	number(f, add(f, "a", 1, 1), 2);
	number(f, add(f, "b", 1, 1), NAN);
	add(f, "c", 1, 1);
	number(f, add(f, "d", 1, 1), -INFINITY);
	number(f, add(f, "e", 1, 1), INFINITY);
	number(f, add(f, "f", 1, 1), -3);
	assert_string_equal(ordered(f, "metrics.m", all), "dfaebc");
	assert_string_equal(ordered(f, "metrics.m:desc", all), "eafdbc");
	assert_string_equal(ordered(f, "m DESC", all), "eafdbc");
	assert_string_equal(ordered(f, "metrics.none", all), "abcdef");
}

static void test_several_keys(void **state)
{
	struct fixture *f = *state;

	number(f, add(f, "a", 1, 1), 1);
	number(f, add(f, "b", 1, 1), 2);
	number(f, add(f, "c", 1, 1), 1);
	number(f, add(f, "d", 1, 1), 2);
	assert_string_equal(ordered(f, "m:desc,name:desc", all), "dbca");
	assert_string_equal(ordered(f, " m , name:desc ", all), "cadb");
}

static void test_params_that_are_numbers_go_by_value(void **state)
{
	struct fixture *f = *state;
	static const char *const values[] = { "10", "9", "auto", "1e1", NULL };
	static const char *const names[] = { "a", "b", "c", "d", "e" };
	uint32_t run, key = batch_key(f->batch, VALUE_PARAM, "depth");
	size_t i;

	for (i = 0; i < ARRAY_LEN(names); i++) {
		run = add(f, names[i], 1, 1);
		if (values[i])
			batch_add_text(f->batch, run, key, values[i]);
	}
	assert_string_equal(ordered(f, "params.depth", all), "badce");
	assert_string_equal(ordered(f, "params.depth:desc", all), "cdabe");
	/* The least text is not the missing one. */
	run = add(f, "f", 2, 2);
	assert_string_equal(ordered(f, "params.depth:desc", all), "cdabfe");
}

static void test_the_bin_is_asked_for(void **state)
{
	struct fixture *f = *state;
	struct order_ask ask = { 0 };

	add(f, "a", 3, 3);
	add(f, "b", 2, 2);
	f->batch->runs[1].is_deleted = true;
	add(f, "c", 1, 1);
	assert_string_equal(ordered(f, NULL, ask), "ac");
	ask.with_deleted = true;
	assert_string_equal(ordered(f, NULL, ask), "abc");
	ask = (struct order_ask){ .only_deleted = true };
	assert_string_equal(ordered(f, NULL, ask), "b");
	batch_add_gone(f->batch, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
	run_set_apply(f->set, f->batch);
	ask = (struct order_ask){ .with_deleted = true };
	assert_string_equal(ordered(f, NULL, ask), "bc");
}

/* Held against a plain sort. */
static void test_many_are_sorted_right(void **state)
{
	struct fixture *f = *state;
	struct order_key key = { .by = ORDER_VALUE,
				 .column = { VALUE_METRIC, "m" } };
	struct order_ask ask = { .keys = &key, .n_keys = 1 };
	uint64_t seed = 20261123;
	struct err err = { 0 };
	uint32_t *rows, run, col;
	double last = -INFINITY, v = 0;
	char id[33];
	size_t n, i;

	for (i = 0; i < 10000; i++) {
		snprintf(id, sizeof(id), "%032zx", i);
		run = add(f, "x", (int64_t)i, (int64_t)i);
		f->batch->runs[run].id = arena_strdup(&f->batch->arena, id);
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		number(f, run, (double)(int64_t)seed / 1e9);
	}
	run_set_apply(f->set, f->batch);
	rows = order_make(f->set, &ask, NULL, &n, &err);
	assert_int_equal(n, 10000);
	col = run_set_find_column(f->set, VALUE_METRIC, "m");
	for (i = 0; i < n; i++) {
		assert_true(run_set_number(f->set, col, rows[i], &v));
		assert_true(v >= last);
		last = v;
	}
	free(rows);
}

static void test_cancelled_gives_nothing(void **state)
{
	struct fixture *f = *state;
	struct cancel stop = { .stop = true };
	struct err err = { 0 };
	size_t n;

	add(f, "a", 1, 1);
	run_set_apply(f->set, f->batch);
	assert_null(order_make(f->set, &all, &stop, &n, &err));
	assert_int_equal(err.code, ERR_STOP);
}

/* What a filter cannot tell it neither keeps nor drops. */
static void test_a_filter_that_gives_up(void **state)
{
	static const char *const texts[] = { "name ~ '^([a-z]+)*$'",
					     "not name ~ '^([a-z]+)*$'",
					     "name !~ '^([a-z]+)*$'" };
	struct fixture *f = *state;
	struct order_ask ask = { 0 };
	struct filter *filter;
	struct err err;
	size_t column, n, i;

	add(f, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa1", 1, 1);
	run_set_apply(f->set, f->batch);
	for (i = 0; i < ARRAY_LEN(texts); i++) {
		err = (struct err){ 0 };
		assert_int_equal(
			filter_parse(texts[i], 0, &filter, &column, &err), 0);
		ask.filter = filter;
		assert_null(order_make(f->set, &ask, NULL, &n, &err));
		assert_int_equal(err.code, ERR_USAGE);
		filter_free(filter);
	}
	err = (struct err){ 0 };
	assert_int_equal(
		filter_parse("name ~ '^[a-z]+$'", 0, &filter, &column, &err),
		0);
	ask.filter = filter;
	free(order_make(f->set, &ask, NULL, &n, &err));
	assert_int_equal(err.code, ERR_OK);
	assert_int_equal(n, 0);
	filter_free(filter);
}

static void test_what_is_no_order(void **state)
{
	struct order_key *keys;
	struct err err = { 0 };
	size_t n;

	(void)state;
	assert_int_equal(order_parse("name,,id", &keys, &n, &err), ERR_USAGE);
	err_clear(&err);
	assert_int_equal(order_parse("metrics.", &keys, &n, &err), ERR_USAGE);
	err_clear(&err);
	assert_int_equal(order_parse("name:up", &keys, &n, &err), ERR_USAGE);
	assert_non_null(strstr(err.msg, "COLUMN:asc or COLUMN:desc"));
	err_clear(&err);
	assert_int_equal(order_parse("metrics.`a:b`:asc", &keys, &n, &err),
			 ERR_OK);
	assert_string_equal(keys[0].column.name, "a:b");
	free(keys);
	assert_int_equal(
		order_parse("metrics.\"a,b\":desc,status", &keys, &n, &err),
		ERR_OK);
	assert_int_equal(n, 2);
	assert_string_equal(keys[0].column.name, "a,b");
	assert_true(keys[0].is_desc);
	assert_int_equal(keys[1].by, ORDER_STATUS);
	free(keys);
	/* A metric that is named without the word before it. */
	assert_int_equal(order_parse("\"x.y\":desc,`name`,tags.\"a.b\"", &keys,
				     &n, &err),
			 ERR_OK);
	assert_int_equal(keys[0].column.kind, VALUE_METRIC);
	assert_string_equal(keys[0].column.name, "x.y");
	assert_int_equal(keys[1].by, ORDER_NAME);
	assert_string_equal(keys[2].column.name, "a.b");
	free(keys);
}

/* One splitter for orders and columns, and one name for a column. */
static void test_names_between_commas(void **state)
{
	static const char *const ids[] = { "metrics.a,b", "val loss",
					   "params.x", "start", "run_id" };
	char text[] = "metric.`a,b` , \"val loss\",params.'x',"
		      "attributes.start_time,id";
	struct arena a = { 0 };
	char *at = text, *name;
	size_t n = 0;

	(void)state;
	while ((name = order_next_name(&at)))
		assert_string_equal(order_column_id(name, &a), ids[n++]);
	assert_int_equal(n, ARRAY_LEN(ids));
	arena_release(&a);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_newest_first_where_nothing_is_asked),
		T(test_names_are_those_of_filters),
		T(test_names_between_commas),
		T(test_quoted_names_keep_their_suffix),
		T(test_running_runs_have_a_duration),
		T(test_missing_is_last_and_nan_before_it),
		T(test_several_keys),
		T(test_params_that_are_numbers_go_by_value),
		T(test_the_bin_is_asked_for),
		T(test_many_are_sorted_right),
		T(test_cancelled_gives_nothing),
		T(test_a_filter_that_gives_up),
		T(test_what_is_no_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
