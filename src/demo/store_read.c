/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "demo/store.h"
#include "store_sql.h"

/* The first row, or NULL; db_reset when it was read. */
static struct db_stmt *first_row(struct store *s, const char *sql,
				 const char *types, ...)
{
	struct db_stmt *st;
	bool has_row = false;
	va_list ap;

	va_start(ap, types);
	st = store_bind(s, sql, types, ap);
	va_end(ap);
	if (!st || db_step(st, &has_row, &s->err) || !has_row)
		return NULL;
	return st;
}

static void copy_text(struct db_stmt *st, int i, char *out, size_t size)
{
	const char *text = db_text(st, i);

	snprintf(out, size, "%s", text ? text : "");
}

bool store_served(struct store *s, const struct world *w, const char *alias,
		  struct store_served *out)
{
	static const char sql[] =
		"SELECT v.version, substr(v.source, 9), t.value "
		"FROM registered_model_aliases a JOIN model_versions v ON "
		"v.name = a.name AND v.version = a.version AND v.workspace = "
		"a.workspace LEFT JOIN model_version_tags t ON t.name = v.name "
		"AND t.version = v.version AND t.key = 'trained_on' "
		"WHERE a.name = ?1 AND a.alias = ?2";
	struct db_stmt *st = first_row(s, sql, "tt", w->model, alias);

	if (!st)
		return false;
	out->version = (int)db_int(st, 0);
	copy_text(st, 1, out->model_id, sizeof(out->model_id));
	out->data = lab_data_find(w->id, db_text(st, 2));
	db_reset(st);
	return true;
}

static void read_recipe(struct store *s, const struct world *w,
			struct store_live *out)
{
	struct db_stmt *st = first_row(
		s, "SELECT key, value FROM params WHERE run_uuid = ?1", "t",
		out->run);
	bool has_row = st;

	out->recipe = (struct recipe){ .world = w->id };
	while (has_row) {
		const char *key = db_text(st, 0), *value = db_text(st, 1);

		if (key && value)
			lab_param_set(&out->recipe, key, value);
		if (key && value && !strcmp(key, "data"))
			out->data = lab_data_find(w->id, value);
		if (db_step(st, &has_row, &s->err))
			return;
	}
}

bool store_live(struct store *s, const struct world *w, struct store_live *out)
{
	static const char sql[] =
		"SELECT r.run_uuid, coalesce(m.timestamp, r.start_time), "
		"coalesce(m.step, -1) FROM runs r JOIN tags t ON t.run_uuid = "
		"r.run_uuid AND t.key = '" STORE_LIVE_TAG "' "
		"LEFT JOIN latest_metrics m ON m.run_uuid = r.run_uuid AND "
		"m.key = ?2 WHERE r.experiment_id = ?1 AND r.status = "
		"'RUNNING' AND r.lifecycle_stage = 'active' "
		"ORDER BY r.start_time DESC LIMIT 1";
	struct db_stmt *st = first_row(
		s, sql, "it", (int64_t)store_experiment_id(w), w->metric);

	if (!st)
		return false;
	memset(out, 0, sizeof(*out));
	copy_text(st, 0, out->run, sizeof(out->run));
	out->last_ms = db_int(st, 1);
	out->last_step = db_int(st, 2);
	db_reset(st);
	read_recipe(s, w, out);
	return !s->err.code;
}

bool store_surplus(struct store *s, const struct world *w, int keep,
		   char run[33])
{
	static const char sql[] =
		"SELECT r.run_uuid FROM runs r JOIN tags t ON t.run_uuid = "
		"r.run_uuid AND t.key = '" STORE_LIVE_TAG "' "
		"WHERE r.experiment_id = ?1 AND r.status <> 'RUNNING' AND "
		"r.run_uuid NOT IN (SELECT run_id FROM model_versions WHERE "
		"run_id IS NOT NULL) ORDER BY r.start_time DESC LIMIT 1 "
		"OFFSET ?2";
	struct db_stmt *st = first_row(
		s, sql, "ii", (int64_t)store_experiment_id(w), (int64_t)keep);

	if (!st)
		return false;
	copy_text(st, 0, run, 33);
	db_reset(st);
	return true;
}

int64_t store_count_live(struct store *s, const struct world *w)
{
	struct db_stmt *st = first_row(
		s,
		"SELECT coalesce(max(CAST(t.value AS INTEGER)), 0) FROM "
		"tags t JOIN runs r ON r.run_uuid = t.run_uuid WHERE t.key "
		"= '" STORE_LIVE_TAG "' AND r.experiment_id = ?1",
		"i", (int64_t)store_experiment_id(w));
	int64_t n = 0;

	if (!st)
		return 0;
	n = db_int(st, 0);
	db_reset(st);
	return n;
}
