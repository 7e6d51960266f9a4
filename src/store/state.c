/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "store/state.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "io/file.h"
#include "io/gate.h"

struct state {
	char *dir;
	struct db *db;
};

/* Step n brings a file of version n to version n + 1. Never changed once
 * released; a new need is a new step. */
static const char *const steps[] = {
	/* AUTOINCREMENT: the file remembers the highest seq it ever gave, so
	 * that entries cut off at the end are missed. */
	"CREATE TABLE audit ("
	"  seq INTEGER PRIMARY KEY AUTOINCREMENT,"
	"  promotion TEXT NOT NULL," /* id that joins intent and outcome */
	"  kind TEXT NOT NULL,"      /* intent, outcome, served */
	"  entry TEXT NOT NULL,"     /* RFC 8785 JSON without hash */
	"  prev TEXT NOT NULL,"
	"  hash TEXT NOT NULL);"
	"CREATE INDEX audit_promotion ON audit(promotion);"
	"CREATE TRIGGER audit_unchanged BEFORE UPDATE ON audit BEGIN"
	"  SELECT RAISE(ABORT, 'the audit trail is append-only'); END;"
	"CREATE TRIGGER audit_kept BEFORE DELETE ON audit BEGIN"
	"  SELECT RAISE(ABORT, 'the audit trail is append-only'); END;"
	"CREATE TABLE alerts ("
	"  id INTEGER PRIMARY KEY,"
	"  fingerprint INTEGER NOT NULL,"
	"  source TEXT NOT NULL, model TEXT NOT NULL, version TEXT NOT NULL,"
	"  monitor TEXT NOT NULL, col TEXT NOT NULL, rule TEXT NOT NULL,"
	"  statistic TEXT NOT NULL, severity INTEGER NOT NULL,"
	"  state INTEGER NOT NULL, value REAL, threshold REAL,"
	"  n_baseline INTEGER NOT NULL, n_window INTEGER NOT NULL,"
	"  since_ms INTEGER, fired_ms INTEGER, resolved_ms INTEGER,"
	"  acked_by TEXT NOT NULL DEFAULT '', note TEXT NOT NULL DEFAULT '',"
	"  acked_ms INTEGER, silenced_until_ms INTEGER,"
	"  text TEXT NOT NULL DEFAULT '');"
	"CREATE INDEX alerts_open ON alerts(state);"
	"CREATE TABLE reports ("
	"  monitor TEXT PRIMARY KEY, made_ms INTEGER NOT NULL,"
	"  report TEXT NOT NULL);"
	"CREATE TABLE stats ("
	"  monitor TEXT NOT NULL, col TEXT NOT NULL, time_ms INTEGER NOT NULL,"
	"  value REAL, lim REAL, PRIMARY KEY (monitor, col, time_ms))"
	"  WITHOUT ROWID;"
	"CREATE TABLE lease ("
	"  one INTEGER PRIMARY KEY CHECK (one = 1),"
	"  pid INTEGER NOT NULL, host TEXT NOT NULL, boot TEXT NOT NULL,"
	"  since_ms INTEGER NOT NULL, beat_ms INTEGER NOT NULL,"
	"  left_ms INTEGER);"
	"CREATE TABLE journal ("
	"  seq INTEGER PRIMARY KEY, time_ms INTEGER NOT NULL,"
	"  kind INTEGER NOT NULL, source TEXT NOT NULL,"
	"  subject TEXT NOT NULL, ref TEXT NOT NULL, text TEXT NOT NULL);"
	"CREATE INDEX journal_time ON journal(time_ms);",

	/* What somebody at a screen wants to have again. */
	"CREATE TABLE views ("
	"  name TEXT PRIMARY KEY,"
	"  number INTEGER NOT NULL," /* its key; 0 none */
	"  experiment TEXT NOT NULL, filter TEXT NOT NULL,"
	"  sort TEXT NOT NULL, columns TEXT NOT NULL,"
	"  metric TEXT NOT NULL, grouped TEXT NOT NULL);"
	"CREATE TABLE typed ("
	"  seq INTEGER PRIMARY KEY, kind TEXT NOT NULL, text TEXT NOT NULL,"
	"  UNIQUE (kind, text));",

	("ALTER TABLE views ADD COLUMN tree TEXT NOT NULL DEFAULT '';"
	 "ALTER TABLE views ADD COLUMN grouped_sort TEXT NOT NULL DEFAULT '';"),

	"ALTER TABLE alerts ADD COLUMN calm_ms INTEGER;",
};

static enum err_code read_version(struct db *db, int64_t *version,
				  struct err *err)
{
	struct db_stmt *st;
	bool has_row = false;

	if (db_prepare(db, "PRAGMA user_version", &st, err) ||
	    db_step(st, &has_row, err))
		return err->code;
	*version = has_row ? db_int(st, 0) : 0;
	db_reset(st);
	return ERR_OK;
}

static enum err_code take_step(struct db *db, size_t i, struct err *err)
{
	char pragma[64];

	snprintf(pragma, sizeof(pragma), "PRAGMA user_version = %zu", i + 1);
	if (db_exec(db, steps[i], err))
		return err->code;
	return db_exec(db, pragma, err);
}

/* Two processes that start at once: the second waits, then finds it done. */
static enum err_code bring_up(struct db *db, const char *path, struct err *err)
{
	int64_t version = 0;

	if (read_version(db, &version, err))
		return err->code;
	if (version == (int64_t)ARRAY_LEN(steps))
		return ERR_OK;
	if (version > (int64_t)ARRAY_LEN(steps))
		return err_set(err, ERR_SCHEMA,
			       "%s: made by a newer mltower: install that one, "
			       "or choose another folder with --state",
			       path);
	if (gate_is_closed(GATE_STATE))
		return err_set(err, ERR_SCHEMA, "%s: made by an older mltower",
			       path);
	if (db_begin_immediate(db, err) || read_version(db, &version, err))
		return err->code;
	for (size_t i = (size_t)version; i < ARRAY_LEN(steps); i++) {
		if (take_step(db, i, err)) {
			db_rollback(db);
			return err->code;
		}
	}
	return db_commit(db, err);
}

enum err_code state_open(const char *dir, struct state **out, struct err *err)
{
	struct state *s = xcalloc(1, sizeof(*s));
	char *path = xasprintf("%s/mltower.db", dir);

	s->dir = xstrdup(dir);
	if (!gate_is_closed(GATE_STATE) && file_make_dirs(dir, err))
		goto failed;
	if (db_open_own(path, &s->db, err) || bring_up(s->db, path, err))
		goto failed;
	free(path);
	*out = s;
	return ERR_OK;
failed:
	err_prefix(err, "state folder %s", dir);
	free(path);
	state_close(s);
	return err->code;
}

enum err_code state_open_to_read(const char *dir, struct state **out,
				 struct err *err)
{
	struct err unreadable = { 0 };
	struct state *s;
	int64_t version = 0;
	char *path;

	if (state_open(dir, out, err) != ERR_IO)
		return err->code;
	s = xcalloc(1, sizeof(*s));
	s->dir = xstrdup(dir);
	path = xasprintf("%s/mltower.db", dir);
	if (!db_open_alone(path, &s->db, &unreadable) &&
	    !read_version(s->db, &version, &unreadable) && version > 0) {
		err_clear(err);
		*out = s;
	} else {
		state_close(s);
	}
	free(path);
	return err->code;
}

void state_close(struct state *s)
{
	if (!s)
		return;
	db_close(s->db);
	free(s->dir);
	free(s);
}

struct db *state_db(struct state *s)
{
	return s->db;
}

const char *state_dir(const struct state *s)
{
	return s->dir;
}

int state_guard(struct state *s, bool is_shared, struct err *err)
{
	char *path = xasprintf("%s/promoting.lock", s->dir);
	int fd = file_lock(path, is_shared, err);

	free(path);
	return fd;
}

enum err_code state_version(struct state *s, int64_t *out, struct err *err)
{
	return db_data_version(s->db, out, err);
}
