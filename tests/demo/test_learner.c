/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "demo/lab.h"
#include "demo/learner.h"

static struct lab lab;

/* clang-format off */
static const struct recipe recipes[WORLD_N] = {
	{ .world = WORLD_FRAUD, .seed = 1, .steps = 25, .depth = 10,
	  .min_leaf = 6, .n_try = 3 },
	{ .world = WORLD_SOLAR, .seed = 1, .steps = 50, .depth = 4,
	  .min_leaf = 12, .rate = .1, .share = .7 },
	{ .world = WORLD_ICU, .seed = 1, .steps = 12, .filters = 4,
	  .batch = 16, .rate = .003 },
};
/* clang-format on */

static struct learner *trained(enum world_id world, enum lab_data data,
			       double *scores)
{
	struct learner *l =
		learner_new(&recipes[world], lab_frame(&lab, world, data),
			    lab_frame(&lab, world, LAB_HOLDOUT));

	while (learner_step(l))
		;
	assert_int_equal(learner_done(l), recipes[world].steps);
	learner_scores(l, scores);
	return l;
}

static void test_auc_known_answers(void **state)
{
	const double score[] = { .1, .4, .35, .8 };
	const float y[] = { 0, 0, 1, 1 };
	const double tied[] = { .5, .5, .5, .5 };
	const float ones[] = { 1, 1, 1, 1 };

	(void)state;
	/* scikit-learn's example for roc_auc_score. */
	assert_true(fabs(score_auc(score, y, 4) - .75) < 1e-12);
	assert_true(fabs(score_auc(tied, y, 4) - .5) < 1e-12);
	assert_true(isnan(score_auc(score, ones, 4)));
}

static void test_logloss_known_answers(void **state)
{
	const double p[] = { .5, .9, 0 };
	const float y[] = { 1, 0, 1 };

	(void)state;
	assert_true(fabs(score_logloss(p, y, 1) - log(2)) < 1e-12);
	assert_true(fabs(score_logloss(p, y, 2) - (log(2) - log(.1)) / 2) <
		    1e-12);
	assert_true(fabs(score_logloss(p + 2, y + 2, 1) - -log(1e-6)) < 1e-9);
}

static void test_models_learn(void **state)
{
	double s[LEARNER_MAX_SCORES];

	(void)state;
	learner_free(trained(WORLD_FRAUD, LAB_OCTOBER, s));
	assert_true(s[0] > .8);
	learner_free(trained(WORLD_ICU, LAB_OCTOBER, s));
	assert_true(s[0] > .7);
	learner_free(trained(WORLD_SOLAR, LAB_OCTOBER, s));
	assert_true(s[0] < .12); /* the mean alone has about .6 */
}

/* What the demo tells: the newer data repair what the drift broke. */
static void test_newer_data_repair(void **state)
{
	double old[LEARNER_MAX_SCORES], new[LEARNER_MAX_SCORES];

	(void)state;
	learner_free(trained(WORLD_FRAUD, LAB_OCTOBER, old));
	learner_free(trained(WORLD_FRAUD, LAB_NOVEMBER, new));
	assert_true(new[0] > old[0] + .01);
	assert_true(new[1] < old[1]);
}

static void test_same_recipe_same_model(void **state)
{
	(void)state;
	for (int w = 0; w < WORLD_N; w++) {
		struct buf a = BUF_INIT(1 << 22), b = BUF_INIT(1 << 22);
		double s[LEARNER_MAX_SCORES], t[LEARNER_MAX_SCORES];
		struct learner *l = trained((enum world_id)w, LAB_OCTOBER, s);
		struct learner *m = trained((enum world_id)w, LAB_OCTOBER, t);

		predictor_save(learner_predictor(l), &a);
		predictor_save(learner_predictor(m), &b);
		assert_string_equal(buf_str(&a), buf_str(&b));
		assert_true(s[0] == t[0]);
		learner_free(l);
		learner_free(m);
		buf_release(&a);
		buf_release(&b);
	}
}

static void test_saved_weights_score_the_same(void **state)
{
	(void)state;
	for (int w = 0; w < WORLD_N; w++) {
		struct buf text = BUF_INIT(1 << 22);
		double s[LEARNER_MAX_SCORES], t[LEARNER_MAX_SCORES];
		struct learner *l = trained((enum world_id)w, LAB_OCTOBER, s);
		struct predictor *p;
		size_t n;

		predictor_save(learner_predictor(l), &text);
		p = predictor_load(buf_str(&text));
		assert_non_null(p);
		assert_int_equal(predictor_world(p), w);
		predictor_scores(
			p, lab_frame(&lab, (enum world_id)w, LAB_HOLDOUT), t);
		learner_metrics(world_get((enum world_id)w), &n);
		for (size_t i = 0; i + 1 < n; i++)
			assert_true(t[i] == s[i]);
		predictor_free(p);
		learner_free(l);
		buf_release(&text);
	}
}

static void test_bad_weights_are_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"not a model",
		"mltower-demo 2 fraud 1 0 0\ntree 1\n-1 0 0 1\n",
		"mltower-demo 1 moon 1 0 0\ntree 1\n-1 0 0 1\n",
		"mltower-demo 1 fraud 0 0 0\n",
		"mltower-demo 1 fraud 2 0 0\ntree 1\n-1 0 0 1\n",
		"mltower-demo 1 fraud 4000000000 0 0\ntree 1\n-1 0 0 1\n",
		"mltower-demo 1 fraud 1 0 0\ntree 4000000000\n",
		/* a column that is not there, a loop, a child past the end */
		"mltower-demo 1 fraud 1 0 0\ntree 3\n70 1 0 0\n-1 0 0 1\n"
		"-1 0 0 1\n",
		"mltower-demo 1 fraud 1 0 0\ntree 3\n0 0 0 0\n-1 0 0 1\n"
		"-1 0 0 1\n",
		"mltower-demo 1 fraud 1 0 0\ntree 3\n0 2 0 0\n-1 0 0 1\n"
		"-1 0 0 1\n",
		"mltower-demo 1 icu 0 0 0\ncnn 99\n1 2 3\n",
		"mltower-demo 1 icu 0 0 0\ncnn 4\n1 2 3\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_null(predictor_load(bad[i]));
}

static void test_params_say_the_recipe(void **state)
{
	(void)state;
	for (int w = 0; w < WORLD_N; w++) {
		struct recipe back = { .world = (enum world_id)w };
		char value[LAB_VALUE_MAX];
		const char *name;
		size_t n = 0;

		while (lab_param_get(&recipes[w], n, &name, value)) {
			lab_param_set(&back, name, value);
			n++;
		}
		assert_true(n >= 5);
		assert_memory_equal(&back, &recipes[w], sizeof(back));
	}
}

static int release(void **state)
{
	(void)state;
	lab_release(&lab);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_auc_known_answers),
		cmocka_unit_test(test_logloss_known_answers),
		cmocka_unit_test(test_models_learn),
		cmocka_unit_test(test_newer_data_repair),
		cmocka_unit_test(test_same_recipe_same_model),
		cmocka_unit_test(test_saved_weights_score_the_same),
		cmocka_unit_test(test_bad_weights_are_refused),
		cmocka_unit_test(test_params_say_the_recipe),
	};

	return cmocka_run_group_tests(tests, NULL, release);
}
