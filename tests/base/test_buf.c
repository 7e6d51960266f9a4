/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_starts_as_empty_string(void **state)
{
	struct buf b = BUF_INIT(10);

	(void)state;
	assert_string_equal(buf_str(&b), "");
	buf_add(&b, "", 0);
	assert_non_null(b.data);
	buf_release(&b);
	assert_null(b.data);
	assert_int_equal(b.max, 10);
}

static void test_appends_and_ends_with_nul(void **state)
{
	struct buf b = BUF_INIT(1000);

	(void)state;
	buf_adds(&b, "one");
	buf_addc(&b, ' ');
	buf_addf(&b, "%d-%s", 2, "three");
	buf_add(&b, "a\0b", 3);
	assert_int_equal(b.len, 14);
	assert_memory_equal(b.data, "one 2-threea\0b", 15);
	buf_release(&b);
}

static void test_formats_what_is_longer_than_the_stack(void **state)
{
	struct buf b = BUF_INIT(100000);

	(void)state;
	for (int i = 0; i < 3; i++)
		buf_addf(&b, "%*d|", 999 + i, i);
	assert_int_equal(b.len, 1000 + 1001 + 1002);
	assert_int_equal(b.data[998], '0');
	assert_string_equal(b.data + b.len - 2, "2|");
	buf_release(&b);
}

static void test_past_the_cap_nothing_more_is_added(void **state)
{
	struct buf b = BUF_INIT(5);

	(void)state;
	buf_adds(&b, "1234");
	assert_false(b.is_cut);
	buf_adds(&b, "56");
	assert_true(b.is_cut);
	assert_string_equal(buf_str(&b), "1234");
	/* It would fit, but would not be what was meant. */
	buf_addc(&b, '7');
	buf_addf(&b, "%d", 8);
	assert_string_equal(buf_str(&b), "1234");
	buf_clear(&b);
	assert_false(b.is_cut);
	buf_adds(&b, "12345");
	assert_string_equal(buf_str(&b), "12345");
	assert_false(b.is_cut);
	buf_release(&b);
}

static void test_zeroed_struct_has_the_default_cap(void **state)
{
	struct buf b = { 0 };

	(void)state;
	buf_adds(&b, "x");
	assert_string_equal(buf_str(&b), "x");
	assert_false(buf_reserve(&b, BUF_DEFAULT_MAX));
	assert_false(buf_reserve(&b, SIZE_MAX));
	assert_false(b.is_cut);
	buf_release(&b);
}

static void test_drop_keeps_the_rest(void **state)
{
	struct buf b = BUF_INIT(100);

	(void)state;
	buf_drop(&b, 0);
	buf_adds(&b, "abcdef");
	buf_drop(&b, 2);
	assert_string_equal(buf_str(&b), "cdef");
	buf_drop(&b, 4);
	assert_string_equal(buf_str(&b), "");
	assert_int_equal(b.len, 0);
	buf_release(&b);
}

static void test_reserved_room_does_not_move(void **state)
{
	struct buf b = BUF_INIT(100000);
	const char *at;

	(void)state;
	assert_true(buf_reserve(&b, 50000));
	at = b.data;
	for (int i = 0; i < 50000; i++)
		buf_addc(&b, 'x');
	assert_ptr_equal(b.data, at);
	buf_release(&b);
}

static void test_take_gives_it_away(void **state)
{
	struct buf b = BUF_INIT(100);
	char *s;

	(void)state;
	s = buf_take(&b);
	assert_string_equal(s, "");
	free(s);
	buf_adds(&b, "mine");
	s = buf_take(&b);
	assert_string_equal(s, "mine");
	assert_string_equal(buf_str(&b), "");
	assert_int_equal(b.len, 0);
	free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_starts_as_empty_string),
		cmocka_unit_test(test_appends_and_ends_with_nul),
		cmocka_unit_test(test_formats_what_is_longer_than_the_stack),
		cmocka_unit_test(test_past_the_cap_nothing_more_is_added),
		cmocka_unit_test(test_zeroed_struct_has_the_default_cap),
		cmocka_unit_test(test_drop_keeps_the_rest),
		cmocka_unit_test(test_reserved_room_does_not_move),
		cmocka_unit_test(test_take_gives_it_away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
