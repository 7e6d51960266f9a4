/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/promote_work.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../store/state_dir.h"
#include "app/registry_of.h"
#include "base/mem.h"
#include "io/db.h"
#include "io/file.h"
#include "io/gate.h"
#include "store/audit.h"

/* Promotions in a store with MLflow's tables, as MLflow makes them: model m
 * with v1 (auc .90), v2 (.95) and v3 (.80). */

static const char rows[] =
	"INSERT INTO experiments(experiment_id, name, lifecycle_stage, "
	"  creation_time) VALUES (0, 'Default', 'active', 1795508734000);"
	"INSERT INTO runs(run_uuid, name, status, lifecycle_stage, "
	"  experiment_id) VALUES "
	"  ('r1', 'one', 'FINISHED', 'active', 0),"
	"  ('r2', 'two', 'FINISHED', 'active', 0),"
	"  ('r3', 'three', 'FINISHED', 'active', 0);"
	"INSERT INTO latest_metrics VALUES "
	"  ('auc', .90, 0, 0, 0, 'r1'), ('auc', .95, 0, 0, 0, 'r2'),"
	"  ('auc', .80, 0, 0, 0, 'r3');"
	"INSERT INTO registered_models(name) VALUES ('m');"
	"INSERT INTO model_versions(name, version, current_stage, run_id, "
	"  status) VALUES ('m', 1, 'None', 'r1', 'READY'),"
	"  ('m', 2, 'None', 'r2', 'READY'), ('m', 3, 'None', 'r3', 'READY'),"
	"  ('m', 4, 'None', NULL, 'FAILED_REGISTRATION');"
	"INSERT INTO registered_model_aliases(name, alias, version) VALUES "
	"  ('m', 'champion', 1);";

static const char yaml[] = "sources:\n"
			   "  prod: {path: %s, write: yes}\n"
			   "models:\n"
			   "  prod:m: {metric: auc, gates: strict}\n"
			   "gates:\n"
			   "  strict:\n"
			   "    auc: {metric: auc, vs: champion}\n";

struct fixture {
	char *dir, *store;
	struct config *config;
	struct source_conf conf;
	struct cancel stop;
	struct promote_world world;
	struct arena arena;
};

static void sql(const char *path, const char *text)
{
	struct db *db;
	struct err err = { 0 };

	if (db_open_made(path, &db, &err) || db_exec(db, text, &err))
		fail_msg("%s", err.msg);
	db_close(db);
}

static void make_store(const char *path)
{
	const char *srcdir = getenv("srcdir");
	char *schema =
		xasprintf("%s/src/demo/mlflow-3.sql", srcdir ? srcdir : ".");
	struct buf text = BUF_INIT(1 << 20);
	struct err err = { 0 };

	if (file_read(schema, 1 << 20, &text, &err))
		fail_msg("%s", err.msg);
	sql(path, buf_str(&text));
	sql(path, rows);
	buf_release(&text);
	free(schema);
}

static void read_config(struct fixture *f)
{
	char *path = xasprintf("%s/conf.yaml", f->dir);
	char *text = xasprintf(yaml, f->store);
	struct config_opts opts = { .file = path, .state_dir = f->dir };
	struct err err = { 0 };

	if (file_write_whole(path, text, strlen(text), &err) ||
	    config_load(&opts, &f->config, &err))
		fail_msg("%s", err.msg);
	config_open_gate(f->config, false);
	free(text);
	free(path);
}

static int set_up(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));
	struct err err = { 0 };

	gate_reset_for_tests();
	f->dir = scratch_make();
	f->store = xasprintf("%s/mlflow.db", f->dir);
	make_store(f->store);
	read_config(f);
	f->conf = (struct source_conf){ .name = "prod", .where = f->store };
	f->world = (struct promote_world){
		.config = f->config,
		.conf = &f->conf,
		.ops = system_find(f->store, NULL, &err),
		.stop = &f->stop,
	};
	BUG_ON(!f->world.ops);
	BUG_ON(state_open(f->dir, &f->world.state, &err));
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	state_close(f->world.state);
	config_free(f->config);
	arena_release(&f->arena);
	free(f->store);
	scratch_remove(f->dir);
	free(f);
	return 0;
}

/* First column of the first row, "" for none; in the arena. */
static const char *ask(struct fixture *f, const char *query)
{
	struct db *db;
	struct db_stmt *st = NULL;
	struct err err = { 0 };
	const char *out = "";
	bool has_row = false;

	if (db_open_foreign(f->store, &db, &err) ||
	    db_prepare(db, query, &st, &err) || db_step(st, &has_row, &err))
		fail_msg("%s", err.msg);
	if (has_row && db_text(st, 0))
		out = arena_strdup(&f->arena, db_text(st, 0));
	db_reset(st);
	db_close(db);
	return out;
}

#define HOLDER                                                                 \
	"SELECT version FROM registered_model_aliases WHERE name = 'm' "       \
	"AND alias = 'champion'"
#define TAG                                                                    \
	"SELECT value FROM model_version_tags WHERE name = 'm' "               \
	"AND key = 'mltower.promotion' AND version = 2"

static struct promotion *prepare(struct fixture *f, const char *version,
				 const char *alias, const char *stage,
				 const char *if_current, enum err_code want)
{
	struct promotion_ask ask_it = promote_ask(
		f->config, "prod", "m", version, alias, stage, false, "");
	struct promotion *p = promotion_new(&ask_it);
	struct err err = { 0 };

	if (promote_prepare(p, &f->world, if_current, &err) != want)
		fail_msg("%d: %s", (int)err.code, err.msg);
	return p;
}

static void run(struct fixture *f, struct promotion *p, enum outcome want,
		const char *holder)
{
	promote_run(&p->act, &f->world);
	if (p->act.outcome != want)
		fail_msg("%s: %s", protocol_outcome_name(&p->act),
			 p->act.err.msg);
	assert_string_equal(ask(f, HOLDER), holder);
	promotion_free(p);
}

static size_t n_recorded(struct fixture *f)
{
	struct audit_check check;
	struct err err = { 0 };

	assert_int_equal(audit_verify(f->world.state, &check, &err), 0);
	assert_true(check.is_whole);
	return (size_t)check.n_entries;
}

/* ---- */

static void test_what_the_config_says(void **state)
{
	struct fixture *f = *state;
	struct promotion_ask a = promote_ask(f->config, "prod", "m", "2",
					     "champion", NULL, false, "");

	assert_true(a.is_guarded);
	assert_int_equal(a.n_gates, 1);
	assert_string_equal(a.metric, "auc");
	assert_int_equal(a.goal, 1);
	a = promote_ask(f->config, "prod", "m", "2", "shadow", NULL, false, "");
	assert_false(a.is_guarded);
	a = promote_ask(f->config, "prod", "m", "2", NULL, "production", false,
			"");
	assert_true(a.is_guarded);
	a = promote_ask(f->config, "prod", "m", "2", NULL, "Staging", false,
			"");
	assert_false(a.is_guarded);
	a = promote_ask(f->config, "lab", "m", "2", "champion", NULL, false,
			"");
	assert_int_equal(a.n_gates, 0);
}

static void test_promoted(void **state)
{
	struct fixture *f = *state;
	struct promotion *p = prepare(f, "2", "champion", NULL, "1", ERR_OK);
	const char *tag;

	assert_int_equal(p->n_results, 1);
	assert_true(p->results[0].is_passed);
	promote_run(&p->act, &f->world);
	assert_int_equal(p->act.outcome, OUTCOME_WRITTEN);
	assert_string_equal(ask(f, HOLDER), "2");
	tag = ask(f, TAG);
	assert_non_null(strstr(tag, p->act.id));
	assert_non_null(strstr(tag, "\"previous\":\"1\""));
	assert_int_equal(n_recorded(f), 2);
	promotion_free(p);
}

static void test_worse_than_the_champion(void **state)
{
	struct fixture *f = *state;

	run(f, prepare(f, "3", "champion", NULL, NULL, ERR_OK), OUTCOME_BLOCKED,
	    "1");
	assert_int_equal(n_recorded(f), 0);
}

static void test_what_is_not_there(void **state)
{
	struct fixture *f = *state;

	promotion_free(prepare(f, "77", "champion", NULL, NULL, ERR_ABSENT));
	promotion_free(prepare(f, "4", "champion", NULL, NULL, ERR_USAGE));
	promotion_free(prepare(f, "2", "champion", NULL, "3", ERR_CONFLICT));
	promotion_free(prepare(f, "2", "shadow", NULL, "1", ERR_CONFLICT));
}

static void test_moved_while_somebody_was_reading(void **state)
{
	struct fixture *f = *state;
	struct promotion *p = prepare(f, "2", "champion", NULL, NULL, ERR_OK);

	sql(f->store, "UPDATE registered_model_aliases SET version = 3");
	run(f, p, OUTCOME_CONFLICT, "3");
	assert_string_equal(ask(f, TAG), "");
	assert_int_equal(n_recorded(f), 2);
}

static void test_taken_away_while_somebody_was_reading(void **state)
{
	struct fixture *f = *state;
	struct promotion *p = prepare(f, "2", "champion", NULL, NULL, ERR_OK);

	sql(f->store, "DELETE FROM registered_model_aliases");
	run(f, p, OUTCOME_CONFLICT, "");
}

static void test_deleted_while_somebody_was_reading(void **state)
{
	struct fixture *f = *state;
	struct promotion *p = prepare(f, "2", "champion", NULL, NULL, ERR_OK);

	sql(f->store, "DELETE FROM model_versions WHERE version = 2");
	run(f, p, OUTCOME_CONFLICT, "1");
}

/* The same model, the same holder, and another store. */
static void test_another_store_at_the_place(void **state)
{
	struct fixture *f = *state;
	struct promotion *p = prepare(f, "2", "champion", NULL, NULL, ERR_OK);

	sql(f->store, "UPDATE experiments SET creation_time = 1");
	run(f, p, OUTCOME_CONFLICT, "1");
}

/* A column we know nothing of might want a value. */
static void test_a_schema_of_tomorrow(void **state)
{
	struct fixture *f = *state;
	struct promotion *p = prepare(f, "2", "champion", NULL, NULL, ERR_OK);

	sql(f->store, "UPDATE alembic_version SET version_num = 'tomorrow';"
		      "ALTER TABLE registered_model_aliases ADD region TEXT");
	run(f, p, OUTCOME_FAILED, "1");
	assert_string_equal(ask(f, TAG), "");
}

static void test_a_closed_gate(void **state)
{
	struct fixture *f = *state;
	struct promotion *p = prepare(f, "2", "champion", NULL, NULL, ERR_OK);

	gate_close(GATE_SYSTEMS, "a test");
	run(f, p, OUTCOME_REFUSED, "1");
	assert_int_equal(n_recorded(f), 0);
}

static void test_whom_an_alias_names(void **state)
{
	struct fixture *f = *state;
	char version[24];

	assert_true(registry_of_holder(f->config, "prod", "m", "champion",
				       &f->stop, version));
	assert_string_equal(version, "1");
	assert_true(registry_of_holder(f->config, "", "m", "nobody", &f->stop,
				       version));
	assert_string_equal(version, "");
	assert_false(registry_of_holder(f->config, "lab", "m", "champion",
					&f->stop, version));
}

static void test_stages(void **state)
{
	struct fixture *f = *state;

	run(f, prepare(f, "1", NULL, "Production", "none", ERR_OK),
	    OUTCOME_WRITTEN, "1");
	run(f, prepare(f, "2", NULL, "Production", "1", ERR_OK),
	    OUTCOME_WRITTEN, "1");
	assert_string_equal(ask(f, "SELECT group_concat(current_stage) FROM "
				   "model_versions WHERE version < 3"),
			    "Archived,Production");
}

/* ---- the way back ---- */

static void test_back_by_the_record(void **state)
{
	struct fixture *f = *state;
	struct rollback back = { 0 };
	struct err err = { 0 };

	run(f, prepare(f, "2", "champion", NULL, NULL, ERR_OK), OUTCOME_WRITTEN,
	    "2");
	assert_int_equal(promote_previous(&f->world, "m", "champion", &f->arena,
					  &back, &err),
			 0);
	assert_string_equal(back.version, "1");
	assert_null(back.undoes);
	/* What it is called does not matter, what it is does. */
	f->conf.name = "other";
	assert_int_equal(promote_previous(&f->world, "m", "champion", &f->arena,
					  &back, &err),
			 0);
	sql(f->store, "UPDATE registered_model_aliases SET version = 3");
	assert_int_equal(promote_previous(&f->world, "m", "champion", &f->arena,
					  &back, &err),
			 ERR_ABSENT);
}

/* ---- the guard ---- */

static void test_no_promotion_while_a_crash_is_settled(void **state)
{
	struct fixture *f = *state;
	struct promotion *p = prepare(f, "2", "champion", NULL, NULL, ERR_OK);
	struct err err = { 0 };
	int fd = state_guard(f->world.state, false, &err);

	assert_true(fd >= 0);
	f->stop.stop = true; /* it would wait */
	run(f, p, OUTCOME_FAILED, "1");
	assert_int_equal(n_recorded(f), 0);
	close(fd);
}

static void test_no_settling_while_somebody_promotes(void **state)
{
	struct fixture *f = *state;
	struct promotion *p = prepare(f, "2", "champion", NULL, NULL, ERR_OK);
	struct err err = { 0 };
	const struct protocol_env env = {
		.state = f->world.state,
		.ops = f->world.ops,
		.conf = &f->conf,
		.permit = gate_permit("prod", &err),
	};
	int fd = state_guard(f->world.state, true, &err);
	const char *line;

	assert_true(fd >= 0);
	assert_true(protocol_step(&p->act, &env)); /* the intent */
	assert_int_equal(promote_settle(f->config, f->world.state, NULL,
					&f->arena, &line, &err),
			 0);
	assert_null(line);
	assert_int_equal(n_recorded(f), 1);
	close(fd); /* now it has crashed */
	assert_int_equal(promote_settle(f->config, f->world.state, NULL,
					&f->arena, &line, &err),
			 0);
	assert_non_null(strstr(line, "nothing was written"));
	assert_int_equal(n_recorded(f), 2);
	promotion_free(p);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(test_what_the_config_says),
		T(test_promoted),
		T(test_worse_than_the_champion),
		T(test_what_is_not_there),
		T(test_moved_while_somebody_was_reading),
		T(test_taken_away_while_somebody_was_reading),
		T(test_deleted_while_somebody_was_reading),
		T(test_another_store_at_the_place),
		T(test_a_schema_of_tomorrow),
		T(test_a_closed_gate),
		T(test_whom_an_alias_names),
		T(test_stages),
		T(test_back_by_the_record),
		T(test_no_promotion_while_a_crash_is_settled),
		T(test_no_settling_while_somebody_promotes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
