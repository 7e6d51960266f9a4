/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "io/gate.h"

static int setup(void **state)
{
	(void)state;
	gate_reset_for_tests();
	return 0;
}

static void test_sources_are_read_only_until_allowed(void **state)
{
	struct err err = { 0 };

	(void)state;
	assert_null(gate_permit("prod", &err));
	assert_int_equal(err.code, ERR_READONLY);
	assert_non_null(strstr(err.msg, "--write"));
	assert_false(gate_source_is_writable("prod"));
	gate_allow_source("prod");
	gate_allow_source("prod");
	err = (struct err){ 0 };
	assert_non_null(gate_permit("prod", &err));
	assert_true(gate_source_is_writable("prod"));
	assert_null(gate_permit("other", &err));
}

static void test_closed_for_good(void **state)
{
	struct err err = { 0 };

	(void)state;
	gate_allow_source("prod");
	assert_string_equal(gate_why(GATE_SYSTEMS), "");
	gate_close(GATE_SYSTEMS, "--readonly");
	gate_close(GATE_SYSTEMS, "wall");
	assert_string_equal(gate_why(GATE_SYSTEMS), "--readonly");
	assert_null(gate_permit("prod", &err));
	assert_non_null(strstr(err.msg, "--readonly"));
	assert_false(gate_source_is_writable("prod"));
	gate_allow_source("prod");
	assert_null(gate_permit("prod", &err));
	/* The other locks are not touched. */
	assert_false(gate_is_closed(GATE_MESSAGES));
	assert_false(gate_is_closed(GATE_STATE));
	assert_non_null(gate_permit_message(&err));
}

static void test_messages(void **state)
{
	struct err err = { 0 };

	(void)state;
	gate_close(GATE_MESSAGES, "wall");
	assert_null(gate_permit_message(&err));
	assert_int_equal(err.code, ERR_READONLY);
}

static void test_environment(void **state)
{
	(void)state;
	unsetenv("MLTOWER_READONLY");
	gate_init();
	assert_false(gate_is_closed(GATE_SYSTEMS));
	setenv("MLTOWER_READONLY", "0", 1);
	gate_init();
	assert_false(gate_is_closed(GATE_SYSTEMS));
	setenv("MLTOWER_READONLY", "1", 1);
	gate_init();
	assert_true(gate_is_closed(GATE_SYSTEMS));
	assert_false(gate_is_closed(GATE_STATE));
	unsetenv("MLTOWER_READONLY");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_sources_are_read_only_until_allowed,
				       setup),
		cmocka_unit_test_setup(test_closed_for_good, setup),
		cmocka_unit_test_setup(test_messages, setup),
		cmocka_unit_test_setup(test_environment, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
