/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "store/typed.h"

#include <stdint.h>

#define TEXT_OF(n)  #n
#define NEWEST(max) "ORDER BY seq DESC LIMIT " TEXT_OF(max)

enum err_code typed_list(struct state *s, const char *kind, struct arena *a,
			 const char *const **out, size_t *n, struct err *err)
{
	const char **all = arena_alloc(a, TYPED_MAX * sizeof(*all));
	struct db_stmt *st;
	bool has_row;

	*n = 0;
	*out = all;
	if (db_prepare(state_db(s),
		       "SELECT text FROM (SELECT seq, text FROM typed "
		       "WHERE kind = ? " NEWEST(TYPED_MAX) ") ORDER BY seq",
		       &st, err))
		return err->code;
	db_bind_text(st, 1, kind);
	while (!db_step(st, &has_row, err) && has_row)
		all[(*n)++] = arena_strdup(a, db_text(st, 0));
	return err->code;
}

static enum err_code prune(struct db *db, const char *kind, struct err *err)
{
	struct db_stmt *st;

	if (db_prepare(db,
		       "DELETE FROM typed WHERE kind = ?1 AND seq NOT IN "
		       "(SELECT seq FROM typed WHERE kind = ?1 " NEWEST(
			       TYPED_MAX) ")",
		       &st, err))
		return err->code;
	db_bind_text(st, 1, kind);
	return db_run(st, err);
}

enum err_code typed_add(struct state *s, const char *kind, const char *text,
			struct err *err)
{
	struct db *db = state_db(s);
	struct db_stmt *st;

	if (db_prepare(db,
		       "INSERT OR REPLACE INTO typed(kind, text) "
		       "VALUES (?, ?)",
		       &st, err))
		return err->code;
	db_bind_text(st, 1, kind);
	db_bind_text(st, 2, text);
	if (db_run(st, err))
		return err->code;
	return prune(db, kind, err);
}
