/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "store/journal.h"

#define KEEP_MS (90 * 24 * 3600 * (int64_t)1000)

static enum err_code prune(struct db *db, int64_t now_ms, struct err *err)
{
	struct db_stmt *st;

	if (db_prepare(db, "DELETE FROM journal WHERE time_ms < ?", &st, err))
		return err->code;
	db_bind_int(st, 1, now_ms - KEEP_MS);
	return db_run(st, err);
}

enum err_code journal_add(struct state *s, int64_t time_ms,
			  enum event_kind kind, const char *source,
			  const char *subject, const char *ref,
			  const char *text, struct err *err)
{
	struct db_stmt *st;

	if (prune(state_db(s), time_ms, err) ||
	    db_prepare(state_db(s),
		       "INSERT INTO journal(time_ms, kind, source, subject, "
		       "ref, text) VALUES (?,?,?,?,?,?)",
		       &st, err))
		return err->code;
	db_bind_int(st, 1, time_ms);
	db_bind_int(st, 2, kind);
	db_bind_text(st, 3, source);
	db_bind_text(st, 4, subject);
	db_bind_text(st, 5, ref);
	db_bind_text(st, 6, text);
	return db_run(st, err);
}

enum err_code journal_read(struct state *s, int64_t *seq, int64_t since_ms,
			   struct event_log *log, struct err *err)
{
	struct db_stmt *st;
	bool has_row;

	if (db_prepare(state_db(s),
		       "SELECT seq, time_ms, kind, source, subject, ref, text "
		       "FROM journal WHERE seq > ? AND time_ms >= ? "
		       "ORDER BY seq",
		       &st, err))
		return err->code;
	db_bind_int(st, 1, *seq);
	db_bind_int(st, 2, since_ms);
	while (!db_step(st, &has_row, err) && has_row) {
		*seq = db_int(st, 0);
		event_log_add(log, db_int(st, 1),
			      (enum event_kind)db_int(st, 2), db_text(st, 3),
			      db_text(st, 4), db_text(st, 5), db_text(st, 6));
	}
	return err->code;
}
