/* SPDX-License-Identifier: GPL-3.0-or-later */

/* SQLite, mostly of stores that other programs write.
 *
 * The file is never opened and closed here: closing any descriptor of it drops
 * the locks this process holds on it. Its first bytes are read through
 * SQLite's own descriptor instead, before the first statement.
 *
 * A store in WAL mode without a -wal has no writer. Reading it the usual way
 * would make -wal and -shm beside it, so it is opened as immutable, and its
 * stamps are looked at around every statement; once they move, what was read
 * is discarded and the store is opened anew. */
#include "config.h"

#include "io/db.h"

#include <errno.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"

#define READ_BUSY_MS    250
#define WRITE_BUSY_MS   5000
#define LOOK_EVERY_OPS  1000
#define MAX_VALUE_BYTES (16 * 1024 * 1024)
#define HEADER_BYTES    20
#define MAX_PATH_BYTES  8192

enum role { ROLE_READ, ROLE_WRITE, ROLE_OWN, ROLE_MADE };

struct db_stmt {
	struct db *db;
	struct db_stmt *next;
	char *sql;
	sqlite3_stmt *st; /* NULL: to be prepared again */
	bool is_running;
};

/* Enough to see that a file was written. */
struct stamp {
	dev_t dev;
	ino_t ino;
	off_t size;
	struct timespec mtime;
};

struct db {
	sqlite3 *h;
	char *path, *wal_path;
	enum role role;
	struct stamp stamp; /* as it was opened */
	bool is_immutable;
	bool is_on_network;
	int64_t n_opens; /* of the handle, for db_data_version */
	int busy_ms;
	int64_t busy_since_mono_ms;
	const struct cancel *cancel;
	struct db_stmt *stmts;
};

/* ---- failures ------------------------------------------------------------ */

static bool is_migration(const char *msg)
{
	return !strncmp(msg, "no such table", 13) ||
	       !strncmp(msg, "no such column", 14) ||
	       strstr(msg, "has no column named") != NULL;
}

static enum err_code stopped(const struct db *db, struct err *err)
{
	if (cancel_is_stopped(db->cancel))
		return err_set(err, ERR_STOP, "stopped");
	return err_set(err, ERR_TIMEOUT, "no answer in time");
}

static enum err_code fail_readonly(int rc, struct err *err)
{
	switch (rc) {
	case SQLITE_READONLY_ROLLBACK:
		return err_set(err, ERR_IO,
			       "a writer died mid-write; MLflow's next access "
			       "repairs it");
	case SQLITE_READONLY_RECOVERY:
	case SQLITE_READONLY_CANTINIT:
	case SQLITE_READONLY_CANTLOCK:
		return err_set(err, ERR_IO,
			       "its write-ahead log needs a writer first; "
			       "MLflow's next access repairs it");
	default:
		return err_set(err, ERR_IO, "the file cannot be written");
	}
}

/* What SQLite said, as the rest of the program understands it. */
static enum err_code fail(const struct db *db, int rc, struct err *err)
{
	const char *msg = db->h ? sqlite3_errmsg(db->h) : sqlite3_errstr(rc);

	switch (rc & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
	case SQLITE_PROTOCOL:
		if (cancel_is_due(db->cancel))
			return stopped(db, err);
		return err_set(err, ERR_BUSY, "locked by another program");
	case SQLITE_INTERRUPT:
		return stopped(db, err);
	case SQLITE_NOTADB:
		return err_set(err, ERR_SCHEMA, "not an SQLite database");
	case SQLITE_CORRUPT:
		return err_set(err, ERR_IO, "the file is damaged: %s", msg);
	case SQLITE_READONLY:
		return fail_readonly(rc, err);
	case SQLITE_TOOBIG:
		return err_set(err, ERR_LIMIT,
			       "a value is larger than %d bytes",
			       MAX_VALUE_BYTES);
	case SQLITE_FULL:
		return err_set(err, ERR_IO, "the disk is full");
	case SQLITE_CANTOPEN:
		return err_set(err, ERR_IO,
			       "cannot be opened (its folder or its -wal and "
			       "-shm may not be accessible)");
	case SQLITE_SCHEMA:
		return err_set(err, ERR_SCHEMA, "%s", msg);
	case SQLITE_ERROR:
		return err_set(err, is_migration(msg) ? ERR_SCHEMA : ERR_IO,
			       "%s", msg);
	default:
		return err_set(err, ERR_IO, "%s", msg);
	}
}

/* ---- waiting ------------------------------------------------------------- */

static int on_busy(void *arg, int n_calls)
{
	static const uint8_t delays_ms[] = { 1, 2, 5, 10, 15, 20, 25 };
	struct db *db = arg;
	int64_t now = clock_mono_ms();
	size_t i = MIN((size_t)n_calls, ARRAY_LEN(delays_ms) - 1);

	if (!n_calls)
		db->busy_since_mono_ms = now;
	if (cancel_is_due(db->cancel) ||
	    now - db->busy_since_mono_ms >= db->busy_ms)
		return 0;
	sqlite3_sleep(delays_ms[i]);
	return 1;
}

static int on_progress(void *arg)
{
	struct db *db = arg;

	return cancel_is_due(db->cancel);
}

void db_set_cancel(struct db *db, const struct cancel *cancel)
{
	db->cancel = cancel;
}

void db_set_busy_ms(struct db *db, int ms)
{
	db->busy_ms = ms;
}

/* ---- the file ------------------------------------------------------------ */

static bool take_stamp(const char *path, struct stamp *out)
{
	struct stat sb;

	memset(out, 0, sizeof(*out));
	if (stat(path, &sb))
		return false;
	out->dev = sb.st_dev;
	out->ino = sb.st_ino;
	out->size = sb.st_size;
	out->mtime = sb.st_mtim;
	return true;
}

static bool stamp_equals(const struct stamp *a, const struct stamp *b)
{
	return a->dev == b->dev && a->ino == b->ino && a->size == b->size &&
	       a->mtime.tv_sec == b->mtime.tv_sec &&
	       a->mtime.tv_nsec == b->mtime.tv_nsec;
}

static bool has_wal(const struct db *db)
{
	struct stat sb;

	return !stat(db->wal_path, &sb) && sb.st_size > 0;
}

static bool has_shm(const struct db *db)
{
	char *shm = xasprintf("%s-shm", db->path);
	struct stat sb;
	bool has = !stat(shm, &sb);

	free(shm);
	return has;
}

/* Did anything of an immutable store move since it was opened? */
static bool has_moved(const struct db *db)
{
	struct stamp now;

	return !take_stamp(db->path, &now) || !stamp_equals(&now, &db->stamp) ||
	       has_wal(db);
}

enum db_file_state db_file_state(const struct db *db)
{
	struct stamp now;

	if (!take_stamp(db->path, &now) || !now.size)
		return DB_FILE_ABSENT;
	return now.dev == db->stamp.dev && now.ino == db->stamp.ino
		       ? DB_FILE_SAME
		       : DB_FILE_REPLACED;
}

static bool lies_on_network(const char *path)
{
	static const uint32_t types[] = {
		0x6969,     /* NFS */
		0x517b,     /* SMB */
		0xff534d42, /* CIFS */
		0xfe534d42, /* SMB2 */
		0x65735546, /* FUSE */
		0x01021997, /* 9P */
		0x00c36400, /* Ceph */
		0x0bd00bd0, /* Lustre */
		0x47504653, /* GPFS */
		0x5346414f, /* AFS */
	};
	struct statfs sb;
	size_t i;

	if (statfs(path, &sb))
		return false;
	for (i = 0; i < ARRAY_LEN(types); i++)
		if ((uint32_t)sb.f_type == types[i])
			return true;
	return false;
}

bool db_is_on_network(const struct db *db)
{
	return db->is_on_network;
}

const char *db_path(const struct db *db)
{
	return db->path;
}

/* The head of the file, through the descriptor SQLite has open. */
static bool read_header(const struct db *db, unsigned char out[HEADER_BYTES])
{
	sqlite3_file *f = NULL;

	return !sqlite3_file_control(db->h, "main", SQLITE_FCNTL_FILE_POINTER,
				     &f) &&
	       f && f->pMethods && !f->pMethods->xRead(f, out, HEADER_BYTES, 0);
}

static bool is_wal(const struct db *db)
{
	unsigned char head[HEADER_BYTES];

	return read_header(db, head) && head[18] == 2 && head[19] == 2;
}

/* ---- opening ------------------------------------------------------------- */

static char *make_uri(const char *path, const char *query)
{
	struct buf b = BUF_INIT(3 * MAX_PATH_BYTES);

	buf_adds(&b, "file:");
	/* Two slashes at the start would begin a host name. */
	while (path[0] == '/' && path[1] == '/')
		path++;
	for (; *path; path++) {
		if (strchr("%?#", *path))
			buf_addf(&b, "%%%02x", (unsigned char)*path);
		else
			buf_addc(&b, *path);
	}
	buf_addf(&b, "?%s", query);
	return buf_take(&b);
}

static void configure_foreign(struct db *db)
{
	sqlite3_db_config(db->h, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(db->h, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(db->h, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
	sqlite3_limit(db->h, SQLITE_LIMIT_LENGTH, MAX_VALUE_BYTES);
	sqlite3_limit(db->h, SQLITE_LIMIT_ATTACHED, 0);
	sqlite3_limit(db->h, SQLITE_LIMIT_WORKER_THREADS, 0);
	if (db->role == ROLE_READ)
		sqlite3_db_config(db->h, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0,
				  NULL);
}

/* Opens the handle; none of this reads or locks the file. */
static int open_handle(struct db *db, const char *query, int flags)
{
	char *uri = make_uri(db->path, query);
	int rc = sqlite3_open_v2(uri, &db->h,
				 flags | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX |
					 SQLITE_OPEN_PRIVATECACHE,
				 NULL);

	free(uri);
	if (rc)
		return rc;
	sqlite3_extended_result_codes(db->h, 1);
	sqlite3_busy_handler(db->h, on_busy, db);
	sqlite3_progress_handler(db->h, LOOK_EVERY_OPS, on_progress, db);
	sqlite3_exec(db->h, "PRAGMA mmap_size=0; PRAGMA temp_store=MEMORY",
		     NULL, NULL, NULL);
	db->n_opens++;
	return SQLITE_OK;
}

static void close_handle(struct db *db)
{
	struct db_stmt *st;

	for (st = db->stmts; st; st = st->next) {
		sqlite3_finalize(st->st);
		st->st = NULL;
		st->is_running = false;
	}
	sqlite3_close(db->h);
	db->h = NULL;
}

static enum err_code fail_open(struct db *db, int rc, struct err *err)
{
	int os = db->h ? sqlite3_system_errno(db->h) : 0;

	if ((rc & 0xff) == SQLITE_CANTOPEN && os)
		return err_set(err, os == ENOENT ? ERR_ABSENT : ERR_IO, "%s",
			       os == ENOENT ? "no such file" : strerror(os));
	return fail(db, rc, err);
}

/* Is it a database, by its first bytes? */
static enum err_code check_header(struct db *db, struct err *err)
{
	unsigned char head[HEADER_BYTES];

	if (!db->stamp.size)
		return err_set(err, ERR_ABSENT, "the file is empty");
	if (!read_header(db, head) || memcmp(head, "SQLite format 3", 16))
		return err_set(err, ERR_SCHEMA, "not an SQLite database");
	return ERR_OK;
}

/* A log without its shared memory can only be read by making that. */
static enum err_code check_wal_is_readable(struct db *db, struct err *err)
{
	if (!has_wal(db) || has_shm(db) || !gate_is_closed(GATE_SYSTEMS))
		return ERR_OK;
	return err_set(err, ERR_IO,
		       "its -wal has no -shm: reading it would write beside "
		       "it, and %s forbids that",
		       gate_why(GATE_SYSTEMS));
}

static enum err_code open_to_read(struct db *db, struct err *err)
{
	struct stat sb;
	int rc;

	if (!take_stamp(db->path, &db->stamp))
		return err_set(err, errno == ENOENT ? ERR_ABSENT : ERR_IO, "%s",
			       errno == ENOENT ? "no such file"
					       : strerror(errno));
	if (!stat(db->path, &sb) && !S_ISREG(sb.st_mode))
		return err_set(err, ERR_SCHEMA, "not a file");
	rc = open_handle(db, "mode=ro", SQLITE_OPEN_READONLY);
	if (rc)
		return fail_open(db, rc, err);
	if (check_header(db, err))
		return err->code;
	db->is_immutable = is_wal(db) && !has_wal(db);
	if (db->is_immutable) {
		close_handle(db);
		rc = open_handle(db, "mode=ro&immutable=1",
				 SQLITE_OPEN_READONLY);
		if (rc)
			return fail_open(db, rc, err);
	} else if (is_wal(db) && check_wal_is_readable(db, err)) {
		return err->code;
	}
	configure_foreign(db);
	sqlite3_exec(db->h, "PRAGMA query_only=1; PRAGMA cell_size_check=1",
		     NULL, NULL, NULL);
	return ERR_OK;
}

static struct db *db_new(const char *path, enum role role)
{
	struct db *db = xcalloc(1, sizeof(*db));

	db->path = xstrdup(path);
	db->wal_path = xasprintf("%s-wal", path);
	db->role = role;
	db->busy_ms = role == ROLE_READ ? READ_BUSY_MS : WRITE_BUSY_MS;
	return db;
}

static enum err_code finish_open(struct db *db, enum err_code code,
				 struct db **out)
{
	if (code) {
		db_close(db);
		db = NULL;
	} else {
		db->is_on_network = lies_on_network(db->path);
	}
	*out = db;
	return code;
}

enum err_code db_open_foreign(const char *path, struct db **out,
			      struct err *err)
{
	struct db *db = db_new(path, ROLE_READ);

	return finish_open(db, open_to_read(db, err), out);
}

static enum err_code open_to_write(struct db *db, struct err *err)
{
	int rc;

	if (!take_stamp(db->path, &db->stamp))
		return err_set(err, ERR_ABSENT, "no such file");
	rc = open_handle(db, "mode=rw", SQLITE_OPEN_READWRITE);
	if (rc)
		return fail_open(db, rc, err);
	if (check_header(db, err))
		return err->code;
	configure_foreign(db);
	return db_exec(db, "PRAGMA foreign_keys=1", err);
}

enum err_code db_open_foreign_rw(const char *path, const struct permit *permit,
				 struct db **out, struct err *err)
{
	struct db *db;

	BUG_ON(!permit);
	db = db_new(path, ROLE_WRITE);
	return finish_open(db, open_to_write(db, err), out);
}

static enum err_code open_ours(struct db *db, struct err *err)
{
	int rc = open_handle(db, "mode=rwc",
			     SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);

	if (rc)
		return fail_open(db, rc, err);
	if (!take_stamp(db->path, &db->stamp))
		return err_set(err, ERR_IO, "%s", strerror(errno));
	if (db->role == ROLE_OWN && db_exec(db, "PRAGMA journal_mode=WAL", err))
		return err->code;
	return db_exec(db, "PRAGMA synchronous=FULL; PRAGMA foreign_keys=1",
		       err);
}

enum err_code db_open_own(const char *path, struct db **out, struct err *err)
{
	struct db *db;

	if (gate_is_closed(GATE_STATE))
		return db_open_foreign(path, out, err);
	db = db_new(path, ROLE_OWN);
	return finish_open(db, open_ours(db, err), out);
}

static enum err_code open_alone(struct db *db, struct err *err)
{
	int rc = open_handle(db, "mode=rw", SQLITE_OPEN_READWRITE);

	if (rc)
		return fail_open(db, rc, err);
	if (!take_stamp(db->path, &db->stamp))
		return err_set(err, ERR_IO, "%s", strerror(errno));
	return db_exec(db, "PRAGMA locking_mode=EXCLUSIVE; PRAGMA query_only=1",
		       err);
}

enum err_code db_open_alone(const char *path, struct db **out, struct err *err)
{
	struct db *db = db_new(path, ROLE_OWN);

	return finish_open(db, open_alone(db, err), out);
}

enum err_code db_open_made(const char *path, struct db **out, struct err *err)
{
	struct db *db = db_new(path, ROLE_MADE);

	return finish_open(db, open_ours(db, err), out);
}

void db_close(struct db *db)
{
	if (!db)
		return;
	close_handle(db);
	while (db->stmts) {
		struct db_stmt *st = db->stmts;

		db->stmts = st->next;
		free(st->sql);
		free(st);
	}
	free(db->wal_path);
	free(db->path);
	free(db);
}

/* ---- what changed -------------------------------------------------------- */

/* Opens the store anew where the way it is open no longer fits: a writer came
 * to an immutable one, or the last writer of a WAL left. */
static enum err_code refresh(struct db *db, struct err *err)
{
	bool is_stale;

	if (db->role != ROLE_READ)
		return ERR_OK;
	is_stale = !db->h || (db->is_immutable ? has_moved(db)
					       : is_wal(db) && !has_wal(db));
	if (!is_stale)
		return ERR_OK;
	close_handle(db);
	return open_to_read(db, err);
}

static enum err_code query_int(struct db *db, const char *sql, int64_t *out,
			       struct err *err)
{
	struct db_stmt *st;
	bool has_row;

	*out = 0;
	if (db_prepare(db, sql, &st, err) || db_step(st, &has_row, err))
		return err->code;
	if (has_row)
		*out = db_int(st, 0);
	db_reset(st);
	return ERR_OK;
}

enum err_code db_data_version(struct db *db, int64_t *out, struct err *err)
{
	int64_t version;

	*out = 0;
	if (refresh(db, err) ||
	    query_int(db, "PRAGMA data_version", &version, err))
		return err->code;
	*out = (db->n_opens << 32) + version;
	return ERR_OK;
}

enum err_code db_schema_version(struct db *db, int64_t *out, struct err *err)
{
	return query_int(db, "PRAGMA schema_version", out, err);
}

static bool has_any_row(struct db *db, const char *sql, const char *a,
			const char *b)
{
	struct err err = { 0 };
	struct db_stmt *st;
	bool has_row;

	if (db_prepare(db, sql, &st, &err))
		return false;
	db_bind_text(st, 1, a);
	if (b)
		db_bind_text(st, 2, b);
	if (db_step(st, &has_row, &err))
		return false;
	db_reset(st);
	return has_row;
}

bool db_has_table(struct db *db, const char *table)
{
	return has_any_row(db,
			   "SELECT 1 FROM sqlite_master WHERE type='table' "
			   "AND name=?",
			   table, NULL);
}

bool db_has_column(struct db *db, const char *table, const char *column)
{
	return has_any_row(db,
			   "SELECT 1 FROM pragma_table_info(?) WHERE name=?",
			   table, column);
}

/* ---- statements ---------------------------------------------------------- */

enum err_code db_exec(struct db *db, const char *sql, struct err *err)
{
	int rc;

	if (!db->h)
		return err_set(err, ERR_IO, "not open");
	rc = sqlite3_exec(db->h, sql, NULL, NULL, NULL);
	return rc ? fail(db, rc, err) : ERR_OK;
}

static struct db_stmt *find_stmt(struct db *db, const char *sql)
{
	struct db_stmt *st;

	for (st = db->stmts; st; st = st->next)
		if (!strcmp(st->sql, sql))
			return st;
	st = xcalloc(1, sizeof(*st));
	st->db = db;
	st->sql = xstrdup(sql);
	st->next = db->stmts;
	db->stmts = st;
	return st;
}

enum err_code db_prepare(struct db *db, const char *sql, struct db_stmt **out,
			 struct err *err)
{
	struct db_stmt *st = find_stmt(db, sql);
	int rc;

	*out = st;
	if (!db->h)
		return err_set(err, ERR_IO, "not open");
	if (st->st) {
		db_reset(st);
		sqlite3_clear_bindings(st->st);
		return ERR_OK;
	}
	rc = sqlite3_prepare_v3(db->h, sql, -1, SQLITE_PREPARE_PERSISTENT,
				&st->st, NULL);
	return rc ? fail(db, rc, err) : ERR_OK;
}

void db_bind_int(struct db_stmt *st, int i, int64_t v)
{
	sqlite3_bind_int64(st->st, i, v);
}

void db_bind_double(struct db_stmt *st, int i, double v)
{
	sqlite3_bind_double(st->st, i, v);
}

void db_bind_text(struct db_stmt *st, int i, const char *s)
{
	if (s)
		db_bind_textn(st, i, s, strlen(s));
	else
		db_bind_null(st, i);
}

void db_bind_textn(struct db_stmt *st, int i, const char *s, size_t len)
{
	sqlite3_bind_text64(st->st, i, s, len, SQLITE_STATIC, SQLITE_UTF8);
}

void db_bind_blob(struct db_stmt *st, int i, const void *p, size_t len)
{
	sqlite3_bind_blob64(st->st, i, p, len, SQLITE_STATIC);
}

void db_bind_null(struct db_stmt *st, int i)
{
	sqlite3_bind_null(st->st, i);
}

static enum err_code moved(struct err *err)
{
	return err_set(err, ERR_BUSY, "it changed while it was read");
}

enum err_code db_step(struct db_stmt *st, bool *has_row, struct err *err)
{
	struct db *db = st->db;
	int rc;

	*has_row = false;
	if (db->is_immutable && !st->is_running && has_moved(db))
		return moved(err);
	st->is_running = true;
	rc = sqlite3_step(st->st);
	if (rc == SQLITE_ROW) {
		*has_row = true;
		return ERR_OK;
	}
	if (rc == SQLITE_DONE) {
		db_reset(st);
		return db->is_immutable && has_moved(db) ? moved(err) : ERR_OK;
	}
	/* Damage seen in a file that moved meanwhile is none. */
	if (db->is_immutable && has_moved(db))
		moved(err);
	else
		fail(db, rc, err);
	db_reset(st);
	return err->code;
}

enum err_code db_run(struct db_stmt *st, struct err *err)
{
	bool has_row;

	if (db_step(st, &has_row, err))
		return err->code;
	db_reset(st);
	return ERR_OK;
}

void db_reset(struct db_stmt *st)
{
	sqlite3_reset(st->st);
	st->is_running = false;
}

bool db_is_null(struct db_stmt *st, int i)
{
	return sqlite3_column_type(st->st, i) == SQLITE_NULL;
}

int64_t db_int(struct db_stmt *st, int i)
{
	return sqlite3_column_int64(st->st, i);
}

double db_double(struct db_stmt *st, int i)
{
	return sqlite3_column_double(st->st, i);
}

const char *db_text(struct db_stmt *st, int i)
{
	return (const char *)sqlite3_column_text(st->st, i);
}

size_t db_bytes(struct db_stmt *st, int i)
{
	return (size_t)sqlite3_column_bytes(st->st, i);
}

const void *db_blob(struct db_stmt *st, int i)
{
	return sqlite3_column_blob(st->st, i);
}

/* ---- transactions -------------------------------------------------------- */

enum err_code db_begin_immediate(struct db *db, struct err *err)
{
	return db_exec(db, "BEGIN IMMEDIATE", err);
}

enum err_code db_begin_read(struct db *db, struct err *err)
{
	return db_exec(db, "BEGIN", err);
}

enum err_code db_commit(struct db *db, struct err *err)
{
	return db_exec(db, "COMMIT", err);
}

void db_rollback(struct db *db)
{
	if (db->h && !sqlite3_get_autocommit(db->h))
		sqlite3_exec(db->h, "ROLLBACK", NULL, NULL, NULL);
}

int64_t db_changes(struct db *db)
{
	return db->h ? sqlite3_changes64(db->h) : 0;
}
