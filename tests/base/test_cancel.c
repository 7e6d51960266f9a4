/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cancel.h"
#include "base/clock.h"

static void test_none_is_never_due(void **state)
{
	struct cancel c = { 0 };

	(void)state;
	assert_false(cancel_is_due(NULL));
	assert_false(cancel_is_stopped(NULL));
	assert_int_equal(cancel_left_ms(NULL, 70), 70);
	assert_false(cancel_is_due(&c));
	assert_int_equal(cancel_left_ms(&c, 70), 70);
}

static void test_a_deadline_is_no_stop(void **state)
{
	struct cancel c = { .deadline_mono_ms = clock_mono_ms() - 1 };

	(void)state;
	assert_true(cancel_is_due(&c));
	assert_false(cancel_is_stopped(&c));
	assert_int_equal(cancel_left_ms(&c, 70), 0);
	c.deadline_mono_ms += 100000;
	assert_false(cancel_is_due(&c));
	assert_int_equal(cancel_left_ms(&c, 70), 70);
	assert_true(cancel_left_ms(&c, 200000) <= 100000);
}

static void test_a_part_ends_with_the_whole(void **state)
{
	struct cancel whole = { .deadline_mono_ms = clock_mono_ms() + 50000 };
	struct cancel part = { .deadline_mono_ms = clock_mono_ms() + 90000,
			       .whole = &whole };

	(void)state;
	assert_false(cancel_is_due(&part));
	assert_true(cancel_left_ms(&part, 99000) <= 50000);
	atomic_store(&whole.stop, true);
	assert_true(cancel_is_due(&part));
	assert_true(cancel_is_stopped(&part));
	atomic_store(&whole.stop, false);
	atomic_store(&part.stop, true);
	assert_true(cancel_is_stopped(&part));
	assert_false(cancel_is_due(&whole));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_none_is_never_due),
		cmocka_unit_test(test_a_deadline_is_no_stop),
		cmocka_unit_test(test_a_part_ends_with_the_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
