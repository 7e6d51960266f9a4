/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One run, whole. */
#include "config.h"

#include "mlflow_db.h"

#include <string.h>

#include "base/mem.h"

#define MAX_CHILDREN 1000
#define MAX_TEXT_SQL 4096

/* A growing list in the arena of the batch. */
struct list {
	struct arena *arena;
	void *items;
	size_t n, cap;
};

static void *list_add(struct list *l, size_t size)
{
	void *bigger;

	if (l->n == l->cap) {
		l->cap = l->cap ? l->cap * 2 : 8;
		bigger = arena_alloc(l->arena, l->cap * size);
		if (l->n)
			memcpy(bigger, l->items, l->n * size);
		l->items = bigger;
	}
	return (char *)l->items + l->n++ * size;
}

static const char *keep(struct arena *a, struct db_stmt *st, int col)
{
	return arena_strdup(a, mlflow_text(a, st, col));
}

static enum err_code read_pairs(struct mlflow_store *s, const char *sql,
				const char *id, struct arena *a,
				const struct name_value **out, size_t *n,
				struct err *err)
{
	struct list l = { .arena = a };
	struct db_stmt *st;
	bool has_row;

	if (db_prepare(s->db, sql, &st, err))
		return err->code;
	db_bind_text(st, 1, id);
	while (!db_step(st, &has_row, err) && has_row) {
		struct name_value *nv = list_add(&l, sizeof(*nv));

		nv->name = keep(a, st, 0);
		nv->value = keep(a, st, 1);
	}
	*out = l.items;
	*n = l.n;
	return err->code;
}

static const char *last_metrics_sql(const struct mlflow_schema *schema)
{
	if (schema->has_latest)
		return "SELECT key, value, is_nan, step, timestamp FROM "
		       "latest_metrics WHERE run_uuid=? ORDER BY key";
	if (!schema->has_step)
		return "SELECT key, value, 0, 0, timestamp FROM (SELECT *, "
		       "row_number() OVER (PARTITION BY key ORDER BY timestamp "
		       "DESC, value DESC) AS n FROM metrics WHERE run_uuid=?) "
		       "WHERE n=1 ORDER BY key";
	return "SELECT key, value, is_nan, step, timestamp FROM (SELECT *, "
	       "row_number() OVER (PARTITION BY key ORDER BY step DESC, "
	       "timestamp DESC, value DESC) AS n FROM metrics WHERE "
	       "run_uuid=?) WHERE n=1 ORDER BY key";
}

static enum err_code read_metrics(struct mlflow_store *s, struct arena *a,
				  struct run_detail *d, struct err *err)
{
	struct list l = { .arena = a };
	struct db_stmt *st;
	bool has_row;

	if (db_prepare(s->db, last_metrics_sql(&s->schema), &st, err))
		return err->code;
	db_bind_text(st, 1, d->run.id);
	while (!db_step(st, &has_row, err) && has_row) {
		struct last_metric *m = list_add(&l, sizeof(*m));

		m->name = keep(a, st, 0);
		m->value = mlflow_number(db_double(st, 1), db_int(st, 2));
		m->step = db_int(st, 3);
		m->time_ms = mlflow_time(st, 4);
	}
	d->metrics = l.items;
	d->n_metrics = l.n;
	return err->code;
}

static enum err_code read_datasets(struct mlflow_store *s, struct arena *a,
				   struct run_detail *d, struct err *err)
{
	static const char sql[] =
		"SELECT d.name, d.digest, (SELECT t.value FROM input_tags t "
		"WHERE t.input_uuid=i.input_uuid AND "
		"t.name='" MLFLOW_CONTEXT_TAG "'), d.dataset_source_type, "
		"d.dataset_source, d.dataset_schema, d.dataset_profile FROM "
		"inputs i JOIN datasets d ON d.dataset_uuid=i.source_id WHERE "
		"i.destination_type='RUN' AND i.destination_id=? AND "
		"i.source_type='DATASET' ORDER BY d.name, d.digest";
	struct list l = { .arena = a };
	struct db_stmt *st;
	bool has_row;

	if (!s->schema.has_datasets)
		return ERR_OK;
	if (db_prepare(s->db, sql, &st, err))
		return err->code;
	db_bind_text(st, 1, d->run.id);
	while (!db_step(st, &has_row, err) && has_row) {
		struct dataset_facts *f = list_add(&l, sizeof(*f));

		f->name = keep(a, st, 0);
		f->digest = keep(a, st, 1);
		f->context = keep(a, st, 2);
		f->source_type = keep(a, st, 3);
		f->source = keep(a, st, 4);
		f->schema = keep(a, st, 5);
		f->profile = keep(a, st, 6);
	}
	d->datasets = l.items;
	d->n_datasets = l.n;
	return err->code;
}

static const char *logged_status(int64_t status)
{
	static const char *const names[] = { "UNSPECIFIED", "PENDING", "READY",
					     "FAILED" };

	return status >= 0 && status < (int64_t)ARRAY_LEN(names) ? names[status]
								 : names[0];
}

/* Models the run made (also such as name it as their source without a link),
 * and models it consumed. */
static enum err_code read_logged_models(struct mlflow_store *s, struct arena *a,
					struct run_detail *d, struct err *err)
{
	static const char sql[] =
		"SELECT m.model_id, m.name, m.status, m.model_type, "
		"m.artifact_location, x.is_input FROM ("
		"SELECT model_id, 0 AS is_input FROM logged_models WHERE "
		"source_run_id=?1 UNION "
		"SELECT destination_id, 0 FROM inputs WHERE "
		"source_type='RUN_OUTPUT' AND source_id=?1 AND "
		"destination_type='MODEL_OUTPUT' UNION "
		"SELECT destination_id, 1 FROM inputs WHERE "
		"source_type='RUN_INPUT' AND source_id=?1 AND "
		"destination_type='MODEL_INPUT') x JOIN logged_models m ON "
		"m.model_id=x.model_id WHERE m.lifecycle_stage IS NOT "
		"'deleted' ORDER BY x.is_input, m.creation_timestamp_ms, "
		"m.model_id";
	struct list l = { .arena = a };
	struct db_stmt *st;
	bool has_row;

	if (!s->schema.has_logged || !s->schema.has_datasets)
		return ERR_OK;
	if (db_prepare(s->db, sql, &st, err))
		return err->code;
	db_bind_text(st, 1, d->run.id);
	while (!db_step(st, &has_row, err) && has_row) {
		struct logged_model_facts *f = list_add(&l, sizeof(*f));

		f->id = keep(a, st, 0);
		f->name = keep(a, st, 1);
		f->status = logged_status(db_int(st, 2));
		f->model_type = keep(a, st, 3);
		f->location = keep(a, st, 4);
		f->is_input = db_int(st, 5);
	}
	d->models = l.items;
	d->n_models = l.n;
	return err->code;
}

static enum err_code read_versions(struct mlflow_store *s, struct arena *a,
				   struct run_detail *d, struct err *err)
{
	struct list l = { .arena = a };
	struct db_stmt *st;
	bool has_row;

	if (!s->schema.has_models)
		return ERR_OK;
	if (db_prepare(
		    s->db,
		    s->schema.has_model_space
			    ? "SELECT name, version FROM model_versions WHERE "
			      "run_id=? AND current_stage IS NOT "
			      "'Deleted_Internal' AND workspace='default' "
			      "ORDER BY name, version"
			    : "SELECT name, version FROM model_versions WHERE "
			      "run_id=? AND current_stage IS NOT "
			      "'Deleted_Internal' ORDER BY name, version",
		    &st, err))
		return err->code;
	db_bind_text(st, 1, d->run.id);
	while (!db_step(st, &has_row, err) && has_row) {
		struct model_version_ref *r = list_add(&l, sizeof(*r));

		r->model = keep(a, st, 0);
		r->version = keep(a, st, 1);
	}
	d->versions = l.items;
	d->n_versions = l.n;
	return err->code;
}

static struct run_facts keep_run(struct arena *a, struct db_stmt *st)
{
	struct run_facts r = mlflow_run_row(a, st);

	r.id = arena_strdup(a, r.id);
	r.name = arena_strdup(a, r.name);
	r.experiment_id = arena_strdup(a, r.experiment_id);
	r.user = arena_strdup(a, r.user);
	r.parent_id = arena_strdup(a, r.parent_id);
	return r;
}

static enum err_code read_children(struct mlflow_store *s, struct arena *a,
				   struct run_detail *d, struct err *err)
{
	struct buf sql = BUF_INIT(MAX_TEXT_SQL);
	struct list l = { .arena = a };
	struct db_stmt *st;
	bool has_row;

	mlflow_run_select(&s->schema, true, &sql);
	buf_adds(&sql, "JOIN tags p ON p.run_uuid=r.run_uuid WHERE "
		       "p.key='" MLFLOW_PARENT_TAG "' AND p.value=? ORDER BY "
		       "r.start_time, r.rowid LIMIT ?");
	if (db_prepare(s->db, buf_str(&sql), &st, err))
		goto out;
	db_bind_text(st, 1, d->run.id);
	db_bind_int(st, 2, MAX_CHILDREN);
	while (!db_step(st, &has_row, err) && has_row) {
		struct run_facts *r = list_add(&l, sizeof(*r));

		*r = keep_run(a, st);
	}
	d->children = l.items;
	d->n_children = l.n;
out:
	buf_release(&sql);
	return err->code;
}

static enum err_code read_place(struct mlflow_store *s, struct arena *a,
				struct run_detail *d, struct err *err)
{
	struct db_stmt *st;
	bool has_row;

	d->experiment_name = d->artifact_uri = "";
	if (db_prepare(s->db,
		       "SELECT e.name, r.artifact_uri FROM runs r LEFT JOIN "
		       "experiments e ON e.experiment_id=r.experiment_id WHERE "
		       "r.run_uuid=?",
		       &st, err))
		return err->code;
	db_bind_text(st, 1, d->run.id);
	if (db_step(st, &has_row, err) || !has_row)
		return err->code;
	d->experiment_name = keep(a, st, 0);
	d->artifact_uri = keep(a, st, 1);
	db_reset(st);
	return ERR_OK;
}

static enum err_code read_head(struct mlflow_store *s, const char *id,
			       struct arena *a, struct run_detail *d,
			       struct err *err)
{
	struct buf sql = BUF_INIT(MAX_TEXT_SQL);
	struct db_stmt *st;
	bool has_row;

	mlflow_run_select(&s->schema, true, &sql);
	buf_adds(&sql, "WHERE r.run_uuid=?");
	if (db_prepare(s->db, buf_str(&sql), &st, err))
		goto out;
	db_bind_text(st, 1, id);
	if (db_step(st, &has_row, err))
		goto out;
	if (!has_row) {
		err_set(err, ERR_ABSENT, "no run %.64s", id);
		goto out;
	}
	d->run = keep_run(a, st);
	db_reset(st);
out:
	buf_release(&sql);
	return err->code;
}

enum err_code mlflow_detail(struct mlflow_store *s, const char *run_id,
			    struct batch *b, struct err *err)
{
	struct arena *a = &b->arena;
	struct run_detail *d = arena_alloc(a, sizeof(*d));

	if (read_head(s, run_id, a, d, err) || read_place(s, a, d, err) ||
	    read_pairs(s,
		       "SELECT key, value FROM params WHERE run_uuid=? ORDER "
		       "BY key",
		       run_id, a, &d->params, &d->n_params, err) ||
	    read_pairs(s,
		       "SELECT key, value FROM tags WHERE run_uuid=? ORDER BY "
		       "key",
		       run_id, a, &d->tags, &d->n_tags, err) ||
	    read_metrics(s, a, d, err) || read_datasets(s, a, d, err) ||
	    read_logged_models(s, a, d, err) || read_versions(s, a, d, err) ||
	    read_children(s, a, d, err))
		return err->code;
	b->detail = d;
	return ERR_OK;
}
