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

#include "model/filter.h"

#define NOW_MS 1790000000000
#define HOUR   3600000ll

/* Four runs: what each has of values stands in the table below. */
struct fixture {
	struct intern *strings;
	struct run_set *set;
};

static void add_run(struct batch *b, const char *id, const char *name,
		    enum run_status status, int64_t age_ms, int64_t took_ms)
{
	batch_add_run(
		b, &(struct run_facts){
			   .id = id,
			   .name = name,
			   .experiment_id = "7",
			   .user = "ann",
			   .parent_id = "",
			   .status = status,
			   .start_ms = NOW_MS - age_ms,
			   .end_ms = took_ms < 0 ? TIME_NONE
						 : NOW_MS - age_ms + took_ms });
}

static void number(struct batch *b, uint32_t run, const char *name, double v)
{
	batch_add_number(b, run, batch_key(b, VALUE_METRIC, name), v);
}

static void text(struct batch *b, uint32_t run, enum value_kind kind,
		 const char *name, const char *v)
{
	batch_add_text(b, run, batch_key(b, kind, name), v);
}

static int setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));
	struct batch *b = batch_new();

	f->strings = intern_new();
	f->set = run_set_new(f->strings);
	run_set_name_source(f->set, 0, "lab");
	batch_add_experiment(
		b, &(struct experiment_facts){ .id = "7", .name = "fraud" });
	add_run(b, "a0000000000000000000000000000000", "RF-depth14",
		RUN_RUNNING, 2 * HOUR, -1);
	add_run(b, "b0000000000000000000000000000000", "rf depth12",
		RUN_FINISHED, 30 * HOUR, HOUR / 4);
	add_run(b, "c0000000000000000000000000000000", "gbt-solar", RUN_FAILED,
		HOUR / 2, HOUR / 60);
	add_run(b, "d0000000000000000000000000000000", "cnn 100%", RUN_KILLED,
		50 * HOUR, 3 * HOUR);
	number(b, 0, "auc", .9);
	number(b, 1, "auc", .5);
	number(b, 2, "auc", NAN);
	number(b, 0, "val/auc", .8);
	number(b, 1, "val/auc.max", .7);
	text(b, 0, VALUE_PARAM, "depth", "14");
	text(b, 1, VALUE_PARAM, "depth", "12.0");
	text(b, 2, VALUE_PARAM, "depth", "auto");
	text(b, 0, VALUE_TAG, "mlflow.user", "ann");
	text(b, 3, VALUE_TAG, "mlflow.user", "it's");
	run_set_apply(f->set, b);
	batch_free(b);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	run_set_free(f->set);
	intern_free(f->strings);
	free(f);
	return 0;
}

/* The runs that match, as letters: "ac". */
static const char *matches(struct fixture *f, const char *text_)
{
	static char out[8];
	struct filter *filter = NULL;
	struct filter_bound *b;
	struct err err = { 0 };
	struct run_bits bits = { { 0 } };
	size_t column, n = 0;
	uint32_t row;

	if (filter_parse(text_, NOW_MS, &filter, &column, &err))
		fail_msg("%s: column %zu: %s", text_, column, err.msg);
	b = filter_bind(filter, f->set);
	bits.words[0] = (1u << run_set_count(f->set)) - 1;
	filter_keep(b, 0, &bits);
	for (row = 0; row < 64; row++)
		if (bits.words[0] >> row & 1)
			out[n++] = (char)('a' + row);
	out[n] = '\0';
	filter_unbind(b);
	filter_free(filter);
	return out;
}

static void check_matches(struct fixture *f, const char *const (*table)[2],
			  size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strcmp(matches(f, table[i][0]), table[i][1]) != 0)
			fail_msg("%s: %s, not %s", table[i][0],
				 matches(f, table[i][0]), table[i][1]);
}

static void test_words_are_looked_for_in_names(void **state)
{
	static const char *const table[][2] = {
		{ "", "abcd" },        { "  ", "abcd" },
		{ "rf", "ab" },        { "RF", "ab" },
		{ "rf depth12", "b" }, { "\"rf depth\"", "b" },
		{ "'RF-'", "a" },      { "rf and depth14", "a" },
		{ "100%", "d" },       { "nothing", "" },
		{ "\"or\"", "" },      { "solar", "c" },
		{ "status", "" },
	};

	check_matches(*state, table, ARRAY_LEN(table));
}

static void test_numbers_are_compared(void **state)
{
	static const char *const table[][2] = {
		{ "metrics.auc > 0.5", "a" },
		{ "metrics.auc >= .5", "ab" },
		{ "metrics.auc < 1", "ab" },
		{ "metrics.auc = 0.9", "a" },
		{ "metric.auc != 0.9", "bc" },
		{ "metrics.auc = NaN", "c" },
		{ "metrics.auc != nan", "ab" },
		{ "metrics.auc > -inf", "ab" },
		/* Beyond every number there is. */
		{ "metrics.auc < 1e400", "ab" },
		{ "metrics.auc >= 1e400", "" },
		{ "metrics.auc != 1e400", "abc" },
		{ "metrics.auc > -1e400", "ab" },
		{ "metrics.auc in (1e400, 0.9)", "a" },
		/* An `and` too many is none. */
		{ "and metrics.auc > 0.5 AND and metrics.auc > 0 and ", "a" },
		{ "metrics.val/auc > 0", "a" },
		{ "metrics.\"val/auc\" > 0", "a" },
		{ "metrics.`val/auc`<=8e-1", "a" },
		{ "metrics.'val/auc' > 0", "a" },
		{ "metrics.`val/auc`.max > 0", "b" },
		{ "metrics.\"val/auc\".max > 0", "b" },
		{ "metrics.\"val/auc.max\" > 0", "b" },
		{ "has metrics.'val/auc'.max and rf", "b" },
		{ "metrics.unknown > 0", "" },
		{ "metrics.auc>0.4 and metrics.auc<0.6", "b" },
	};

	check_matches(*state, table, ARRAY_LEN(table));
}

static void test_texts_are_compared(void **state)
{
	static const char *const table[][2] = {
		{ "params.depth = 12", "b" }, /* both sides numbers */
		{ "params.depth = '12'", "" },
		{ "params.depth = '12.0'", "b" },
		{ "params.depth > 13", "a" },
		{ "params.depth = auto", "c" },
		{ "params.'depth' = 'auto'", "c" },
		{ "params.depth != 14", "bc" },
		{ "params.depth < zebra", "abc" },
		{ "parameters.depth LIKE '1%'", "ab" },
		{ "tags.mlflow.user = ann", "a" },
		{ "tags.\"mlflow.user\" = \"it's\"", "d" },
		/* Quotes inside stay as they are: MLflow's rule. */
		{ "tags.mlflow.user = 'it''s'", "" },
		{ "tags.mlflow.user ilike 'A_N'", "a" },
		{ "tags.mlflow.user like 'A_N'", "" },
		{ "name LIKE '%depth1_'", "ab" },
		{ "name LIKE 'rf%'", "b" },
		{ "name ILIKE 'rf%'", "ab" },
		{ "name = \"gbt-solar\"", "c" },
		{ "attributes.run_name != 'gbt-solar'", "abd" },
	};

	check_matches(*state, table, ARRAY_LEN(table));
}

static void test_attributes(void **state)
{
	static const char *const table[][2] = {
		{ "status = 'RUNNING'", "a" },
		{ "status = running", "a" },
		{ "status = 'running'", "" },
		{ "attributes.status != FINISHED", "acd" },
		{ "status LIKE 'F%'", "bc" },
		{ "age < 1d", "ac" },
		{ "age >= 30h", "bd" },
		{ "start > -3h", "ac" },
		{ "start < -1d", "bd" },
		{ "end > -1h", "c" },
		{ "duration > 10m", "abd" }, /* a runs on */
		{ "duration <= 1m", "c" },
		{ "user = ann", "abcd" },
		{ "experiment = fraud", "abcd" },
		{ "experiment = 7", "abcd" },
		{ "experiment != fraud", "" },
		{ "experiment_id = '7'", "abcd" },
		{ "id LIKE 'c0%'", "c" },
		{ "source = lab", "abcd" },
		{ "source != lab", "" },
	};

	check_matches(*state, table, ARRAY_LEN(table));
}

static void test_or_not_and_parentheses(void **state)
{
	static const char *const table[][2] = {
		{ "rf or gbt", "abc" },
		{ "not rf", "cd" },
		{ "not rf and not gbt", "d" },
		{ "not (rf or gbt)", "d" },
		{ "rf and depth14 or gbt", "ac" },
		{ "gbt or rf and depth14", "ac" },
		{ "(gbt or rf) and depth14", "a" },
		{ "(gbt or rf) and metrics.auc > .4", "ab" },
		{ "not metrics.auc > .4", "cd" },
		{ "not not rf", "ab" },
		{ "not(rf)", "cd" },
		{ "((((rf))))", "ab" },
	};

	check_matches(*state, table, ARRAY_LEN(table));
}

static void test_has_in_and_regular_expressions(void **state)
{
	static const char *const table[][2] = {
		{ "has metrics.auc", "abc" },
		{ "not has metrics.auc", "d" },
		{ "has", "" },
		{ "has metrics.unknown", "" },
		{ "has end", "bcd" },
		{ "has parent", "" },
		{ "params.depth is null", "d" },
		{ "params.depth IS NOT NULL and rf", "ab" },
		{ "params.depth in (14, auto)", "ac" },
		{ "params.depth in ('12')", "" },
		{ "params.depth not in (14, auto)", "b" },
		{ "metrics.auc in (.9, .5)", "ab" },
		{ "metrics.auc not in (.9)", "bc" },
		{ "status in (running, 'FAILED')", "ac" },
		{ "id in ('a0000000000000000000000000000000')", "a" },
		{ "experiment in (7)", "abcd" },
		{ "experiment not in (fraud)", "" },
		{ "name ~ '^rf'", "b" },
		{ "name ~ '(?i)^rf'", "ab" },
		{ "name !~ depth", "cd" },
		{ "name ~ '1[24]$' or name ~ solar", "abc" },
		{ "params.depth ~ '^[0-9.]+$'", "ab" },
		{ "params.depth !~ '^[0-9.]+$'", "c" },
		{ "metrics.auc ~ '^0'", "ab" },
		{ "metrics.auc like '%N'", "c" },
		{ "metrics.auc not like '0%'", "c" },
		{ "start like '2026%'", "abcd" },
		{ "status > 'FINISHED'", "ad" },
		/* One that would backtrack for ever. */
		{ "name ~ '^(([a-z0-9 -])+.)+!$'", "" },
	};

	check_matches(*state, table, ARRAY_LEN(table));
}

static void test_facts_have_several_values(void **state)
{
	static const char *const table[][2] = {
		{ "dataset.name = tx", "a" },
		{ "dataset.name = eval", "ab" },
		{ "dataset.name != eval", "a" }, /* it has another too */
		{ "datasets.`name` in ('tx', 'none')", "a" },
		{ "dataset.name ~ '^ev'", "ab" },
		{ "alias = champion", "b" },
		{ "has alias", "b" },
		{ "not has dataset.name and not rf", "cd" },
		{ "model.name = fraud", "" },
	};
	struct fixture *f = *state;
	struct batch *b = batch_new();

	add_run(b, "a0000000000000000000000000000000", "RF-depth14",
		RUN_RUNNING, 2 * HOUR, -1);
	add_run(b, "b0000000000000000000000000000000", "rf depth12",
		RUN_FINISHED, 30 * HOUR, HOUR / 4);
	text(b, 0, VALUE_FACT, "dataset.name",
	     "tx\x1f"
	     "eval");
	text(b, 1, VALUE_FACT, "dataset.name", "eval");
	text(b, 1, VALUE_FACT, "alias", "champion");
	run_set_apply(f->set, b);
	batch_free(b);
	check_matches(f, table, ARRAY_LEN(table));
}

static void test_mlflows_spellings(void **state)
{
	static const char *const table[][2] = {
		{ "attributes.`run_name` = 'gbt-solar'", "c" },
		{ "attributes.`Run Name` = 'gbt-solar'", "c" },
		{ "\"run_name\" = 'gbt-solar'", "c" },
		{ "`metrics`.auc>0.5", "a" },
		{ "run.status='RUNNING'AND metric.`auc`>=0.5", "a" },
		{ "created > 0", "abcd" }, /* milliseconds */
		{ "attribute.start_time < 1789999999999", "abcd" },
		{ "start_time < 1789999999", "" },
		{ "tags.`mlflow.user` = \"ann\"", "a" },
		{ "artifact_uri like '%'", "" },
	};

	check_matches(*state, table, ARRAY_LEN(table));
}

static void test_an_error_says_where_and_what(void **state)
{
	static const struct {
		const char *text;
		size_t column;
		const char *expected;
	} table[] = {
		{ "metrics.auc", 12, "= != < <= > >= ~ !~ LIKE" },
		{ "metrics.auc >", 14, "a number" },
		{ "metrics.auc > high", 15, "a number" },
		{ "metrics.auc > '1'", 15, "a number" },
		{ "metrics. > 1", 10, "a name" },
		{ "speed > 1", 1, "metrics.NAME" },
		{ "rf or", 6, "a word or a column" },
		{ "name = ''x''", 10, "behind the quote that closes" },
		{ "metrics.auc > 1 rf", 17, "and" },
		{ "rf metrics.auc > 1", 4, "and" },
		{ "rf\"a b\"", 3, "a blank" },
		{ "rf or", 6, "a word or a column" },
		{ "(rf", 4, "expected 'and', 'or' or ')'" },
		{ "rf)", 3, "and" },
		{ "()", 2, "a word or a column" },
		{ "not", 4, "a word or a column" },
		{ "has metrics.", 13, "a name" },
		{ "params.depth is 12", 17, "NULL" },
		{ "params.depth not 12", 18, "LIKE, ILIKE or IN" },
		{ "params.depth in 12", 17, "(" },
		{ "params.depth in ()", 18, "a number or a text" },
		{ "params.depth in (12", 20, "',' or ')'" },
		{ "status in (RUNNING, soon)", 21, "RUNNING, FINISHED" },
		{ "status = finishd", 10, "RUNNING, FINISHED" },
		{ "name ~ 'a('", 11, "a regular expression" },
		{ "start in (-2h, soon)", 16, "-2h" },
		{ "speed is null", 1, "metrics.NAME" },
		{ "name = 'open", 8, "'" },
		{ "příliš and (", 13, "a word" },
		{ "start > soon", 9, "-2h" },
		{ "age < 5", 7, "10m" },
	};
	struct filter *f;
	struct err err;
	size_t i, column;

	(void)state;
	for (i = 0; i < ARRAY_LEN(table); i++) {
		err = (struct err){ 0 };
		if (!filter_parse(table[i].text, NOW_MS, &f, &column, &err))
			fail_msg("%s: was taken", table[i].text);
		if (column != table[i].column ||
		    !strstr(err.msg, table[i].expected))
			fail_msg("%s: column %zu: %s", table[i].text, column,
				 err.msg);
	}
}

static void test_printed_and_parsed_again(void **state)
{
	static const char *const table[][2] = {
		{ "RF  depth", "RF and depth" },
		{ "\"or\"", "\"or\"" },
		{ "'metrics.auc'", "'metrics.auc'" },
		{ "metric.`a b` >= 1e3", "metric.`a b` >= 1e3" },
		{ "params.\"a\"\"b\" = 'it''s'",
		  "params.\"a\"\"b\" = 'it''s'" },
		{ "METRICS.auc and (a)", "METRICS.auc and a" },
		{ "(a or b) AND not (c or (d and e))",
		  "(a or b) and not (c or d and e)" },
		{ "not(not a)", "not not a" },
		{ "not (is)", "not is" },
		{ "params.x not in ('a', 2,\"c\")",
		  "params.x NOT IN ('a', 2, \"c\")" },
		{ "params.x is not null or tags.`y z` is null",
		  "has params.x or not has tags.`y z`" },
		{ "name !~ '^rf-(a|b)$' and user not like 'y'",
		  "name !~ '^rf-(a|b)$' and user NOT LIKE 'y'" },
		{ "datasets.name ilike 'x' and alias=champion",
		  "dataset.name ILIKE 'x' and alias = champion" },
		{ "`metrics`.acc>1 and \"run_name\" = 'x'",
		  "`metrics`.acc > 1 and \"run_name\" = 'x'" },
		{ "params.a = 'C:\\' and rf", "params.a = 'C:\\' and rf" },
		{ "attr.start_time > -2h and age<1d",
		  "start > -2h and age < 1d" },
		{ "name ilike \"x\"", "name ILIKE \"x\"" },
	};
	struct buf once = BUF_INIT(0), twice = BUF_INIT(0);
	struct filter *f;
	struct err err = { 0 };
	size_t i, column;

	(void)state;
	for (i = 0; i < ARRAY_LEN(table); i++) {
		assert_int_equal(
			filter_parse(table[i][0], NOW_MS, &f, &column, &err),
			ERR_OK);
		filter_print(f, &once);
		filter_free(f);
		assert_string_equal(buf_str(&once), table[i][1]);
		assert_int_equal(
			filter_parse(buf_str(&once), NOW_MS, &f, &column, &err),
			ERR_OK);
		filter_print(f, &twice);
		filter_free(f);
		assert_string_equal(buf_str(&once), buf_str(&twice));
		buf_clear(&once);
		buf_clear(&twice);
	}
	buf_release(&once);
	buf_release(&twice);
}

static void test_it_says_which_columns_it_needs(void **state)
{
	struct filter *f;
	struct err err = { 0 };
	size_t column;

	(void)state;
	assert_int_equal(filter_parse("metrics.a > 1 and params.b = x and "
				      "metrics.a < 2 and name = y",
				      NOW_MS, &f, &column, &err),
			 ERR_OK);
	assert_int_equal(filter_n_columns(f), 2);
	assert_int_equal(filter_column(f, 0).kind, VALUE_METRIC);
	assert_string_equal(filter_column(f, 0).name, "a");
	assert_int_equal(filter_column(f, 1).kind, VALUE_PARAM);
	filter_free(f);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_words_are_looked_for_in_names),
		T(test_numbers_are_compared),
		T(test_texts_are_compared),
		T(test_attributes),
		T(test_or_not_and_parentheses),
		T(test_has_in_and_regular_expressions),
		T(test_facts_have_several_values),
		T(test_mlflows_spellings),
		T(test_an_error_says_where_and_what),
		T(test_printed_and_parsed_again),
		T(test_it_says_which_columns_it_needs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
