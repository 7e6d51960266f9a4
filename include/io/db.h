/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_IO_DB_H
#define MLTOWER_IO_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cancel.h"
#include "base/err.h"
#include "io/gate.h"

/* SQLite. One connection a thread. Statements are prepared once and kept by
 * the connection; a statement is reset as soon as its last row was read, so no
 * lock is held while anybody thinks. */
struct db;
struct db_stmt;

/* Another program's store: read-only, query_only, no mmap, no views, triggers
 * or trust in its schema, no pragma that writes. ERR_ABSENT where there is no
 * file or it is empty; ERR_SCHEMA where it is not a database. */
ATTR_NODISCARD enum err_code db_open_foreign(const char *path, struct db **out,
					     struct err *err);
/* Another program's store, to be written: needs the permit. */
ATTR_NODISCARD enum err_code db_open_foreign_rw(const char *path,
						const struct permit *permit,
						struct db **out,
						struct err *err);
/* Our own file: made if missing, WAL, synchronous FULL, foreign keys. Behind a
 * closed GATE_STATE it is opened read-only (ERR_ABSENT if not there). */
ATTR_NODISCARD enum err_code db_open_own(const char *path, struct db **out,
					 struct err *err);
/* Our own file, to be read where the index that processes share cannot be made,
 * as on a full disk: it is kept in memory, and nobody else can open the file
 * meanwhile. */
ATTR_NODISCARD enum err_code db_open_alone(const char *path, struct db **out,
					   struct err *err);
/* A file of the demo's making: like db_open_own without WAL, any schema. */
ATTR_NODISCARD enum err_code db_open_made(const char *path, struct db **out,
					  struct err *err);
void db_close(struct db *db); /* NULL is fine */
const char *db_path(const struct db *db);

/* Looked at by every statement from now on (NULL: none). */
void db_set_cancel(struct db *db, const struct cancel *cancel);
/* How long to wait for locks; 250 ms to read, 5,000 to write by default. */
void db_set_busy_ms(struct db *db, int ms);

/* Changes when another connection committed; also 0 on failure. */
ATTR_NODISCARD enum err_code db_data_version(struct db *db, int64_t *out,
					     struct err *err);
ATTR_NODISCARD enum err_code db_schema_version(struct db *db, int64_t *out,
					       struct err *err);
/* Is the file behind the path still the one that is open? */
enum db_file_state { DB_FILE_SAME, DB_FILE_REPLACED, DB_FILE_ABSENT };
enum db_file_state db_file_state(const struct db *db);
/* On NFS, SMB, FUSE: poll it every 5 s or slower. */
bool db_is_on_network(const struct db *db);

bool db_has_table(struct db *db, const char *table);
bool db_has_column(struct db *db, const char *table, const char *column);

/* Runs a script that gives no rows. */
ATTR_NODISCARD enum err_code db_exec(struct db *db, const char *sql,
				     struct err *err);
/* The statement is the connection's: the same text gives the same statement,
 * reset and with no bindings. */
ATTR_NODISCARD enum err_code db_prepare(struct db *db, const char *sql,
					struct db_stmt **out, struct err *err);
/* Binding counts from 1. Text and blobs must live until the reset. */
void db_bind_int(struct db_stmt *st, int i, int64_t v);
void db_bind_double(struct db_stmt *st, int i, double v);
void db_bind_text(struct db_stmt *st, int i, const char *s); /* NULL: null */
void db_bind_textn(struct db_stmt *st, int i, const char *s, size_t len);
void db_bind_blob(struct db_stmt *st, int i, const void *p, size_t len);
void db_bind_null(struct db_stmt *st, int i);
/* *has_row false: done, and reset. On failure it is reset too. ERR_BUSY,
 * ERR_STOP, ERR_SCHEMA (no such table or column: migrated), ERR_IO. */
ATTR_NODISCARD enum err_code db_step(struct db_stmt *st, bool *has_row,
				     struct err *err);
/* For statements that give no row, or whose first row is not of interest. */
ATTR_NODISCARD enum err_code db_run(struct db_stmt *st, struct err *err);
void db_reset(struct db_stmt *st); /* before the last row was read */
/* Columns count from 0; pointers live until the next step. */
bool db_is_null(struct db_stmt *st, int i);
int64_t db_int(struct db_stmt *st, int i);
double db_double(struct db_stmt *st, int i);
const char *db_text(struct db_stmt *st, int i); /* NULL for null */
size_t db_bytes(struct db_stmt *st, int i);
const void *db_blob(struct db_stmt *st, int i);

ATTR_NODISCARD enum err_code db_begin_immediate(struct db *db, struct err *err);
ATTR_NODISCARD enum err_code db_begin_read(struct db *db, struct err *err);
ATTR_NODISCARD enum err_code db_commit(struct db *db, struct err *err);
void db_rollback(struct db *db); /* harmless without a transaction */
int64_t db_changes(struct db *db);

#endif
