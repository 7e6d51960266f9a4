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
#include "model/filter.h"
#include "model/group.h"

struct fixture {
	struct intern *strings;
	struct run_set *set;
	struct batch *batch;
	struct group_by by;
	uint32_t *rows;
	size_t n_rows;
	struct groups *groups;
};

static int setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));

	f->strings = intern_new();
	f->set = run_set_new(f->strings);
	run_set_name_source(f->set, 0, "lab");
	f->batch = batch_new();
	*state = f;
	return 0;
}

static void forget_groups(struct fixture *f)
{
	groups_free(f->groups);
	group_by_release(&f->by);
	free(f->rows);
	f->groups = NULL;
	f->rows = NULL;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	forget_groups(f);
	batch_free(f->batch);
	run_set_free(f->set);
	intern_free(f->strings);
	free(f);
	return 0;
}

static uint32_t add(struct fixture *f, const char *experiment)
{
	char id[33], name[16];
	unsigned i = (unsigned)f->batch->n_runs;

	snprintf(id, sizeof(id), "%032x", i + 1);
	snprintf(name, sizeof(name), "run-%u", i);
	return batch_add_run(f->batch,
			     &(struct run_facts){ .id = id,
						  .name = name,
						  .experiment_id = experiment,
						  .user = i % 3 ? "ann" : "",
						  .parent_id = "",
						  .status = RUN_FINISHED,
						  .start_ms = 1000 - (int)i,
						  .end_ms = 2000 });
}

static void text(struct fixture *f, uint32_t run, enum value_kind kind,
		 const char *name, const char *value)
{
	batch_add_text(f->batch, run, batch_key(f->batch, kind, name), value);
}

static void number(struct fixture *f, uint32_t run, const char *name, double v)
{
	batch_add_number(f->batch, run, batch_key(f->batch, VALUE_METRIC, name),
			 v);
}

static const struct group_metric auc = { { VALUE_METRIC, "auc" }, 1 };

static const struct groups *make(struct fixture *f, const char *by,
				 const char *sort)
{
	struct group_ask ask = { .by = &f->by,
				 .metrics = &auc,
				 .n_metrics = 1 };
	struct order_ask all = { 0 };
	struct order_key *keys = NULL;
	struct group_sort *sorts = NULL;
	struct err err = { 0 };

	forget_groups(f);
	run_set_apply(f->set, f->batch);
	assert_int_equal(group_by_parse(by, &f->by, &err), ERR_OK);
	if (sort) {
		assert_int_equal(order_parse(sort, &keys, &ask.n_sorts, &err),
				 ERR_OK);
		assert_int_equal(
			group_sorts(keys, ask.n_sorts, &ask, &sorts, &err),
			ERR_OK);
		ask.sorts = sorts;
	}
	f->rows = order_make(f->set, &all, NULL, &f->n_rows, &err);
	f->groups = groups_make(f->set, f->rows, f->n_rows, &ask, NULL, &err);
	assert_non_null(f->groups);
	free(keys);
	free(sorts);
	return f->groups;
}

/* "12:3 8:1": what a param is in each group, and how many have it. */
static const char *listed(struct fixture *f, const char *by, const char *param,
			  const char *sort)
{
	static char out[256];
	const struct groups *g = make(f, by, sort);
	uint32_t col = run_set_find_column(f->set, VALUE_PARAM, param);
	size_t at = 0, i;
	const char *v;

	*out = '\0';
	for (i = 0; i < g->n; i++) {
		v = run_set_text(f->set, col, g->all[i].rows[0]);
		at += (size_t)snprintf(out + at, sizeof(out) - at, "%s%s:%u",
				       i ? " " : "", v ? v : "-", g->all[i].n);
	}
	return out;
}

static void with_depth(struct fixture *f, const char *depth, double v)
{
	uint32_t run = add(f, "1");

	if (depth)
		text(f, run, VALUE_PARAM, "depth", depth);
	number(f, run, "auc", v);
}

static void test_groups_stand_in_the_order_asked_for(void **state)
{
	struct fixture *f = *state;

	with_depth(f, "12", .5);
	with_depth(f, "8", .9);
	with_depth(f, NULL, .7);
	with_depth(f, "12", .7);
	with_depth(f, "8", .7);
	with_depth(f, "12", .6);
	assert_string_equal(listed(f, "params.depth", "depth", NULL),
			    "8:2 12:3 -:1");
	assert_string_equal(
		listed(f, "params.depth", "depth", "params.depth:desc"),
		"12:3 8:2 -:1");
	assert_string_equal(listed(f, "params.depth", "depth", "count"),
			    "-:1 8:2 12:3");
	assert_string_equal(listed(f, "params.depth", "depth", "mean:desc"),
			    "8:2 -:1 12:3");
	assert_string_equal(listed(f, "params.depth", "depth", "best:desc"),
			    "8:2 12:3 -:1");
	/* Of one run there is no deviation: it comes last. */
	assert_string_equal(listed(f, "params.depth", "depth", "auc.sd"),
			    "12:3 8:2 -:1");
	assert_string_equal(
		listed(f, "params.depth", "depth", "metrics.auc.max"),
		"12:3 -:1 8:2");
}

static void test_what_is_no_number_is_counted_apart(void **state)
{
	struct fixture *f = *state;
	const struct group_stat *s;
	uint32_t bare;

	with_depth(f, "8", .5);
	with_depth(f, "8", NAN);
	with_depth(f, "8", .7);
	with_depth(f, "8", INFINITY);
	bare = add(f, "1");
	text(f, bare, VALUE_PARAM, "depth", "8");
	s = make(f, "params.depth", NULL)->all[0].stats;
	assert_int_equal(f->groups->n, 1);
	assert_int_equal(f->groups->all[0].n, 5);
	assert_int_equal(s->n, 2);
	assert_int_equal(s->n_odd, 2);
	assert_true(fabs(s->mean - .6) < 1e-15);
	assert_true(fabs(s->sd - sqrt(.02)) < 1e-15);
	assert_true(s->min == .5 && s->max == .7);
	assert_string_equal(run_set_name(f->set, s->best_row), "run-2");
}

static void test_a_number_that_varies_little_keeps_its_digits(void **state)
{
	struct fixture *f = *state;
	const struct group_stat *s;
	int i;

	for (i = 0; i < 1000; i++)
		with_depth(f, "8", 1e9 + i % 2);
	s = make(f, "params.depth", NULL)->all[0].stats;
	assert_true(fabs(s->mean - (1e9 + .5)) < 1e-6);
	assert_true(fabs(s->sd - sqrt(250. / 999)) < 1e-9);
}

/* Against a plain count over all pairs. */
static void test_groups_are_those_of_equal_runs(void **state)
{
	struct fixture *f = *state;
	static const char *const words[] = { "a", "b", "", "it's" };
	uint32_t seed = 7, i, k, run, x, y;
	const struct groups *g;
	size_t n_in = 0;

	for (i = 0; i < 600; i++) {
		seed = seed * 1664525 + 1013904223;
		run = add(f, seed >> 30 ? "1" : "2");
		if (seed >> 29 & 1)
			text(f, run, VALUE_PARAM, "p", words[seed >> 27 & 3]);
		if (seed >> 26 & 1)
			number(f, run, "m", seed >> 24 & 1 ? NAN : 0);
	}
	g = make(f, "params.p,experiment,metrics.m", NULL);
	x = run_set_find_column(f->set, VALUE_PARAM, "p");
	y = run_set_find_column(f->set, VALUE_METRIC, "m");
	for (i = 0; i < g->n; i++) {
		uint32_t first = g->all[i].rows[0];
		double v = -1, w = -1;

		run_set_number(f->set, y, first, &v);
		n_in += g->all[i].n;
		for (k = 0; k < f->n_rows; k++) {
			uint32_t row = f->rows[k], at;
			bool is_in = false, is_equal;

			w = -1;
			run_set_number(f->set, y, row, &w);
			is_equal = run_set_text_id(f->set, x, row) ==
					   run_set_text_id(f->set, x, first) &&
				   run_set_head(f->set, row)->experiment ==
					   run_set_head(f->set, first)
						   ->experiment &&
				   (v == w || (isnan(v) && isnan(w)));
			for (at = 0; at < g->all[i].n; at++)
				is_in |= g->all[i].rows[at] == row;
			assert_int_equal(is_in, is_equal);
		}
	}
	assert_int_equal(n_in, 600);
}

static void test_seeds_are_known_by_their_names(void **state)
{
	static const char *const seeds[] = {
		"seed",         "Seed",        "random_state",
		"random_seed",  "np.seed",     "seed_2",
		"trainer/seed", "randomState", "split_random_state",
		"dataSeed",     "seed3",       "seed_everything",
		"seed-torch",
	};
	static const char *const others[] = {
		"depth",      "seeds_per_plot",   "seed_lr", "state",
		"random",     "n_seeds",          "",        "2",
		"seed_model", "random_state_dim",
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(seeds); i++)
		if (!group_is_seed(seeds[i]))
			fail_msg("%s", seeds[i]);
	for (i = 0; i < ARRAY_LEN(others); i++)
		if (group_is_seed(others[i]))
			fail_msg("%s", others[i]);
}

static uint32_t repeat(struct fixture *f, const char *depth, const char *seed,
		       double v)
{
	uint32_t run = add(f, "1");

	text(f, run, VALUE_PARAM, "depth", depth);
	text(f, run, VALUE_PARAM, "seed", seed);
	number(f, run, "auc", v);
	return run;
}

static void test_repeats_differ_in_seeds_alone(void **state)
{
	struct fixture *f = *state;
	char spread[GROUP_SPREAD_MAX];
	const struct group *g;
	uint32_t run;

	repeat(f, "8", "1", .9806);
	repeat(f, "8", "2", .9809);
	repeat(f, "12", "1", .9806);
	run = repeat(f, "8", "3", .5);
	text(f, run, VALUE_FACT, "dataset.digest", "8c1f");
	run = repeat(f, "8", "1", .9811);
	text(f, run, VALUE_TAG, "mlflow.source.git.commit", "c0ffee");
	run = repeat(f, "8", "4", .981);
	text(f, run, VALUE_TAG, "team", "a");
	assert_string_equal(listed(f, "repeats", "depth", NULL),
			    "8:3 12:1 8:1 8:1");
	g = f->groups->all;
	assert_false(g[0].is_code_known || g[0].is_data_known);
	assert_true(!g[2].is_code_known && g[2].is_data_known);
	assert_true(g[3].is_code_known && !g[3].is_data_known);
	assert_string_equal(
		group_spread_text(spread, &g[0].stats->spread, g[0].n, false),
		"3 of 3 within .0005");
	assert_string_equal(
		group_spread_text(spread, &g[1].stats->spread, g[1].n, false),
		"");
	/* Of a run with a seed alone nobody knows what it repeats. */
	text(f, add(f, "1"), VALUE_PARAM, "seed", "1");
	number(f, add(f, "1"), "auc", .5);
	assert_string_equal(listed(f, "repeats", "depth", NULL),
			    "8:3 12:1 8:1 8:1");
	assert_int_equal(f->groups->n_unknown, 2);
	listed(f, "experiment", "depth", NULL);
	assert_int_equal(f->groups->n_unknown, 0);
	/* Another experiment, another run. */
	text(f, add(f, "2"), VALUE_PARAM, "depth", "12");
	assert_string_equal(listed(f, "repeats", "depth", NULL),
			    "8:3 12:1 8:1 8:1 12:1");
}

static const char *spread(const double *values, size_t n, size_t n_runs)
{
	static char out[GROUP_SPREAD_MAX];
	double copy[16];
	struct group_spread s;

	memcpy(copy, values, n * sizeof(*copy));
	s = group_spread_of(copy, n);
	return group_spread_text(out, &s, n_runs, false);
}

#define SPREAD(n_runs, ...)                                                    \
	spread((const double[]){ __VA_ARGS__ },                                \
	       sizeof((double[]){ __VA_ARGS__ }) / sizeof(double), n_runs)

static void test_spread_is_told_as_a_count_and_a_tolerance(void **state)
{
	(void)state;
	assert_string_equal(SPREAD(5, .98, .981, .979, .9805, .9802),
			    "5 of 5 within .002");
	assert_string_equal(SPREAD(3, .98, .981, .979), "3 of 3 within .001");
	/* One lies away, one has no value. */
	assert_string_equal(SPREAD(5, .9806, .9808, .9807, .9809, .5),
			    "4 of 5 within .0002");
	assert_string_equal(SPREAD(6, .9806, .9808, .9807, .9809, .9805),
			    "5 of 6 within .0002");
	/* Of three nobody knows which one is wrong. */
	assert_string_equal(SPREAD(3, .98, .98, .5), "3 of 3 within .5");
	assert_string_equal(SPREAD(5, .98, .98, .98, .98, .98), "5 of 5 equal");
	assert_string_equal(SPREAD(5, .98, .98, .98, .98, .97), "4 of 5 equal");
	assert_string_equal(SPREAD(2, 100, 104), "2 of 2 within 2");
	assert_string_equal(SPREAD(2, 1e-9, 2e-9), "2 of 2 within 5e-10");
	assert_string_equal(SPREAD(2, 1e12, 3e12),
			    "2 of 2 within 1000000000000");
	assert_string_equal(SPREAD(2, -1e308, 1e308), "2 of 2 within 1e+308");
	/* Half of the smallest number there is is none. */
	assert_string_equal(SPREAD(4, 0, 0, 1e-323, 1e-323),
			    "4 of 4 within 5e-324");
	assert_string_equal(SPREAD(1, .98), "");
}

static void test_spread_is_told_in_short(void **state)
{
	const struct group_spread some = { 4, 5, .001 }, none = { 5, 5, 0 };
	char out[GROUP_SPREAD_MAX];

	(void)state;
	assert_string_equal(group_spread_text(out, &some, 6, true),
			    "4/6 ±.001");
	assert_string_equal(group_spread_text(out, &none, 5, true),
			    "5/5 equal");
}

/* A group as a filter keeps just its runs. */
static void test_a_group_is_a_filter(void **state)
{
	struct fixture *f = *state;
	static const char *const values[] = { "12",     "it's",   "say \"x\"",
					      "b'o\"h", "tail\\", "",
					      "ünï",    "a.b (c)" };
	struct buf out = BUF_INIT(0);
	const struct groups *g;
	uint32_t run, i;

	for (i = 0; i < 64; i++) {
		run = add(f, i % 5 ? "1" : "say 'x'");
		if (i % 9)
			text(f, run, VALUE_PARAM, "p", values[i % 8]);
		text(f, run, VALUE_TAG, "a tag", values[i / 2 % 8]);
		if (i % 3)
			number(f, run, "auc", i % 4 ? .1 : NAN);
		text(f, run, VALUE_FACT, "dataset.digest",
		     i % 2 ? "8c1f"
			   : "8c1e\x1f"
			     "77aa");
	}
	g = make(f,
		 "params.p,tags.a tag,metrics.auc,dataset.digest,experiment,"
		 "status,user,source",
		 NULL);
	for (i = 0; i < g->n; i++) {
		struct order_ask ask = { 0 };
		struct filter *filter;
		struct err err = { 0 };
		size_t column, n;
		uint32_t *rows;

		group_filter(f->set, &f->by, g->all[i].rows[0], &out);
		if (filter_parse(buf_str(&out), 0, &filter, &column, &err))
			fail_msg("%s: %s", buf_str(&out), err.msg);
		ask.filter = filter;
		rows = order_make(f->set, &ask, NULL, &n, &err);
		if (n != g->all[i].n)
			fail_msg("%s: %zu, not %u", buf_str(&out), n,
				 g->all[i].n);
		assert_memory_equal(rows, g->all[i].rows, n * sizeof(*rows));
		free(rows);
		filter_free(filter);
	}
	buf_release(&out);
}

static void test_what_cannot_be_grouped_is_said(void **state)
{
	struct group_by by;
	struct group_ask ask = { .by = &by };
	struct group_sort *sorts;
	struct order_key *keys;
	struct err err = { 0 };
	size_t n;

	(void)state;
	assert_int_equal(group_by_parse("start", &by, &err), ERR_USAGE);
	assert_int_equal(group_by_parse("params.", &by, &err), ERR_USAGE);
	assert_int_equal(group_by_parse("params.depth,repeats", &by, &err),
			 ERR_OK);
	assert_true(by.is_repeats && by.n_keys == 1);
	err = (struct err){ 0 };
	assert_int_equal(order_parse("params.lr", &keys, &n, &err), ERR_OK);
	assert_int_equal(group_sorts(keys, n, &ask, &sorts, &err), ERR_USAGE);
	assert_non_null(strstr(err.msg, "params.lr"));
	free(keys);
	group_by_release(&by);
}

static void test_it_stops_when_told(void **state)
{
	struct fixture *f = *state;
	struct cancel stop = { .stop = true };
	struct group_ask ask = { .by = &f->by };
	struct err err = { 0 };

	with_depth(f, "8", .5);
	make(f, "params.depth", NULL);
	assert_null(groups_make(f->set, f->rows, f->n_rows, &ask, &stop, &err));
	assert_int_equal(err.code, ERR_STOP);
}

static void test_of_no_runs_there_are_no_groups(void **state)
{
	assert_int_equal(make(*state, "repeats", "count:desc")->n, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_groups_stand_in_the_order_asked_for),
		TEST(test_what_is_no_number_is_counted_apart),
		TEST(test_a_number_that_varies_little_keeps_its_digits),
		TEST(test_groups_are_those_of_equal_runs),
		TEST(test_seeds_are_known_by_their_names),
		TEST(test_repeats_differ_in_seeds_alone),
		TEST(test_spread_is_told_as_a_count_and_a_tolerance),
		TEST(test_spread_is_told_in_short),
		TEST(test_a_group_is_a_filter),
		TEST(test_what_cannot_be_grouped_is_said),
		TEST(test_it_stops_when_told),
		TEST(test_of_no_runs_there_are_no_groups),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
