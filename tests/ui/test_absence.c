/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../src/ui/absence.h"
#include "base/clock.h"

#define MINUTE_MS 60000

static void test_the_line_stands_until_it_was_read(void **state)
{
	struct absence a;

	(void)state;
	absence_init(&a);
	absence_note_key(&a, 1000, 5000);
	assert_false(a.is_marked);
	assert_true(a.since_utc_ms == TIME_NONE);
	absence_note_key(&a, 1000 + 10 * MINUTE_MS, 5000 + 10 * MINUTE_MS);
	assert_true(a.is_marked);
	assert_int_equal(a.since_utc_ms, 5000);
	absence_note_key(&a, 3000 + 10 * MINUTE_MS, 7000 + 10 * MINUTE_MS);
	assert_true(a.is_marked);
	absence_note_key(&a, 1000 + 11 * MINUTE_MS, 5000 + 11 * MINUTE_MS);
	assert_false(a.is_marked);
	/* What failed meanwhile is news still. */
	assert_int_equal(a.since_utc_ms, 5000);
	absence_note_key(&a, 1000 + 20 * MINUTE_MS, 5000 + 20 * MINUTE_MS);
	assert_true(a.is_marked);
	assert_int_equal(a.since_utc_ms, 5000 + 11 * MINUTE_MS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_line_stands_until_it_was_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
