/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/err.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"
#include "base/text.h"

static void test_first_failure_stays(void **state)
{
	struct err err = { 0 };

	(void)state;
	assert_int_equal(err_set(&err, ERR_BUSY, "%s is locked", "db"),
			 ERR_BUSY);
	assert_int_equal(err_set(&err, ERR_IO, "other"), ERR_BUSY);
	assert_string_equal(err.msg, "db is locked");
	err_clear(&err);
	assert_int_equal(err.code, ERR_OK);
	assert_string_equal(err.msg, "");
}

static void test_prefix_goes_before(void **state)
{
	struct err err = { 0 };

	(void)state;
	err_prefix(&err, "nothing failed");
	assert_string_equal(err.msg, "");
	err_set(&err, ERR_IO, "gone");
	err_prefix(&err, "%s", "mlflow.db");
	err_prefix(&err, "prod");
	assert_string_equal(err.msg, "prod: mlflow.db: gone");
}

static void test_long_messages_are_cut_at_a_character(void **state)
{
	struct err err = { 0 };
	char text[400];

	(void)state;
	/* One letter, then two bytes each: a cut at 239 is in the middle. */
	for (int shift = 0; shift < 2; shift++) {
		memset(text, 'a', sizeof(text));
		for (size_t i = (size_t)shift; i + 2 < sizeof(text); i += 2)
			memcpy(text + i, "\xc3\xa9", 2);
		text[sizeof(text) - 1] = '\0';
		err_clear(&err);
		err_set(&err, ERR_PARSE, "%s", text);
		assert_true(strlen(err.msg) >= 238);
		assert_true(text_is_utf8(err.msg, strlen(err.msg)));
		err_prefix(&err, "x");
		assert_true(text_is_utf8(err.msg, strlen(err.msg)));
		assert_int_equal(strncmp(err.msg, "x: ", 3), 0);
	}
}

static void test_exit_statuses_are_the_contract(void **state)
{
	static const struct {
		enum err_code code;
		int status;
	} want[] = {
		{ ERR_OK, 0 },       { ERR_USAGE, 2 },    { ERR_IO, 3 },
		{ ERR_TIMEOUT, 3 },  { ERR_BUSY, 3 },     { ERR_AUTH, 3 },
		{ ERR_PARSE, 3 },    { ERR_SCHEMA, 3 },   { ERR_LIMIT, 3 },
		{ ERR_READONLY, 4 }, { ERR_CONFLICT, 5 }, { ERR_UNKNOWN, 6 },
		{ ERR_ABSENT, 7 },   { ERR_MANY, 7 },     { ERR_STOP, 130 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(want); i++)
		assert_int_equal(err_exit_status(want[i].code), want[i].status);
}

/* The file is named by the environment before the first line. */
static void test_log_lines_are_whole_and_harmless(void **state)
{
	char path[] = "/tmp/mltower-log-XXXXXX", line[6000] = "";
	int fd = mkstemp(path);
	struct stat st;
	FILE *f;

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	setenv("MLTOWER_LOG", path, 1);
	setenv("MLTOWER_NOW_MS", "1795508734000", 1);
	log_line("hello %d \x1b[31m\nforged", 5);
	log_line("%9000d", 1); /* past the cap: an empty line, not a half */
	f = fopen(path, "r");
	assert_non_null(f);
	assert_non_null(fgets(line, sizeof(line), f));
	assert_int_equal(strncmp(line, "2026-11-24T", 11), 0);
	assert_non_null(strstr(line, " hello 5 \\x1b[31m\\nforged\n"));
	assert_non_null(fgets(line, sizeof(line), f));
	assert_null(fgets(line, sizeof(line), f));
	fclose(f);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 077, 0);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_failure_stays),
		cmocka_unit_test(test_prefix_goes_before),
		cmocka_unit_test(test_long_messages_are_cut_at_a_character),
		cmocka_unit_test(test_exit_statuses_are_the_contract),
		cmocka_unit_test(test_log_lines_are_whole_and_harmless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
