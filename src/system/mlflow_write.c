/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What looks at and writes to MLflow's SQLite store apart from the polls. A
 * write is one BEGIN IMMEDIATE transaction: nobody else can write between the
 * comparison and the last row, and what stands then is read back before the
 * commit. */
#include "config.h"

#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format/digest.h"
#include "mlflow_db.h"
#include "mlflow_server.h"

enum err_code mlflow_prepare(struct mlflow_at *at, struct db_stmt **st,
			     struct err *err, const char *fmt, ...)
{
	struct buf sql = BUF_INIT(2048);
	enum err_code code;
	va_list ap;

	va_start(ap, fmt);
	buf_addv(&sql, fmt, ap);
	va_end(ap);
	code = db_prepare(at->db, buf_str(&sql), st, err);
	buf_release(&sql);
	return code;
}

enum err_code mlflow_fingerprint(struct mlflow_at *at,
				 char out[FINGERPRINT_MAX], struct err *err)
{
	char real[PATH_MAX];
	const char *place = realpath(at->path, real) ? real : at->path;
	uint64_t h = digest_fnv1a(DIGEST_FNV_BASIS, place, strlen(place));
	int64_t id = -1, created_ms = 0;
	struct db_stmt *st;
	bool has_row;

	if (mlflow_prepare(at, &st, err,
			   "SELECT experiment_id, %s FROM experiments ORDER BY "
			   "experiment_id LIMIT 1",
			   at->schema.has_exp_times ? "creation_time" : "0") ||
	    db_step(st, &has_row, err))
		return err->code;
	if (has_row) {
		id = db_int(st, 0);
		created_ms = db_int(st, 1);
	}
	db_reset(st);
	snprintf(out, FINGERPRINT_MAX,
		 "mlflow:%016" PRIx64 ":%" PRId64 "@%" PRId64, h, id,
		 created_ms);
	return ERR_OK;
}

enum err_code mlflow_look(const struct source_conf *conf,
			  const struct cancel *stop, mlflow_step *step,
			  void *of, struct err *err)
{
	struct mlflow_at at = { .path = mlflow_path(conf->where) };

	if (db_open_foreign(at.path, &at.db, err))
		return err->code;
	db_set_cancel(at.db, stop);
	if (!mlflow_schema_probe(at.db, &at.schema, err) &&
	    !db_begin_read(at.db, err)) {
		step(&at, of, err);
		db_rollback(at.db);
	}
	db_close(at.db);
	return err->code;
}

static enum err_code check_writable(const struct mlflow_at *at, struct err *err)
{
	pid_t server = mlflow_server_of(at->path);

	if (!mlflow_schema_is_writable(&at->schema))
		return err_set(err, ERR_SCHEMA,
			       "not written: its schema (%s) is not one we "
			       "know",
			       *at->schema.head ? at->schema.head : "none");
	if (server)
		return err_set(err, ERR_READONLY,
			       "an MLflow server (process %ld) holds this "
			       "store: write through the server",
			       (long)server);
	return ERR_OK;
}

static enum err_code write_open(struct mlflow_at *at, mlflow_step *compare,
				mlflow_step *change, void *of, struct err *err)
{
	struct err again = { 0 };

	if (db_begin_immediate(at->db, err))
		return err->code;
	if (mlflow_schema_probe(at->db, &at->schema, err) ||
	    check_writable(at, err) || compare(at, of, err) ||
	    change(at, of, err)) {
		db_rollback(at->db);
		return err->code;
	}
	if (!db_commit(at->db, err))
		return ERR_OK;
	db_rollback(at->db);
	/* A disk that failed in the midst of it may hold the commit all the
	 * same. Who may write can look, and repairs what was left. */
	if (compare(at, of, &again))
		err->code = ERR_UNKNOWN;
	return err->code;
}

enum err_code mlflow_write(const struct source_conf *conf,
			   const struct permit *permit,
			   const struct cancel *stop, mlflow_step *compare,
			   mlflow_step *change, void *of, struct err *err)
{
	struct mlflow_at at = { .path = mlflow_path(conf->where) };

	if (db_open_foreign_rw(at.path, permit, &at.db, err))
		return err->code;
	db_set_cancel(at.db, stop);
	write_open(&at, compare, change, of, err);
	db_close(at.db);
	return err->code;
}
