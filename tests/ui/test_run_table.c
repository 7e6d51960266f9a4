/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "../../src/ui/run_table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"

static const char *printed(const struct run_table *t)
{
	static char out[400];
	struct buf b = BUF_INIT(400);

	run_table_print(t, &b);
	strcpy(out, buf_str(&b));
	buf_release(&b);
	return out;
}

static void test_names_are_taken_apart(void **state)
{
	static const char *const table[][2] = {
		{ "", "" },
		{ "name", "name" },
		{ "status", "name,status" }, /* the name always is first */
		{ "name, status ,,age", "name,status,age" },
		{ "name,age,age", "name,age" },
		{ "name,metrics.auc=9", "name,metrics.auc=9" },
		{ "name,params.a=b", "name,params.a=b" },
		{ "name,params.a=0,tags.b=81", "name,params.a=0,tags.b=81" },
		{ "name,metric.`a,b`=9,\"c d\"", "name,`metrics.a,b`=9,c d" },
		{ "name,`metrics.a,b`=9,c d", "name,`metrics.a,b`=9,c d" },
		{ "name,`tags.b=8`", "name,`tags.b=8`" },
		{ "run_name,attributes.end_time", "name,end" },
	};
	struct run_table t = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		assert_true(run_table_parse(&t, table[i][0]));
		assert_string_equal(printed(&t), table[i][1]);
	}
	run_table_release(&t);
}

static void test_too_many_are_none(void **state)
{
	struct buf names = BUF_INIT(1 << 16);
	struct run_table t = { 0 };

	(void)state;
	assert_true(run_table_parse(&t, "name,age"));
	for (int i = 0; i < RUN_TABLE_MAX + 1; i++)
		buf_addf(&names, "metrics.m%d,", i);
	assert_false(run_table_parse(&t, buf_str(&names)));
	assert_string_equal(printed(&t), "name,age");
	run_table_release(&t);
	buf_release(&names);
}

static void test_one_too_many_is_told(void **state)
{
	struct run_table t = { 0 };
	char name[32];

	(void)state;
	for (int i = 1; i < RUN_TABLE_MAX; i++) {
		snprintf(name, sizeof(name), "metrics.m%d", i);
		assert_true(run_table_add(&t, name));
	}
	assert_false(run_table_add(&t, "age"));
	assert_int_equal(t.n, RUN_TABLE_MAX);
	assert_true(run_table_add(&t, "metrics.m1"));
	run_table_release(&t);
}

static void test_columns_are_changed(void **state)
{
	struct run_table t = { 0 };

	(void)state;
	assert_true(run_table_add(&t, "age"));
	assert_true(run_table_add(&t, "status"));
	assert_true(run_table_add(&t, "trend"));
	assert_true(run_table_add(&t, "age"));
	assert_string_equal(printed(&t), "name,age,status,trend");
	assert_int_equal(run_table_find(&t, "status"), 2);
	assert_true(run_table_find(&t, "user") == SIZE_MAX);
	assert_int_equal(run_table_move(&t, 3, -1), 2);
	assert_string_equal(printed(&t), "name,age,trend,status");
	assert_int_equal(run_table_move(&t, 1, 9), 3);
	assert_string_equal(printed(&t), "name,trend,status,age");
	/* Nothing goes before the name, which goes nowhere. */
	assert_int_equal(run_table_move(&t, 1, -9), 1);
	assert_int_equal(run_table_move(&t, 0, 1), 0);
	run_table_remove(&t, 0);
	assert_string_equal(printed(&t), "name,trend,status,age");
	run_table_widen(&t, 2, 3);
	assert_string_equal(printed(&t), "name,trend,status=9,age");
	run_table_widen(&t, 2, -100);
	assert_string_equal(printed(&t), "name,trend,status=1,age");
	for (int i = 0; i < 3; i++)
		run_table_remove(&t, 1);
	/* The name alone is no choice. */
	assert_string_equal(printed(&t), "");
	run_table_release(&t);
}

static void test_values_are_asked_for(void **state)
{
	struct run_table t = { 0 };
	struct value_key *keys;
	size_t n;

	(void)state;
	assert_true(run_table_parse(
		&t, "name,trend,metrics.auc,params.lr,age,dataset.name"));
	keys = run_table_keys(&t, &n);
	assert_int_equal(n, 3);
	assert_int_equal(keys[0].kind, VALUE_METRIC);
	assert_string_equal(keys[0].name, "auc");
	assert_int_equal(keys[1].kind, VALUE_PARAM);
	assert_int_equal(keys[2].kind, VALUE_FACT);
	free(keys);
	run_table_release(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_are_taken_apart),
		cmocka_unit_test(test_too_many_are_none),
		cmocka_unit_test(test_one_too_many_is_told),
		cmocka_unit_test(test_columns_are_changed),
		cmocka_unit_test(test_values_are_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
