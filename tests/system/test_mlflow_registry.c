/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Writes to the registry: what stands afterwards, and what never does. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mlflow_store.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#include "io/gate.h"

struct reg_fixture {
	struct fixture f;
	const struct permit *permit;
	struct registry_state now;
	struct registry_change change;
	struct err err;
	char said[240]; /* by the last refused write */
};

static const struct name_value promotion = { "mltower.promotion",
					     "{\"id\":\"p1\"}" };

static void look(struct reg_fixture *r, const char *version, const char *alias,
		 const char *stage)
{
	r->err = (struct err){ 0 };
	assert_int_equal(r->f.ops->registry->look(&r->f.conf, "m", version,
						  alias, stage, NULL, &r->now,
						  &r->err),
			 ERR_OK);
}

static enum err_code send(struct reg_fixture *r)
{
	r->err = (struct err){ 0 };
	return r->f.ops->registry->write(&r->f.conf, r->permit, &r->change,
					 NULL, &r->err);
}

/* Model m with versions 1 to 3; champion is 1, Production is 1. */
static void reg_init(struct reg_fixture *r, const char *schema)
{
	struct err err = { 0 };

	memset(r, 0, sizeof(*r));
	gate_reset_for_tests();
	gate_allow_source("t");
	r->permit = gate_permit("t", &err);
	assert_non_null(r->permit);
	fixture_init(&r->f, schema);
	write_sql(r->f.path, EXPERIMENT_SQL
		  "INSERT INTO registered_models(name, creation_time, "
		  "last_updated_time) VALUES ('m', 1, 2);"
		  "INSERT INTO model_versions(name, version, creation_time, "
		  "last_updated_time, current_stage, status, run_id) VALUES "
		  "('m', 1, 1, 5, 'Production', 'READY', 'r1'),"
		  "('m', 2, 1, 5, 'None', 'READY', 'r2'),"
		  "('m', 3, 1, 5, 'Deleted_Internal', 'READY', 'r3');"
		  "INSERT INTO registered_model_aliases(alias, version, name) "
		  "VALUES ('champion', 1, 'm')");
	look(r, "2", "champion", "production");
	r->change = (struct registry_change){ .kind = CHANGE_ALIAS,
					      .model = "m",
					      .version = "2",
					      .alias = "champion",
					      .expected_holder = "1",
					      .fingerprint = r->now.fingerprint,
					      .n_tags = 1,
					      .tags = &promotion };
}

static void reg_release(struct reg_fixture *r)
{
	fixture_release(&r->f);
	gate_reset_for_tests();
}

static void test_look(void **state)
{
	struct reg_fixture r;

	(void)state;
	reg_init(&r, SCHEMA_3);
	assert_true(r.now.has_model);
	assert_true(r.now.has_version);
	assert_string_equal(r.now.holder, "1");
	assert_string_equal(r.now.stage, "None");
	assert_string_equal(r.now.stage_holder, "1");
	assert_string_equal(r.now.run_id, "r2");
	assert_string_equal(r.now.status, "READY");
	assert_string_equal(r.now.promotion_tag, "");
	assert_true(*r.now.fingerprint);
	look(&r, "3", "nobody", NULL);
	assert_false(r.now.has_version); /* deleted */
	assert_string_equal(r.now.newest, "2");
	assert_string_equal(r.now.holder, "");
	reg_release(&r);
}

static void test_alias_moves(void **state)
{
	const char *schemas[] = { SCHEMA_3, SCHEMA_2 };
	struct reg_fixture r;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(schemas); i++) {
		reg_init(&r, schemas[i]);
		assert_int_equal(send(&r), ERR_OK);
		look(&r, "2", "champion", NULL);
		assert_string_equal(r.now.holder, "2");
		assert_string_equal(r.now.promotion_tag, promotion.value);
		/* As MLflow does: no time is stamped. */
		assert_int_equal(poll_once(&r.f), ERR_OK);
		assert_int_equal(r.f.b->models[0].updated_ms, 2);
		assert_int_equal(r.f.b->models[0].versions[0].updated_ms, 5);
		reg_release(&r);
	}
}

static void test_alias_is_made_and_removed(void **state)
{
	struct reg_fixture r;

	(void)state;
	reg_init(&r, SCHEMA_3);
	r.change.alias = "next-best_1";
	r.change.expected_holder = "";
	assert_int_equal(send(&r), ERR_OK);
	look(&r, "2", "next-best_1", NULL);
	assert_string_equal(r.now.holder, "2");
	r.change.kind = CHANGE_ALIAS_REMOVE;
	r.change.expected_holder = "2";
	assert_int_equal(send(&r), ERR_OK);
	look(&r, "2", "next-best_1", NULL);
	assert_string_equal(r.now.holder, "");
	look(&r, "2", "champion", NULL);
	assert_string_equal(r.now.holder, "1");
	reg_release(&r);
}

static void test_stage_archives_the_others(void **state)
{
	const struct model_facts *m;
	struct reg_fixture r;

	(void)state;
	reg_init(&r, SCHEMA_3);
	r.change.kind = CHANGE_STAGE;
	r.change.alias = NULL;
	r.change.stage = "production";
	assert_int_equal(send(&r), ERR_OK);
	assert_int_equal(poll_once(&r.f), ERR_OK);
	m = &r.f.b->models[0];
	assert_string_equal(m->versions[0].stage, "Production");
	assert_string_equal(m->versions[1].stage, "Archived");
	/* All three are stamped with one time. */
	assert_true(m->updated_ms > 5);
	assert_true(m->versions[0].updated_ms == m->updated_ms);
	assert_true(m->versions[1].updated_ms == m->updated_ms);
	reg_release(&r);
}

/* Nothing is written, not even the tag. */
static void assert_untouched(struct reg_fixture *r, enum err_code want)
{
	assert_int_equal(send(r), want);
	strcpy(r->said, r->err.msg);
	assert_true(*r->said);
	look(r, "2", "champion", "Production");
	assert_string_equal(r->now.holder, "1");
	assert_string_equal(r->now.stage_holder, "1");
	assert_string_equal(r->now.promotion_tag, "");
}

static void test_conflicts(void **state)
{
	struct registry_state shown;
	struct reg_fixture r;

	(void)state;
	reg_init(&r, SCHEMA_3);
	shown = r.now;
	r.change.fingerprint = shown.fingerprint;
	r.change.expected_holder = "2";
	assert_untouched(&r, ERR_CONFLICT);
	assert_non_null(strstr(r.said, "held by 1"));
	r.change.expected_holder = "";
	assert_untouched(&r, ERR_CONFLICT);
	r.change.expected_holder = "1";
	r.change.fingerprint = "another registry";
	assert_untouched(&r, ERR_CONFLICT);
	/* Another store of the same names behind the same path. */
	r.change.fingerprint = shown.fingerprint;
	write_sql(r.f.path, "UPDATE experiments SET creation_time=99");
	assert_untouched(&r, ERR_CONFLICT);
	reg_release(&r);
}

static void test_what_has_no_meaning(void **state)
{
	static const char *const bad[] = { "",    "latest", "LATEST",
					   "v12", "V3",     "a b",
					   "a/b", "a:b",    "x\x1b[m" };
	struct reg_fixture r;
	size_t i;

	(void)state;
	reg_init(&r, SCHEMA_3);
	for (i = 0; i < ARRAY_LEN(bad); i++) {
		r.change.alias = bad[i];
		assert_int_equal(send(&r), ERR_USAGE);
	}
	r.change.alias = "champion";
	r.change.version = "3"; /* deleted */
	assert_untouched(&r, ERR_ABSENT);
	r.change.version = "77";
	assert_untouched(&r, ERR_ABSENT);
	r.change.version = "2";
	r.change.model = "nobody";
	r.change.expected_holder = "";
	assert_untouched(&r, ERR_ABSENT);
	r.change.model = "m";
	r.change.kind = CHANGE_STAGE;
	r.change.stage = "Live";
	assert_untouched(&r, ERR_USAGE);
	reg_release(&r);
}

static void test_aliases_that_have_meaning(void **state)
{
	static const char *const good[] = { "v", "v1a", "latest2", "živý",
					    "A-b_9" };
	struct reg_fixture r;
	size_t i;

	(void)state;
	reg_init(&r, SCHEMA_3);
	r.change.expected_holder = "";
	for (i = 0; i < ARRAY_LEN(good); i++) {
		r.change.alias = good[i];
		assert_int_equal(send(&r), ERR_OK);
	}
	reg_release(&r);
}

static void test_unknown_schema_is_not_written(void **state)
{
	struct reg_fixture r;

	(void)state;
	/* A revision we do not know, with the tables we do: written. */
	reg_init(&r, SCHEMA_3);
	write_sql(r.f.path, "UPDATE alembic_version SET version_num='future'");
	assert_int_equal(send(&r), ERR_OK);
	reg_release(&r);

	reg_init(&r, SCHEMA_3);
	write_sql(r.f.path, "UPDATE alembic_version SET version_num='future';"
			    "ALTER TABLE registered_model_aliases ADD COLUMN "
			    "approved_by");
	assert_untouched(&r, ERR_SCHEMA);
	reg_release(&r);

	/* A known one in the midst of a migration. */
	reg_init(&r, SCHEMA_3);
	write_sql(r.f.path, "CREATE TABLE _alembic_tmp_x(x)");
	assert_untouched(&r, ERR_SCHEMA);
	reg_release(&r);
}

static void test_locked(void **state)
{
	const struct cancel soon = { .deadline_mono_ms = 1 };
	struct reg_fixture r;
	sqlite3 *h;

	(void)state;
	reg_init(&r, SCHEMA_3);
	assert_int_equal(sqlite3_open(r.f.path, &h), SQLITE_OK);
	sqlite3_exec(h, "BEGIN IMMEDIATE", NULL, NULL, NULL);
	r.err = (struct err){ 0 };
	assert_int_equal(r.f.ops->registry->write(&r.f.conf, r.permit,
						  &r.change, &soon, &r.err),
			 ERR_TIMEOUT);
	sqlite3_close(h);
	look(&r, "2", "champion", NULL);
	assert_string_equal(r.now.holder, "1");
	assert_int_equal(send(&r), ERR_OK);
	reg_release(&r);
}

static void test_a_store_in_wal_mode(void **state)
{
	struct reg_fixture r;

	(void)state;
	reg_init(&r, SCHEMA_3);
	write_sql(r.f.path, "PRAGMA journal_mode=WAL");
	look(&r, "2", "champion", NULL);
	assert_int_equal(send(&r), ERR_OK);
	look(&r, "2", "champion", NULL);
	assert_string_equal(r.now.holder, "2");
	reg_release(&r);
}

/* A child whose command line is a server's and which has the store open. */
static pid_t start_server(const char *path)
{
	char started[8];
	int pipes[2];
	pid_t pid;

	assert_int_equal(pipe(pipes), 0);
	pid = fork();
	if (!pid) {
		dup2(pipes[1], 1);
		execl("/bin/sh", "mlflow", "-c",
		      "exec 3<\"$2\"; echo started; read x", "mlflow", "server",
		      path, NULL);
		_exit(127);
	}
	close(pipes[1]);
	assert_true(read(pipes[0], started, sizeof(started)) > 0);
	close(pipes[0]);
	return pid;
}

static void test_a_store_of_a_server(void **state)
{
	struct reg_fixture r;
	pid_t pid;
	int pipes[2];

	(void)state;
	reg_init(&r, SCHEMA_3);
	/* Its standard input stays open until we are done, or die. */
	assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
	assert_int_equal(dup2(pipes[0], 0), 0);
	pid = start_server(r.f.path);
	assert_untouched(&r, ERR_READONLY);
	assert_non_null(strstr(r.said, "write through the server"));
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	assert_int_equal(send(&r), ERR_OK);
	close(pipes[0]);
	close(pipes[1]);
	reg_release(&r);
}

static void test_describe(void **state)
{
	struct buf out = BUF_INIT(4096);
	struct reg_fixture r;

	(void)state;
	reg_init(&r, SCHEMA_3);
	r.f.ops->registry->describe(&r.f.conf, &r.change, &out);
	assert_non_null(strstr(buf_str(&out), r.f.path));
	assert_non_null(strstr(buf_str(&out), "alias champion of m: 1 -> 2\n"));
	assert_non_null(strstr(buf_str(&out), "tag of m version 2: "
					      "mltower.promotion = "));
	buf_clear(&out);
	r.change.kind = CHANGE_STAGE;
	r.change.stage = "Production";
	r.f.ops->registry->describe(&r.f.conf, &r.change, &out);
	assert_non_null(
		strstr(buf_str(&out), "stage of m version 2 -> Production\n"));
	assert_non_null(strstr(buf_str(&out), "version 1 and any other there "
					      "-> Archived\n"));
	buf_release(&out);
	reg_release(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_look),
		cmocka_unit_test(test_alias_moves),
		cmocka_unit_test(test_alias_is_made_and_removed),
		cmocka_unit_test(test_stage_archives_the_others),
		cmocka_unit_test(test_conflicts),
		cmocka_unit_test(test_what_has_no_meaning),
		cmocka_unit_test(test_aliases_that_have_meaning),
		cmocka_unit_test(test_unknown_schema_is_not_written),
		cmocka_unit_test(test_locked),
		cmocka_unit_test(test_a_store_in_wal_mode),
		cmocka_unit_test(test_a_store_of_a_server),
		cmocka_unit_test(test_describe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
