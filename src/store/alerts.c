/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "store/alerts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "store/journal.h"

#define COLUMNS                                                                \
	"id, source, model, version, monitor, col, rule, statistic, severity," \
	" state, value, threshold, n_baseline, n_window, since_ms, fired_ms,"  \
	" resolved_ms, acked_by, note, acked_ms, silenced_until_ms, text,"     \
	" calm_ms"

static char *text_at(struct db_stmt *st, int i)
{
	const char *s = db_text(st, i);

	return xstrdup(s ? s : "");
}

static int64_t time_at(struct db_stmt *st, int i)
{
	return db_is_null(st, i) ? TIME_NONE : db_int(st, i);
}

static void read_alert(struct db_stmt *st, struct alert *a)
{
	a->id = db_int(st, 0);
	a->source = text_at(st, 1);
	a->model = text_at(st, 2);
	a->version = text_at(st, 3);
	a->monitor = text_at(st, 4);
	a->column = text_at(st, 5);
	a->rule = text_at(st, 6);
	a->statistic = text_at(st, 7);
	a->severity = (enum alert_severity)db_int(st, 8);
	a->state = (enum alert_state)db_int(st, 9);
	a->value = db_double(st, 10);
	a->threshold = db_double(st, 11);
	a->n_baseline = db_int(st, 12);
	a->n_window = db_int(st, 13);
	a->since_ms = time_at(st, 14);
	a->fired_ms = time_at(st, 15);
	a->resolved_ms = time_at(st, 16);
	a->acked_by = text_at(st, 17);
	a->note = text_at(st, 18);
	a->acked_ms = time_at(st, 19);
	a->silenced_until_ms = time_at(st, 20);
	a->text = text_at(st, 21);
	a->calm_ms = time_at(st, 22);
}

enum err_code alerts_load(struct state *s, int64_t since_ms, int64_t now_ms,
			  struct alert_set *out, struct err *err)
{
	struct db_stmt *st;
	bool has_row;

	if (db_prepare(state_db(s),
		       "SELECT " COLUMNS " FROM alerts WHERE state <= ?1 "
		       "OR resolved_ms >= ?2",
		       &st, err))
		return err->code;
	db_bind_int(st, 1, ALERT_FIRING);
	db_bind_int(st, 2, since_ms);
	while (!db_step(st, &has_row, err) && has_row) {
		struct alert a;

		read_alert(st, &a);
		alert_set_add(out, &a);
		alert_release(&a);
	}
	alert_set_sort(out, now_ms);
	return err->code;
}

static void bind_time(struct db_stmt *st, int i, int64_t ms)
{
	if (ms == TIME_NONE)
		db_bind_null(st, i);
	else
		db_bind_int(st, i, ms);
}

static void bind_alert(struct db_stmt *st, const struct alert *a)
{
	db_bind_int(st, 1, (int64_t)alert_fingerprint(a));
	db_bind_text(st, 2, a->source);
	db_bind_text(st, 3, a->model);
	db_bind_text(st, 4, a->version);
	db_bind_text(st, 5, a->monitor);
	db_bind_text(st, 6, a->column);
	db_bind_text(st, 7, a->rule);
	db_bind_text(st, 8, a->statistic);
	db_bind_int(st, 9, a->severity);
	db_bind_int(st, 10, a->state);
	db_bind_double(st, 11, a->value);
	db_bind_double(st, 12, a->threshold);
	db_bind_int(st, 13, a->n_baseline);
	db_bind_int(st, 14, a->n_window);
	bind_time(st, 15, a->since_ms);
	bind_time(st, 16, a->fired_ms);
	bind_time(st, 17, a->resolved_ms);
	db_bind_text(st, 18, a->text);
	bind_time(st, 19, a->calm_ms);
}

static enum err_code insert(struct db *db, struct alert *a, struct err *err)
{
	struct db_stmt *st;
	bool has_row;

	if (db_prepare(db,
		       "INSERT INTO alerts(fingerprint, source, model, "
		       "version, monitor, col, rule, statistic, severity, "
		       "state, value, threshold, n_baseline, n_window, "
		       "since_ms, fired_ms, resolved_ms, text, calm_ms) VALUES "
		       "(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) RETURNING id",
		       &st, err))
		return err->code;
	bind_alert(st, a);
	if (!db_step(st, &has_row, err) && has_row)
		a->id = db_int(st, 0);
	while (!err->code && has_row && !db_step(st, &has_row, err))
		;
	db_reset(st);
	return err->code;
}

enum err_code alerts_save(struct state *s, struct alert *a, struct err *err)
{
	struct db *db = state_db(s);
	struct db_stmt *st;

	if (!a->id)
		return insert(db, a, err);
	if (db_prepare(db,
		       "UPDATE alerts SET fingerprint=?1, source=?2, model=?3, "
		       "version=?4, monitor=?5, col=?6, rule=?7, statistic=?8, "
		       "severity=?9, state=?10, value=?11, threshold=?12, "
		       "n_baseline=?13, n_window=?14, since_ms=?15, "
		       "fired_ms=?16, resolved_ms=?17, text=?18, calm_ms=?19 "
		       "WHERE id=?20",
		       &st, err))
		return err->code;
	bind_alert(st, a);
	db_bind_int(st, 20, a->id);
	return db_run(st, err);
}

enum err_code alerts_remove(struct state *s, int64_t id, struct err *err)
{
	struct db_stmt *st;

	if (db_prepare(state_db(s), "DELETE FROM alerts WHERE id = ?", &st,
		       err))
		return err->code;
	db_bind_int(st, 1, id);
	return db_run(st, err);
}

static enum err_code why_not(struct db *db, int64_t id, struct err *err)
{
	struct db_stmt *st;
	bool has_row = false;

	if (db_prepare(db, "SELECT 1 FROM alerts WHERE id = ?", &st, err))
		return err->code;
	db_bind_int(st, 1, id);
	if (db_step(st, &has_row, err))
		return err->code;
	db_reset(st);
	return has_row ? err_set(err, ERR_USAGE, "alert %lld is over",
				 (long long)id)
		       : err_set(err, ERR_ABSENT, "no alert has the id %lld",
				 (long long)id);
}

/* A line in the journal: which alert, by whom, and the note. */
static enum err_code tell_acknowledged(struct state *s, int64_t id,
				       const char *by, const char *note,
				       int64_t now_ms, struct err *err)
{
	struct buf text = BUF_INIT(8192);
	struct alert a = { 0 };
	struct db_stmt *st;
	bool has_row = false;
	char ref[32];

	if (db_prepare(state_db(s), "SELECT " COLUMNS " FROM alerts WHERE id=?",
		       &st, err))
		return err->code;
	db_bind_int(st, 1, id);
	if (db_step(st, &has_row, err) || !has_row)
		return err->code;
	read_alert(st, &a);
	db_reset(st);
	snprintf(ref, sizeof(ref), "%lld", (long long)id);
	buf_addf(&text, "acknowledged by %s: ", by);
	if (*a.column)
		buf_addf(&text, "%s %s", a.column, a.statistic);
	else
		buf_adds(&text, a.text);
	if (*note)
		buf_addf(&text, "; %s", note);
	if (journal_add(s, now_ms, EVENT_ALERT, a.source, a.monitor, ref,
			buf_str(&text), err))
		err_prefix(err, "events");
	alert_release(&a);
	buf_release(&text);
	return err->code;
}

static enum err_code set_acknowledged(struct db *db, int64_t id, const char *by,
				      const char *note, int64_t now_ms,
				      struct err *err)
{
	struct db_stmt *st;

	if (db_prepare(db,
		       "UPDATE alerts SET acked_by = ?1, note = ?2, "
		       "acked_ms = ?3 WHERE id = ?4 AND state <= ?5",
		       &st, err))
		return err->code;
	db_bind_text(st, 1, by);
	db_bind_text(st, 2, note);
	db_bind_int(st, 3, now_ms);
	db_bind_int(st, 4, id);
	db_bind_int(st, 5, ALERT_FIRING);
	if (db_run(st, err))
		return err->code;
	return db_changes(db) ? ERR_OK : why_not(db, id, err);
}

enum err_code alerts_acknowledge(struct state *s, int64_t id, const char *by,
				 const char *note, int64_t now_ms,
				 struct err *err)
{
	struct db *db = state_db(s);

	if (db_begin_immediate(db, err))
		return err->code;
	if (set_acknowledged(db, id, by, note, now_ms, err) ||
	    tell_acknowledged(s, id, by, note, now_ms, err)) {
		db_rollback(db);
		return err->code;
	}
	return db_commit(db, err);
}
