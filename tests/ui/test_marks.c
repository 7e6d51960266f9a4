/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../src/ui/marks.h"

static void test_in_the_order_of_marking(void **state)
{
	struct marks m = { 0 };

	(void)state;
	assert_false(marks_have(&m, 7));
	marks_clear(&m);
	marks_toggle(&m, 700);
	marks_toggle(&m, 7);
	marks_add(&m, 63);
	marks_add(&m, 7);
	assert_int_equal(m.n, 3);
	assert_int_equal(m.rows[0], 700);
	assert_int_equal(m.rows[1], 7);
	assert_true(marks_have(&m, 63));
	assert_false(marks_have(&m, 64));
	marks_toggle(&m, 7);
	assert_false(marks_have(&m, 7));
	assert_int_equal(m.n, 2);
	assert_int_equal(m.rows[1], 63);
	marks_clear(&m);
	assert_false(marks_have(&m, 700));
	assert_int_equal(m.n, 0);
	marks_release(&m);
}

static void test_some_are_dropped(void **state)
{
	static const uint32_t away[] = { 63, 7, 1000 };
	struct marks m = { 0 };
	uint32_t gen;

	(void)state;
	marks_drop(&m, away, 3);
	for (uint32_t row = 5; row < 100; row++)
		marks_add(&m, row);
	gen = m.gen;
	marks_drop(&m, away, 3);
	assert_int_not_equal(m.gen, gen);
	assert_int_equal(m.n, 93);
	assert_false(marks_have(&m, 7));
	assert_int_equal(m.rows[2], 8);
	assert_true(marks_have(&m, 8));
	marks_release(&m);
}

/* All of a list of a million, as `+` does. */
static void test_a_million(void **state)
{
	struct marks m = { 0 };

	(void)state;
	for (uint32_t i = 0; i < 1000000; i++)
		marks_add(&m, 999999 - i);
	for (uint32_t i = 0; i < 1000000; i++)
		marks_add(&m, i);
	assert_int_equal(m.n, 1000000);
	assert_true(marks_have(&m, 999999));
	marks_release(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_in_the_order_of_marking),
		cmocka_unit_test(test_some_are_dropped),
		cmocka_unit_test(test_a_million),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
