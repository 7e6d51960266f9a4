/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Runs change in place and no index tells when, so they are read three ways:
 * all of them once, newest first (fill, with the scans of mlflow_bulk.c);
 * single ones that are known to move (reread); and all of them again slowly
 * (sweep). What was handed over of a run is remembered as one hash, so that
 * only differences travel. */
#include "config.h"

#include "mlflow_db.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"

#define FIRST_SLICE_RUNS 200
#define SLICE_RUNS       2000
#define FILL_US          6000
#define SWEEP_US         6000
#define SWEEP_RUNS       100
#define RUNNING_AT_ONCE  200

/* ---- plain values -------------------------------------------------------- */

const char *mlflow_text(struct arena *a, struct db_stmt *st, int col)
{
	const char *s = db_text(st, col);
	size_t i, n, len;
	char *copy, *p;

	if (!s)
		return "";
	len = db_bytes(st, col);
	if (!memchr(s, '\0', len))
		return s;
	for (i = n = 0; i < len; i++)
		n += s[i] ? 1 : 4;
	p = copy = arena_alloc(a, n + 1);
	for (i = 0; i < len; i++) {
		if (s[i])
			*p++ = s[i];
		else
			p = (char *)memcpy(p, "\\x00", 4) + 4;
	}
	return copy;
}

int64_t mlflow_time(struct db_stmt *st, int col)
{
	int64_t ms = db_int(st, col);

	return db_is_null(st, col) || !clock_has_date(ms) ? TIME_NONE : ms;
}

enum err_code mlflow_damaged(struct db_stmt *st, struct err *err)
{
	db_reset(st);
	return err_set(err, ERR_IO,
		       "the file is damaged: rows are not in their order");
}

/* ---- what is known ------------------------------------------------------- */

static void fill_again(struct mlflow_store *s)
{
	mlflow_bulk_release(s);
	s->fill = FILL_FIRST;
	s->fill_below = INT64_MAX;
}

void mlflow_forget(struct mlflow_store *s)
{
	int kind;

	intern_free(s->ids);
	s->ids = intern_new();
	s->last_number = 0;
	for (kind = 0; kind < N_NAMED_KINDS; kind++) {
		intern_free(s->names[kind].known);
		s->names[kind].known = intern_new();
		s->names[kind].is_told = false;
		s->names[kind].again_mono_ms = 0;
	}
	if (s->known)
		memset(s->known, 0, s->cap_known * sizeof(*s->known));
	s->has_given = s->has_tail = false;
	fill_again(s);
	s->experiments_stamp = s->registry_stamp = s->registry_hint = 0;
	s->data_version = 0;
	s->top_run = INT64_MIN;
	s->is_sweep_owed = false;
	s->sweep_after = INT64_MIN;
	s->sweep = 1;
	s->n_running = s->next_running = 0;
	mlflow_sample_forget(s);
	s->values_at_once = 100;
}

/* Rows of all tables come mostly in the order of the runs: the next number, or
 * the same once more, is looked at before the id is looked up. */
uint32_t mlflow_find_id(struct mlflow_store *s, const char *id)
{
	uint32_t next = s->last_number + 1;

	if (next < intern_count(s->ids) &&
	    !strcmp(intern_str(s->ids, next), id))
		s->last_number = next;
	else if (strcmp(intern_str(s->ids, s->last_number), id) != 0)
		s->last_number = intern_find(s->ids, id);
	return s->last_number;
}

uint32_t mlflow_put_id(struct mlflow_store *s, const char *id)
{
	if (!mlflow_find_id(s, id))
		s->last_number = intern_put(s->ids, id);
	return s->last_number;
}

static struct mlflow_known *known_run(struct mlflow_store *s, const char *id,
				      uint32_t *number)
{
	size_t had = s->cap_known;

	*number = mlflow_put_id(s, id);
	if (*number >= had) {
		s->known = xgrow(s->known, &s->cap_known, (size_t)*number + 1,
				 sizeof(*s->known));
		memset(s->known + had, 0,
		       (s->cap_known - had) * sizeof(*s->known));
	}
	return &s->known[*number];
}

static void note_run(struct mlflow_store *s, const struct run_facts *run,
		     uint64_t stamp)
{
	uint32_t number;
	struct mlflow_known *k = known_run(s, run->id, &number);

	k->stamp = stamp;
	k->sweep = s->sweep;
	k->is_running = run->status == RUN_RUNNING;
	if (!k->is_running || k->is_listed)
		return;
	k->is_listed = true;
	s->running = xgrow(s->running, &s->cap_running, s->n_running + 1,
			   sizeof(*s->running));
	s->running[s->n_running++] = number;
}

static bool is_wanted(const struct mlflow_store *s, const struct value_key *key)
{
	size_t i;

	if (!mlflow_is_made(key) && s->wants_all[key->kind])
		return true;
	for (i = 0; i < s->n_wanted; i++)
		if (s->wanted[i].kind == key->kind &&
		    !strcmp(s->wanted[i].name, key->name))
			return true;
	return false;
}

/* The columns asked for, in two parts: those that were wanted before come
 * first. Returns how many they are. */
static size_t sort_wanted(const struct mlflow_store *s,
			  const struct source_ask *ask, struct arena *a,
			  struct value_key *out)
{
	size_t i, n = 0, n_old = 0;
	int is_new;

	for (is_new = 0; is_new < 2; is_new++) {
		for (i = 0; i < ask->n_columns; i++) {
			const struct value_key *key = &ask->columns[i];

			if (is_wanted(s, key) == is_new)
				continue;
			out[n++] = (struct value_key){
				key->kind, arena_strdup(a, key->name)
			};
		}
		n_old = is_new ? n_old : n;
	}
	return n_old;
}

void mlflow_want(struct mlflow_store *s, const struct source_ask *ask)
{
	struct arena arena = { 0 };
	struct value_key *wanted =
		arena_alloc(&arena, (ask->n_columns + 1) * sizeof(*wanted));
	size_t n_old = sort_wanted(s, ask, &arena, wanted);
	bool is_new[N_NAMED_KINDS], has_new = n_old < ask->n_columns;
	int kind;

	for (kind = 0; kind < N_NAMED_KINDS; kind++) {
		is_new[kind] = ask->all[kind] && !s->wants_all[kind];
		has_new |= is_new[kind];
	}
	/* What is no longer wanted goes with the next change. */
	if (!has_new) {
		arena_release(&arena);
		return;
	}
	arena_release(&s->wanted_arena);
	s->wanted_arena = arena;
	s->wanted = wanted;
	s->n_wanted = ask->n_columns;
	memcpy(s->wants_all, ask->all, sizeof(s->wants_all));
	if (s->fill != FILL_DONE) {
		fill_again(s);
		return;
	}
	s->fill = FILL_MORE;
	s->bulk.first = n_old;
	memcpy(s->bulk.is_whole, is_new, sizeof(is_new));
}

/* ---- rows of runs -------------------------------------------------------- */

enum {
	RUN_ROWID,
	RUN_ID,
	RUN_NAME,
	RUN_EXPERIMENT,
	RUN_USER,
	RUN_STATUS,
	RUN_STAGE,
	RUN_START,
	RUN_END,
	RUN_PARENT,
};

#define TAG_OF(name)                                                           \
	"(SELECT value FROM tags WHERE key='" name "' AND "                    \
	"run_uuid=r.run_uuid)"

void mlflow_run_select(const struct mlflow_schema *schema, bool with_owners,
		       struct buf *sql)
{
	buf_addf(sql, "SELECT r.rowid, r.run_uuid, %s, r.experiment_id, ",
		 schema->has_run_name
			 ? "coalesce(nullif(r.name,''), " TAG_OF(
				   MLFLOW_NAME_TAG) ", r.name)"
			 : "coalesce(" TAG_OF(MLFLOW_NAME_TAG) ", '')");
	buf_addf(sql, with_owners ? "coalesce(" TAG_OF(
					    MLFLOW_USER_TAG) ", r.user_id), "
				  : "r.user_id, ");
	buf_addf(sql, "r.status, %s, r.start_time, r.end_time, ",
		 schema->has_run_stage ? "r.lifecycle_stage" : "'active'");
	buf_addf(sql, "%s FROM runs r ",
		 with_owners ? TAG_OF(MLFLOW_PARENT_TAG) : "''");
}

struct run_facts mlflow_run_row(struct arena *a, struct db_stmt *st)
{
	const char *stage = db_text(st, RUN_STAGE);

	return (struct run_facts){
		.id = mlflow_text(a, st, RUN_ID),
		.name = mlflow_text(a, st, RUN_NAME),
		.experiment_id = mlflow_text(a, st, RUN_EXPERIMENT),
		.user = mlflow_text(a, st, RUN_USER),
		.parent_id = mlflow_text(a, st, RUN_PARENT),
		.status = run_status_parse(db_text(st, RUN_STATUS)),
		.is_deleted = stage && !strcmp(stage, "deleted"),
		.start_ms = mlflow_time(st, RUN_START),
		.end_ms = mlflow_time(st, RUN_END),
	};
}

static uint64_t run_stamp(const struct run_facts *run)
{
	uint64_t h = MLFLOW_HASH_START;

	h = mlflow_hash_text(h, run->name);
	h = mlflow_hash_text(h, run->experiment_id);
	h = mlflow_hash_text(h, run->user);
	h = mlflow_hash_text(h, run->parent_id);
	h = mlflow_hash_int(h, run->status);
	h = mlflow_hash_int(h, run->is_deleted);
	h = mlflow_hash_int(h, run->start_ms);
	return mlflow_hash_int(h, run->end_ms);
}

static enum err_code prepare_runs(struct mlflow_store *s, const char *rest,
				  bool with_owners, struct db_stmt **out,
				  struct err *err)
{
	struct buf sql = BUF_INIT(4096);
	enum err_code code;

	mlflow_run_select(&s->schema, with_owners, &sql);
	buf_adds(&sql, rest);
	code = db_prepare(s->db, buf_str(&sql), out, err);
	buf_release(&sql);
	return code;
}

/* ---- filling ------------------------------------------------------------- */

static void slice_release(struct mlflow_slice *sl)
{
	free(sl->rowids);
	free(sl->stamps);
}

static void slice_add(struct mlflow_slice *sl, int64_t rowid, uint64_t stamp)
{
	if (sl->n == sl->cap) {
		sl->rowids = xgrow(sl->rowids, &sl->cap, sl->n + 1,
				   sizeof(*sl->rowids));
		sl->stamps =
			xreallocarray(sl->stamps, sl->cap, sizeof(*sl->stamps));
	}
	sl->rowids[sl->n] = rowid;
	sl->stamps[sl->n++] = stamp;
}

/* The next n runs. */
static enum err_code read_slice(struct mlflow_store *s, struct batch *b,
				size_t n, struct mlflow_slice *sl,
				struct err *err)
{
	int64_t below = s->fill_below;
	struct db_stmt *st;
	bool has_row;

	if (prepare_runs(s, "WHERE r.rowid<? ORDER BY r.rowid DESC LIMIT ?",
			 !s->bulk.owners, &st, err))
		return err->code;
	db_bind_int(st, 1, below);
	db_bind_int(st, 2, (int64_t)n);
	while (!db_step(st, &has_row, err) && has_row) {
		struct run_facts run = mlflow_run_row(&b->arena, st);

		if (db_int(st, RUN_ROWID) >= below)
			return mlflow_damaged(st, err);
		mlflow_bulk_own(s, &run);
		batch_add_run(b, &run);
		below = db_int(st, RUN_ROWID);
		slice_add(sl, below, run_stamp(&run));
	}
	return err->code;
}

/* n runs with the values that are not to be scanned. */
static enum err_code fill_runs(struct mlflow_store *s, struct batch *b,
			       size_t n, bool *is_done, struct err *err)
{
	struct mlflow_slice sl = { .first = (uint32_t)b->n_runs };
	size_t i;

	if (read_slice(s, b, n, &sl, err) || mlflow_read_values(s, b, &sl, err))
		goto out;
	for (i = 0; i < sl.n; i++) {
		note_run(s, &b->runs[sl.first + i], sl.stamps[i]);
		mlflow_sample_run(s, &b->runs[sl.first + i], sl.rowids[i]);
	}
	if (sl.n) {
		s->top_run = MAX(s->top_run, sl.rowids[0]);
		s->fill_below = sl.rowids[sl.n - 1];
	}
	*is_done = sl.n < n;
	if (*is_done)
		s->top_run = MAX(s->top_run, 0);
out:
	slice_release(&sl);
	return err->code;
}

static enum err_code fill_first(struct mlflow_store *s, struct batch *b,
				struct err *err)
{
	bool is_done, gives_all;

	if (fill_runs(s, b, FIRST_SLICE_RUNS, &is_done, err))
		return err->code;
	if (!is_done) {
		memcpy(s->bulk.is_whole, s->wants_all, sizeof(s->wants_all));
		if (mlflow_bulk_plan(s, &gives_all, err))
			return err->code;
	}
	s->fill = is_done ? FILL_DONE : FILL_OWNERS;
	return ERR_OK;
}

/* A scan, where it gives all that is new; else every run is read again. */
static enum err_code fill_more(struct mlflow_store *s, struct err *err)
{
	bool gives_all;

	if (mlflow_bulk_plan(s, &gives_all, err))
		return err->code;
	if (gives_all)
		s->fill = FILL_VALUES;
	else
		fill_again(s);
	return ERR_OK;
}

/* A part of a step, none of which lasts; a step that is done gives way to the
 * next. */
static enum err_code fill_part(struct mlflow_store *s, struct batch *b,
			       struct err *err)
{
	enum err_code code;
	bool is_done;

	if (s->fill == FILL_OWNERS)
		code = mlflow_bulk_owners(s, b, &is_done, err);
	else if (s->fill == FILL_RUNS)
		code = fill_runs(s, b, SLICE_RUNS, &is_done, err);
	else
		code = mlflow_bulk_values(s, b, &is_done, err);
	if (code || !is_done)
		return code;
	s->fill = s->fill == FILL_OWNERS ? FILL_RUNS
		  : s->fill == FILL_RUNS ? FILL_VALUES
					 : FILL_DONE;
	if (s->fill == FILL_DONE)
		mlflow_bulk_release(s);
	return ERR_OK;
}

enum err_code mlflow_fill(struct mlflow_store *s, struct batch *b,
			  struct err *err)
{
	int64_t began_us = clock_mono_us();

	if (s->fill == FILL_MORE && fill_more(s, err))
		return err->code;
	if (s->fill == FILL_FIRST)
		return fill_first(s, b, err);
	while (s->fill != FILL_DONE && clock_mono_us() - began_us < FILL_US)
		if (fill_part(s, b, err))
			return err->code;
	return ERR_OK;
}

/* ---- single runs --------------------------------------------------------- */

/* Adds the run in hand with its values, unless all is as it was. */
static enum err_code offer(struct mlflow_store *s, const struct run_facts *run,
			   struct batch *b, struct err *err)
{
	size_t had_runs = b->n_runs, had_values = b->n_values;
	uint64_t stamp = run_stamp(run);
	uint32_t row = batch_add_run(b, run);
	const struct mlflow_known *k;
	uint32_t number;

	run = &b->runs[row];
	if (mlflow_run_values(s, run->id, row, b, &stamp, err)) {
		b->n_runs = had_runs;
		b->n_values = had_values;
		return err->code;
	}
	k = known_run(s, run->id, &number);
	if (k->stamp == stamp) {
		b->n_runs = had_runs;
		b->n_values = had_values;
	}
	note_run(s, run, stamp);
	return ERR_OK;
}

enum err_code mlflow_reread(struct mlflow_store *s, const char *id,
			    struct batch *b, struct err *err)
{
	struct db_stmt *st;
	struct run_facts run;
	bool has_row;

	if (prepare_runs(s, "WHERE r.run_uuid=?", true, &st, err))
		return err->code;
	db_bind_text(st, 1, id);
	if (db_step(st, &has_row, err) || !has_row)
		return err->code;
	run = mlflow_run_row(&b->arena, st);
	mlflow_sample_again(s, &run);
	offer(s, &run, b, err);
	db_reset(st);
	return err->code;
}

/* Takes the run off the list if it has ended or is gone. */
static bool drop_ended(struct mlflow_store *s, size_t at)
{
	struct mlflow_known *k = &s->known[s->running[at]];

	if (k->is_running && k->sweep)
		return false;
	k->is_listed = false;
	s->running[at] = s->running[--s->n_running];
	return true;
}

enum err_code mlflow_reread_running(struct mlflow_store *s, struct batch *b,
				    struct err *err)
{
	size_t i, n = MIN(s->n_running, (size_t)RUNNING_AT_ONCE);

	for (i = 0; i < n && s->n_running; i++) {
		size_t at = s->next_running % s->n_running;

		if (mlflow_reread(s, intern_str(s->ids, s->running[at]), b,
				  err))
			return err->code;
		if (!drop_ended(s, at))
			s->next_running = at + 1;
	}
	return ERR_OK;
}

enum err_code mlflow_new_runs(struct mlflow_store *s, struct batch *b,
			      struct err *err)
{
	struct db_stmt *st;
	bool has_row;
	int n = 0;

	if (prepare_runs(s, "WHERE r.rowid>? ORDER BY r.rowid LIMIT ?", true,
			 &st, err))
		return err->code;
	db_bind_int(st, 1, s->top_run);
	db_bind_int(st, 2, SLICE_RUNS);
	while (!db_step(st, &has_row, err) && has_row) {
		struct run_facts run = mlflow_run_row(&b->arena, st);
		int64_t rowid = db_int(st, RUN_ROWID);

		if (rowid <= s->top_run)
			return mlflow_damaged(st, err);
		if (offer(s, &run, b, err))
			break;
		mlflow_sample_run(s, &run, rowid);
		s->top_run = rowid;
		n++;
	}
	db_reset(st);
	if (n == SLICE_RUNS)
		b->has_more = true;
	return err->code;
}

/* ---- the sweep ----------------------------------------------------------- */

/* All runs were met but these. */
static void find_gone(struct mlflow_store *s, struct batch *b)
{
	size_t i, n = intern_count(s->ids);

	for (i = 1; i < s->cap_known && i < n; i++) {
		struct mlflow_known *k = &s->known[i];

		if (!k->sweep || k->sweep == s->sweep)
			continue;
		batch_add_gone(b, intern_str(s->ids, (uint32_t)i));
		k->sweep = 0;
		k->stamp = 0;
	}
}

static enum err_code sweep_part(struct mlflow_store *s, struct batch *b,
				bool *is_done, struct err *err)
{
	struct db_stmt *st;
	bool has_row;
	int n = 0;

	if (prepare_runs(s,
			 "WHERE r.rowid>? AND r.rowid<=? ORDER BY r.rowid "
			 "LIMIT ?",
			 true, &st, err))
		return err->code;
	db_bind_int(st, 1, s->sweep_after);
	db_bind_int(st, 2, s->top_run);
	db_bind_int(st, 3, SWEEP_RUNS);
	while (!db_step(st, &has_row, err) && has_row) {
		struct run_facts run = mlflow_run_row(&b->arena, st);
		int64_t rowid = db_int(st, RUN_ROWID);

		if (rowid <= s->sweep_after)
			return mlflow_damaged(st, err);
		if (offer(s, &run, b, err))
			break;
		s->sweep_after = rowid;
		n++;
	}
	db_reset(st);
	*is_done = !err->code && n < SWEEP_RUNS;
	return err->code;
}

enum err_code mlflow_sweep(struct mlflow_store *s, struct batch *b,
			   struct err *err)
{
	int64_t began_us = clock_mono_us();
	bool is_done = false;

	if (!s->is_sweep_owed)
		return ERR_OK;
	if (s->sweep_after == INT64_MIN) {
		s->sweep++;
		s->sweep_version = s->data_version;
	}
	while (!is_done && clock_mono_us() - began_us < SWEEP_US)
		if (sweep_part(s, b, &is_done, err))
			return err->code;
	if (!is_done)
		return ERR_OK;
	find_gone(s, b);
	s->sweep_after = INT64_MIN;
	s->is_sweep_owed = s->sweep_version != s->data_version;
	return ERR_OK;
}
