/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_TESTS_SYSTEM_MLFLOW_STORE_H
#define MLTOWER_TESTS_SYSTEM_MLFLOW_STORE_H

/* Stores made with SQL, in a folder of their own, and polls of them. */
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "model/batch.h"
#include "system/ops.h"

/* MLflow 3.17's tables, as far as they are read; indexes as there. */
#define SCHEMA_3                                                               \
	"CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL);"     \
	"INSERT INTO alembic_version VALUES ('dc11669786a5');"                 \
	"CREATE TABLE experiments (experiment_id INTEGER NOT NULL PRIMARY "    \
	"KEY, name VARCHAR(256) NOT NULL, artifact_location VARCHAR(256), "    \
	"lifecycle_stage VARCHAR(32), creation_time BIGINT, last_update_time " \
	"BIGINT, workspace VARCHAR(63) DEFAULT 'default' NOT NULL);"           \
	"CREATE TABLE experiment_tags (key VARCHAR(250), value TEXT, "         \
	"experiment_id INTEGER, PRIMARY KEY (key, experiment_id));"            \
	"CREATE TABLE runs (run_uuid VARCHAR(32) NOT NULL PRIMARY KEY, name "  \
	"VARCHAR(250), source_type VARCHAR(20), source_name VARCHAR(500), "    \
	"entry_point_name VARCHAR(50), user_id VARCHAR(256), status "          \
	"VARCHAR(9), start_time BIGINT, end_time BIGINT, source_version "      \
	"VARCHAR(50), lifecycle_stage VARCHAR(20), artifact_uri VARCHAR(200)," \
	" experiment_id INTEGER, deleted_time BIGINT);"                        \
	"CREATE TABLE metrics (key VARCHAR(250) NOT NULL, value FLOAT NOT "    \
	"NULL, timestamp BIGINT NOT NULL, run_uuid VARCHAR(32) NOT NULL, "     \
	"step BIGINT DEFAULT 0 NOT NULL, is_nan BOOLEAN DEFAULT 0 NOT NULL, "  \
	"PRIMARY KEY (key, timestamp, step, run_uuid, value, is_nan));"        \
	"CREATE INDEX index_metrics_run_uuid ON metrics (run_uuid);"           \
	"CREATE INDEX index_metrics_run_uuid_key_step ON metrics (run_uuid, "  \
	"key, step);" LATEST PARAMS_AND_TAGS DATASETS LOGGED_MODELS            \
	"CREATE TABLE registered_models (name VARCHAR(256) NOT NULL, "         \
	"creation_time BIGINT, last_updated_time BIGINT, description "         \
	"VARCHAR(5000), workspace VARCHAR(63) DEFAULT 'default' NOT NULL, "    \
	"PRIMARY KEY (workspace, name));"                                      \
	"CREATE TABLE model_versions (name VARCHAR(256) NOT NULL, version "    \
	"INTEGER NOT NULL, creation_time BIGINT, last_updated_time BIGINT, "   \
	"description VARCHAR(5000), user_id VARCHAR(256), current_stage "      \
	"VARCHAR(20), source VARCHAR(500), run_id VARCHAR(32), status "        \
	"VARCHAR(20), status_message VARCHAR(500), run_link VARCHAR(500), "    \
	"storage_location VARCHAR(500), workspace VARCHAR(63) DEFAULT "        \
	"'default' NOT NULL, PRIMARY KEY (workspace, name, version), FOREIGN " \
	"KEY(workspace, name) REFERENCES registered_models (workspace, name) " \
	"ON UPDATE CASCADE);"                                                  \
	"CREATE TABLE registered_model_tags (key VARCHAR(250) NOT NULL, "      \
	"value "                                                               \
	"VARCHAR(5000), name VARCHAR(256) NOT NULL, workspace VARCHAR(63) "    \
	"DEFAULT 'default' NOT NULL, PRIMARY KEY (workspace, key, name));"     \
	"CREATE TABLE model_version_tags (key VARCHAR(250) NOT NULL, value "   \
	"TEXT, name VARCHAR(256) NOT NULL, version INTEGER NOT NULL, "         \
	"workspace VARCHAR(63) DEFAULT 'default' NOT NULL, PRIMARY KEY "       \
	"(workspace, key, name, version));"                                    \
	"CREATE TABLE registered_model_aliases (alias VARCHAR(256) NOT NULL, " \
	"version INTEGER NOT NULL, name VARCHAR(256) NOT NULL, workspace "     \
	"VARCHAR(63) DEFAULT 'default' NOT NULL, PRIMARY KEY (workspace, "     \
	"name, alias), FOREIGN KEY(workspace, name) REFERENCES "               \
	"registered_models (workspace, name) ON DELETE CASCADE ON UPDATE "     \
	"CASCADE);"

#define LATEST                                                                 \
	"CREATE TABLE latest_metrics (key VARCHAR(250) NOT NULL, value FLOAT " \
	"NOT NULL, timestamp BIGINT, step BIGINT NOT NULL, is_nan BOOLEAN "    \
	"NOT NULL, run_uuid VARCHAR(32) NOT NULL, PRIMARY KEY (key, "          \
	"run_uuid));"                                                          \
	"CREATE INDEX index_latest_metrics_run_uuid ON latest_metrics "        \
	"(run_uuid);"
#define PARAMS_AND_TAGS                                                        \
	"CREATE TABLE params (key VARCHAR(250) NOT NULL, value VARCHAR(8000) " \
	"NOT NULL, run_uuid VARCHAR(32) NOT NULL, PRIMARY KEY (key, "          \
	"run_uuid));"                                                          \
	"CREATE TABLE tags (key VARCHAR(250) NOT NULL, value VARCHAR(8000), "  \
	"run_uuid VARCHAR(32) NOT NULL, PRIMARY KEY (key, run_uuid));"
#define DATASETS                                                               \
	"CREATE TABLE datasets (dataset_uuid VARCHAR(36) NOT NULL, "           \
	"experiment_id INTEGER NOT NULL, name VARCHAR(500) NOT NULL, digest "  \
	"VARCHAR(36) NOT NULL, dataset_source_type VARCHAR(36) NOT NULL, "     \
	"dataset_source TEXT NOT NULL, dataset_schema TEXT, dataset_profile "  \
	"TEXT);"                                                               \
	"CREATE TABLE inputs (input_uuid VARCHAR(36) NOT NULL, source_type "   \
	"VARCHAR(36) NOT NULL, source_id VARCHAR(36) NOT NULL, "               \
	"destination_type VARCHAR(36) NOT NULL, destination_id VARCHAR(36) "   \
	"NOT NULL, step BIGINT DEFAULT 0 NOT NULL);"                           \
	"CREATE TABLE input_tags (input_uuid VARCHAR(36) NOT NULL, name "      \
	"VARCHAR(255) NOT NULL, value VARCHAR(500) NOT NULL);"
#define LOGGED_MODELS                                                          \
	"CREATE TABLE logged_models (model_id VARCHAR(36) NOT NULL, "          \
	"experiment_id INTEGER NOT NULL, name VARCHAR(500) NOT NULL, "         \
	"artifact_location VARCHAR(1000) NOT NULL, creation_timestamp_ms "     \
	"BIGINT NOT NULL, last_updated_timestamp_ms BIGINT NOT NULL, status "  \
	"INTEGER NOT NULL, lifecycle_stage VARCHAR(32), model_type "           \
	"VARCHAR(500), source_run_id VARCHAR(32), status_message "             \
	"VARCHAR(1000));"

/* MLflow 1.2: no latest_metrics, no registry, no name of a run. */
#define SCHEMA_1                                                               \
	"CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL);"     \
	"INSERT INTO alembic_version VALUES ('7ac759974ad8');"                 \
	"CREATE TABLE experiments (experiment_id INTEGER NOT NULL PRIMARY "    \
	"KEY, name VARCHAR(256) NOT NULL, artifact_location VARCHAR(256), "    \
	"lifecycle_stage VARCHAR(32));"                                        \
	"CREATE TABLE runs (run_uuid VARCHAR(32) NOT NULL PRIMARY KEY, name "  \
	"VARCHAR(250), user_id VARCHAR(256), status VARCHAR(20), start_time "  \
	"BIGINT, end_time BIGINT, lifecycle_stage VARCHAR(20), artifact_uri "  \
	"VARCHAR(200), experiment_id INTEGER);"                                \
	"CREATE TABLE metrics (key VARCHAR(250) NOT NULL, value FLOAT NOT "    \
	"NULL, timestamp BIGINT NOT NULL, run_uuid VARCHAR(32) NOT NULL, "     \
	"step BIGINT DEFAULT 0 NOT NULL, is_nan BOOLEAN DEFAULT 0 NOT "        \
	"NULL);" PARAMS_AND_TAGS

/* MLflow 2.x: aliases and datasets, no workspaces, no logged models. */
#define SCHEMA_2                                                               \
	SCHEMA_1 LATEST DATASETS                                               \
		"UPDATE alembic_version SET version_num='0584bdc529eb';"       \
		"CREATE INDEX index_metrics_run_uuid ON metrics (run_uuid);"   \
		"ALTER TABLE experiments ADD creation_time BIGINT;"            \
		"ALTER TABLE experiments ADD last_update_time BIGINT;"         \
		"CREATE TABLE experiment_tags (key VARCHAR(250), value "       \
		"VARCHAR(5000),"                                               \
		" experiment_id INTEGER, PRIMARY KEY (key, experiment_id));"   \
		"CREATE TABLE registered_models (name VARCHAR(256) NOT NULL "  \
		"PRIMARY "                                                     \
		"KEY, creation_time BIGINT, last_updated_time BIGINT, "        \
		"description "                                                 \
		"VARCHAR(5000));"                                              \
		"CREATE TABLE model_versions (name VARCHAR(256) NOT NULL, "    \
		"version "                                                     \
		"INTEGER NOT NULL, creation_time BIGINT, last_updated_time "   \
		"BIGINT, "                                                     \
		"description VARCHAR(5000), user_id VARCHAR(256), "            \
		"current_stage "                                               \
		"VARCHAR(20), source VARCHAR(500), run_id VARCHAR(32), "       \
		"status "                                                      \
		"VARCHAR(20), status_message VARCHAR(500), run_link "          \
		"VARCHAR(500), "                                               \
		"storage_location VARCHAR(500), PRIMARY KEY (name, version));" \
		"CREATE TABLE registered_model_tags (key VARCHAR(250) NOT "    \
		"NULL, value "                                                 \
		"VARCHAR(5000), name VARCHAR(256) NOT NULL, PRIMARY KEY "      \
		"(key, name));"                                                \
		"CREATE TABLE model_version_tags (key VARCHAR(250) NOT NULL, " \
		"value "                                                       \
		"VARCHAR(5000), name VARCHAR(256) NOT NULL, version INTEGER "  \
		"NOT NULL,"                                                    \
		" PRIMARY KEY (key, name, version));"                          \
		"CREATE TABLE registered_model_aliases (alias VARCHAR(256) "   \
		"NOT NULL, "                                                   \
		"version INTEGER NOT NULL, name VARCHAR(256) NOT NULL, "       \
		"PRIMARY KEY "                                                 \
		"(name, alias));"

/* A store in a folder of its own, and the reader's context on it. */
struct fixture {
	char folder[64];
	char path[96];
	const struct system_ops *ops;
	struct source_conf conf;
	void *ctx;
	struct batch *b; /* the last answer */
	struct err err;
};

/* Runs SQL on the file as another program would; the test fails if it fails. */
static inline void write_sql(const char *path, const char *sql)
{
	char *msg = NULL;
	sqlite3 *h;

	assert_int_equal(sqlite3_open(path, &h), SQLITE_OK);
	sqlite3_busy_timeout(h, 5000);
	if (sqlite3_exec(h, sql, NULL, NULL, &msg) != SQLITE_OK)
		fail_msg("%s", msg);
	sqlite3_close(h);
}

static inline void __attribute__((format(printf, 2, 3)))
write_sqlf(const char *path, const char *fmt, ...)
{
	char sql[4096];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(sql, sizeof(sql), fmt, ap);
	va_end(ap);
	write_sql(path, sql);
}

static inline void fixture_init(struct fixture *f, const char *schema)
{
	struct err err = { 0 };

	memset(f, 0, sizeof(*f));
	strcpy(f->folder, "/tmp/mltower-test-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	snprintf(f->path, sizeof(f->path), "%s/mlflow.db", f->folder);
	if (schema)
		write_sql(f->path, schema);
	f->ops = system_find("x", "mlflow", &err);
	assert_non_null(f->ops);
	f->conf = (struct source_conf){ .name = "t", .where = f->path };
	assert_int_equal(f->ops->source->open(&f->conf, &f->ctx, &err), 0);
}

static inline void fixture_release(struct fixture *f)
{
	static const char *const ends[] = { "", "-wal", "-shm", "-journal" };
	char path[128];
	size_t i;

	batch_free(f->b);
	f->ops->source->close(f->ctx);
	for (i = 0; i < ARRAY_LEN(ends); i++) {
		snprintf(path, sizeof(path), "%s%s", f->path, ends[i]);
		unlink(path);
	}
	rmdir(f->folder);
}

static inline enum err_code poll_ask(struct fixture *f,
				     const struct source_ask *ask)
{
	batch_free(f->b);
	f->b = batch_new();
	f->err = (struct err){ 0 };
	return f->ops->source->poll(f->ctx, ask, NULL, f->b, &f->err);
}

/* One poll with nothing asked for. */
static inline enum err_code poll_once(struct fixture *f)
{
	return poll_ask(f, &(struct source_ask){ 0 });
}

/* Polls until nothing more is owed; the last answer stays. */
static inline void poll_quiet(struct fixture *f, const struct source_ask *ask)
{
	int i;

	for (i = 0; i < 100; i++) {
		assert_int_equal(poll_ask(f, ask), ERR_OK);
		if (!f->b->has_more && !f->b->n_runs && !f->b->n_gone)
			return;
	}
	fail_msg("it never comes to rest");
}

static inline int find_run(const struct batch *b, const char *id)
{
	size_t i;

	for (i = 0; i < b->n_runs; i++)
		if (!strcmp(b->runs[i].id, id))
			return (int)i;
	return -1;
}

static inline const struct run_facts *get_run(const struct batch *b,
					      const char *id)
{
	int i = find_run(b, id);

	if (i < 0)
		fail_msg("no run %s", id);
	return &b->runs[i];
}

/* The last value of the key in the run; NULL if there is none. */
static inline const struct run_value *get_value(const struct batch *b,
						const char *id,
						enum value_kind kind,
						const char *name)
{
	const struct run_value *found = NULL;
	int run = find_run(b, id);
	size_t i;

	for (i = 0; i < b->n_values; i++)
		if ((int)b->values[i].run == run &&
		    b->keys[b->values[i].key].kind == kind &&
		    !strcmp(b->keys[b->values[i].key].name, name))
			found = &b->values[i];
	return found;
}

static inline double get_number(const struct batch *b, const char *id,
				const char *metric)
{
	const struct run_value *v = get_value(b, id, VALUE_METRIC, metric);

	if (!v)
		fail_msg("no %s in %s", metric, id);
	return v->number;
}

#define RUN_SQL(id, name, status)                                              \
	"INSERT INTO runs(run_uuid, name, user_id, status, start_time, "       \
	"lifecycle_stage, artifact_uri, experiment_id) VALUES ('" id           \
	"', '" name "', 'ada', '" status "', 1700000000000, 'active', '/a/" id \
	"', 1);"

#define POINT_SQL(id, key, value, step)                                        \
	"INSERT INTO metrics(key, value, timestamp, run_uuid, step, is_nan) "  \
	"VALUES ('" key "', " value ", 1700000000000 + " step ", '" id         \
	"', " step ", 0);"

#define LATEST_SQL(id, key, value, step)                                       \
	"INSERT OR REPLACE INTO latest_metrics(key, value, timestamp, "        \
	"run_uuid, step, is_nan) VALUES ('" key "', " value                    \
	", 1700000000000 + " step ", '" id "', " step ", 0);"

#define EXPERIMENT_SQL                                                         \
	"INSERT INTO experiments(experiment_id, name, lifecycle_stage) "       \
	"VALUES (1, 'fraud', 'active');"

#endif
