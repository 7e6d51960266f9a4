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
#include "model/run_set.h"

#define ID_A "00112233445566778899aabbccddeeff"
#define ID_B "00112233ffffffffffffffffffffffff"

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

static uint32_t add(struct fixture *f, const char *id, const char *name)
{
	return batch_add_run(f->batch,
			     &(struct run_facts){ .id = id,
						  .name = name,
						  .experiment_id = "1",
						  .user = "ann",
						  .parent_id = "",
						  .status = RUN_RUNNING,
						  .start_ms = 1000,
						  .end_ms = TIME_NONE });
}

static size_t apply(struct fixture *f)
{
	size_t n = run_set_apply(f->set, f->batch);

	batch_free(f->batch);
	f->batch = batch_new();
	return n;
}

static void number(struct fixture *f, uint32_t run, const char *name, double v)
{
	batch_add_number(f->batch, run, batch_key(f->batch, VALUE_METRIC, name),
			 v);
}

static void text(struct fixture *f, uint32_t run, const char *name,
		 const char *v)
{
	batch_add_text(f->batch, run, batch_key(f->batch, VALUE_PARAM, name),
		       v);
}

static double value_of(const struct run_set *set, const char *name,
		       uint32_t row)
{
	uint32_t col = run_set_find_column(set, VALUE_METRIC, name);
	double v = -1;

	assert_int_not_equal(col, RUN_NO_COLUMN);
	assert_true(run_set_number(set, col, row, &v));
	return v;
}

static void test_a_run_is_found_by_its_id(void **state)
{
	struct fixture *f = *state;
	char out[40];

	add(f, ID_A, "hex");
	add(f, "m-1", "other");
	assert_int_equal(apply(f), 2);
	assert_int_equal(run_set_find(f->set, 0, ID_A), 0);
	assert_int_equal(run_set_find(f->set, 0, "m-1"), 1);
	assert_int_equal(run_set_find(f->set, 1, ID_A), RUN_NO_ROW);
	assert_int_equal(run_set_find(f->set, 0, "m-2"), RUN_NO_ROW);
	assert_string_equal(run_set_id(f->set, 0, out), ID_A);
	assert_string_equal(run_set_id(f->set, 1, out), "m-1");
	assert_string_equal(run_set_name(f->set, 1), "other");
}

/* Values of a run that was told before; of one that was not there are none. */
static void test_values_of_known_runs(void **state)
{
	struct fixture *f = *state;
	uint32_t auc, row;
	double v;

	add(f, ID_A, "one");
	add(f, "odd", "two");
	apply(f);
	auc = batch_key(f->batch, VALUE_METRIC, "auc");
	batch_add_number(f->batch, batch_add_known_run(f->batch, "odd"), auc,
			 2);
	batch_add_number(f->batch, batch_add_known_run(f->batch, ID_B), auc, 3);
	batch_add_number(f->batch, batch_add_known_run(f->batch, ID_A), auc, 1);
	assert_int_equal(apply(f), 2);
	assert_int_equal(run_set_count(f->set), 2);
	row = run_set_find(f->set, 0, ID_A);
	assert_true(run_set_number(f->set, 0, row, &v) && v == 1);
	assert_string_equal(run_set_name(f->set, row), "one");
	row = run_set_find(f->set, 0, "odd");
	assert_true(run_set_number(f->set, 0, row, &v) && v == 2);
}

static void test_ids_of_upper_case_are_other_ids(void **state)
{
	struct fixture *f = *state;
	char out[40];

	add(f, "ABCDEFABCDEFABCDEFABCDEFABCDEF01", "upper");
	apply(f);
	assert_int_equal(
		run_set_find(f->set, 0, "abcdefabcdefabcdefabcdefabcdef01"),
		RUN_NO_ROW);
	assert_string_equal(run_set_id(f->set, 0, out),
			    "ABCDEFABCDEFABCDEFABCDEFABCDEF01");
}

static void test_what_did_not_change_makes_no_generation(void **state)
{
	struct fixture *f = *state;
	uint32_t run, before;

	run = add(f, ID_A, "a");
	number(f, run, "auc", .5);
	text(f, run, "lr", "0.1");
	apply(f);
	before = run_set_generation(f->set);

	run = add(f, ID_A, "a");
	number(f, run, "auc", .5);
	text(f, run, "lr", "0.1");
	assert_int_equal(apply(f), 0);
	assert_int_equal(run_set_generation(f->set), before);

	run = add(f, ID_A, "a");
	number(f, run, "auc", .6);
	assert_int_equal(apply(f), 1);
	assert_int_equal(run_set_generation(f->set), before + 1);
	assert_int_equal(run_set_head(f->set, 0)->changed, before + 1);
}

static void test_nan_is_a_value_and_missing_is_none(void **state)
{
	struct fixture *f = *state;
	uint32_t a = add(f, ID_A, "a"), col;
	double v = 0;

	add(f, ID_B, "b");
	number(f, a, "loss", NAN);
	apply(f);
	col = run_set_find_column(f->set, VALUE_METRIC, "loss");
	assert_true(run_set_number(f->set, col, 0, &v));
	assert_true(isnan(v));
	assert_false(run_set_number(f->set, col, 1, &v));
}

static void test_texts_are_empty_or_none(void **state)
{
	struct fixture *f = *state;
	uint32_t a = add(f, ID_A, "a"), col;

	text(f, a, "note", "");
	apply(f);
	col = run_set_find_column(f->set, VALUE_PARAM, "note");
	assert_string_equal(run_set_text(f->set, col, 0), "");
	a = add(f, ID_A, "a");
	text(f, a, "note", NULL);
	assert_int_equal(apply(f), 1);
	assert_null(run_set_text(f->set, col, 0));
}

static void test_columns_of_one_name_differ_by_kind(void **state)
{
	struct fixture *f = *state;
	uint32_t a = add(f, ID_A, "a");

	number(f, a, "lr", .25);
	text(f, a, "lr", "0.1");
	apply(f);
	assert_int_equal(run_set_columns(f->set), 2);
	assert_true(value_of(f->set, "lr", 0) == .25);
	assert_string_equal(
		run_set_text(f->set,
			     run_set_find_column(f->set, VALUE_PARAM, "lr"), 0),
		"0.1");
}

static void test_a_snapshot_stays_as_it_was(void **state)
{
	struct fixture *f = *state;
	struct run_set *old;
	uint32_t run;
	char id[40];
	int i;

	for (i = 0; i < 5000; i++) {
		snprintf(id, sizeof(id), "%032x", i);
		run = add(f, id, "before");
		number(f, run, "auc", i);
	}
	apply(f);
	old = run_set_snapshot(f->set);

	run = add(f, "00000000000000000000000000000007", "after");
	number(f, run, "auc", -7);
	number(f, run, "new", 1);
	add(f, ID_A, "one more");
	assert_int_equal(apply(f), 2);

	assert_int_equal(run_set_count(old), 5000);
	assert_int_equal(run_set_count(f->set), 5001);
	assert_string_equal(run_set_name(old, 7), "before");
	assert_string_equal(run_set_name(f->set, 7), "after");
	assert_true(value_of(old, "auc", 7) == 7);
	assert_true(value_of(f->set, "auc", 7) == -7);
	assert_true(value_of(f->set, "auc", 4999) == 4999);
	assert_int_equal(run_set_find_column(old, VALUE_METRIC, "new"),
			 RUN_NO_COLUMN);
	assert_int_equal(
		run_set_find(old, 0, "00000000000000000000000000001387"), 4999);
	assert_int_equal(run_set_find(old, 0, ID_A), RUN_NO_ROW);
	run_set_free(old);
	assert_true(value_of(f->set, "auc", 4998) == 4998);
}

static void test_gone_runs_stay_marked_and_come_back_empty(void **state)
{
	struct fixture *f = *state;
	uint32_t run = add(f, ID_A, "a");
	double v;

	number(f, run, "auc", .5);
	text(f, run, "lr", "0.1");
	apply(f);
	batch_add_gone(f->batch, ID_A);
	assert_int_equal(apply(f), 1);
	assert_true(run_set_head(f->set, 0)->flags & RUN_IS_GONE);

	add(f, ID_A, "a");
	assert_int_equal(apply(f), 1);
	assert_false(run_set_head(f->set, 0)->flags & RUN_IS_GONE);
	assert_int_equal(run_set_count(f->set), 1);
	assert_false(run_set_number(
		f->set, run_set_find_column(f->set, VALUE_METRIC, "auc"), 0,
		&v));
	assert_null(run_set_text(
		f->set, run_set_find_column(f->set, VALUE_PARAM, "lr"), 0));
}

static void test_a_source_is_forgotten_alone(void **state)
{
	struct fixture *f = *state;

	add(f, ID_A, "a");
	apply(f);
	f->batch->source = 3;
	add(f, ID_A, "same id, other source");
	apply(f);
	assert_int_equal(run_set_count(f->set), 2);
	run_set_forget_source(f->set, 3);
	assert_false(run_set_head(f->set, 0)->flags & RUN_IS_GONE);
	assert_true(run_set_head(f->set, 1)->flags & RUN_IS_GONE);
}

static void test_experiments_get_their_names_late(void **state)
{
	struct fixture *f = *state;
	const struct run_experiment *e;

	add(f, ID_A, "a");
	apply(f);
	e = run_set_experiment(f->set, 0);
	assert_string_equal(intern_str(f->strings, e->name), "1");
	batch_add_experiment(f->batch, &(struct experiment_facts){
					       .id = "1", .name = "fraud" });
	apply(f);
	assert_int_equal(run_set_experiments(f->set), 1);
	e = run_set_experiment(f->set, 0);
	assert_string_equal(intern_str(f->strings, e->name), "fraud");
}

static enum err_code resolve(struct fixture *f, const char *text_,
			     uint32_t *row, struct err *err)
{
	*row = RUN_NO_ROW;
	err_clear(err);
	return run_set_resolve(f->set, -1, text_, row, err);
}

static void test_names_and_prefixes_lead_to_runs(void **state)
{
	struct fixture *f = *state;
	struct err err = { 0 };
	uint32_t row;

	add(f, ID_A, "alpha");
	add(f, ID_B, "beta");
	add(f, "cafe0000000000000000000000000000", "beta");
	apply(f);
	assert_int_equal(resolve(f, ID_B, &row, &err), ERR_OK);
	assert_int_equal(row, 1);
	assert_int_equal(resolve(f, "cafe", &row, &err), ERR_OK);
	assert_int_equal(row, 2);
	assert_int_equal(resolve(f, "alpha", &row, &err), ERR_OK);
	assert_int_equal(row, 0);
	assert_int_equal(resolve(f, "beta", &row, &err), ERR_MANY);
	assert_non_null(strstr(err.msg, "cafe"));
	assert_null(strchr(err.msg + strlen("2 runs answer to 'beta': "), ':'));
	run_set_name_source(f->set, 0, "lab");
	assert_int_equal(resolve(f, "beta", &row, &err), ERR_MANY);
	assert_non_null(strstr(err.msg, "lab:cafe00000000 (beta)"));
	assert_int_equal(resolve(f, "0011", &row, &err), ERR_MANY);
	assert_int_equal(resolve(f, "caf", &row, &err), ERR_ABSENT);
	assert_non_null(strstr(err.msg, "needs 4 characters"));
	assert_int_equal(resolve(f, "", &row, &err), ERR_ABSENT);
}

static void test_the_bin_is_looked_into_last(void **state)
{
	struct fixture *f = *state;
	struct err err = { 0 };
	uint32_t row;

	add(f, ID_A, "same");
	add(f, ID_B, "same");
	f->batch->runs[0].is_deleted = true;
	apply(f);
	assert_int_equal(resolve(f, "same", &row, &err), ERR_OK);
	assert_int_equal(row, 1);
	assert_int_equal(resolve(f, ID_A, &row, &err), ERR_OK);
	assert_int_equal(row, 0);
}

#define DAY_MS (24 * 3600 * 1000LL)

static void read_at(struct fixture *f, int64_t now_ms, const char *id,
		    enum run_status status, int64_t end_ms)
{
	uint32_t i = add(f, id, "x");

	f->batch->read_utc_ms = now_ms;
	f->batch->runs[i].status = status;
	f->batch->runs[i].end_ms = end_ms;
	apply(f);
}

static void test_what_may_want_somebody_is_listed(void **state)
{
	struct fixture *f = *state;
	const uint32_t *rows;
	char id[33];
	int i;

	read_at(f, 10 * DAY_MS, "a", RUN_RUNNING, TIME_NONE);
	read_at(f, 10 * DAY_MS, "b", RUN_FINISHED, 10 * DAY_MS);
	read_at(f, 10 * DAY_MS, "c", RUN_FAILED, 9 * DAY_MS);
	read_at(f, 10 * DAY_MS, "d", RUN_FAILED, 7 * DAY_MS);
	read_at(f, 10 * DAY_MS, "e", RUN_KILLED, 10 * DAY_MS);
	read_at(f, 10 * DAY_MS, "a", RUN_RUNNING, TIME_NONE);
	assert_int_equal(run_set_notable(f->set, &rows), 2);
	assert_int_equal(rows[0], 0);
	assert_int_equal(rows[1], 2);
	/* One that ends and runs again is listed once; the list does not keep
	 * all that ever ran. */
	read_at(f, 11 * DAY_MS, "a", RUN_FINISHED, 11 * DAY_MS);
	read_at(f, 11 * DAY_MS, "a", RUN_RUNNING, TIME_NONE);
	assert_int_equal(run_set_notable(f->set, &rows), 2);
	for (i = 0; i < 1000; i++) {
		snprintf(id, sizeof(id), "run-%d", i);
		read_at(f, 11 * DAY_MS, id, RUN_RUNNING, TIME_NONE);
		read_at(f, 11 * DAY_MS, id, RUN_FINISHED, 11 * DAY_MS);
	}
	assert_true(run_set_notable(f->set, &rows) < 300);
	assert_int_equal(rows[0], 0);
}

static void test_parents_are_ids_too(void **state)
{
	struct fixture *f = *state;
	char out[40];

	add(f, ID_A, "child");
	f->batch->runs[0].parent_id = ID_B;
	add(f, ID_B, "parent");
	apply(f);
	assert_string_equal(run_set_parent_id(f->set, 0, out), ID_B);
	assert_string_equal(run_set_parent_id(f->set, 1, out), "");
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_a_run_is_found_by_its_id),
		T(test_values_of_known_runs),
		T(test_ids_of_upper_case_are_other_ids),
		T(test_what_did_not_change_makes_no_generation),
		T(test_nan_is_a_value_and_missing_is_none),
		T(test_texts_are_empty_or_none),
		T(test_columns_of_one_name_differ_by_kind),
		T(test_a_snapshot_stays_as_it_was),
		T(test_gone_runs_stay_marked_and_come_back_empty),
		T(test_a_source_is_forgotten_alone),
		T(test_experiments_get_their_names_late),
		T(test_names_and_prefixes_lead_to_runs),
		T(test_the_bin_is_looked_into_last),
		T(test_what_may_want_somebody_is_listed),
		T(test_parents_are_ids_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
