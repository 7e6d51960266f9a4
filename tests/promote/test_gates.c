/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "promote/gates.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"

#define NONE -99.0 /* the run has no such metric */

/* ---- what a gate looks at ---- */

struct look {
	struct last_metric metrics[2];
	struct dataset_facts data;
	struct run_detail run;
};

static void make_run(struct look *l, const char *name, double auc,
		     const char *digest)
{
	memset(l, 0, sizeof(*l));
	l->run.run.name = name;
	l->metrics[0] = (struct last_metric){ .name = "val/auc", .value = auc };
	l->metrics[1] = (struct last_metric){ .name = "val/f1", .value = .5 };
	l->run.metrics = auc == NONE ? l->metrics + 1 : l->metrics;
	l->run.n_metrics = auc == NONE ? 1 : 2;
	l->data = (struct dataset_facts){ .name = "cards",
					  .digest = digest,
					  .context = "eval" };
	l->run.datasets = &l->data;
	l->run.n_datasets = digest ? 1 : 0;
}

static struct gate_conf metric_gate(void)
{
	return (struct gate_conf){ .name = "auc",
				   .kind = GATE_METRIC,
				   .on = GATE_ON_PROMOTE,
				   .metric = "val/auc",
				   .goal = 1 };
}

/* ---- metrics ---- */

static const struct {
	const char *what;
	double then, now; /* the candidate's and the holder's */
	const char *holder, *then_data, *now_data;
	bool has_min, has_max, is_vs, same_data;
	double min, max, by;
	int goal;
	bool is_passed;
} cases[] = {
	{ "over the minimum", .then = .95, .has_min = true, .min = .9,
	  .goal = 1, .is_passed = true },
	{ "at the minimum", .then = .9, .has_min = true, .min = .9, .goal = 1,
	  .is_passed = true },
	{ "under the minimum", .then = .89, .has_min = true, .min = .9,
	  .goal = 1 },
	{ "at the maximum", .then = .2, .has_max = true, .max = .2, .goal = -1,
	  .is_passed = true },
	{ "over the maximum", .then = .21, .has_max = true, .max = .2,
	  .goal = -1 },
	{ "between both", .then = .5, .has_min = true, .min = .4,
	  .has_max = true, .max = .6, .goal = 1, .is_passed = true },
	{ "no such metric", .then = NONE, .has_min = true, .min = 0,
	  .goal = 1 },
	{ "NaN is no evidence", .then = NAN, .has_min = true, .min = 0,
	  .goal = 1 },
	{ "nor is infinity", .then = INFINITY, .has_min = true, .min = 0,
	  .goal = 1 },
	{ "nobody to be compared with", .then = .9, .is_vs = true, .goal = 1,
	  .is_passed = true },
	{ "equal is not worse", .then = .9, .now = .9, .holder = "3",
	  .is_vs = true, .goal = 1, .is_passed = true },
	{ "worse", .then = .899, .now = .9, .holder = "3", .is_vs = true,
	  .goal = 1 },
	{ "less loss", .then = .1, .now = .2, .holder = "3", .is_vs = true,
	  .goal = -1, .is_passed = true },
	{ "more loss", .then = .2, .now = .1, .holder = "3", .is_vs = true,
	  .goal = -1 },
	/* Not so in binary: .979 + .002 > .981 */
	{ "better by exactly that much", .then = .981, .now = .979,
	  .holder = "3", .is_vs = true, .by = .002, .goal = 1,
	  .is_passed = true },
	{ "better, but not by that much", .then = .9809, .now = .979,
	  .holder = "3", .is_vs = true, .by = .002, .goal = 1 },
	{ "loss lower by exactly that much", .then = .1, .now = .3,
	  .holder = "3", .is_vs = true, .by = .2, .goal = -1,
	  .is_passed = true },
	{ "a little worse is allowed", .then = .89, .now = .9, .holder = "3",
	  .is_vs = true, .by = -.01, .goal = 1, .is_passed = true },
	{ "much worse is not", .then = .88, .now = .9, .holder = "3",
	  .is_vs = true, .by = -.01, .goal = 1 },
	{ "the holder has no such metric", .then = .9, .now = NONE,
	  .holder = "3", .is_vs = true, .goal = 1 },
	{ "the holder's is NaN", .then = .9, .now = NAN, .holder = "3",
	  .is_vs = true, .goal = 1 },
	{ "who knows whether more is better", .then = .9, .now = .8,
	  .holder = "3", .is_vs = true },
	{ "a minimum needs no goal", .then = .9, .has_min = true, .min = .8,
	  .is_passed = true },
	{ "the minimum holds beside the holder", .then = .8, .now = .7,
	  .holder = "3", .is_vs = true, .has_min = true, .min = .9, .goal = 1 },
	{ "same data", .then = .9, .now = .8, .holder = "3", .then_data = "d1",
	  .now_data = "d1", .is_vs = true, .same_data = true, .goal = 1,
	  .is_passed = true },
	{ "other data", .then = .9, .now = .8, .holder = "3", .then_data = "d1",
	  .now_data = "d2", .is_vs = true, .same_data = true, .goal = 1 },
	{ "no data told by one", .then = .9, .now = .8, .holder = "3",
	  .then_data = "d1", .is_vs = true, .same_data = true, .goal = 1 },
	{ "no data told by both", .then = .9, .now = .8, .holder = "3",
	  .is_vs = true, .same_data = true, .goal = 1 },
};

static void try_case(size_t i)
{
	struct gate_conf g = metric_gate();
	struct gate_result out;
	struct arena a = ARENA_INIT;
	struct look then, now;
	struct gate_evidence e = {
		.source = "prod",
		.model = "m",
		.version = "4",
		.holder_version = cases[i].holder ? cases[i].holder : "",
		.candidate = &then.run,
		.holder = cases[i].holder ? &now.run : NULL,
	};

	make_run(&then, "then", cases[i].then, cases[i].then_data);
	make_run(&now, "now", cases[i].now, cases[i].now_data);
	g.has_min = cases[i].has_min;
	g.min = cases[i].min;
	g.has_max = cases[i].has_max;
	g.max = cases[i].max;
	g.is_vs_holder = cases[i].is_vs;
	g.by = cases[i].by;
	g.same_data = cases[i].same_data;
	g.goal = cases[i].goal;
	gate_evaluate(&g, &e, &a, &out);
	if (out.is_passed != cases[i].is_passed)
		fail_msg("%s: passed %d: %s", cases[i].what, out.is_passed,
			 out.evidence);
	assert_string_equal(out.name, "auc");
	if (!*out.asks || !*out.evidence || !out.from)
		fail_msg("%s: says nothing", cases[i].what);
	assert_false(out.is_waived);
	arena_release(&a);
}

static void test_metrics(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		try_case(i);
}

static void test_a_run_that_is_not_known(void **state)
{
	struct gate_conf g = metric_gate();
	struct gate_evidence e = { .source = "prod",
				   .model = "m",
				   .version = "4",
				   .holder_version = "" };
	struct gate_result out;
	struct arena a = ARENA_INIT;

	(void)state;
	g.has_min = true;
	g.min = -1;
	gate_evaluate(&g, &e, &a, &out);
	assert_false(out.is_passed);
	assert_string_equal(out.evidence, "its run is not known");
	arena_release(&a);
}

static void test_the_words(void **state)
{
	struct gate_conf g = metric_gate();
	struct gate_result out;
	struct arena a = ARENA_INIT;
	struct look then, now;
	struct gate_evidence e = { .source = "prod",
				   .model = "m",
				   .version = "4",
				   .holder_version = "3",
				   .candidate = &then.run,
				   .holder = &now.run };

	(void)state;
	make_run(&then, "rf-depth12", .9812, "d1d1d1d1");
	make_run(&now, "rf-depth8", .979, "d1d1d1d1");
	g.is_vs_holder = g.same_data = true;
	g.by = .002;
	gate_evaluate(&g, &e, &a, &out);
	assert_true(out.is_passed);
	assert_string_equal(out.asks,
			    "val/auc 0.0020 above champion, same data");
	assert_string_equal(out.evidence, "0.9812 ≥ 0.9810  on cards #d1d1");
	assert_string_equal(out.from, "run rf-depth12");
	arena_release(&a);
}

/* ---- data ---- */

static void test_training_data_does_not_count_beside_evaluation(void **state)
{
	struct dataset_facts x[] = {
		{ .name = "cards", .digest = "a", .context = "train" },
		{ .name = "cards", .digest = "b", .context = "validation" },
	};
	struct dataset_facts y[] = {
		{ .name = "cards", .digest = "c", .context = "train" },
		{ .name = "cards", .digest = "b", .context = "test" },
	};
	struct run_detail one = { .datasets = x, .n_datasets = 2 };
	struct run_detail two = { .datasets = y, .n_datasets = 2 };
	struct arena a = ARENA_INIT;
	const char *what;

	(void)state;
	assert_true(run_detail_same_data(&one, &two, &a, &what));
	assert_string_equal(what, "cards #b");
	y[1].digest = "z";
	assert_false(run_detail_same_data(&one, &two, &a, &what));
	/* The same digest under another name is other data. */
	y[1].digest = "b";
	y[1].name = "other";
	assert_false(run_detail_same_data(&one, &two, &a, &what));
	assert_false(run_detail_same_data(&one, NULL, &a, &what));
	arena_release(&a);
}

static void test_only_evaluation_data_is_evidence(void **state)
{
	static const struct {
		const char *context;
		bool is_same;
	} uses[] = {
		{ "eval", true },      { "evaluation", true },
		{ "val", true },       { "validation", true },
		{ "test", true },      { "holdout", true },
		{ "training", false }, { "train", false },
		{ "", false },
	};
	struct arena a = ARENA_INIT;
	const char *what;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(uses); i++) {
		struct dataset_facts x = { .name = "cards",
					   .digest = "a",
					   .context = uses[i].context };
		struct run_detail one = { .datasets = &x, .n_datasets = 1 };

		assert_int_equal(run_detail_same_data(&one, &one, &a, &what),
				 uses[i].is_same);
		assert_string_equal(
			what, uses[i].is_same ? "cards #a"
					      : "no common evaluation data");
	}
	arena_release(&a);
}

static void test_one_data_set_more_is_other_data(void **state)
{
	struct dataset_facts x[] = {
		{ .name = "cards", .digest = "a", .context = "eval" },
		{ .name = "late", .digest = "b", .context = "eval" },
	};
	struct run_detail one = { .datasets = x, .n_datasets = 2 };
	struct run_detail two = { .datasets = x, .n_datasets = 1 };
	struct arena a = ARENA_INIT;
	const char *what;

	(void)state;
	assert_false(run_detail_same_data(&one, &two, &a, &what));
	assert_false(run_detail_same_data(&two, &one, &a, &what));
	assert_true(run_detail_same_data(&one, &one, &a, &what));
	arena_release(&a);
}

/* ---- alerts ---- */

static void add_alert(struct alert_set *set, const char *source,
		      const char *model, const char *version,
		      enum alert_state state)
{
	struct alert a = { .source = (char *)source,
			   .model = (char *)model,
			   .version = (char *)version,
			   .monitor = (char *)"mon",
			   .column = (char *)"amount",
			   .rule = (char *)"drift",
			   .statistic = (char *)"PSI",
			   .acked_by = (char *)"",
			   .note = (char *)"",
			   .text = (char *)"",
			   .state = state,
			   .value = .31,
			   .threshold = .2 };

	alert_set_add(set, &a);
}

/* What the state folder says of who watches, NULL: somebody does. */
static const char *unwatched;

static bool alerts_pass(const struct alert_set *set, const char **evidence)
{
	static struct arena a;
	const struct gate_conf g = { .name = "quiet",
				     .kind = GATE_ALERTS,
				     .on = GATE_ON_PROMOTE };
	const struct gate_evidence e = { .source = "prod",
					 .model = "m",
					 .version = "4",
					 .holder_version = "3",
					 .alerts = set,
					 .unwatched = unwatched };
	struct gate_result out;

	arena_release(&a);
	gate_evaluate(&g, &e, &a, &out);
	*evidence = out.evidence;
	return out.is_passed;
}

static void test_alerts_of_the_candidate_alone_count(void **state)
{
	struct alert_set set = { 0 };
	const char *evidence;

	(void)state;
	assert_true(alerts_pass(&set, &evidence));
	add_alert(&set, "prod", "m", "3", ALERT_FIRING); /* is replaced */
	add_alert(&set, "prod", "other", "4", ALERT_FIRING);
	add_alert(&set, "lab", "m", "4", ALERT_FIRING);
	add_alert(&set, "prod", "m", "4", ALERT_PENDING);
	add_alert(&set, "prod", "m", "4", ALERT_RESOLVED);
	add_alert(&set, "prod", "m", "4", ALERT_SUPERSEDED);
	assert_true(alerts_pass(&set, &evidence));
	add_alert(&set, "prod", "m", "4", ALERT_FIRING);
	assert_false(alerts_pass(&set, &evidence));
	assert_string_equal(evidence, "amount PSI 0.31 > 0.20");
	alert_set_clear(&set);
}

static void test_alerts_that_cannot_be_read_fail(void **state)
{
	const char *evidence;

	(void)state;
	assert_false(alerts_pass(NULL, &evidence));
}

static void test_alerts_say_nothing_where_nobody_watches(void **state)
{
	struct alert_set set = { 0 };
	const char *evidence;

	(void)state;
	unwatched = "nobody watches since 02:10";
	assert_false(alerts_pass(&set, &evidence));
	assert_string_equal(evidence, "nobody watches since 02:10");
	unwatched = NULL;
	assert_true(alerts_pass(&set, &evidence));
}

static void test_what_this_version_cannot_test_fails(void **state)
{
	const struct gate_conf g = { .name = "people",
				     .kind = GATE_UNSUPPORTED,
				     .what = "approvals" };
	const struct gate_evidence e = { .holder_version = "" };
	struct gate_result out;
	struct arena a = ARENA_INIT;

	(void)state;
	gate_evaluate(&g, &e, &a, &out);
	assert_false(out.is_passed);
	assert_non_null(strstr(out.evidence, "approvals"));
	arena_release(&a);
}

/* ---- the policy ---- */

static void test_the_digest_changes_with_any_word_of_the_policy(void **state)
{
	struct gate_conf all[2] = { metric_gate(), metric_gate() };
	struct gate_conf g = metric_gate();
	char old[SHA256_HEX], again[SHA256_HEX];

	(void)state;
	gates_digest(&g, 1, old);
	gates_digest(all, 2, again);
	assert_string_not_equal(old, again);
	gates_digest(all, 1, again);
	assert_string_equal(old, again);
	g.min = .1;
	gates_digest(&g, 1, again);
	assert_string_not_equal(old, again);
	g = metric_gate();
	g.same_data = true;
	gates_digest(&g, 1, again);
	assert_string_not_equal(old, again);
	g = metric_gate();
	g.on = GATE_ON_ROLLBACK;
	gates_digest(&g, 1, again);
	assert_string_not_equal(old, again);
	g = metric_gate();
	g.metric = "val/f1";
	gates_digest(&g, 1, again);
	assert_string_not_equal(old, again);
	gates_digest(NULL, 0, again);
	assert_string_not_equal(old, again);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_metrics),
		cmocka_unit_test(test_a_run_that_is_not_known),
		cmocka_unit_test(test_the_words),
		cmocka_unit_test(
			test_training_data_does_not_count_beside_evaluation),
		cmocka_unit_test(test_only_evaluation_data_is_evidence),
		cmocka_unit_test(test_one_data_set_more_is_other_data),
		cmocka_unit_test(test_alerts_of_the_candidate_alone_count),
		cmocka_unit_test(test_alerts_that_cannot_be_read_fail),
		cmocka_unit_test(test_alerts_say_nothing_where_nobody_watches),
		cmocka_unit_test(test_what_this_version_cannot_test_fails),
		cmocka_unit_test(
			test_the_digest_changes_with_any_word_of_the_policy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
