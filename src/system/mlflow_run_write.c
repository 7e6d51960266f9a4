/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Names, tags and the life cycle of runs, written as MLflow's own client
 * writes them: a name stands in runs.name and in a tag, a run that is deleted
 * keeps all it has, and one that is deleted takes no name and no tag. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/intern.h"
#include "base/mem.h"
#include "base/str.h"
#include "mlflow_db.h"

#define MAX_NAME_CHARS  250
#define MAX_KEY_CHARS   250
#define MAX_VALUE_CHARS 8000

/* ---- what MLflow takes --------------------------------------------------- */

/* Columns are as wide as so many characters, not bytes. */
static size_t count_chars(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

static enum err_code check_length(const char *what, const char *text,
				  size_t max, struct err *err)
{
	size_t n = count_chars(text);

	if (n <= max)
		return ERR_OK;
	return err_set(err, ERR_USAGE,
		       "%s of %zu characters: MLflow takes at most %zu", what,
		       n, max);
}

static bool is_key_char(char c)
{
	return (unsigned char)c >= 0x80 || (c >= '0' && c <= '9') ||
	       (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c && strchr("_/.- :", c));
}

/* A key names a file in some stores: "a//b", "./a" and "../a" are not taken. */
static bool is_plain_path(const char *key)
{
	if (!strncmp(key, "..", 2))
		return false;
	for (;;) {
		size_t len = strcspn(key, "/");

		if (!len || (len == 1 && *key == '.') ||
		    (len == 2 && !strncmp(key, "..", 2)))
			return false;
		if (!key[len])
			return true;
		key += len + 1;
	}
}

static enum err_code check_key(const char *key, struct err *err)
{
	const char *p = key;

	while (is_key_char(*p))
		p++;
	if (*p || !is_plain_path(key))
		return err_set(err, ERR_USAGE,
			       "tag '%.60s': MLflow takes letters, digits and "
			       "_ - . : / and blanks in a tag's name",
			       key);
	if (!strcmp(key, MLFLOW_NAME_TAG))
		return err_set(err, ERR_USAGE,
			       "the tag " MLFLOW_NAME_TAG
			       " is the run's name: rename the run");
	return check_length("a tag's name", key, MAX_KEY_CHARS, err);
}

static enum err_code check_edit(const struct run_edit *e, struct err *err)
{
	switch (e->field) {
	case RUN_FIELD_NAME:
		if (!*e->then)
			return err_set(err, ERR_USAGE, "a run needs a name");
		return check_length("a name", e->then, MAX_NAME_CHARS, err);
	case RUN_FIELD_TAG:
		if (check_key(e->key, err) || !e->then)
			return err->code;
		return check_length("a tag's value", e->then, MAX_VALUE_CHARS,
				    err);
	case RUN_FIELD_LIFECYCLE:
		break;
	}
	return ERR_OK;
}

static enum err_code check_edits(const struct run_change *c, struct err *err)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		if (check_edit(&c->edits[i], err))
			return err->code;
	return ERR_OK;
}

/* ---- reading what stands there ------------------------------------------- */

static enum err_code read_run(struct mlflow_at *at, struct run_edit *e,
			      struct arena *a, struct err *err)
{
	struct db_stmt *st;
	bool has_row;

	if (mlflow_prepare(
		    at, &st, err,
		    "SELECT coalesce(nullif(%s,''), (SELECT value FROM "
		    "tags WHERE run_uuid=r.run_uuid AND key='%s'), ''), "
		    "%s FROM runs r WHERE run_uuid=?",
		    at->schema.has_run_name ? "name" : "''", MLFLOW_NAME_TAG,
		    at->schema.has_run_stage ? "lifecycle_stage" : "'active'"))
		return err->code;
	db_bind_text(st, 1, e->run_id);
	if (db_step(st, &has_row, err))
		return err->code;
	if (!has_row)
		return err_set(err, ERR_ABSENT, "no run %.40s", e->run_id);
	e->is_deleted = db_text(st, 1) && !strcmp(db_text(st, 1), "deleted");
	if (e->field == RUN_FIELD_NAME)
		e->was = arena_strdup(a, mlflow_text(a, st, 0));
	if (e->field == RUN_FIELD_LIFECYCLE)
		e->was = e->is_deleted ? "deleted" : "active";
	db_reset(st);
	return ERR_OK;
}

static enum err_code read_tag(struct mlflow_at *at, struct run_edit *e,
			      struct arena *a, struct err *err)
{
	struct db_stmt *st;
	bool has_row;

	e->was = NULL;
	if (mlflow_prepare(at, &st, err,
			   "SELECT value FROM tags WHERE run_uuid=? AND key=?"))
		return err->code;
	db_bind_text(st, 1, e->run_id);
	db_bind_text(st, 2, e->key);
	if (db_step(st, &has_row, err) || !has_row)
		return err->code;
	e->was = arena_strdup(a, mlflow_text(a, st, 0));
	db_reset(st);
	return ERR_OK;
}

/* Fills in what stands there now. */
static enum err_code read_edit(struct mlflow_at *at, struct run_edit *e,
			       struct arena *a, struct err *err)
{
	if (read_run(at, e, a, err))
		return err->code;
	return e->field == RUN_FIELD_TAG ? read_tag(at, e, a, err) : ERR_OK;
}

static bool is_delete(const struct run_edit *e)
{
	return e->field == RUN_FIELD_LIFECYCLE && !strcmp(e->then, "deleted");
}

/* Each run that made an assessment. */
static enum err_code prepare_makers(struct mlflow_at *at, struct db_stmt **st,
				    struct err *err)
{
	static const char key[] = "\"mlflow.assessment.sourceRunId\": \"";

	if (mlflow_prepare(at, st, err,
			   "SELECT DISTINCT substr(rest, 1, instr(rest, '\"') "
			   "- 1) FROM (SELECT substr(assessment_metadata, "
			   "instr(assessment_metadata, ?1) + length(?1)) AS "
			   "rest FROM assessments WHERE "
			   "instr(assessment_metadata, ?1))"))
		return err->code;
	db_bind_text(*st, 1, key);
	return ERR_OK;
}

static enum err_code check_makers(struct mlflow_at *at,
				  const struct intern *deleted, struct err *err)
{
	struct db_stmt *st;
	bool has_row;

	if (prepare_makers(at, &st, err))
		return err->code;
	while (!db_step(st, &has_row, err) && has_row) {
		const char *id = db_text(st, 0);

		if (!id || !intern_find(deleted, id))
			continue;
		err_set(err, ERR_USAGE,
			"run %.12s made assessments of traces, which MLflow "
			"deletes with it for good: delete it by MLflow",
			id);
		db_reset(st);
		break;
	}
	return err->code;
}

/* MLflow's client deletes the assessments that a run made of traces with it.
 * They do not come back with the run: that is left to MLflow. They are gone
 * through once, however many runs there are. */
static enum err_code check_assessments(struct mlflow_at *at,
				       const struct run_change *c,
				       struct err *err)
{
	struct intern *deleted;
	bool is_any = false;
	size_t i;

	if (!at->schema.has_assessments)
		return ERR_OK;
	deleted = intern_new();
	for (i = 0; i < c->n; i++) {
		if (!is_delete(&c->edits[i]))
			continue;
		intern_put(deleted, c->edits[i].run_id);
		is_any = true;
	}
	if (is_any)
		check_makers(at, deleted, err);
	intern_free(deleted);
	return err->code;
}

struct look_at {
	struct run_change *change;
	struct arena *a;
};

static enum err_code look_step(struct mlflow_at *at, void *of, struct err *err)
{
	struct look_at *l = of;
	char fingerprint[FINGERPRINT_MAX];
	size_t i;

	if (mlflow_fingerprint(at, fingerprint, err))
		return err->code;
	l->change->fingerprint = arena_strdup(l->a, fingerprint);
	for (i = 0; i < l->change->n; i++)
		if (read_edit(at, &l->change->edits[i], l->a, err))
			return err->code;
	return check_assessments(at, l->change, err);
}

static enum err_code look(const struct source_conf *conf,
			  struct run_change *change, struct arena *a,
			  const struct cancel *stop, struct err *err)
{
	struct look_at l = { change, a };

	return check_edits(change, err)
		       ? err->code
		       : mlflow_look(conf, stop, look_step, &l, err);
}

/* ---- what would be sent -------------------------------------------------- */

/* How many from the first on are changed to the same. */
static size_t count_same(const struct run_edit *e, size_t n)
{
	size_t i = 1;

	while (i < n && e[i].field == e->field && e[i].then == e->then &&
	       e[i].key == e->key)
		i++;
	return i;
}

static void describe_some(const struct run_edit *e, size_t n, struct buf *out)
{
	char whose[60];

	if (n == 1)
		snprintf(whose, sizeof(whose), "run %.40s", e->run_id);
	else
		snprintf(whose, sizeof(whose), "%zu runs", n);
	switch (e->field) {
	case RUN_FIELD_NAME:
		buf_addf(out, "name and tag %s of %s -> %s\n", MLFLOW_NAME_TAG,
			 whose, e->then);
		break;
	case RUN_FIELD_TAG:
		if (e->then)
			buf_addf(out, "tag %s of %s -> %s\n", e->key, whose,
				 e->then);
		else
			buf_addf(out, "tag %s of %s removed\n", e->key, whose);
		break;
	case RUN_FIELD_LIFECYCLE:
		buf_addf(out,
			 "lifecycle_stage of %s -> %s, deleted_time -> %s\n",
			 whose, e->then,
			 strcmp(e->then, "deleted") != 0 ? "null" : "now");
		break;
	}
}

static void describe(const struct source_conf *conf, const struct run_change *c,
		     struct buf *out)
{
	size_t i, n;

	buf_addf(out, "one transaction on %s\n", mlflow_path(conf->where));
	for (i = 0; i < c->n; i += n) {
		n = count_same(&c->edits[i], c->n - i);
		describe_some(&c->edits[i], n, out);
	}
}

/* ---- writing ------------------------------------------------------------- */

static enum err_code compare_edit(struct mlflow_at *at,
				  const struct run_edit *e, struct arena *a,
				  struct err *err)
{
	struct run_edit now = *e;

	if (read_edit(at, &now, a, err))
		return err->code;
	return run_edit_compare(e, &now, err);
}

static enum err_code compare_step(struct mlflow_at *at, void *of,
				  struct err *err)
{
	const struct run_change *c = of;
	char fingerprint[FINGERPRINT_MAX];
	struct arena a = ARENA_INIT;
	size_t i;

	if (mlflow_fingerprint(at, fingerprint, err))
		return err->code;
	if (strcmp(fingerprint, c->fingerprint) != 0)
		return err_set(err, ERR_CONFLICT,
			       "another store stands at this place now");
	for (i = 0; i < c->n && !err->code; i++)
		compare_edit(at, &c->edits[i], &a, err);
	arena_release(&a);
	return err->code ? err->code : check_assessments(at, c, err);
}

static enum err_code set_tag(struct mlflow_at *at, const char *run_id,
			     const char *key, const char *value,
			     struct err *err)
{
	struct db_stmt *st;

	if (mlflow_prepare(at, &st, err,
			   "INSERT INTO tags(key, value, run_uuid) VALUES (?, "
			   "?, ?) ON CONFLICT(key, run_uuid) DO UPDATE SET "
			   "value=excluded.value"))
		return err->code;
	db_bind_text(st, 1, key);
	db_bind_text(st, 2, value);
	db_bind_text(st, 3, run_id);
	return db_run(st, err);
}

static enum err_code remove_tag(struct mlflow_at *at, const struct run_edit *e,
				struct err *err)
{
	struct db_stmt *st;

	if (mlflow_prepare(at, &st, err,
			   "DELETE FROM tags WHERE run_uuid=? AND key=?"))
		return err->code;
	db_bind_text(st, 1, e->run_id);
	db_bind_text(st, 2, e->key);
	return db_run(st, err);
}

static enum err_code set_name(struct mlflow_at *at, const struct run_edit *e,
			      struct err *err)
{
	struct db_stmt *st;

	if (set_tag(at, e->run_id, MLFLOW_NAME_TAG, e->then, err) ||
	    !at->schema.has_run_name)
		return err->code;
	if (mlflow_prepare(at, &st, err,
			   "UPDATE runs SET name=? WHERE run_uuid=?"))
		return err->code;
	db_bind_text(st, 1, e->then);
	db_bind_text(st, 2, e->run_id);
	return db_run(st, err);
}

static enum err_code set_lifecycle(struct mlflow_at *at,
				   const struct run_edit *e, struct err *err)
{
	struct db_stmt *st;

	if (mlflow_prepare(at, &st, err,
			   "UPDATE runs SET lifecycle_stage=?1%s WHERE "
			   "run_uuid=?2",
			   at->schema.has_deleted_time ? ", deleted_time=?3"
						       : ""))
		return err->code;
	db_bind_text(st, 1, e->then);
	db_bind_text(st, 2, e->run_id);
	if (at->schema.has_deleted_time && !strcmp(e->then, "deleted"))
		db_bind_int(st, 3, clock_utc_ms());
	return db_run(st, err);
}

static enum err_code write_edit(struct mlflow_at *at, const struct run_edit *e,
				struct err *err)
{
	switch (e->field) {
	case RUN_FIELD_NAME:
		return set_name(at, e, err);
	case RUN_FIELD_TAG:
		return e->then ? set_tag(at, e->run_id, e->key, e->then, err)
			       : remove_tag(at, e, err);
	case RUN_FIELD_LIFECYCLE:
		return set_lifecycle(at, e, err);
	}
	return ERR_OK;
}

/* Reads back, inside the transaction, what it is about to commit. */
static enum err_code verify_edit(struct mlflow_at *at, const struct run_edit *e,
				 struct arena *a, struct err *err)
{
	struct run_edit now = *e;

	if (read_edit(at, &now, a, err))
		return err->code;
	return str_same(e->then, now.was)
		       ? ERR_OK
		       : err_set(err, ERR_IO,
				 "what was written to run %.12s did not read "
				 "back: undone",
				 e->run_id);
}

static enum err_code change_step(struct mlflow_at *at, void *of,
				 struct err *err)
{
	const struct run_change *c = of;
	struct arena a = ARENA_INIT;
	size_t i;

	for (i = 0; i < c->n && !err->code; i++)
		write_edit(at, &c->edits[i], err);
	for (i = 0; i < c->n && !err->code; i++)
		verify_edit(at, &c->edits[i], &a, err);
	arena_release(&a);
	return err->code;
}

static enum err_code write_change(const struct source_conf *conf,
				  const struct permit *permit,
				  const struct run_change *c,
				  const struct cancel *stop, struct err *err)
{
	struct run_change own = *c;

	return check_edits(c, err)
		       ? err->code
		       : mlflow_write(conf, permit, stop, compare_step,
				      change_step, &own, err);
}

const struct run_ops mlflow_db_runs = {
	.look = look,
	.describe = describe,
	.write = write_change,
};
