/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "store/reports.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/mem.h"
#include "io/gate.h"
#include "state_dir.h"

struct fixture {
	char *dir;
	struct state *state;
	struct err err;
};

static int set_up(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));

	gate_reset_for_tests();
	f->dir = scratch_make();
	BUG_ON(state_open(f->dir, &f->state, &f->err));
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	state_close(f->state);
	scratch_remove(f->dir);
	free(f);
	return 0;
}

#define DAY_MS (24 * 3600 * (int64_t)1000)

static const double edges[] = { -1, 0.1, 7 };
static const double base[] = { 0.25, 0.75 }, window[] = { NAN, 1.0 / 3 };
static const char *const labels[] = { "a \"b\"", "" };

/* Two columns: one a number with bins, one a category with too few rows. */
static struct drift_report *make(int64_t made_ms, double value)
{
	struct drift_report *r = drift_report_new();
	struct drift_column *c = arena_alloc(&r->arena, 2 * sizeof(*c));

	r->monitor = r->model = r->source = "m";
	r->version = "14";
	r->made_ms = made_ms;
	r->window_from_ms = r->window_to_ms = TIME_NONE;
	r->newest_predicted_ms = 77;
	r->newest_ingested_ms = 88;
	r->n_rows = 500;
	r->n_bad_rows = 3;
	r->min_rows = 200;
	r->blind = "gone";
	r->n_drifted = 1;
	c[0] = (struct drift_column){ .name = "amount",
				      .verdict = DRIFT_YES,
				      .statistic = "PSI",
				      .value = value,
				      .limit = 0.25,
				      .test = "KS",
				      .p_value = NAN,
				      .q_value = 1e-300,
				      .effect = INFINITY,
				      .n_window = 400,
				      .n_null_window = 100,
				      .missing = { true, 9.5, 1e-9, .25 },
				      .change = "median 1 -> 2",
				      .reason = "large",
				      .since_ms = 4000,
				      .fired_ms = TIME_NONE };
	c[0].hist = (struct drift_hist){ 2, edges, NULL, base, window };
	c[1] = (struct drift_column){ .name = "kind",
				      .type = COLUMN_CATEGORY,
				      .verdict = DRIFT_TOO_FEW,
				      .is_hidden = true,
				      .statistic = "PSI",
				      .value = 9,
				      .test = "chi2",
				      .change = "",
				      .reason = "few" };
	c[1].hist = (struct drift_hist){ 2, NULL, labels, base, base };
	r->columns = c;
	r->n_columns = 2;
	return r;
}

static void save(struct fixture *f, int64_t made_ms, double value)
{
	struct drift_report *r = make(made_ms, value);

	assert_int_equal(reports_save(f->state, r, &f->err), 0);
	drift_report_free(r);
}

/* The only one stored; yours. */
static struct drift_report *load_one(struct fixture *f)
{
	struct drift_report **all, *r;
	size_t n;

	assert_int_equal(reports_load(f->state, &all, &n, &f->err), 0);
	assert_int_equal(n, 1);
	r = all[0];
	free(all);
	return r;
}

static void test_comes_back_as_it_was(void **state)
{
	struct drift_report *r;
	const struct drift_column *c;

	save(*state, 5000, 0.1 + 0.2);
	r = load_one(*state);
	assert_string_equal(r->monitor, "m");
	assert_string_equal(r->version, "14");
	assert_int_equal(r->made_ms, 5000);
	assert_true(r->window_from_ms == TIME_NONE);
	assert_int_equal(r->newest_predicted_ms, 77);
	assert_int_equal(r->newest_ingested_ms, 88);
	assert_int_equal(r->n_rows, 500);
	assert_int_equal(r->n_bad_rows, 3);
	assert_int_equal(r->min_rows, 200);
	assert_string_equal(r->blind, "gone");
	assert_int_equal(r->n_drifted, 1);
	assert_int_equal(r->n_columns, 2);
	c = r->columns;
	assert_string_equal(c->name, "amount");
	assert_int_equal(c->verdict, DRIFT_YES);
	assert_true(c->value == 0.1 + 0.2 && c->limit == 0.25);
	assert_true(isnan(c->p_value) && isinf(c->effect));
	assert_true(c->q_value == 1e-300);
	assert_int_equal(c->n_null_window, 100);
	assert_true(c->missing.is_cause && c->missing.chi2 == 9.5);
	assert_true(c->missing.p_value == 1e-9 && c->missing.effect == .25);
	assert_false(c[1].missing.is_cause);
	assert_string_equal(c->change, "median 1 -> 2");
	assert_int_equal(c->since_ms, 4000);
	assert_true(c->fired_ms == TIME_NONE);
	assert_true(c[1].is_hidden && !c->is_hidden);
	assert_int_equal(c[1].type, COLUMN_CATEGORY);
	assert_string_equal(c[1].reason, "few");
	drift_report_free(r);
}

static void test_one_is_found_by_its_monitor(void **state)
{
	struct fixture *f = *state;
	struct drift_report *r;

	save(f, 5000, 1);
	assert_int_equal(reports_find(f->state, "m", &r, &f->err), 0);
	assert_int_equal(r->made_ms, 5000);
	drift_report_free(r);
	assert_int_equal(reports_find(f->state, "other", &r, &f->err), 0);
	assert_null(r);
}

static void test_histograms_come_back(void **state)
{
	struct drift_report *r;
	const struct drift_hist *h;

	save(*state, 5000, 1);
	r = load_one(*state);
	h = &r->columns[0].hist;
	assert_int_equal(h->n_bins, 2);
	assert_memory_equal(h->edges, edges, sizeof(edges));
	assert_memory_equal(h->baseline, base, sizeof(base));
	assert_true(isnan(h->window[0]) && h->window[1] == 1.0 / 3);
	assert_null(h->labels);
	h = &r->columns[1].hist;
	assert_int_equal(h->n_bins, 2);
	assert_null(h->edges);
	assert_string_equal(h->labels[0], "a \"b\"");
	assert_string_equal(h->labels[1], "");
	drift_report_free(r);
}

static void test_only_the_newest_is_kept(void **state)
{
	struct drift_report *r;

	save(*state, 5000, 1);
	save(*state, 6000, 2);
	r = load_one(*state);
	assert_int_equal(r->made_ms, 6000);
	assert_true(r->columns[0].value == 2);
	drift_report_free(r);
}

static void test_one_that_cannot_be_read_is_left_out(void **state)
{
	struct fixture *f = *state;

	save(f, 5000, 1);
	assert_int_equal(db_exec(state_db(f->state),
				 "INSERT INTO reports(monitor, made_ms, report)"
				 " VALUES ('a', 1, '{\"monitor\":')",
				 &f->err),
			 0);
	drift_report_free(load_one(f));
}

static void history_is(struct fixture *f, const char *column, size_t max,
		       const double *want, size_t n_want)
{
	struct point *p = NULL;
	double limit = 0;
	size_t n;

	assert_int_equal(reports_history(f->state, "m", column, max, &p, &n,
					 &limit, &f->err),
			 0);
	assert_int_equal(n, n_want);
	for (size_t i = 0; i < n; i++)
		assert_true(p[i].value == want[i] && !p[i].step);
	assert_true(!n || limit == 0.25);
	free(p);
}

static void test_history_of_a_column(void **state)
{
	static const double all[] = { 1, 2, 3 };

	save(*state, 5000, 1);
	save(*state, 6000, 2);
	save(*state, 6500, NAN);
	save(*state, 7000, 3);
	history_is(*state, "amount", 10, all, 3);
	history_is(*state, "amount", 2, all + 1, 2);
	history_is(*state, "kind", 10, NULL, 0); /* too few rows to say */
}

static void test_history_is_kept_for_a_week(void **state)
{
	static const double kept[] = { 2, 3 };

	save(*state, 5000, 1);
	save(*state, 6000, 2);
	save(*state, 6000 + 7 * DAY_MS, 3);
	history_is(*state, "amount", 10, kept, 2);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(test_comes_back_as_it_was),
		T(test_one_is_found_by_its_monitor),
		T(test_histograms_come_back),
		T(test_only_the_newest_is_kept),
		T(test_one_that_cannot_be_read_is_left_out),
		T(test_history_of_a_column),
		T(test_history_is_kept_for_a_week),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
