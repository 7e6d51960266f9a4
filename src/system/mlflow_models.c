/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The registry. Its tables are small beside the runs', so the whole is read
 * and told when it is different. Where that is dear, a cheap look at aliases
 * and versions goes before it, and what that cannot see waits. */
#include "config.h"

#include "mlflow_db.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"

#define CHEAP_US      5000
#define DEAR_INTERVAL 100 /* times what it costs */
#define MAX_TEXT_SQL  2048

/* Rows of one table as they come, by model (and version); walked once. */
struct rows {
	struct arena *arena;
	struct db_stmt *st;
	bool has_row;
	const char *name; /* the model of the row in hand */
};

struct reader {
	struct mlflow_store *s;
	struct arena *arena;
	struct rows models, versions, aliases, model_tags, version_tags;
	struct model_facts *facts;
	size_t n, cap;
	uint64_t stamp;
};

static enum err_code rows_next(struct rows *r, struct err *err)
{
	if (!r->st)
		return ERR_OK;
	if (db_step(r->st, &r->has_row, err))
		return err->code;
	r->name = r->has_row ? arena_strdup(r->arena,
					    mlflow_text(r->arena, r->st, 0))
			     : NULL;
	return ERR_OK;
}

/* Moves to the first row that is not of an earlier model: rows may belong to
 * models that are hidden. */
static enum err_code rows_seek(struct rows *r, const char *model,
			       struct err *err)
{
	while (r->has_row && strcmp(r->name, model) < 0)
		if (rows_next(r, err))
			return err->code;
	return ERR_OK;
}

static bool rows_are_of(const struct rows *r, const char *model)
{
	return r->has_row && !strcmp(r->name, model);
}

static const char *keep(struct reader *rd, struct db_stmt *st, int col)
{
	const char *s =
		arena_strdup(rd->arena, mlflow_text(rd->arena, st, col));

	rd->stamp = mlflow_hash_text(rd->stamp, s);
	return s;
}

static int64_t keep_time(struct reader *rd, struct db_stmt *st, int col)
{
	int64_t ms = mlflow_time(st, col);

	rd->stamp = mlflow_hash_int(rd->stamp, ms);
	return ms;
}

static enum err_code rows_open(struct reader *rd, struct rows *r,
			       const char *select, const char *where,
			       const char *order, struct err *err)
{
	struct buf sql = BUF_INIT(MAX_TEXT_SQL);
	enum err_code code;

	buf_addf(&sql, "%s WHERE %s%s ORDER BY %s", select,
		 rd->s->schema.has_model_space ? "workspace='default' AND "
					       : "",
		 where, order);
	r->arena = rd->arena;
	code = db_prepare(rd->s->db, buf_str(&sql), &r->st, err);
	buf_release(&sql);
	return code ? code : rows_next(r, err);
}

static enum err_code open_all(struct reader *rd, struct err *err)
{
	const struct mlflow_schema *sc = &rd->s->schema;
	const char *not_prompt =
		!sc->has_model_tags ? "1"
		: sc->has_model_space
			? "NOT EXISTS (SELECT 1 FROM registered_model_tags t "
			  "WHERE t.workspace=registered_models.workspace AND "
			  "t.name=registered_models.name AND "
			  "t.key='" MLFLOW_PROMPT_TAG "')"
			: "NOT EXISTS (SELECT 1 FROM registered_model_tags t "
			  "WHERE t.name=registered_models.name AND "
			  "t.key='" MLFLOW_PROMPT_TAG "')";

	if (rows_open(rd, &rd->models,
		      "SELECT name, description, creation_time, "
		      "last_updated_time FROM registered_models",
		      not_prompt, "name", err) ||
	    rows_open(rd, &rd->versions,
		      "SELECT name, version, status, current_stage, run_id, "
		      "description, source, creation_time, last_updated_time "
		      "FROM model_versions",
		      "current_stage IS NOT 'Deleted_Internal'",
		      "name, version DESC", err))
		return err->code;
	if (sc->has_aliases && rows_open(rd, &rd->aliases,
					 "SELECT name, alias, version FROM "
					 "registered_model_aliases",
					 "1", "name, alias", err))
		return err->code;
	if (sc->has_model_tags &&
	    rows_open(rd, &rd->model_tags,
		      "SELECT name, key, value FROM registered_model_tags", "1",
		      "name, key", err))
		return err->code;
	if (sc->has_version_tags &&
	    rows_open(rd, &rd->version_tags,
		      "SELECT name, version, key, value FROM "
		      "model_version_tags",
		      "1", "name, version DESC, key", err))
		return err->code;
	return ERR_OK;
}

static void close_all(struct reader *rd)
{
	struct rows *all[] = { &rd->models, &rd->versions, &rd->aliases,
			       &rd->model_tags, &rd->version_tags };
	size_t i;

	for (i = 0; i < ARRAY_LEN(all); i++)
		if (all[i]->st)
			db_reset(all[i]->st);
}

static void *grow(struct reader *rd, void *items, size_t n, size_t *cap,
		  size_t size)
{
	void *bigger;

	if (n < *cap)
		return items;
	*cap = *cap ? *cap * 2 : 8;
	bigger = arena_alloc(rd->arena, *cap * size);
	if (n)
		memcpy(bigger, items, n * size);
	return bigger;
}

static enum err_code read_aliases(struct reader *rd, struct model_facts *m,
				  struct err *err)
{
	struct rows *r = &rd->aliases;
	struct alias_facts *a = NULL;
	size_t cap = 0;

	if (rows_seek(r, m->name, err))
		return err->code;
	while (rows_are_of(r, m->name)) {
		a = grow(rd, a, m->n_aliases, &cap, sizeof(*a));
		a[m->n_aliases].alias = keep(rd, r->st, 1);
		a[m->n_aliases++].version = keep(rd, r->st, 2);
		if (rows_next(r, err))
			return err->code;
	}
	m->aliases = a;
	return ERR_OK;
}

static enum err_code read_model_tags(struct reader *rd, struct model_facts *m,
				     struct err *err)
{
	struct rows *r = &rd->model_tags;
	struct name_value *tags = NULL;
	size_t cap = 0;

	if (rows_seek(r, m->name, err))
		return err->code;
	while (rows_are_of(r, m->name)) {
		tags = grow(rd, tags, m->n_tags, &cap, sizeof(*tags));
		tags[m->n_tags].name = keep(rd, r->st, 1);
		tags[m->n_tags++].value = keep(rd, r->st, 2);
		if (rows_next(r, err))
			return err->code;
	}
	m->tags = tags;
	return ERR_OK;
}

/* Tags of versions stand in the order of versions: highest first. */
static enum err_code read_version_tags(struct reader *rd, const char *model,
				       int64_t version, struct version_facts *v,
				       struct err *err)
{
	struct rows *r = &rd->version_tags;
	struct name_value *tags = NULL;
	size_t cap = 0;

	if (rows_seek(r, model, err))
		return err->code;
	while (rows_are_of(r, model) && db_int(r->st, 1) >= version) {
		/* Those above are of a version that was deleted. */
		if (db_int(r->st, 1) == version) {
			tags = grow(rd, tags, v->n_tags, &cap, sizeof(*tags));
			tags[v->n_tags].name = keep(rd, r->st, 2);
			tags[v->n_tags++].value = keep(rd, r->st, 3);
		}
		if (rows_next(r, err))
			return err->code;
	}
	v->tags = tags;
	return ERR_OK;
}

static enum err_code read_versions(struct reader *rd, struct model_facts *m,
				   struct err *err)
{
	struct rows *r = &rd->versions;
	struct version_facts *list = NULL;
	size_t cap = 0;

	if (rows_seek(r, m->name, err))
		return err->code;
	while (rows_are_of(r, m->name)) {
		struct version_facts v = { 0 };
		int64_t number = db_int(r->st, 1);

		v.version = keep(rd, r->st, 1);
		v.status = keep(rd, r->st, 2);
		v.stage = keep(rd, r->st, 3);
		v.run_id = keep(rd, r->st, 4);
		v.description = keep(rd, r->st, 5);
		v.source_uri = keep(rd, r->st, 6);
		v.created_ms = keep_time(rd, r->st, 7);
		v.updated_ms = keep_time(rd, r->st, 8);
		if (read_version_tags(rd, m->name, number, &v, err))
			return err->code;
		list = grow(rd, list, m->n_versions, &cap, sizeof(*list));
		list[m->n_versions++] = v;
		if (rows_next(r, err))
			return err->code;
	}
	m->versions = list;
	return ERR_OK;
}

static enum err_code read_all(struct reader *rd, struct err *err)
{
	if (open_all(rd, err))
		return err->code;
	while (rd->models.has_row) {
		struct model_facts m = { .name = rd->models.name };

		rd->stamp = mlflow_hash_text(rd->stamp, m.name);
		m.description = keep(rd, rd->models.st, 1);
		m.created_ms = keep_time(rd, rd->models.st, 2);
		m.updated_ms = keep_time(rd, rd->models.st, 3);
		if (read_aliases(rd, &m, err) || read_model_tags(rd, &m, err) ||
		    read_versions(rd, &m, err) || rows_next(&rd->models, err))
			return err->code;
		rd->facts = grow(rd, rd->facts, rd->n, &rd->cap, sizeof(m));
		rd->facts[rd->n++] = m;
	}
	return ERR_OK;
}

/* Cheap: which version each alias is at, and how many versions there are. */
static enum err_code look(struct mlflow_store *s, uint64_t *out,
			  struct err *err)
{
	struct db_stmt *st;
	bool has_row;
	int col;

	*out = MLFLOW_HASH_START;
	if (db_prepare(s->db, "SELECT count(*), max(rowid) FROM model_versions",
		       &st, err) ||
	    db_step(st, &has_row, err))
		return err->code;
	for (col = 0; has_row && col < 2; col++)
		*out = mlflow_hash_int(*out, db_int(st, col));
	db_reset(st);
	if (!s->schema.has_aliases)
		return ERR_OK;
	if (db_prepare(s->db,
		       "SELECT rowid, version FROM registered_model_aliases "
		       "ORDER BY rowid",
		       &st, err))
		return err->code;
	while (!db_step(st, &has_row, err) && has_row)
		for (col = 0; col < 2; col++)
			*out = mlflow_hash_int(*out, db_int(st, col));
	return err->code;
}

static bool is_due(const struct mlflow_store *s, uint64_t hint)
{
	int64_t since_us = (clock_mono_ms() - s->registry_read_mono_ms) * 1000;

	return !s->registry_stamp || s->registry_cost_us < CHEAP_US ||
	       hint != s->registry_hint ||
	       since_us > s->registry_cost_us * DEAR_INTERVAL;
}

static void hand_over(struct mlflow_store *s, const struct reader *rd,
		      struct batch *b)
{
	size_t i;

	s->registry_stamp = rd->stamp;
	b->has_registry = true;
	b->n_models_total = (int64_t)rd->n;
	for (i = 0; i < rd->n; i++)
		batch_add_model(b, &rd->facts[i]);
}

enum err_code mlflow_models(struct mlflow_store *s, struct batch *b,
			    struct err *err)
{
	struct arena arena = ARENA_INIT;
	struct reader rd = { .s = s,
			     .arena = &arena,
			     .stamp = MLFLOW_HASH_START };
	int64_t began_us = clock_mono_us();
	uint64_t hint;

	if (!s->schema.has_models)
		return ERR_OK;
	if (look(s, &hint, err))
		return err->code;
	if (!is_due(s, hint))
		return ERR_OK;
	/* The tables are read side by side: as of one moment. */
	if (db_begin_read(s->db, err))
		return err->code;
	if (!read_all(&rd, err) && rd.stamp != s->registry_stamp)
		hand_over(s, &rd, b);
	close_all(&rd);
	db_rollback(s->db);
	arena_release(&arena);
	if (err->code)
		return err->code;
	s->registry_hint = hint;
	s->registry_cost_us = clock_mono_us() - began_us;
	s->registry_read_mono_ms = clock_mono_ms();
	return ERR_OK;
}
