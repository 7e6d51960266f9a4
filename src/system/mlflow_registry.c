/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The registry of MLflow's SQLite store, looked at and written. The same
 * columns are stamped as MLflow stamps: stages do, aliases and tags do not. */
#include "config.h"

#include "mlflow_db.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"

/* " AND workspace='default'" where there is such a column. */
static const char *in_space(const struct mlflow_at *r)
{
	return r->schema.has_model_space ? " AND workspace='default'" : "";
}

/* First column of the first row, as text; "" if there is none. */
static enum err_code get_text(struct db_stmt *st, char *out, size_t size,
			      bool *has, struct err *err)
{
	bool has_row;

	*out = '\0';
	if (db_step(st, &has_row, err))
		return err->code;
	if (has)
		*has = has_row;
	if (!has_row)
		return ERR_OK;
	snprintf(out, size, "%s", db_text(st, 0) ? db_text(st, 0) : "");
	db_reset(st);
	return ERR_OK;
}

/* ---- reading what stands there ------------------------------------------- */

static enum err_code read_holder(struct mlflow_at *r, const char *model,
				 const char *alias, char *out, size_t size,
				 struct err *err)
{
	struct db_stmt *st;

	*out = '\0';
	if (!r->schema.has_aliases)
		return ERR_OK;
	if (mlflow_prepare(
		    r, &st, err,
		    "SELECT version FROM registered_model_aliases WHERE name=? "
		    "AND alias=?%s",
		    in_space(r)))
		return err->code;
	db_bind_text(st, 1, model);
	db_bind_text(st, 2, alias);
	return get_text(st, out, size, NULL, err);
}

/* The highest version in the stage, not counting this one. */
static enum err_code read_stage_holder(struct mlflow_at *r, const char *model,
				       const char *stage, const char *version,
				       char *out, size_t size, struct err *err)
{
	struct db_stmt *st;

	if (mlflow_prepare(
		    r, &st, err,
		    "SELECT version FROM model_versions WHERE name=? AND "
		    "current_stage=? AND version<>?%s ORDER BY version DESC "
		    "LIMIT 1",
		    in_space(r)))
		return err->code;
	db_bind_text(st, 1, model);
	db_bind_text(st, 2, stage);
	db_bind_int(st, 3, strtoll(version, NULL, 10));
	return get_text(st, out, size, NULL, err);
}

static enum err_code read_tag(struct mlflow_at *r, const char *model,
			      const char *version, const char *key, char *out,
			      size_t size, struct err *err)
{
	struct db_stmt *st;

	*out = '\0';
	if (!r->schema.has_version_tags)
		return ERR_OK;
	if (mlflow_prepare(
		    r, &st, err,
		    "SELECT value FROM model_version_tags WHERE name=? AND "
		    "version=? AND key=?%s",
		    in_space(r)))
		return err->code;
	db_bind_text(st, 1, model);
	db_bind_int(st, 2, strtoll(version, NULL, 10));
	db_bind_text(st, 3, key);
	return get_text(st, out, size, NULL, err);
}

static enum err_code read_version(struct mlflow_at *r, const char *model,
				  const char *version,
				  struct registry_state *out, struct err *err)
{
	struct db_stmt *st;
	bool has_row;

	if (mlflow_prepare(
		    r, &st, err,
		    "SELECT current_stage, run_id, status FROM model_versions "
		    "WHERE name=? AND version=? AND current_stage IS NOT "
		    "'Deleted_Internal'%s",
		    in_space(r)))
		return err->code;
	db_bind_text(st, 1, model);
	db_bind_int(st, 2, strtoll(version, NULL, 10));
	if (db_step(st, &has_row, err) || !has_row)
		return err->code;
	out->has_version = true;
	snprintf(out->stage, sizeof(out->stage), "%s",
		 db_is_null(st, 0) ? "" : db_text(st, 0));
	snprintf(out->run_id, sizeof(out->run_id), "%s",
		 db_is_null(st, 1) ? "" : db_text(st, 1));
	snprintf(out->status, sizeof(out->status), "%s",
		 db_is_null(st, 2) ? "" : db_text(st, 2));
	db_reset(st);
	return ERR_OK;
}

static enum err_code read_newest(struct mlflow_at *r, const char *model,
				 char *out, size_t size, struct err *err)
{
	struct db_stmt *st;

	if (mlflow_prepare(r, &st, err,
			   "SELECT max(version) FROM model_versions WHERE "
			   "name=? AND current_stage IS NOT "
			   "'Deleted_Internal'%s",
			   in_space(r)))
		return err->code;
	db_bind_text(st, 1, model);
	return get_text(st, out, size, NULL, err);
}

static enum err_code read_has_model(struct mlflow_at *r, const char *model,
				    bool *has, struct err *err)
{
	struct db_stmt *st;
	char text[8];

	if (mlflow_prepare(r, &st, err,
			   "SELECT 1 FROM registered_models WHERE name=?%s",
			   in_space(r)))
		return err->code;
	db_bind_text(st, 1, model);
	return get_text(st, text, sizeof(text), has, err);
}

static enum err_code read_state(struct mlflow_at *r, const char *model,
				const char *version, const char *alias,
				const char *stage, struct registry_state *out,
				struct err *err)
{
	const char *canonical = stage ? mlflow_stage(stage) : NULL;

	*out = (struct registry_state){ 0 };
	if (stage && !canonical)
		return mlflow_no_stage(stage, err);
	if (!r->schema.has_models)
		return err_set(err, ERR_SCHEMA, "the store has no registry");
	if (mlflow_fingerprint(r, out->fingerprint, err) ||
	    read_has_model(r, model, &out->has_model, err) ||
	    read_newest(r, model, out->newest, sizeof(out->newest), err) ||
	    read_version(r, model, version, out, err) ||
	    read_tag(r, model, version, MLFLOW_PROMOTION_TAG,
		     out->promotion_tag, sizeof(out->promotion_tag), err))
		return err->code;
	if (alias &&
	    read_holder(r, model, alias, out->holder, sizeof(out->holder), err))
		return err->code;
	if (stage &&
	    read_stage_holder(r, model, canonical, version, out->stage_holder,
			      sizeof(out->stage_holder), err))
		return err->code;
	return ERR_OK;
}

struct look_ask {
	const char *model, *version, *alias, *stage;
	struct registry_state *out;
};

static enum err_code look_step(struct mlflow_at *r, void *of, struct err *err)
{
	const struct look_ask *ask = of;

	return read_state(r, ask->model, ask->version, ask->alias, ask->stage,
			  ask->out, err);
}

static enum err_code look(const struct source_conf *conf, const char *model,
			  const char *version, const char *alias,
			  const char *stage, const struct cancel *stop,
			  struct registry_state *out, struct err *err)
{
	struct look_ask ask = { model, version, alias, stage, out };

	*out = (struct registry_state){ 0 };
	if (alias && mlflow_check_alias(alias, err))
		return err->code;
	return mlflow_look(conf, stop, look_step, &ask, err);
}

/* ---- what would be sent -------------------------------------------------- */

static void describe(const struct source_conf *conf,
		     const struct registry_change *c, struct buf *out)
{
	buf_addf(out, "one transaction on %s\n", mlflow_path(conf->where));
	mlflow_describe_change(c, out);
}

/* ---- writing ------------------------------------------------------------- */

static enum err_code set_alias(struct mlflow_at *r,
			       const struct registry_change *c, struct err *err)
{
	int64_t version = strtoll(c->version, NULL, 10);
	struct db_stmt *st;

	if (mlflow_prepare(
		    r, &st, err,
		    "UPDATE registered_model_aliases SET version=? WHERE "
		    "name=? AND alias=?%s",
		    in_space(r)))
		return err->code;
	db_bind_int(st, 1, version);
	db_bind_text(st, 2, c->model);
	db_bind_text(st, 3, c->alias);
	if (db_run(st, err) || db_changes(r->db))
		return err->code;
	if (mlflow_prepare(
		    r, &st, err,
		    "INSERT INTO registered_model_aliases(version, name, "
		    "alias%s) VALUES (?, ?, ?%s)",
		    r->schema.has_model_space ? ", workspace" : "",
		    r->schema.has_model_space ? ", 'default'" : ""))
		return err->code;
	db_bind_int(st, 1, version);
	db_bind_text(st, 2, c->model);
	db_bind_text(st, 3, c->alias);
	return db_run(st, err);
}

static enum err_code remove_alias(struct mlflow_at *r,
				  const struct registry_change *c,
				  struct err *err)
{
	struct db_stmt *st;

	if (mlflow_prepare(
		    r, &st, err,
		    "DELETE FROM registered_model_aliases WHERE name=? AND "
		    "alias=?%s",
		    in_space(r)))
		return err->code;
	db_bind_text(st, 1, c->model);
	db_bind_text(st, 2, c->alias);
	return db_run(st, err);
}

static enum err_code archive_others(struct mlflow_at *r,
				    const struct registry_change *c,
				    const char *stage, int64_t now_ms,
				    struct err *err)
{
	struct db_stmt *st;

	if (!mlflow_stage_is_held(stage))
		return ERR_OK;
	if (mlflow_prepare(
		    r, &st, err,
		    "UPDATE model_versions SET current_stage='Archived', "
		    "last_updated_time=? WHERE name=? AND current_stage=? AND "
		    "version<>?%s",
		    in_space(r)))
		return err->code;
	db_bind_int(st, 1, now_ms);
	db_bind_text(st, 2, c->model);
	db_bind_text(st, 3, stage);
	db_bind_int(st, 4, strtoll(c->version, NULL, 10));
	return db_run(st, err);
}

static enum err_code set_stage(struct mlflow_at *r,
			       const struct registry_change *c, struct err *err)
{
	const char *stage = mlflow_stage(c->stage);
	int64_t now_ms = clock_utc_ms();
	struct db_stmt *st;

	if (archive_others(r, c, stage, now_ms, err) ||
	    mlflow_prepare(r, &st, err,
			   "UPDATE model_versions SET current_stage=?, "
			   "last_updated_time=? WHERE name=? AND version=?%s",
			   in_space(r)))
		return err->code;
	db_bind_text(st, 1, stage);
	db_bind_int(st, 2, now_ms);
	db_bind_text(st, 3, c->model);
	db_bind_int(st, 4, strtoll(c->version, NULL, 10));
	if (db_run(st, err) ||
	    mlflow_prepare(
		    r, &st, err,
		    "UPDATE registered_models SET last_updated_time=? WHERE "
		    "name=?%s",
		    in_space(r)))
		return err->code;
	db_bind_int(st, 1, now_ms);
	db_bind_text(st, 2, c->model);
	return db_run(st, err);
}

static enum err_code set_tag(struct mlflow_at *r,
			     const struct registry_change *c,
			     const struct name_value *tag, struct err *err)
{
	const char *space = r->schema.has_model_space ? "'default', " : "";
	struct db_stmt *st;

	if (mlflow_prepare(
		    r, &st, err,
		    "INSERT INTO model_version_tags(%skey, value, name, "
		    "version) VALUES (%s?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
		    "value=excluded.value",
		    r->schema.has_model_space ? "workspace, " : "", space))
		return err->code;
	db_bind_text(st, 1, tag->name);
	db_bind_text(st, 2, tag->value);
	db_bind_text(st, 3, c->model);
	db_bind_int(st, 4, strtoll(c->version, NULL, 10));
	return db_run(st, err);
}

static enum err_code change(struct mlflow_at *r,
			    const struct registry_change *c, struct err *err)
{
	size_t i;

	switch (c->kind) {
	case CHANGE_ALIAS:
		set_alias(r, c, err);
		break;
	case CHANGE_ALIAS_REMOVE:
		remove_alias(r, c, err);
		break;
	case CHANGE_STAGE:
		set_stage(r, c, err);
		break;
	}
	for (i = 0; i < c->n_tags && !err->code; i++)
		set_tag(r, c, &c->tags[i], err);
	return err->code;
}

/* Reads back, inside the transaction, what it is about to commit. */
static enum err_code verify(struct mlflow_at *r,
			    const struct registry_change *c, struct err *err)
{
	const char *want = c->kind == CHANGE_ALIAS ? c->version : "";
	char value[MLFLOW_TAG_BYTES + 1];
	struct registry_state now;
	size_t i;
	bool holds;

	if (read_state(r, c->model, c->version, c->alias, c->stage, &now, err))
		return err->code;
	if (c->kind == CHANGE_STAGE)
		holds = !strcmp(now.stage, mlflow_stage(c->stage)) &&
			(!mlflow_stage_is_held(now.stage) ||
			 !*now.stage_holder);
	else
		holds = !strcmp(now.holder, want);
	for (i = 0; holds && i < c->n_tags; i++) {
		if (read_tag(r, c->model, c->version, c->tags[i].name, value,
			     sizeof(value), err))
			return err->code;
		holds = !strcmp(value, c->tags[i].value);
	}
	return holds ? ERR_OK
		     : err_set(err, ERR_IO,
			       "what was written did not read back: undone");
}

static enum err_code compare_step(struct mlflow_at *r, void *of,
				  struct err *err)
{
	const struct registry_change *c = of;
	struct registry_state now;

	if (read_state(r, c->model, c->version, c->alias, c->stage, &now, err))
		return err->code;
	return mlflow_compare(c, &now, err);
}

static enum err_code change_step(struct mlflow_at *r, void *of, struct err *err)
{
	return change(r, of, err) ? err->code : verify(r, of, err);
}

static enum err_code write_change(const struct source_conf *conf,
				  const struct permit *permit,
				  const struct registry_change *c,
				  const struct cancel *stop, struct err *err)
{
	struct registry_change own = *c;

	if (mlflow_check_change(c, err))
		return err->code;
	return mlflow_write(conf, permit, stop, compare_step, change_step, &own,
			    err);
}

const struct registry_ops mlflow_db_registry = {
	.look = look,
	.describe = describe,
	.write = write_change,
};
