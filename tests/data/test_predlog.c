/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <zlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "data/predlog.h"

struct fixture {
	char path[64];
	struct predlog *log;
	size_t n_rows;
	char first[64], last[64], version[64];
	int64_t event_ms;
	bool is_afresh;
	struct err err;
};

static void take(void *ctx, const struct predlog_row *row)
{
	struct fixture *f = ctx;

	if (!f->n_rows++)
		snprintf(f->first, sizeof(f->first), "%.*s",
			 (int)row->cells[0].len, row->cells[0].s);
	f->event_ms = row->event_ms;
	snprintf(f->version, sizeof(f->version), "%s", row->version);
	snprintf(f->last, sizeof(f->last), "%.*s", (int)row->cells[0].len,
		 row->cells[0].s);
}

static void put(struct fixture *f, const char *mode, const char *text)
{
	FILE *file = fopen(f->path, mode);

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static size_t read_log(struct fixture *f)
{
	f->n_rows = 0;
	memset(&f->err, 0, sizeof(f->err));
	/* The first read stops after the header's piece. */
	for (int i = 0; i < 3; i++)
		if (predlog_read(f->log, 1 << 20, take, f, &f->is_afresh,
				 &f->err))
			break;
	return f->n_rows;
}

static int set_up(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));
	int fd;

	strcpy(f->path, "/tmp/mltower-predlog-XXXXXX");
	fd = mkstemp(f->path);
	if (fd < 0)
		return -1;
	close(fd);
	f->log = predlog_new(f->path, NULL, NULL);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	predlog_free(f->log);
	unlink(f->path);
	free(f);
	return 0;
}

static void test_a_log_that_grows(void **state)
{
	struct fixture *f = *state;

	put(f, "w",
	    "request_id,ts,version,amount\r\n"
	    "r1,2026-11-24T08:00:00Z,4,1.5\r\n");
	assert_int_equal(read_log(f), 1);
	assert_string_equal(f->last, "r1");
	assert_string_equal(f->version, "4");
	assert_int_equal(f->event_ms, 1795507200000);
	assert_int_equal(predlog_n_columns(f->log), 4);
	assert_int_equal(predlog_column(f->log, 0)->role, PREDLOG_ID);
	assert_int_equal(predlog_column(f->log, 3)->role, PREDLOG_FEATURE);
	/* Half a line waits for its other half. */
	put(f, "a", "r2,2026-11-24T08:00:01Z,4,");
	assert_int_equal(read_log(f), 0);
	put(f, "a", "2.5\r\nr3,2026-11-24T08:00:02Z,5,3\r\n");
	assert_int_equal(read_log(f), 2);
	assert_string_equal(f->version, "5");
	assert_int_equal(predlog_bad_rows(f->log), 0);
}

static void test_bad_rows_cost_themselves(void **state)
{
	struct fixture *f = *state;

	put(f, "w", "id,amount\nr1,1\nr2\nr3,1,2,3\n\"a\nb\",4\nr5,5\n");
	assert_int_equal(read_log(f), 3);
	assert_string_equal(f->last, "r5");
	assert_int_equal(predlog_bad_rows(f->log), 2);
	assert_int_equal(f->event_ms, TIME_NONE);
}

static void test_a_log_that_is_replaced(void **state)
{
	struct fixture *f = *state;

	put(f, "w", "id,amount\nr1,1\nr2,2\n");
	assert_int_equal(read_log(f), 2);
	unlink(f->path);
	read_log(f);
	assert_int_equal(f->err.code, ERR_ABSENT);
	put(f, "w", "id,amount,country\nq1,1,DE\n");
	assert_int_equal(read_log(f), 1);
	assert_string_equal(f->last, "q1");
	assert_int_equal(predlog_n_columns(f->log), 3);
}

/* Also where the new file is read at the first look at it. */
static void test_a_cut_log_begins_anew(void **state)
{
	struct fixture *f = *state;

	put(f, "w", "id,amount\nr1,1\nr2,2\nr3,");
	assert_int_equal(read_log(f), 2);
	put(f, "w", "\xef\xbb\xbfid,n\nq1,1\n");
	f->n_rows = 0;
	assert_int_equal(
		predlog_read(f->log, 1 << 20, take, f, &f->is_afresh, &f->err),
		0);
	assert_true(f->is_afresh);
	assert_int_equal(f->n_rows, 1);
	assert_string_equal(f->last, "q1");
	/* The mark at the start of the new file is no part of the name. */
	assert_string_equal(predlog_column(f->log, 0)->name, "id");
}

/* A record past every cap, cut away in its middle: the next file is whole. */
static void test_a_cut_within_a_huge_row(void **state)
{
	struct fixture *f = *state;
	size_t len = CSV_MAX_RECORD + 4096;
	char *huge = xmalloc(len + 1);

	memset(huge, 'x', len);
	huge[len] = 0;
	put(f, "w", "id,amount\n");
	assert_int_equal(read_log(f), 0);
	put(f, "a", huge);
	free(huge);
	assert_int_equal(read_log(f), 0);
	put(f, "w", "id,amount\nq1,1\n");
	assert_int_equal(read_log(f), 1);
	assert_string_equal(f->last, "q1");
}

static void test_a_long_log_begins_near_its_end(void **state)
{
	struct fixture *f = *state;
	FILE *file = fopen(f->path, "w");

	fputs("id,amount\n", file);
	for (int i = 0; i < 400000; i++)
		fprintf(file, "r%d,%d\n", i, i);
	fclose(file);
	f->n_rows = 0;
	for (int i = 0; i < 4; i++)
		assert_int_equal(predlog_read(f->log, 1 << 20, take, f,
					      &f->is_afresh, &f->err),
				 0);
	assert_string_equal(f->last, "r399999");
	/* The rows at its start are not told: they are no newest ones. */
	assert_int_equal(f->n_rows, 400000 - atoi(f->first + 1));
	assert_true(f->n_rows > 10000 && f->n_rows < 200000);
}

/* Where the end begins at a closing quote, that one opens nothing. */
static void test_the_end_begins_at_a_quote(void **state)
{
	struct fixture *f = *state;
	struct buf text = BUF_INIT(0);
	size_t tail;

	buf_adds(&text, "id,amount\n");
	for (int i = 0; i < 400; i++)
		buf_addf(&text, "r%d,%d\n", i, i);
	buf_adds(&text, "\"q");
	tail = text.len;
	buf_adds(&text, "\",1\n");
	for (int i = 400; i < 450; i++)
		buf_addf(&text, "r%d,%d\n", i, i);
	put(f, "w", buf_str(&text));
	for (int i = 0; i < 2; i++)
		assert_int_equal(predlog_read(f->log, text.len - tail, take, f,
					      &f->is_afresh, &f->err),
				 0);
	assert_int_equal(f->n_rows, 50);
	assert_string_equal(f->first, "r400");
	assert_int_equal(predlog_bad_rows(f->log), 0);
	buf_release(&text);
}

static enum predlog_role name(void *ctx, const char *column)
{
	(void)ctx;
	return strcmp(column, "mv") ? PREDLOG_FEATURE : PREDLOG_OTHER;
}

static void test_roles_are_named_or_usual(void **state)
{
	struct fixture *f = *state;
	enum predlog_role role;

	predlog_free(f->log);
	f->log = predlog_new(f->path, name, NULL);
	put(f, "w", "tx,mv,p,latency_ms\n1,2,3,4\n");
	assert_int_equal(read_log(f), 1);
	assert_int_equal(predlog_column(f->log, 0)->role, PREDLOG_ID);
	assert_int_equal(predlog_column(f->log, 1)->role, PREDLOG_OTHER);
	assert_int_equal(predlog_column(f->log, 2)->role, PREDLOG_SCORE);
	assert_int_equal(predlog_column(f->log, 3)->role, PREDLOG_LATENCY);
	assert_true(predlog_role_parse("event_time", &role));
	assert_int_equal(role, PREDLOG_EVENT_TIME);
	assert_false(predlog_role_parse("when", &role));
}

static void put_packed(struct fixture *f, const char *mode, const char *text)
{
	gzFile file = gzopen(f->path, mode);

	assert_non_null(file);
	assert_true(gzputs(file, text) > 0);
	gzclose(file);
}

/* It is read on where another member is added, and told where it is none. */
static void test_a_packed_log(void **state)
{
	struct fixture *f = *state;

	unlink(f->path);
	predlog_free(f->log);
	strcat(f->path, ".gz");
	f->log = predlog_new(f->path, NULL, NULL);
	put_packed(f, "w", "request_id,version\nr1,4\nr2,4\n");
	assert_int_equal(read_log(f), 2);
	assert_string_equal(f->last, "r2");
	assert_string_equal(f->version, "4");
	put_packed(f, "a", "r3,5\n");
	assert_int_equal(read_log(f), 1);
	assert_string_equal(f->last, "r3");
	put(f, "w", "request_id,version\nr4,4\n");
	assert_int_equal(read_log(f), 0);
	assert_int_equal(f->err.code, ERR_PARSE);
	assert_non_null(strstr(f->err.msg, ".gz: not gzip"));
	assert_int_equal(read_log(f), 0); /* as long as it stands there */
	assert_int_equal(f->err.code, ERR_PARSE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_a_log_that_grows, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_bad_rows_cost_themselves,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_log_that_is_replaced,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_cut_log_begins_anew,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_packed_log, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_a_cut_within_a_huge_row,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_a_long_log_begins_near_its_end, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_the_end_begins_at_a_quote,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_roles_are_named_or_usual,
						set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
