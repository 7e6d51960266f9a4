/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Writes to runs: what stands afterwards, and what never does. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mlflow_store.h"

#include "io/gate.h"

#define N_RUNS 3

struct write_fixture {
	struct fixture f;
	const struct permit *permit;
	struct arena arena;
	struct run_edit edits[N_RUNS];
	struct run_change change;
	struct err err;
};

static const char *const ids[N_RUNS] = { "r1", "r2", "r3" };

static void set_up(struct write_fixture *w, const char *schema)
{
	struct err err = { 0 };

	memset(w, 0, sizeof(*w));
	gate_reset_for_tests();
	gate_allow_source("t");
	w->permit = gate_permit("t", &err);
	fixture_init(&w->f, schema);
	write_sql(w->f.path,
		  EXPERIMENT_SQL RUN_SQL("r1", "one", "FINISHED")
			  RUN_SQL("r2", "two", "RUNNING") RUN_SQL(
				  "r3", "three",
				  "FAILED") "INSERT INTO tags(key, value, "
					    "run_uuid) VALUES "
					    "('stage', 'dev', 'r1'), "
					    "('mlflow.runName', 'one', 'r1')");
	w->change = (struct run_change){ .edits = w->edits, .n = N_RUNS };
}

static void tear_down(struct write_fixture *w)
{
	arena_release(&w->arena);
	fixture_release(&w->f);
	gate_reset_for_tests();
}

/* All runs, looked at. */
static enum err_code look(struct write_fixture *w, enum run_field field,
			  const char *key, const char *then)
{
	for (size_t i = 0; i < N_RUNS; i++)
		w->edits[i] = (struct run_edit){ .run_id = ids[i],
						 .field = field,
						 .key = key,
						 .then = then };
	w->err = (struct err){ 0 };
	return w->f.ops->runs->look(&w->f.conf, &w->change, &w->arena, NULL,
				    &w->err);
}

static enum err_code send(struct write_fixture *w)
{
	w->err = (struct err){ 0 };
	return w->f.ops->runs->write(&w->f.conf, w->permit, &w->change, NULL,
				     &w->err);
}

/* The first column of the first row; "" where there is none. */
static const char *ask(struct write_fixture *w, const char *sql)
{
	static char out[100];
	sqlite3_stmt *st;
	sqlite3 *h;

	*out = 0;
	assert_int_equal(sqlite3_open(w->f.path, &h), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(h, sql, -1, &st, NULL), SQLITE_OK);
	if (sqlite3_step(st) == SQLITE_ROW && sqlite3_column_text(st, 0))
		snprintf(out, sizeof(out), "%s",
			 (const char *)sqlite3_column_text(st, 0));
	sqlite3_finalize(st);
	sqlite3_close(h);
	return out;
}

static void test_look(void **state)
{
	struct write_fixture w;

	(void)state;
	set_up(&w, SCHEMA_3);
	assert_int_equal(look(&w, RUN_FIELD_TAG, "stage", "prod"), ERR_OK);
	assert_string_equal(w.edits[0].was, "dev");
	assert_null(w.edits[1].was);
	assert_true(*w.change.fingerprint);
	assert_int_equal(look(&w, RUN_FIELD_NAME, NULL, "x"), ERR_OK);
	assert_string_equal(w.edits[2].was, "three");
	write_sql(w.f.path, "UPDATE runs SET lifecycle_stage='deleted' WHERE "
			    "run_uuid='r2'");
	assert_int_equal(look(&w, RUN_FIELD_LIFECYCLE, NULL, "deleted"),
			 ERR_OK);
	assert_string_equal(w.edits[0].was, "active");
	assert_string_equal(w.edits[1].was, "deleted");
	assert_true(w.edits[1].is_deleted);
	write_sql(w.f.path, "DELETE FROM runs WHERE run_uuid='r3'");
	assert_int_equal(look(&w, RUN_FIELD_NAME, NULL, "x"), ERR_ABSENT);
	tear_down(&w);
}

static void test_rename(void **state)
{
	static const char *const schemas[] = { SCHEMA_3, SCHEMA_2 };
	struct write_fixture w;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(schemas); i++) {
		set_up(&w, schemas[i]);
		assert_int_equal(look(&w, RUN_FIELD_NAME, NULL, "žluť"),
				 ERR_OK);
		assert_int_equal(send(&w), ERR_OK);
		assert_string_equal(ask(&w, "SELECT count(*) FROM runs WHERE "
					    "name='žluť'"),
				    "3");
		assert_string_equal(ask(&w, "SELECT count(*) FROM tags WHERE "
					    "key='mlflow.runName' AND "
					    "value='žluť'"),
				    "3");
		tear_down(&w);
	}
}

static void test_tags(void **state)
{
	struct write_fixture w;

	(void)state;
	set_up(&w, SCHEMA_3);
	assert_int_equal(look(&w, RUN_FIELD_TAG, "stage", "prod"), ERR_OK);
	assert_int_equal(send(&w), ERR_OK);
	assert_string_equal(ask(&w, "SELECT count(*) FROM tags WHERE "
				    "key='stage' AND value='prod'"),
			    "3");
	assert_int_equal(look(&w, RUN_FIELD_TAG, "stage", NULL), ERR_OK);
	assert_int_equal(send(&w), ERR_OK);
	assert_string_equal(
		ask(&w, "SELECT count(*) FROM tags WHERE key='stage'"), "0");
	tear_down(&w);
}

static void test_delete_and_restore(void **state)
{
	struct write_fixture w;

	(void)state;
	set_up(&w, SCHEMA_3);
	assert_int_equal(look(&w, RUN_FIELD_LIFECYCLE, NULL, "deleted"),
			 ERR_OK);
	assert_int_equal(send(&w), ERR_OK);
	assert_string_equal(ask(&w, "SELECT count(*) FROM runs WHERE "
				    "lifecycle_stage='deleted' AND "
				    "deleted_time > 1700000000000"),
			    "3");
	assert_int_equal(look(&w, RUN_FIELD_LIFECYCLE, NULL, "active"), ERR_OK);
	assert_int_equal(send(&w), ERR_OK);
	assert_string_equal(ask(&w, "SELECT count(*) FROM runs WHERE "
				    "lifecycle_stage='active' AND deleted_time "
				    "IS NULL"),
			    "3");
	tear_down(&w);
}

/* One that moved keeps all of them from being written. */
static void test_conflicts(void **state)
{
	struct write_fixture w;

	(void)state;
	set_up(&w, SCHEMA_3);
	assert_int_equal(look(&w, RUN_FIELD_TAG, "stage", "prod"), ERR_OK);
	write_sql(w.f.path, "INSERT INTO tags(key, value, run_uuid) VALUES "
			    "('stage', 'theirs', 'r3')");
	assert_int_equal(send(&w), ERR_CONFLICT);
	assert_string_equal(w.err.msg,
			    "stage of run r3 is theirs now, not absent");
	assert_string_equal(
		ask(&w, "SELECT count(*) FROM tags WHERE value='prod'"), "0");

	assert_int_equal(look(&w, RUN_FIELD_TAG, "stage", "prod"), ERR_OK);
	write_sql(w.f.path, "UPDATE runs SET lifecycle_stage='deleted' WHERE "
			    "run_uuid='r2'");
	assert_int_equal(send(&w), ERR_CONFLICT);
	write_sql(w.f.path, "UPDATE runs SET lifecycle_stage='active'");

	assert_int_equal(look(&w, RUN_FIELD_TAG, "stage", "prod"), ERR_OK);
	write_sql(w.f.path, "UPDATE experiments SET creation_time=99");
	assert_int_equal(send(&w), ERR_CONFLICT);
	assert_string_equal(
		ask(&w, "SELECT count(*) FROM tags WHERE value='prod'"), "0");
	tear_down(&w);
}

static void fill(char *out, size_t n, char c)
{
	memset(out, c, n);
	out[n] = 0;
}

static void test_limits(void **state)
{
	static const char *const bad[] = { "",    "a//b",          "/a",
					   "a/",  "./a",           "a/..",
					   "..a", "a=b",           "a\nb",
					   "a,b", "mlflow.runName" };
	static const char *const good[] = { "a b", "a/b:c.d-e_f", "štítek",
					    "a..b" };
	char text[8100];
	struct write_fixture w;

	(void)state;
	set_up(&w, SCHEMA_3);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(look(&w, RUN_FIELD_TAG, bad[i], "x"),
				 ERR_USAGE);
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		assert_int_equal(look(&w, RUN_FIELD_TAG, good[i], "x"), ERR_OK);
	fill(text, 250, 'k');
	assert_int_equal(look(&w, RUN_FIELD_TAG, text, "x"), ERR_OK);
	assert_int_equal(look(&w, RUN_FIELD_NAME, NULL, text), ERR_OK);
	fill(text, 251, 'k');
	assert_int_equal(look(&w, RUN_FIELD_TAG, text, "x"), ERR_USAGE);
	assert_int_equal(look(&w, RUN_FIELD_NAME, NULL, text), ERR_USAGE);
	assert_int_equal(look(&w, RUN_FIELD_NAME, NULL, ""), ERR_USAGE);
	fill(text, 8000, 'v');
	assert_int_equal(look(&w, RUN_FIELD_TAG, "k", text), ERR_OK);
	fill(text, 8001, 'v');
	assert_int_equal(look(&w, RUN_FIELD_TAG, "k", text), ERR_USAGE);
	w.change.fingerprint = "any";
	assert_int_equal(send(&w), ERR_USAGE);
	tear_down(&w);
}

static void test_unknown_schema_is_not_written(void **state)
{
	struct write_fixture w;

	(void)state;
	set_up(&w, SCHEMA_3);
	write_sql(w.f.path, "UPDATE alembic_version SET version_num='future'");
	assert_int_equal(look(&w, RUN_FIELD_TAG, "a", "1"), ERR_OK);
	assert_int_equal(send(&w), ERR_OK);
	write_sql(w.f.path, "ALTER TABLE tags ADD COLUMN owner");
	assert_int_equal(look(&w, RUN_FIELD_TAG, "a", "2"), ERR_OK);
	assert_int_equal(send(&w), ERR_SCHEMA);
	tear_down(&w);
}

/* MLflow deletes them with the run; we do not, so we do not delete it. */
static void test_runs_with_assessments(void **state)
{
	struct write_fixture w;

	(void)state;
	set_up(&w, SCHEMA_3);
	write_sql(w.f.path,
		  "CREATE TABLE assessments(assessment_metadata TEXT);"
		  "INSERT INTO assessments VALUES "
		  "(NULL), ('{}'), "
		  "('{\"mlflow.assessment.sourceRunId\": \"r11\"}'), "
		  "('{\"a\": \"b\", "
		  "\"mlflow.assessment.sourceRunId\": \"r2\"}')");
	assert_int_equal(look(&w, RUN_FIELD_LIFECYCLE, NULL, "deleted"),
			 ERR_USAGE);
	assert_non_null(strstr(w.err.msg, "run r2 made"));
	assert_int_equal(look(&w, RUN_FIELD_TAG, "stage", "prod"), ERR_OK);
	w.change.n = 1; /* r1 has none */
	assert_int_equal(look(&w, RUN_FIELD_LIFECYCLE, NULL, "deleted"),
			 ERR_OK);
	/* It makes one between the look and the write. */
	write_sql(w.f.path, "INSERT INTO assessments VALUES "
			    "('{\"mlflow.assessment.sourceRunId\": \"r1\"}')");
	assert_int_equal(send(&w), ERR_USAGE);
	assert_string_equal(ask(&w, "SELECT lifecycle_stage FROM runs WHERE "
				    "run_uuid='r1'"),
			    "active");
	tear_down(&w);
}

static void test_describe(void **state)
{
	struct buf out = BUF_INIT(4096);
	struct write_fixture w;

	(void)state;
	set_up(&w, SCHEMA_3);
	assert_int_equal(look(&w, RUN_FIELD_TAG, "stage", "prod"), ERR_OK);
	w.edits[2].then = NULL;
	w.f.ops->runs->describe(&w.f.conf, &w.change, &out);
	assert_non_null(strstr(buf_str(&out), w.f.path));
	assert_non_null(strstr(buf_str(&out), "\ntag stage of 2 runs -> prod\n"
					      "tag stage of run r3 removed\n"));
	buf_release(&out);
	tear_down(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_look),
		cmocka_unit_test(test_rename),
		cmocka_unit_test(test_tags),
		cmocka_unit_test(test_delete_and_restore),
		cmocka_unit_test(test_conflicts),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_unknown_schema_is_not_written),
		cmocka_unit_test(test_runs_with_assessments),
		cmocka_unit_test(test_describe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
