/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "store/views.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* The parts in the order of enum run_view_part. */
#define PARTS                                                                  \
	"experiment, filter, sort, columns, metric, tree, grouped, "           \
	"grouped_sort"

static struct run_view read_view(struct db_stmt *st)
{
	struct run_view v = { .name = db_text(st, 0),
			      .key = (int)db_int(st, 1) };

	for (int i = 0; i < N_VIEW_PARTS; i++)
		v.parts[i] = db_text(st, 2 + i);
	return v;
}

enum err_code views_list(struct state *s, struct arena *a,
			 const struct run_view **out, size_t *n,
			 struct err *err)
{
	struct run_view *all = NULL;
	struct db_stmt *st;
	size_t cap = 0;
	bool has_row;

	*n = 0;
	if (db_prepare(state_db(s),
		       "SELECT name, number, " PARTS " FROM views "
		       "ORDER BY number = 0, number, name",
		       &st, err))
		return err->code;
	while (!db_step(st, &has_row, err) && has_row) {
		struct run_view v = read_view(st);

		all = xgrow(all, &cap, *n + 1, sizeof(*all));
		all[(*n)++] = run_view_copy(&v, a);
	}
	if (*n)
		*out = memcpy(arena_alloc(a, *n * sizeof(*all)), all,
			      *n * sizeof(*all));
	free(all);
	return err->code;
}

static enum err_code free_key(struct db *db, int key, struct err *err)
{
	struct db_stmt *st;

	if (db_prepare(db, "UPDATE views SET number = 0 WHERE number = ?", &st,
		       err))
		return err->code;
	db_bind_int(st, 1, key);
	return db_run(st, err);
}

static enum err_code put(struct db *db, const struct run_view *v,
			 struct err *err)
{
	struct db_stmt *st;

	if (db_prepare(db,
		       "INSERT OR REPLACE INTO views(name, number, " PARTS ") "
		       "VALUES (?,?,?,?,?,?,?,?,?,?)",
		       &st, err))
		return err->code;
	db_bind_text(st, 1, v->name);
	db_bind_int(st, 2, v->key);
	for (int i = 0; i < N_VIEW_PARTS; i++)
		db_bind_text(st, 3 + i, v->parts[i]);
	return db_run(st, err);
}

enum err_code views_save(struct state *s, const struct run_view *v,
			 struct err *err)
{
	struct db *db = state_db(s);

	if (db_begin_immediate(db, err))
		return err->code;
	if (free_key(db, v->key, err) || put(db, v, err)) {
		db_rollback(db);
		return err->code;
	}
	return db_commit(db, err);
}

enum err_code views_forget(struct state *s, const char *name, struct err *err)
{
	struct db_stmt *st;

	if (db_prepare(state_db(s), "DELETE FROM views WHERE name = ?", &st,
		       err))
		return err->code;
	db_bind_text(st, 1, name);
	return db_run(st, err);
}
