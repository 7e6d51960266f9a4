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

#include "view/print.h"

static struct model model;
static struct view_ctx ctx = { .model = &model, .now_ms = 1000000 };

static int setup(void **state)
{
	(void)state;
	model_init(&model);
	model_add_source(&model, "lab", "mlflow", "x.db", false);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	model_release(&model);
	return 0;
}

/* A run with params depth and seed, one evaluation dataset, and metrics. */
struct run {
	struct run_detail detail;
	struct name_value params[2], tags[2];
	struct last_metric metrics[3];
	struct dataset_facts datasets[2];
};

static void make_run(struct run *r, const char *id, const char *depth,
		     const char *seed, const char *digest, double auc,
		     double loss)
{
	*r = (struct run){
		.params = { { "depth", depth }, { "seed", seed } },
		.tags = { { "mlflow.source.git.commit", "9b03e1c" },
			  { "mlflow.user", id } },
		.metrics = { { "auc", auc, 1, 1 },
			     { "loss", loss, 1, 1 },
			     { "weight", auc, 1, 1 } },
		.datasets = { { id, id, "train", "", "", "", "" },
			      { "tx", digest, "eval", "", "", "", "" } },
	};
	r->detail = (struct run_detail){
		.run = { .id = id,
			 .name = id,
			 .experiment_id = "1",
			 .user = "",
			 .parent_id = "",
			 .status = RUN_FINISHED,
			 .start_ms = 1,
			 .end_ms = 2 },
		.experiment_name = "fraud",
		.artifact_uri = "",
		.n_params = 2,
		.n_tags = 2,
		.n_metrics = 3,
		.n_datasets = 2,
		.params = r->params,
		.tags = r->tags,
		.metrics = r->metrics,
		.datasets = r->datasets,
	};
}

static const struct compare_row *find_row(const struct compare *c,
					  const char *name)
{
	size_t i;

	for (i = 0; i < c->n_rows; i++)
		if (!strcmp(c->rows[i].name, name))
			return &c->rows[i];
	fail_msg("no row %s", name);
	return NULL;
}

static enum compare_word word(const struct compare *c, const char *name,
			      size_t run)
{
	return find_row(c, name)->values[run].word;
}

static void test_better_and_worse_follow_the_goal(void **state)
{
	struct run a, b;
	const struct run_detail *all[] = { &a.detail, &b.detail };
	const struct compare_row *r;
	struct compare c;

	(void)state;
	make_run(&a, "a", "12", "1", "d1", .90, .30);
	make_run(&b, "b", "14", "1", "d1", .92, .35);
	compare_make(&c, &ctx, all, 2, 0);
	assert_int_equal(word(&c, "auc", 1), WORD_BETTER);
	assert_int_equal(word(&c, "loss", 1), WORD_WORSE);
	assert_int_equal(word(&c, "weight", 1), WORD_NONE);
	assert_int_equal(word(&c, "auc", 0), WORD_NONE);
	r = find_row(&c, "auc");
	assert_int_equal(r->values[1].delta.kind, CELL_DELTA);
	assert_true(fabs(r->values[1].delta.number - .02) < 1e-12);
	assert_int_equal(r->values[0].delta.kind, CELL_NONE);
	assert_true(find_row(&c, "depth")->differs);
	assert_false(find_row(&c, "seed")->differs);
	assert_false(find_row(&c, "mlflow.source.git.commit")->differs);
	compare_release(&c);
}

static void test_other_data_is_not_comparable(void **state)
{
	struct run a, b;
	const struct run_detail *all[] = { &a.detail, &b.detail };
	struct compare c;

	(void)state;
	make_run(&a, "a", "12", "1", "d1", .90, .30);
	make_run(&b, "b", "14", "1", "d2", .92, .35);
	compare_make(&c, &ctx, all, 2, 0);
	assert_false(c.same_data[1]);
	assert_int_equal(word(&c, "auc", 1), WORD_NOT_COMPARABLE);
	assert_int_equal(find_row(&c, "auc")->values[1].delta.kind, CELL_NONE);
	assert_string_equal(find_row(&c, "eval")->values[1].value.text,
			    "tx #d2");
	compare_release(&c);
}

static void test_training_data_may_differ(void **state)
{
	struct run a, b;
	const struct run_detail *all[] = { &a.detail, &b.detail };
	struct compare c;

	(void)state;
	make_run(&a, "a", "12", "1", "d1", .90, .30);
	make_run(&b, "b", "14", "1", "d1", .92, .35);
	compare_make(&c, &ctx, all, 2, 0);
	assert_true(find_row(&c, "train")->differs);
	assert_true(c.same_data[1]);
	compare_release(&c);
}

static void test_repeated_runs_tell_what_is_noise(void **state)
{
	struct run a, b, c1;
	const struct run_detail *all[] = { &a.detail, &b.detail, &c1.detail };
	struct compare c;

	(void)state;
	make_run(&a, "a", "12", "1", "d1", .900, .30);
	make_run(&b, "b", "12", "2", "d1", .905, .30);
	make_run(&c1, "c", "14", "1", "d1", .903, .10);
	compare_make(&c, &ctx, all, 3, 0);
	assert_int_equal(word(&c, "auc", 1), WORD_NOISE);
	assert_int_equal(word(&c, "auc", 2), WORD_NOISE);
	assert_int_equal(word(&c, "loss", 1), WORD_SAME);
	assert_int_equal(word(&c, "loss", 2), WORD_BETTER);
	compare_release(&c);
}

static void test_what_only_one_run_has(void **state)
{
	struct run a, b;
	const struct run_detail *all[] = { &a.detail, &b.detail };
	struct compare c;

	(void)state;
	make_run(&a, "a", "12", "1", "d1", .90, NAN);
	make_run(&b, "b", "12", "1", "d1", .90, NAN);
	b.detail.n_metrics = 2;
	b.detail.n_params = 1;
	compare_make(&c, &ctx, all, 2, 1);
	assert_int_equal(c.baseline, 1);
	assert_true(find_row(&c, "weight")->differs);
	assert_int_equal(find_row(&c, "weight")->values[1].value.kind,
			 CELL_NONE);
	assert_true(find_row(&c, "seed")->differs);
	assert_false(find_row(&c, "loss")->differs);
	compare_release(&c);
}

static void test_as_a_list_and_as_json(void **state)
{
	static const uint16_t sources[] = { 0, 0 };
	struct run a, b;
	const struct run_detail *all[] = { &a.detail, &b.detail };
	struct buf text = BUF_INIT(0);
	struct json_out out = JSON_OUT(&text);
	struct view_list list;
	struct compare c;

	(void)state;
	make_run(&a, "a", "12", "1", "d1", .90, .30);
	make_run(&b, "b", "14", "1", "d1", .92, .30);
	compare_make(&c, &ctx, all, 2, 0);
	view_compare(&list, &ctx, &c, all, false);
	assert_int_equal(list.n_rows, c.n_rows);
	view_list_release(&list);
	view_compare(&list, &ctx, &c, all, true);
	assert_int_equal(list.n_rows, c.n_rows - c.n_equal);
	assert_string_equal(list.columns[3].title, "A a base");
	view_list_release(&list);

	view_compare_json(&ctx, &c, all, sources, true, &out);
	assert_non_null(strstr(buf_str(&text),
			       "{\"kind\":\"param\",\"name\":\"depth\","
			       "\"differs\":true,\"values\":[\"12\",\"14\"]}"));
	assert_non_null(strstr(buf_str(&text), "\"values\":[0.9,0.92]"));
	assert_non_null(strstr(buf_str(&text), "{\"runs\":[{\"source\":\"lab\","
					       "\"run_id\":\"a\""));
	assert_null(strstr(buf_str(&text), "\"name\":\"loss\""));
	buf_release(&text);
	compare_release(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_better_and_worse_follow_the_goal),
		cmocka_unit_test(test_other_data_is_not_comparable),
		cmocka_unit_test(test_training_data_may_differ),
		cmocka_unit_test(test_repeated_runs_tell_what_is_noise),
		cmocka_unit_test(test_what_only_one_run_has),
		cmocka_unit_test(test_as_a_list_and_as_json),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
