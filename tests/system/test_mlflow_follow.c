/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A store that changes, is locked, replaced, cut or broken while it is read. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mlflow_store.h"

#include <sys/stat.h>
#include <sys/wait.h>

static const struct value_key auc = { VALUE_METRIC, "auc" };
static const struct source_ask want_auc = { .columns = &auc, .n_columns = 1 };

/* Two runs, one of them running, read to the end. */
static void fixture_two_runs(struct fixture *f)
{
	fixture_init(f, SCHEMA_3);
	write_sql(f->path,
		  EXPERIMENT_SQL RUN_SQL("r1", "one", "FINISHED")
			  RUN_SQL("r2", "two", "RUNNING")
				  POINT_SQL("r1", "auc", "0.1", "0")
					  LATEST_SQL("r1", "auc", "0.1", "0"));
	poll_quiet(f, &want_auc);
}

static void test_nothing_new(void **state)
{
	struct fixture f;

	(void)state;
	fixture_two_runs(&f);
	assert_int_equal(poll_ask(&f, &want_auc), ERR_OK);
	assert_int_equal(f.b->n_runs + f.b->n_experiments + f.b->n_values, 0);
	assert_false(f.b->has_registry);
	assert_false(f.b->has_more);
	assert_int_equal(f.b->state, SOURCE_LIVE);
	/* A commit that changes nothing we show. */
	write_sql(f.path, "CREATE TABLE IF NOT EXISTS runs(x);"
			  "INSERT INTO alembic_version SELECT * FROM "
			  "alembic_version WHERE 0;"
			  "UPDATE runs SET artifact_uri='b';");
	assert_int_equal(poll_ask(&f, &want_auc), ERR_OK);
	assert_int_equal(f.b->n_runs, 0);
	fixture_release(&f);
}

static void test_new_run_and_its_end(void **state)
{
	struct fixture f;

	(void)state;
	fixture_two_runs(&f);
	write_sql(f.path, RUN_SQL("r3", "three", "RUNNING"));
	assert_int_equal(poll_ask(&f, &want_auc), ERR_OK);
	assert_int_equal(f.b->n_runs, 1);
	assert_string_equal(get_run(f.b, "r3")->name, "three");
	write_sql(f.path, "UPDATE runs SET status='FINISHED', end_time=9 WHERE "
			  "run_uuid='r3'");
	assert_int_equal(poll_ask(&f, &want_auc), ERR_OK);
	assert_int_equal(f.b->n_runs, 1);
	assert_int_equal(get_run(f.b, "r3")->status, RUN_FINISHED);
	assert_int_equal(get_run(f.b, "r3")->end_ms, 9);
	fixture_release(&f);
}

static void test_new_points(void **state)
{
	const char *const run = "r2";
	const struct source_ask live = { .columns = &auc,
					 .n_columns = 1,
					 .live_metrics = &auc,
					 .live_runs = &run,
					 .n_live = 1 };
	struct fixture f;

	(void)state;
	fixture_two_runs(&f);
	write_sql(f.path,
		  POINT_SQL("r2", "auc", "0.7", "1") POINT_SQL("r2", "auc",
							       "0.8", "2")
			  POINT_SQL("r2", "loss", "3", "2")
				  POINT_SQL("r1", "auc", "0.6", "2")
					  LATEST_SQL("r2", "auc", "0.8", "2")
						  LATEST_SQL("r2", "loss", "3",
							     "2"));
	assert_int_equal(poll_ask(&f, &live), ERR_OK);
	assert_true(get_number(f.b, "r2", "auc") == 0.8);
	assert_int_equal(f.b->n_series, 1);
	assert_string_equal(f.b->series[0].run_id, "r2");
	assert_false(f.b->series[0].is_all);
	assert_int_equal(f.b->series[0].n_points, 2);
	assert_true(f.b->series[0].points[1].value == 0.8);
	/* "loss" is a new name: the list is told anew. */
	assert_true(f.b->names[VALUE_METRIC].is_told);
	assert_int_equal(f.b->names[VALUE_METRIC].n, 2);
	assert_int_equal(poll_ask(&f, &live), ERR_OK);
	assert_int_equal(f.b->n_series, 0);
	fixture_release(&f);
}

/* More points at once than a poll takes. */
static void test_many_points(void **state)
{
	struct fixture f;
	int polls = 0;

	(void)state;
	fixture_two_runs(&f);
	write_sql(
		f.path,
		"WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM "
		"c WHERE x<50000) INSERT INTO metrics SELECT 'auc', x, x, "
		"'r2', x, 0 FROM c;" LATEST_SQL("r2", "auc", "50000", "50000"));
	do {
		assert_int_equal(poll_ask(&f, &want_auc), ERR_OK);
		polls++;
	} while (f.b->has_more && polls < 20);
	assert_in_range(polls, 2, 5);
	fixture_release(&f);
}

static void test_registry_is_told_when_it_moves(void **state)
{
	struct fixture f;

	(void)state;
	fixture_two_runs(&f);
	write_sql(f.path,
		  "INSERT INTO registered_models(name) VALUES ('m');"
		  "INSERT INTO model_versions(name, version, current_stage) "
		  "VALUES ('m', 1, 'None')");
	assert_int_equal(poll_ask(&f, &want_auc), ERR_OK);
	assert_true(f.b->has_registry);
	assert_int_equal(f.b->models[0].n_versions, 1);
	write_sql(f.path, "INSERT INTO model_versions(name, version, "
			  "current_stage) VALUES ('m', 2, 'None')");
	assert_int_equal(poll_ask(&f, &want_auc), ERR_OK);
	assert_int_equal(f.b->models[0].n_versions, 2);
	write_sql(f.path, "INSERT INTO registered_model_aliases(alias, "
			  "version, name) VALUES ('champion', 1, 'm')");
	assert_int_equal(poll_ask(&f, &want_auc), ERR_OK);
	assert_string_equal(f.b->models[0].aliases[0].version, "1");
	write_sql(f.path, "UPDATE registered_model_aliases SET version=2");
	assert_int_equal(poll_ask(&f, &want_auc), ERR_OK);
	assert_string_equal(f.b->models[0].aliases[0].version, "2");
	write_sql(f.path, RUN_SQL("r3", "three", "RUNNING"));
	assert_int_equal(poll_ask(&f, &want_auc), ERR_OK);
	assert_false(f.b->has_registry);
	fixture_release(&f);
}

static void test_sweep_finds_what_no_index_tells(void **state)
{
	const struct value_key team = { VALUE_TAG, "team" };
	const struct source_ask ask = { .columns = &team, .n_columns = 1 };
	struct fixture f;

	(void)state;
	fixture_two_runs(&f);
	poll_quiet(&f, &ask);
	write_sql(f.path, "UPDATE runs SET name='renamed' WHERE run_uuid='r1';"
			  "INSERT INTO tags VALUES ('team', 'risk', 'r1')");
	assert_int_equal(poll_ask(&f, &ask), ERR_OK);
	assert_string_equal(get_run(f.b, "r1")->name, "renamed");
	assert_string_equal(get_value(f.b, "r1", VALUE_TAG, "team")->text,
			    "risk");
	write_sql(f.path, "DELETE FROM tags");
	assert_int_equal(poll_ask(&f, &ask), ERR_OK);
	assert_null(get_value(f.b, "r1", VALUE_TAG, "team")->text);
	write_sql(f.path, "DELETE FROM runs WHERE run_uuid='r2'");
	assert_int_equal(poll_ask(&f, &ask), ERR_OK);
	assert_int_equal(f.b->n_gone, 1);
	assert_string_equal(f.b->gone[0], "r2");
	assert_int_equal(poll_ask(&f, &ask), ERR_OK);
	assert_int_equal(f.b->n_gone, 0);
	fixture_release(&f);
}

/* Three rows deleted and three inserted: the greatest rowid is the same. */
static void test_reused_rowids_are_noticed(void **state)
{
	struct fixture f;

	(void)state;
	fixture_two_runs(&f);
	write_sql(f.path,
		  "DELETE FROM metrics;" POINT_SQL("r2", "auc", "0.9", "5"));
	assert_int_equal(poll_ask(&f, &want_auc), ERR_OK);
	assert_true(f.b->is_afresh);
	assert_int_equal(f.b->n_runs, 2);
	fixture_release(&f);
}

static void test_vacuum(void **state)
{
	struct fixture f;

	(void)state;
	fixture_two_runs(&f);
	write_sql(f.path, "DELETE FROM runs WHERE run_uuid='r1'; VACUUM");
	assert_int_equal(poll_ask(&f, &want_auc), ERR_OK);
	assert_true(f.b->is_afresh);
	assert_int_equal(f.b->n_runs, 1);
	assert_int_equal(f.b->n_experiments, 1);
	fixture_release(&f);
}

static void test_migration(void **state)
{
	struct fixture f;

	(void)state;
	fixture_two_runs(&f);
	write_sql(f.path, "CREATE TABLE _alembic_tmp_runs AS SELECT * FROM "
			  "runs; DROP TABLE runs");
	assert_int_equal(poll_ask(&f, &want_auc), ERR_BUSY);
	assert_int_equal(f.b->n_runs, 0);
	assert_false(f.b->is_afresh);
	write_sql(f.path, "ALTER TABLE _alembic_tmp_runs RENAME TO runs;"
			  "ALTER TABLE runs ADD COLUMN new_column;"
			  "UPDATE alembic_version SET version_num='future'");
	assert_int_equal(poll_ask(&f, &want_auc), ERR_OK);
	assert_true(f.b->is_afresh);
	assert_int_equal(f.b->n_runs, 2);
	fixture_release(&f);
}

static void test_replaced(void **state)
{
	struct fixture f, other;
	char aside[128];

	(void)state;
	fixture_two_runs(&f);
	fixture_init(&other, SCHEMA_3);
	write_sql(other.path, EXPERIMENT_SQL RUN_SQL("x1", "x", "FINISHED"));
	assert_int_equal(rename(other.path, f.path), 0);
	assert_int_equal(poll_ask(&f, &want_auc), ERR_OK);
	assert_true(f.b->is_afresh);
	assert_int_equal(f.b->n_runs, 1);
	assert_string_equal(f.b->runs[0].id, "x1");
	/* Taken away, and brought back as it was. */
	snprintf(aside, sizeof(aside), "%s/aside", f.folder);
	assert_int_equal(rename(f.path, aside), 0);
	assert_int_equal(poll_ask(&f, &want_auc), ERR_ABSENT);
	assert_non_null(strstr(f.err.msg, f.path));
	assert_int_equal(rename(aside, f.path), 0);
	assert_int_equal(poll_ask(&f, &want_auc), ERR_OK);
	assert_false(f.b->is_afresh);
	fixture_release(&other);
	fixture_release(&f);
}

static void test_comes_later(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f, NULL);
	assert_int_equal(poll_ask(&f, &want_auc), ERR_ABSENT);
	write_sql(f.path,
		  SCHEMA_3 EXPERIMENT_SQL RUN_SQL("r1", "one", "FINISHED"));
	assert_int_equal(poll_ask(&f, &want_auc), ERR_OK);
	assert_false(f.b->is_afresh);
	assert_int_equal(f.b->n_runs, 1);
	fixture_release(&f);
}

static void write_bytes(const char *path, const char *bytes, size_t len)
{
	FILE *out = fopen(path, "w");

	assert_non_null(out);
	assert_int_equal(fwrite(bytes, 1, len, out), len);
	fclose(out);
}

static void test_truncated_and_garbage(void **state)
{
	char garbage[8192];
	struct fixture f;

	(void)state;
	fixture_two_runs(&f);
	assert_int_equal(truncate(f.path, 0), 0);
	assert_int_equal(poll_ask(&f, &want_auc), ERR_ABSENT);
	fixture_release(&f);

	fixture_two_runs(&f);
	assert_int_equal(truncate(f.path, 6000), 0);
	assert_int_not_equal(poll_ask(&f, &want_auc), ERR_OK);
	assert_int_equal(f.b->n_runs, 0);
	fixture_release(&f);

	fixture_two_runs(&f);
	memset(garbage, 'x', sizeof(garbage));
	write_bytes(f.path, garbage, sizeof(garbage));
	assert_int_not_equal(poll_ask(&f, &want_auc), ERR_OK);
	fixture_release(&f);

	fixture_init(&f, NULL);
	write_bytes(f.path, garbage, sizeof(garbage));
	assert_int_equal(poll_ask(&f, &want_auc), ERR_SCHEMA);
	assert_non_null(strstr(f.err.msg, "not an SQLite database"));
	fixture_release(&f);

	fixture_init(&f, "CREATE TABLE something(x)");
	assert_int_equal(poll_ask(&f, &want_auc), ERR_SCHEMA);
	assert_non_null(strstr(f.err.msg, "MLflow"));
	fixture_release(&f);
}

static void test_locked_exclusively(void **state)
{
	struct fixture f;
	sqlite3 *h;

	(void)state;
	fixture_two_runs(&f);
	assert_int_equal(sqlite3_open(f.path, &h), SQLITE_OK);
	assert_int_equal(sqlite3_exec(h,
				      "BEGIN EXCLUSIVE; " RUN_SQL("r3", "three",
								  "RUNNING"),
				      NULL, NULL, NULL),
			 SQLITE_OK);
	assert_int_equal(poll_ask(&f, &want_auc), ERR_BUSY);
	assert_non_null(strstr(f.err.msg, "locked"));
	assert_int_equal(f.b->n_runs, 0);
	assert_int_equal(sqlite3_exec(h, "COMMIT", NULL, NULL, NULL),
			 SQLITE_OK);
	sqlite3_close(h);
	assert_int_equal(poll_ask(&f, &want_auc), ERR_OK);
	assert_int_equal(f.b->n_runs, 1);
	fixture_release(&f);
}

static void test_stopped(void **state)
{
	struct cancel stop = { .stop = true };
	struct fixture f;

	(void)state;
	fixture_init(&f, SCHEMA_3);
	write_sql(f.path, EXPERIMENT_SQL
		  "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM "
		  "c WHERE x<5000) INSERT INTO runs(run_uuid, status, "
		  "experiment_id) SELECT 'r' || x, 'FINISHED', 1 FROM c;");
	f.b = batch_new();
	assert_int_equal(
		f.ops->source->poll(f.ctx, &want_auc, &stop, f.b, &f.err),
		ERR_STOP);
	atomic_store(&stop.stop, false);
	assert_int_equal(poll_ask(&f, &want_auc), ERR_OK);
	assert_int_equal(f.b->n_runs, 200);
	fixture_release(&f);
}

/* A child begins to write and dies with its journal full. */
static void test_hot_journal(void **state)
{
	char journal[128];
	struct stat sb;
	struct fixture f;
	pid_t pid;
	int status;

	(void)state;
	fixture_two_runs(&f);
	pid = fork();
	if (!pid) {
		sqlite3 *h;

		sqlite3_open(f.path, &h);
		/* Pages spill to the file before the commit. */
		sqlite3_exec(h,
			     "PRAGMA cache_size=1; BEGIN IMMEDIATE; "
			     "UPDATE runs SET name='uncommitted';"
			     "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL "
			     "SELECT x+1 FROM c WHERE x<20000) INSERT INTO "
			     "tags SELECT 'k' || x, 'v', 'r1' FROM c;",
			     NULL, NULL, NULL);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	snprintf(journal, sizeof(journal), "%s-journal", f.path);
	assert_int_equal(stat(journal, &sb), 0);
	assert_int_equal(poll_ask(&f, &want_auc), ERR_IO);
	assert_non_null(strstr(f.err.msg, "a writer died mid-write"));
	assert_int_equal(f.b->n_runs, 0);
	/* The next writer repairs it. */
	write_sql(f.path, RUN_SQL("r3", "three", "RUNNING"));
	assert_int_equal(poll_ask(&f, &want_auc), ERR_OK);
	assert_string_equal(get_run(f.b, "r3")->name, "three");
	fixture_release(&f);
}

static bool exists(const struct fixture *f, const char *end)
{
	char path[128];
	struct stat sb;

	snprintf(path, sizeof(path), "%s%s", f->path, end);
	return !stat(path, &sb);
}

/* A WAL store without a writer is read without leaving anything beside it. */
static void test_wal_at_rest(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f,
		     SCHEMA_3 EXPERIMENT_SQL RUN_SQL("r1", "one", "FINISHED"));
	write_sql(f.path, "PRAGMA journal_mode=WAL");
	assert_false(exists(&f, "-wal"));
	poll_quiet(&f, &want_auc);
	assert_int_equal(poll_ask(&f, &want_auc), ERR_OK);
	assert_false(exists(&f, "-wal"));
	assert_false(exists(&f, "-shm"));
	/* A writer came and went between two polls. */
	write_sql(f.path, RUN_SQL("r2", "two", "FINISHED"));
	assert_false(exists(&f, "-wal"));
	assert_int_equal(poll_ask(&f, &want_auc), ERR_OK);
	assert_int_equal(f.b->n_runs, 1);
	assert_string_equal(f.b->runs[0].id, "r2");
	assert_false(exists(&f, "-wal"));
	fixture_release(&f);
}

static void test_wal_with_a_live_writer(void **state)
{
	struct fixture f;
	sqlite3 *h;

	(void)state;
	fixture_init(&f,
		     SCHEMA_3 EXPERIMENT_SQL RUN_SQL("r1", "one", "FINISHED"));
	write_sql(f.path, "PRAGMA journal_mode=WAL");
	poll_quiet(&f, &want_auc);
	assert_int_equal(sqlite3_open(f.path, &h), SQLITE_OK);
	assert_int_equal(sqlite3_exec(h, RUN_SQL("r2", "two", "RUNNING"), NULL,
				      NULL, NULL),
			 SQLITE_OK);
	assert_true(exists(&f, "-wal"));
	assert_int_equal(poll_ask(&f, &want_auc), ERR_OK);
	assert_string_equal(get_run(f.b, "r2")->name, "two");
	assert_false(f.b->is_afresh);
	/* Also in the midst of its next transaction. */
	assert_int_equal(
		sqlite3_exec(
			h,
			RUN_SQL("r3", "three",
				"RUNNING") "BEGIN IMMEDIATE; DELETE FROM runs",
			NULL, NULL, NULL),
		SQLITE_OK);
	assert_int_equal(poll_ask(&f, &want_auc), ERR_OK);
	assert_string_equal(get_run(f.b, "r3")->name, "three");
	assert_int_equal(f.b->n_gone, 0);
	sqlite3_exec(h, "ROLLBACK", NULL, NULL, NULL);
	sqlite3_close(h);
	assert_int_equal(poll_ask(&f, &want_auc), ERR_OK);
	fixture_release(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_new),
		cmocka_unit_test(test_new_run_and_its_end),
		cmocka_unit_test(test_new_points),
		cmocka_unit_test(test_many_points),
		cmocka_unit_test(test_registry_is_told_when_it_moves),
		cmocka_unit_test(test_sweep_finds_what_no_index_tells),
		cmocka_unit_test(test_reused_rowids_are_noticed),
		cmocka_unit_test(test_vacuum),
		cmocka_unit_test(test_migration),
		cmocka_unit_test(test_replaced),
		cmocka_unit_test(test_comes_later),
		cmocka_unit_test(test_truncated_and_garbage),
		cmocka_unit_test(test_locked_exclusively),
		cmocka_unit_test(test_stopped),
		cmocka_unit_test(test_hot_journal),
		cmocka_unit_test(test_wal_at_rest),
		cmocka_unit_test(test_wal_with_a_live_writer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
