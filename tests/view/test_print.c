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
#include "view/print.h"

#define NOW_MS 1790000000000

static struct model model;
static struct view_ctx ctx = { .model = &model, .now_ms = NOW_MS };

static int setup(void **state)
{
	struct batch *b = batch_new();
	uint32_t run;

	(void)state;
	model_init(&model);
	model_add_source(&model, "lab", "mlflow", "x.db", false);
	b->state = SOURCE_LIVE;
	b->read_utc_ms = NOW_MS - 5000;
	b->n_runs_total = 2;
	batch_add_experiment(
		b, &(struct experiment_facts){ .id = "7", .name = "fraud" });
	run = batch_add_run(b, &(struct run_facts){ .id = "id-a",
						    .name = "rf\x1b[31m,\"x\"",
						    .experiment_id = "7",
						    .user = "",
						    .parent_id = "id-b",
						    .status = RUN_RUNNING,
						    .start_ms = NOW_MS - 90000,
						    .end_ms = TIME_NONE });
	batch_add_number(b, run, batch_key(b, VALUE_METRIC, "val/auc"), .98061);
	batch_add_number(b, run, batch_key(b, VALUE_METRIC, "loss"), NAN);
	batch_add_text(b, run, batch_key(b, VALUE_PARAM, "depth"), "14");
	run = batch_add_run(
		b, &(struct run_facts){ .id = "id-b",
					.name = "gbt",
					.experiment_id = "7",
					.user = "ann",
					.parent_id = "",
					.status = RUN_FAILED,
					.start_ms = NOW_MS - 3 * 3600000,
					.end_ms = NOW_MS });
	batch_add_number(b, run, batch_key(b, VALUE_METRIC, "loss"), INFINITY);
	batch_add_text(b, run, batch_key(b, VALUE_TAG, "team"), "a,b");
	batch_add_count(b, &(struct metric_count){ "7", "val/auc", 1 });
	batch_add_count(b, &(struct metric_count){ "7", "loss", 2 });
	model_apply(&model, b, NOW_MS, 1);
	batch_free(b);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	model_release(&model);
	return 0;
}

static bool to_buf(void *to, const char *bytes, size_t len)
{
	buf_add(to, bytes, len);
	return true;
}

/* The list of both runs in a form; yours. */
static char *print_runs(enum print_form form, const char *const *picks,
			size_t n_picks, unsigned width)
{
	struct print_style style = { .form = form,
				     .look = { .now_ms = NOW_MS },
				     .width = width };
	static const uint32_t rows[] = { 0, 1 };
	struct view_runs_ask ask = { .set = model.runs,
				     .rows = rows,
				     .n_rows = 2,
				     .picks = picks,
				     .n_picks = n_picks };
	struct buf text = BUF_INIT(0);
	struct view_list list;
	struct err err = { 0 };

	assert_int_equal(view_runs(&list, &ctx, &ask, &err), ERR_OK);
	assert_true(view_print(&list, &style, to_buf, &text));
	view_list_release(&list);
	return buf_take(&text);
}

static void check_text(char *got, const char *expected)
{
	assert_string_equal(got, expected);
	free(got);
}

static void test_json_is_exact_and_whole(void **state)
{
	(void)state;
	check_text(print_runs(PRINT_JSON, NULL, 0, 0),
		   "[{\"source\":\"lab\",\"run_id\":\"id-a\","
		   "\"name\":\"rf\\u001b[31m,\\\"x\\\"\","
		   "\"experiment\":\"fraud\",\"experiment_id\":\"7\","
		   "\"status\":\"RUNNING\",\"lifecycle\":\"active\","
		   "\"user\":null,\"start_time_ms\":1789999910000,"
		   "\"end_time_ms\":null,\"parent_run_id\":\"id-b\","
		   "\"params\":{\"depth\":\"14\"},"
		   "\"metrics\":{\"loss\":\"NaN\",\"val/auc\":0.98061},"
		   "\"tags\":{}},\n"
		   "{\"source\":\"lab\",\"run_id\":\"id-b\",\"name\":\"gbt\","
		   "\"experiment\":\"fraud\",\"experiment_id\":\"7\","
		   "\"status\":\"FAILED\",\"lifecycle\":\"active\","
		   "\"user\":\"ann\",\"start_time_ms\":1789989200000,"
		   "\"end_time_ms\":1790000000000,\"parent_run_id\":null,"
		   "\"params\":{},\"metrics\":{\"loss\":\"Infinity\"},"
		   "\"tags\":{\"team\":\"a,b\"}}]\n");
}

static void test_csv_flattens_maps(void **state)
{
	(void)state;
	check_text(
		print_runs(PRINT_CSV, NULL, 0, 0),
		"source,run_id,name,experiment,experiment_id,status,lifecycle,"
		"user,start_time_ms,end_time_ms,parent_run_id,params.depth,"
		"metrics.loss,metrics.val/auc,tags.team\r\n"
		"lab,id-a,\"rf\x1b[31m,\"\"x\"\"\",fraud,7,RUNNING,active,,"
		"1789999910000,,id-b,14,NaN,0.98061,\r\n"
		"lab,id-b,gbt,fraud,7,FAILED,active,ann,1789989200000,"
		"1790000000000,,,Infinity,,\"a,b\"\r\n");
}

static void test_a_table_is_for_the_eye(void **state)
{
	(void)state;
	check_text(print_runs(PRINT_TABLE, NULL, 0, 0),
		   "NAME            EXP    STATUS     AGE  METRIC    VALUE\n"
		   "rf\\x1b[31m,\"x\"  fraud  ● running   1m  val/auc  0.9806\n"
		   "gbt             fraud  ✗ failed    3h  val/auc       –\n");
}

static void test_a_narrow_table_is_cut(void **state)
{
	char *text = print_runs(PRINT_TABLE, NULL, 0, 40), *line, *at = text;
	int n = 0;

	(void)state;
	for (line = strsep(&at, "\n"); line && *line;
	     line = strsep(&at, "\n"), n++)
		assert_in_range(text_width(line, strlen(line)), 1, 40);
	assert_int_equal(n, 3);
	free(text);
}

static void test_columns_that_were_picked(void **state)
{
	static const char *const picks[] = { "id", "params.depth", "loss" };

	(void)state;
	check_text(print_runs(PRINT_TABLE, picks, 3, 0), "RUN   depth  loss\n"
							 "id-a  14      NaN\n"
							 "id-b  –       inf\n");
	check_text(print_runs(PRINT_JSONL, picks, 3, 0),
		   "{\"run_id\":\"id-a\",\"params.depth\":\"14\","
		   "\"loss\":\"NaN\"}\n"
		   "{\"run_id\":\"id-b\",\"params.depth\":null,"
		   "\"loss\":\"Infinity\"}\n");
}

static void test_names_alone(void **state)
{
	(void)state;
	check_text(print_runs(PRINT_NAME, NULL, 0, 0), "id-a\nid-b\n");
}

static void test_markdown(void **state)
{
	static const char *const picks[] = { "run_id", "name", "params.depth",
					     "loss" };

	(void)state;
	check_text(print_runs(PRINT_MD, picks, 4, 40),
		   "| RUN | NAME | depth | loss |\n"
		   "| --- | --- | --- | ---: |\n"
		   "| id-a | rf\\\\x1b\\[31m,\"x\" | 14 | NaN |\n"
		   "| id-b | gbt | – | inf |\n");
}

static void test_which_values_columns_need(void **state)
{
	static const char *const picks[] = { "name", "params.depth", "auc" };
	struct value_key *keys;
	size_t n;

	(void)state;
	keys = view_runs_keys(picks, 3, &n);
	assert_int_equal(n, 2);
	assert_int_equal(keys[0].kind, VALUE_PARAM);
	assert_string_equal(keys[0].name, "depth");
	assert_int_equal(keys[1].kind, VALUE_METRIC);
	free(keys);
}

static bool stop_at_once(void *to, const char *bytes, size_t len)
{
	(void)bytes;
	(void)len;
	++*(int *)to;
	return false;
}

static void test_nobody_reads_any_more(void **state)
{
	static const enum print_form forms[] = { PRINT_TABLE, PRINT_WIDE,
						 PRINT_JSON,  PRINT_JSONL,
						 PRINT_CSV,   PRINT_MD,
						 PRINT_NAME };
	struct print_style style = { 0 };
	struct view_list list;
	size_t i;
	int n;

	(void)state;
	for (i = 0; i < ARRAY_LEN(forms); i++) {
		n = 0;
		style.form = forms[i];
		view_sources(&list, &ctx, NULL);
		assert_false(view_print(&list, &style, stop_at_once, &n));
		assert_int_equal(n, 1);
		view_list_release(&list);
	}
}

static void test_sources_say_how_they_are(void **state)
{
	struct print_style style = { .form = PRINT_JSON };
	struct buf text = BUF_INIT(0);
	struct view_list list;

	(void)state;
	view_sources(&list, &ctx, NULL);
	view_print(&list, &style, to_buf, &text);
	view_list_release(&list);
	assert_string_equal(
		buf_str(&text),
		"[{\"name\":\"lab\",\"kind\":\"mlflow\",\"state\":\"live\","
		"\"age_ms\":5000,\"n_runs\":2,\"n_models\":null,"
		"\"writable\":false,\"where\":\"x.db\",\"error\":null,"
		"\"bad_records\":0}]\n");
	buf_release(&text);
}

static struct cell source_cell(const struct view_ctx *c, const char *id,
			       struct arena *a)
{
	struct cell cells[VIEW_MAX_COLUMNS];
	struct view_list list;
	size_t at;

	view_sources(&list, c, NULL);
	view_list_row(&list, 0, a, cells);
	at = view_list_column(&list, id);
	view_list_release(&list);
	return cells[at];
}

/* Runs as lists count them; of a lost one nothing is live. */
static void test_a_lost_source_contradicts_nothing(void **state)
{
	static const char *const ids[] = { "a", "b", "c" };
	struct model m;
	struct view_ctx c = { .model = &m, .now_ms = NOW_MS };
	const struct cell_look look = { .now_ms = NOW_MS };
	struct batch *b = batch_new();
	struct arena a = ARENA_INIT;
	struct cell age;

	(void)state;
	model_init(&m);
	model_add_source(&m, "lab", "mlflow", "x.db", false);
	b->state = SOURCE_LIVE;
	b->read_utc_ms = NOW_MS - 3000;
	b->n_runs_total = 7;
	batch_add_experiment(
		b, &(struct experiment_facts){ .id = "7", .name = "x" });
	for (int i = 0; i < 3; i++)
		batch_add_run(b, &(struct run_facts){ .id = ids[i],
						      .experiment_id = "7",
						      .user = "",
						      .name = "r",
						      .parent_id = "",
						      .is_deleted = i == 1 });
	model_apply(&m, b, NOW_MS, 1);
	assert_int_equal(source_cell(&c, "n_runs", &a).n, 7);
	b->is_complete = true;
	model_apply(&m, b, NOW_MS, 1);
	assert_int_equal(source_cell(&c, "n_runs", &a).n, 2);
	age = source_cell(&c, "age_ms", &a);
	assert_string_equal(cell_shown(&a, &age, &look).s, "live");
	b->state = SOURCE_FAILED;
	model_apply(&m, b, NOW_MS, 1);
	age = source_cell(&c, "age_ms", &a);
	assert_int_equal(age.n, 3000);
	assert_string_equal(cell_shown(&a, &age, &look).s, "3s");
	batch_free(b);
	model_release(&m);
	arena_release(&a);
}

/* In the steps of the header, by the last read and not by the last news. */
static void test_sources_say_how_fresh_they_are(void **state)
{
	static const struct {
		int64_t ms;
		const char *text;
	} ages[] = { { 0, "live" },
		     { 9999, "live" },
		     { 39999, "30s" },
		     { 119999, "1m" } };
	const struct cell_look look = { .now_ms = NOW_MS };
	struct arena a = ARENA_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ages); i++) {
		int64_t read_ms = NOW_MS - ages[i].ms;
		struct cell cells[VIEW_MAX_COLUMNS];
		struct view_list list;

		view_sources(&list, &ctx, &read_ms);
		view_list_row(&list, 0, &a, cells);
		assert_string_equal(
			cell_shown(&a,
				   &cells[view_list_column(&list, "age_ms")],
				   &look)
				.s,
			ages[i].text);
		view_list_release(&list);
	}
	arena_release(&a);
}

/* Registered, made and used alike; what one of them has not is null. */
static void test_a_run_tells_all_its_models(void **state)
{
	static const struct model_version_ref version = { "fraud", "3" };
	static const struct logged_model_facts logged[] = {
		{ .id = "m-1", .name = "net" },
		{ .id = "m-2", .name = "base", .is_input = true },
	};
	const struct run_detail detail = {
		.run = { .id = "id-a",
			 .name = "a",
			 .experiment_id = "7",
			 .user = "",
			 .parent_id = "" },
		.experiment_name = "fraud",
		.n_versions = 1,
		.versions = &version,
		.n_models = 2,
		.models = logged,
	};
	struct print_style style = { .form = PRINT_JSON };
	struct buf text = BUF_INIT(0);
	struct view_list list;

	(void)state;
	view_run(&list, &ctx, 0, &detail);
	view_print(&list, &style, to_buf, &text);
	view_list_release(&list);
	assert_non_null(strstr(
		buf_str(&text),
		"\"models\":[{\"name\":\"fraud\",\"version\":\"3\","
		"\"model_id\":null,\"relation\":\"registered\"},"
		"{\"name\":\"net\",\"version\":null,\"model_id\":\"m-1\","
		"\"relation\":\"made\"},"
		"{\"name\":\"base\",\"version\":null,\"model_id\":\"m-2\","
		"\"relation\":\"uses\"}]"));
	buf_release(&text);
}

static void test_a_history(void **state)
{
	static const struct point points[] = { { 0, 1000, .5 },
					       { 1, 2000, NAN } };
	struct view_history_item item = { .run_id = "r",
					  .metric = "auc",
					  .points = points,
					  .n = 2,
					  .n_total = 9 };
	struct print_style style = { .form = PRINT_JSON };
	struct buf text = BUF_INIT(0);
	struct view_list list;

	(void)state;
	view_history(&list, &ctx, &item, 1);
	view_print(&list, &style, to_buf, &text);
	view_list_release(&list);
	assert_string_equal(
		buf_str(&text),
		"[{\"source\":\"lab\",\"run_id\":\"r\",\"metric\":\"auc\","
		"\"n_total\":9,\"points\":["
		"{\"step\":0,\"time_ms\":1000,\"value\":0.5},"
		"{\"step\":1,\"time_ms\":2000,\"value\":\"NaN\"}]}]\n");
	buf_clear(&text);
	style.form = PRINT_CSV;
	view_points(&list, &ctx, &item, 1);
	view_print(&list, &style, to_buf, &text);
	view_list_release(&list);
	assert_string_equal(buf_str(&text),
			    "source,run_id,metric,step,time_ms,value\r\n"
			    "lab,r,auc,0,1000,0.5\r\nlab,r,auc,1,2000,NaN\r\n");
	buf_release(&text);
}

static void test_forms_have_names(void **state)
{
	enum print_form form;

	(void)state;
	assert_true(print_form_parse("jsonl", &form));
	assert_int_equal(form, PRINT_JSONL);
	assert_false(print_form_parse("xml", &form));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_json_is_exact_and_whole),
		cmocka_unit_test(test_csv_flattens_maps),
		cmocka_unit_test(test_a_table_is_for_the_eye),
		cmocka_unit_test(test_a_narrow_table_is_cut),
		cmocka_unit_test(test_columns_that_were_picked),
		cmocka_unit_test(test_names_alone),
		cmocka_unit_test(test_markdown),
		cmocka_unit_test(test_which_values_columns_need),
		cmocka_unit_test(test_nobody_reads_any_more),
		cmocka_unit_test(test_sources_say_how_they_are),
		cmocka_unit_test(test_a_lost_source_contradicts_nothing),
		cmocka_unit_test(test_sources_say_how_fresh_they_are),
		cmocka_unit_test(test_a_run_tells_all_its_models),
		cmocka_unit_test(test_a_history),
		cmocka_unit_test(test_forms_have_names),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
