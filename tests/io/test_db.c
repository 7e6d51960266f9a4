/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sqlite3.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "io/db.h"
#include "scratch.h"

/* Runs SQL as another program would. */
static void write_sql(const char *path, const char *sql)
{
	sqlite3 *h;

	assert_int_equal(sqlite3_open(path, &h), SQLITE_OK);
	assert_int_equal(sqlite3_exec(h, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(h);
}

static struct db *open_foreign(const char *path)
{
	struct err err = { 0 };
	struct db *db;

	assert_int_equal(db_open_foreign(path, &db, &err), ERR_OK);
	return db;
}

static int64_t get_int(struct db *db, const char *sql)
{
	struct err err = { 0 };
	struct db_stmt *st;
	bool has_row;
	int64_t v;

	assert_int_equal(db_prepare(db, sql, &st, &err), ERR_OK);
	assert_int_equal(db_step(st, &has_row, &err), ERR_OK);
	assert_true(has_row);
	v = db_int(st, 0);
	db_reset(st);
	return v;
}

static void test_what_is_no_store(void **state)
{
	struct scratch *s = *state;
	struct err err = { 0 };
	struct db *db;

	assert_int_equal(db_open_foreign(s->path, &db, &err), ERR_ABSENT);
	assert_null(db);
	write_file(s->path, "w", "");
	err = (struct err){ 0 };
	assert_int_equal(db_open_foreign(s->path, &db, &err), ERR_ABSENT);
	write_file(s->path, "w", "text, and no database, of some length");
	err = (struct err){ 0 };
	assert_int_equal(db_open_foreign(s->path, &db, &err), ERR_SCHEMA);
	err = (struct err){ 0 };
	assert_int_equal(db_open_foreign(s->folder, &db, &err), ERR_SCHEMA);
	db_close(NULL);
}

static void test_foreign_is_read_only(void **state)
{
	struct scratch *s = *state;
	struct err err = { 0 };
	struct db_stmt *st;
	struct db *db;

	write_sql(s->path, "CREATE TABLE t(x); INSERT INTO t VALUES (1);"
			   "CREATE VIEW v AS SELECT * FROM t");
	db = open_foreign(s->path);
	assert_string_equal(db_path(db), s->path);
	assert_int_equal(get_int(db, "SELECT x FROM t"), 1);
	assert_int_equal(db_exec(db, "INSERT INTO t VALUES (2)", &err), ERR_IO);
	err = (struct err){ 0 };
	assert_int_not_equal(db_exec(db, "ATTACH '/tmp/x' AS x", &err), ERR_OK);
	err = (struct err){ 0 };
	assert_int_not_equal(db_prepare(db, "SELECT x FROM v", &st, &err),
			     ERR_OK);
	err = (struct err){ 0 };
	assert_int_equal(db_prepare(db, "SELECT absent FROM t", &st, &err),
			 ERR_SCHEMA);
	err = (struct err){ 0 };
	assert_int_equal(db_prepare(db, "SELECT x FROM absent", &st, &err),
			 ERR_SCHEMA);
	assert_true(db_has_table(db, "t"));
	assert_false(db_has_table(db, "v"));
	assert_true(db_has_column(db, "t", "x"));
	assert_false(db_has_column(db, "t", "y"));
	db_close(db);
}

static void test_values_and_statements(void **state)
{
	struct scratch *s = *state;
	struct err err = { 0 };
	struct db_stmt *st, *again;
	bool has_row;
	struct db *db;

	assert_int_equal(db_open_made(s->path, &db, &err), ERR_OK);
	assert_int_equal(db_exec(db, "CREATE TABLE t(a, b, c, d, e)", &err),
			 ERR_OK);
	assert_int_equal(
		db_prepare(db, "INSERT INTO t VALUES (?,?,?,?,?)", &st, &err),
		ERR_OK);
	db_bind_int(st, 1, INT64_MIN);
	db_bind_double(st, 2, 0.1);
	db_bind_textn(st, 3, "a\0b", 3);
	db_bind_blob(st, 4, "\x01\x00", 2);
	db_bind_text(st, 5, NULL);
	assert_int_equal(db_run(st, &err), ERR_OK);
	assert_int_equal(db_changes(db), 1);
	/* The same text is the same statement, its bindings gone. */
	assert_int_equal(db_prepare(db, "INSERT INTO t VALUES (?,?,?,?,?)",
				    &again, &err),
			 ERR_OK);
	assert_ptr_equal(st, again);
	assert_int_equal(db_run(st, &err), ERR_OK);
	assert_int_equal(db_prepare(db, "SELECT * FROM t", &st, &err), ERR_OK);
	assert_int_equal(db_step(st, &has_row, &err), ERR_OK);
	assert_true(has_row);
	assert_true(db_int(st, 0) == INT64_MIN);
	assert_true(db_double(st, 1) == 0.1);
	assert_int_equal(db_bytes(st, 2), 3);
	assert_memory_equal(db_text(st, 2), "a\0b", 3);
	assert_memory_equal(db_blob(st, 3), "\x01\x00", 2);
	assert_true(db_is_null(st, 4));
	assert_null(db_text(st, 4));
	assert_int_equal(db_step(st, &has_row, &err), ERR_OK);
	assert_true(db_is_null(st, 0));
	assert_int_equal(db_step(st, &has_row, &err), ERR_OK);
	assert_false(has_row);
	db_close(db);
}

static void test_versions_move(void **state)
{
	struct scratch *s = *state;
	int64_t v1, v2, v3, schema1, schema2;
	struct err err = { 0 };
	struct db *db;

	write_sql(s->path, "CREATE TABLE t(x)");
	db = open_foreign(s->path);
	assert_int_equal(db_data_version(db, &v1, &err), ERR_OK);
	assert_int_equal(db_data_version(db, &v2, &err), ERR_OK);
	assert_true(v1 == v2);
	assert_true(v1 != 0);
	assert_int_equal(db_schema_version(db, &schema1, &err), ERR_OK);
	write_sql(s->path, "INSERT INTO t VALUES (1)");
	assert_int_equal(db_data_version(db, &v3, &err), ERR_OK);
	assert_true(v3 != v2);
	write_sql(s->path, "VACUUM");
	assert_int_equal(db_schema_version(db, &schema2, &err), ERR_OK);
	assert_true(schema1 != schema2);
	assert_int_equal(db_file_state(db), DB_FILE_SAME);
	assert_int_equal(unlink(s->path), 0);
	assert_int_equal(db_file_state(db), DB_FILE_ABSENT);
	write_sql(s->path, "CREATE TABLE t(x)");
	assert_int_equal(db_file_state(db), DB_FILE_REPLACED);
	db_close(db);
}

static bool exists(const struct scratch *s, const char *end)
{
	char path[160];
	struct stat sb;

	snprintf(path, sizeof(path), "%s%s", s->path, end);
	return !stat(path, &sb);
}

/* WAL without a writer: immutable, until somebody writes, even in the midst of
 * a read. */
static void test_wal_at_rest_is_immutable(void **state)
{
	struct scratch *s = *state;
	int64_t v1, v2, v3;
	struct err err = { 0 };
	struct db_stmt *st;
	bool has_row;
	struct db *db;
	sqlite3 *h;

	write_sql(s->path, "PRAGMA journal_mode=WAL; CREATE TABLE t(x);"
			   "INSERT INTO t VALUES (1), (2)");
	db = open_foreign(s->path);
	assert_int_equal(db_data_version(db, &v1, &err), ERR_OK);
	assert_int_equal(get_int(db, "SELECT sum(x) FROM t"), 3);
	assert_false(exists(s, "-wal"));
	assert_false(exists(s, "-shm"));

	assert_int_equal(db_prepare(db, "SELECT x FROM t", &st, &err), ERR_OK);
	assert_int_equal(db_step(st, &has_row, &err), ERR_OK);
	assert_int_equal(sqlite3_open(s->path, &h), SQLITE_OK);
	sqlite3_exec(h, "INSERT INTO t VALUES (3)", NULL, NULL, NULL);
	assert_int_equal(db_step(st, &has_row, &err), ERR_OK);
	assert_int_equal(db_step(st, &has_row, &err), ERR_BUSY);
	err = (struct err){ 0 };
	assert_int_equal(db_step(st, &has_row, &err), ERR_BUSY);
	/* Opened anew by the question what is new. */
	err = (struct err){ 0 };
	assert_int_equal(db_data_version(db, &v2, &err), ERR_OK);
	assert_true(v1 != v2);
	assert_int_equal(get_int(db, "SELECT sum(x) FROM t"), 6);
	sqlite3_exec(h, "INSERT INTO t VALUES (4)", NULL, NULL, NULL);
	assert_int_equal(db_data_version(db, &v3, &err), ERR_OK);
	assert_true(v2 != v3);
	assert_int_equal(get_int(db, "SELECT sum(x) FROM t"), 10);
	sqlite3_close(h);
	assert_int_equal(get_int(db, "SELECT sum(x) FROM t"), 10);
	db_close(db);
}

/* A log whose writer died, without the shared memory that reading it needs:
 * behind a closed gate it is not made. */
static void test_wal_that_would_be_written(void **state)
{
	struct scratch *s = *state;
	char shm[160], copy[140], wal[160], cmd[700];
	struct err err = { 0 };
	struct db *db;
	sqlite3 *h;

	write_sql(s->path, "PRAGMA journal_mode=WAL; CREATE TABLE t(x)");
	assert_int_equal(sqlite3_open(s->path, &h), SQLITE_OK);
	sqlite3_exec(h, "INSERT INTO t VALUES (5)", NULL, NULL, NULL);
	snprintf(copy, sizeof(copy), "%s.copy", s->path);
	snprintf(wal, sizeof(wal), "%s-wal", copy);
	snprintf(shm, sizeof(shm), "%s-shm", copy);
	snprintf(cmd, sizeof(cmd), "cp %s %s && cp %s-wal %s", s->path, copy,
		 s->path, wal);
	assert_int_equal(system(cmd), 0);
	sqlite3_close(h);

	gate_reset_for_tests();
	gate_close(GATE_SYSTEMS, "wall");
	assert_int_equal(db_open_foreign(copy, &db, &err), ERR_IO);
	assert_non_null(strstr(err.msg, "wall"));
	assert_int_not_equal(access(shm, F_OK), 0);
	gate_reset_for_tests();
	db = open_foreign(copy);
	assert_int_equal(get_int(db, "SELECT x FROM t"), 5);
	db_close(db);
}

static void test_busy_and_cancel(void **state)
{
	struct cancel stop = { .deadline_mono_ms = 0 };
	struct scratch *s = *state;
	struct err err = { 0 };
	int64_t v, began_ms;
	struct db *db;
	sqlite3 *h;

	write_sql(s->path, "CREATE TABLE t(x)");
	db = open_foreign(s->path);
	db_set_busy_ms(db, 20);
	assert_int_equal(sqlite3_open(s->path, &h), SQLITE_OK);
	sqlite3_exec(h, "BEGIN EXCLUSIVE", NULL, NULL, NULL);
	assert_int_equal(db_data_version(db, &v, &err), ERR_BUSY);
	/* A cancel ends the waiting, however long that would be. */
	db_set_busy_ms(db, 60000);
	db_set_cancel(db, &stop);
	stop.deadline_mono_ms = began_ms = clock_mono_ms();
	err = (struct err){ 0 };
	assert_int_equal(db_data_version(db, &v, &err), ERR_TIMEOUT);
	atomic_store(&stop.stop, true);
	err = (struct err){ 0 };
	assert_int_equal(db_data_version(db, &v, &err), ERR_STOP);
	assert_true(clock_mono_ms() - began_ms < 30000);
	sqlite3_close(h);
	/* And a statement that would run for ever. */
	err = (struct err){ 0 };
	assert_int_equal(db_exec(db,
				 "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL "
				 "SELECT x+1 FROM c) SELECT count(*) FROM c",
				 &err),
			 ERR_STOP);
	db_close(db);
}

static void test_ours(void **state)
{
	struct scratch *s = *state;
	struct err err = { 0 };
	struct db *db;

	gate_reset_for_tests();
	assert_int_equal(db_open_own(s->path, &db, &err), ERR_OK);
	assert_int_equal(get_int(db, "PRAGMA foreign_keys"), 1);
	assert_int_equal(get_int(db, "PRAGMA synchronous"), 2);
	assert_int_equal(db_exec(db, "CREATE TABLE t(x)", &err), ERR_OK);
	assert_true(exists(s, "-wal"));
	assert_int_equal(db_begin_immediate(db, &err), ERR_OK);
	assert_int_equal(db_exec(db, "INSERT INTO t VALUES (1)", &err), ERR_OK);
	db_rollback(db);
	db_rollback(db);
	assert_int_equal(get_int(db, "SELECT count(*) FROM t"), 0);
	assert_int_equal(db_begin_immediate(db, &err), ERR_OK);
	assert_int_equal(db_exec(db, "INSERT INTO t VALUES (1)", &err), ERR_OK);
	assert_int_equal(db_commit(db, &err), ERR_OK);
	db_close(db);
	gate_close(GATE_STATE, "wall");
	assert_int_equal(db_open_own(s->path, &db, &err), ERR_OK);
	assert_int_equal(get_int(db, "SELECT count(*) FROM t"), 1);
	assert_int_equal(db_exec(db, "INSERT INTO t VALUES (2)", &err), ERR_IO);
	db_close(db);
	unlink(s->path);
	err = (struct err){ 0 };
	assert_int_equal(db_open_own(s->path, &db, &err), ERR_ABSENT);
	gate_reset_for_tests();
}

static void test_names_that_uris_escape(void **state)
{
	struct scratch *s = *state;
	char path[200];
	struct db *db;

	snprintf(path, sizeof(path), "/%s/a b?c#d%%20é", s->folder);
	write_sql(path, "CREATE TABLE t(x); INSERT INTO t VALUES (7)");
	db = open_foreign(path);
	assert_int_equal(get_int(db, "SELECT x FROM t"), 7);
	db_close(db);
}

int main(void)
{
#define TEST(t)                                                                \
	cmocka_unit_test_setup_teardown(t, scratch_init, scratch_release)
	const struct CMUnitTest tests[] = {
		TEST(test_what_is_no_store),
		TEST(test_foreign_is_read_only),
		TEST(test_values_and_statements),
		TEST(test_versions_move),
		TEST(test_wal_at_rest_is_immutable),
		TEST(test_wal_that_would_be_written),
		TEST(test_busy_and_cancel),
		TEST(test_ours),
		TEST(test_names_that_uris_escape),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
