/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "demo/store.h"

#include <float.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store_sql.h"

static const char schema[] =
#include "schema.h"
	;

enum err_code store_open(struct store *s, const char *dir, const char *file,
			 uint64_t seed, struct err *err)
{
	char *path = xasprintf("%s/%s", dir, file);

	memset(s, 0, sizeof(*s));
	s->dir = dir;
	prng_init(&s->ids, seed, 99);
	if (!db_open_made(path, &s->db, err) &&
	    !db_has_table(s->db, "alembic_version")) {
		store_begin(s);
		if (!s->err.code)
			(void)!db_exec(s->db, schema, &s->err);
		store_sql(s,
			  "INSERT OR IGNORE INTO workspaces (name, "
			  "description) VALUES ('default', "
			  "'Default workspace for legacy resources')",
			  "");
		(void)!store_commit(s, err);
	}
	free(path);
	if (err->code)
		store_close(s);
	return err->code;
}

void store_close(struct store *s)
{
	db_close(s->db);
	s->db = NULL;
}

void store_begin(struct store *s)
{
	err_clear(&s->err);
	(void)!db_begin_immediate(s->db, &s->err);
}

enum err_code store_commit(struct store *s, struct err *err)
{
	if (!s->err.code)
		(void)!db_commit(s->db, &s->err);
	if (!s->err.code)
		return ERR_OK;
	db_rollback(s->db);
	err_set(err, s->err.code, "%s", s->err.msg);
	err_clear(&s->err);
	return err->code;
}

struct db_stmt *store_bind(struct store *s, const char *sql, const char *types,
			   va_list ap)
{
	struct db_stmt *st;

	if (s->err.code || db_prepare(s->db, sql, &st, &s->err))
		return NULL;
	for (int i = 1; types[i - 1]; i++) {
		switch (types[i - 1]) {
		case 't':
			db_bind_text(st, i, va_arg(ap, const char *));
			break;
		case 'd':
			db_bind_double(st, i, va_arg(ap, double));
			break;
		default:
			db_bind_int(st, i, va_arg(ap, int64_t));
			break;
		}
	}
	return st;
}

void store_sql(struct store *s, const char *sql, const char *types, ...)
{
	struct db_stmt *st;
	va_list ap;

	va_start(ap, types);
	st = store_bind(s, sql, types, ap);
	va_end(ap);
	if (st)
		(void)!db_run(st, &s->err);
}

int store_experiment_id(const struct world *w)
{
	return (int)w->id + 1;
}

static void put_experiment(struct store *s, int64_t id, const char *name,
			   int64_t now_ms)
{
	char *place = xasprintf("%s/artifacts/%d", s->dir, (int)id);

	store_sql(s,
		  "INSERT INTO experiments (experiment_id, name, "
		  "artifact_location, lifecycle_stage, creation_time, "
		  "last_update_time, workspace) VALUES "
		  "(?1, ?2, ?3, 'active', ?4, ?4, 'default')",
		  "itti", id, name, place, now_ms);
	free(place);
}

void store_experiment(struct store *s, const struct world *w, int64_t now_ms)
{
	int64_t id = w ? store_experiment_id(w) : 0;
	const char *tags[][2] = {
		{ "mlflow.note.content", w ? w->what : "" },
		{ "mlflow.experiment.primaryMetric.name", w ? w->metric : "" },
		{ "mlflow.experiment.primaryMetric.greaterIsBetter",
		  w && !w->is_regression ? "True" : "False" },
		{ "data", "synthetic" },
	};

	put_experiment(s, id, w ? w->name : "Default", now_ms);
	for (size_t i = 0; w && i < ARRAY_LEN(tags); i++)
		store_sql(s,
			  "INSERT INTO experiment_tags (key, value, "
			  "experiment_id) VALUES (?1, ?2, ?3)",
			  "tti", tags[i][0], tags[i][1], id);
}

static const char *const sources[WORLD_N] = { "train_forest.c", "train_boost.c",
					      "train_cnn.c" };

static const char *const users[] = { "mk", "jk", "as", "demo" };

void store_commit_tag(struct store *s, const char *run, const char *commit)
{
	store_tag(s, run, "mlflow.source.git.commit", commit);
}

static void run_tags(struct store *s, struct store_run *r, const char *user)
{
	prng_hex32(&s->ids, r->commit);
	store_tag(s, r->id, "mlflow.runName", r->name);
	store_tag(s, r->id, "mlflow.user", user);
	store_tag(s, r->id, "mlflow.source.name", sources[r->world]);
	store_tag(s, r->id, "mlflow.source.type", "LOCAL");
	store_commit_tag(s, r->id, r->commit);
	store_tag(s, r->id, "mlflow.note.content",
		  r->note ? r->note : "A demo run on synthetic data.");
	if (r->parent)
		store_tag(s, r->id, "mlflow.parentRunId", r->parent);
}

void store_run_begin(struct store *s, struct store_run *r)
{
	int64_t experiment = store_experiment_id(world_get(r->world));
	const char *user;
	char *place;

	prng_hex32(&s->ids, r->id);
	user = users[prng_below(&s->ids, ARRAY_LEN(users))];
	place = xasprintf("%s/artifacts/%d/%s/artifacts", s->dir,
			  (int)experiment, r->id);
	store_sql(s,
		  "INSERT INTO runs (run_uuid, name, source_type, "
		  "source_name, entry_point_name, user_id, status, "
		  "start_time, source_version, lifecycle_stage, "
		  "artifact_uri, experiment_id) VALUES (?1, ?2, 'UNKNOWN', "
		  "'', '', ?3, 'RUNNING', ?4, '', 'active', ?5, ?6)",
		  "tttiti", r->id, r->name, user, r->start_ms, place,
		  experiment);
	free(place);
	run_tags(s, r, user);
}

void store_run_end(struct store *s, const char *run, const char *status,
		   int64_t end_ms)
{
	store_sql(s,
		  "UPDATE runs SET status = ?2, end_time = ?3 WHERE "
		  "run_uuid = ?1 AND status = 'RUNNING'",
		  "tti", run, status, end_ms);
}

void store_run_delete(struct store *s, const char *run)
{
	static const char *const deletes[] = {
		"DELETE FROM metrics WHERE run_uuid = ?1",
		"DELETE FROM latest_metrics WHERE run_uuid = ?1",
		"DELETE FROM params WHERE run_uuid = ?1",
		"DELETE FROM tags WHERE run_uuid = ?1",
		"DELETE FROM input_tags WHERE input_uuid IN (SELECT "
		"input_uuid FROM inputs WHERE destination_id = ?1)",
		"DELETE FROM inputs WHERE destination_id = ?1 OR source_id = "
		"?1",
		"DELETE FROM runs WHERE run_uuid = ?1",
	};

	for (size_t i = 0; i < ARRAY_LEN(deletes); i++)
		store_sql(s, deletes[i], "t", run);
}

void store_param(struct store *s, const char *run, const char *key,
		 const char *value)
{
	store_sql(s,
		  "INSERT OR IGNORE INTO params (key, value, run_uuid) "
		  "VALUES (?1, ?2, ?3)",
		  "ttt", key, value, run);
}

void store_recipe(struct store *s, const char *run, const struct recipe *r)
{
	char value[LAB_VALUE_MAX];
	const char *name;

	for (size_t i = 0; lab_param_get(r, i, &name, value); i++)
		store_param(s, run, name, value);
}

void store_tag(struct store *s, const char *run, const char *key,
	       const char *value)
{
	store_sql(s,
		  "INSERT OR REPLACE INTO tags (key, value, run_uuid) "
		  "VALUES (?1, ?2, ?3)",
		  "ttt", key, value, run);
}

void store_metric(struct store *s, const char *run, const char *key, double v,
		  int64_t time_ms, int64_t step)
{
	int64_t is_nan = isnan(v) != 0;

	if (is_nan)
		v = 0;
	v = fmin(fmax(v, -DBL_MAX), DBL_MAX);
	store_sql(s,
		  "INSERT OR IGNORE INTO metrics (key, value, timestamp, "
		  "run_uuid, step, is_nan) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
		  "tditii", key, v, time_ms, run, step, is_nan);
	store_sql(s,
		  "INSERT INTO latest_metrics (key, value, timestamp, step, "
		  "is_nan, run_uuid) VALUES (?1, ?2, ?3, ?5, ?6, ?4) "
		  "ON CONFLICT (key, run_uuid) DO UPDATE SET value = "
		  "excluded.value, timestamp = excluded.timestamp, step = "
		  "excluded.step, is_nan = excluded.is_nan WHERE "
		  "(excluded.step, excluded.timestamp, excluded.value) > "
		  "(step, timestamp, value)",
		  "tditii", key, v, time_ms, run, step, is_nan);
}
