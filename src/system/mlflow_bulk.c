/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Most of a store is read table by table, from end to end: to pass a row by
 * costs a tenth of looking one up by its run. A part is so many rowids, newest
 * first, so that no statement lasts. What is told twice that way makes a stamp
 * that is not that of the run, and the sweep tells the run once more. */
#include "config.h"

#include "mlflow_db.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define PART_ROWIDS 20000
#define GAIN        10 /* rows passed by in the time of one looked up */

static const char *table_of(enum value_kind kind)
{
	if (kind == VALUE_METRIC)
		return "latest_metrics";
	return kind == VALUE_PARAM ? "params" : "tags";
}

/* First and last rowid; a table without rows has none between them. */
static enum err_code find_ends(struct mlflow_store *s, enum value_kind kind,
			       int64_t *first, int64_t *last, struct err *err)
{
	const char *table = table_of(kind);
	struct db_stmt *st;
	char sql[160];
	bool has_row;

	snprintf(sql, sizeof(sql),
		 "SELECT coalesce((SELECT min(rowid) FROM %s), 1), "
		 "coalesce((SELECT max(rowid) FROM %s), 0)",
		 table, table);
	if (db_prepare(s->db, sql, &st, err) || db_step(st, &has_row, err))
		return err->code;
	*first = db_int(st, 0);
	*last = db_int(st, 1);
	db_reset(st);
	return ERR_OK;
}

/* Is it worth a scan to find n values a run? */
static enum err_code is_worth(struct mlflow_store *s, enum value_kind kind,
			      size_t n, bool *is, struct err *err)
{
	int64_t first, last;

	if (find_ends(s, kind, &first, &last, err))
		return err->code;
	*is = (double)last - (double)first <=
	      (double)s->n_runs * (double)n * GAIN;
	return ERR_OK;
}

/* Keys that the scan of the table of this kind has to look for. */
static size_t count_keys(const struct mlflow_store *s, enum value_kind kind)
{
	size_t i, n = 0;

	for (i = s->bulk.first; i < s->n_wanted; i++)
		n += s->wanted[i].kind == kind &&
		     !mlflow_is_made(&s->wanted[i]);
	return n;
}

enum err_code mlflow_bulk_plan(struct mlflow_store *s, bool *gives_all,
			       struct err *err)
{
	struct mlflow_bulk *bulk = &s->bulk;
	enum value_kind kind;
	size_t i, n;

	*gives_all = true;
	for (kind = VALUE_METRIC; kind <= VALUE_TAG; kind++) {
		n = count_keys(s, kind);
		bulk->scans[kind] = bulk->is_whole[kind];
		if (n && !bulk->is_whole[kind] &&
		    is_worth(s, kind, n, &bulk->scans[kind], err))
			return err->code;
		/* Before latest_metrics there is nothing to scan. */
		if (kind == VALUE_METRIC && !s->schema.has_latest)
			bulk->scans[kind] = false;
		*gives_all &= bulk->scans[kind] || !(n || bulk->is_whole[kind]);
	}
	for (i = bulk->first; i < s->n_wanted; i++)
		*gives_all &= !mlflow_is_made(&s->wanted[i]);
	bulk->at = 0;
	bulk->is_begun = false;
	return ERR_OK;
}

void mlflow_bulk_release(struct mlflow_store *s)
{
	intern_free(s->bulk.texts);
	free(s->bulk.owners);
	memset(&s->bulk, 0, sizeof(s->bulk));
}

bool mlflow_bulk_scans(const struct mlflow_store *s,
		       const struct value_key *key)
{
	return !mlflow_is_made(key) && s->bulk.scans[key->kind];
}

/* ---- a scan -------------------------------------------------------------- */

static enum err_code begin(struct mlflow_store *s, enum value_kind kind,
			   struct err *err)
{
	struct mlflow_bulk *bulk = &s->bulk;
	int64_t last;

	if (bulk->is_begun)
		return ERR_OK;
	if (find_ends(s, kind, &bulk->lowest, &last, err))
		return err->code;
	/* Rowids that wrap would be no rows of a store. */
	bulk->below = last < INT64_MAX ? last + 1 : last;
	bulk->is_begun = true;
	return ERR_OK;
}

static int64_t part_start(const struct mlflow_bulk *bulk)
{
	return bulk->below - bulk->lowest > PART_ROWIDS
		       ? bulk->below - PART_ROWIDS
		       : bulk->lowest;
}

/* What the part looks for: "+key IN (?,?)", so that no index is used. */
static enum err_code prepare_part(struct mlflow_store *s, enum value_kind kind,
				  const char *const *keys, size_t n,
				  struct db_stmt **st, struct err *err)
{
	struct buf sql = BUF_INIT(0);
	enum err_code code;
	size_t i;

	buf_addf(&sql,
		 "SELECT run_uuid, key, value%s FROM %s WHERE rowid>=? AND "
		 "rowid<?",
		 kind == VALUE_METRIC ? ", is_nan" : "", table_of(kind));
	for (i = 0; i < n; i++)
		buf_adds(&sql, i ? ",?" : " AND +key IN (?");
	buf_adds(&sql, n ? ") ORDER BY rowid DESC" : " ORDER BY rowid DESC");
	code = db_prepare(s->db, buf_str(&sql), st, err);
	buf_release(&sql);
	if (code)
		return code;
	db_bind_int(*st, 1, part_start(&s->bulk));
	db_bind_int(*st, 2, s->bulk.below);
	for (i = 0; i < n; i++)
		db_bind_text(*st, 3 + (int)i, keys[i]);
	return ERR_OK;
}

/* The part is done; true where it was the last. */
static bool end_part(struct mlflow_bulk *bulk)
{
	bulk->below = part_start(bulk);
	bulk->is_begun = bulk->below > bulk->lowest;
	return !bulk->is_begun;
}

/* ---- users and parents --------------------------------------------------- */

static void note_owner(struct mlflow_store *s, uint32_t number, bool is_user,
		       const char *value)
{
	struct mlflow_bulk *bulk = &s->bulk;
	size_t had = bulk->cap_owners;
	uint32_t text = intern_put(bulk->texts, value) + 1;

	if (number >= had) {
		bulk->owners = xgrow(bulk->owners, &bulk->cap_owners,
				     (size_t)number + 1, sizeof(*bulk->owners));
		memset(bulk->owners + had, 0,
		       (bulk->cap_owners - had) * sizeof(*bulk->owners));
	}
	if (is_user)
		bulk->owners[number].user = text;
	else
		bulk->owners[number].parent = text;
}

static enum err_code scan_owners(struct mlflow_store *s, struct batch *b,
				 struct err *err)
{
	static const char *const keys[] = { MLFLOW_USER_TAG,
					    MLFLOW_PARENT_TAG };
	struct db_stmt *st;
	bool has_row;

	if (prepare_part(s, VALUE_TAG, keys, ARRAY_LEN(keys), &st, err))
		return err->code;
	while (!db_step(st, &has_row, err) && has_row) {
		const char *id = mlflow_text(&b->arena, st, 0);
		uint32_t number = mlflow_put_id(s, id);

		if (!db_is_null(st, 2))
			note_owner(s, number,
				   !strcmp(db_text(st, 1), MLFLOW_USER_TAG),
				   mlflow_text(&b->arena, st, 2));
	}
	return err->code;
}

enum err_code mlflow_bulk_owners(struct mlflow_store *s, struct batch *b,
				 bool *is_done, struct err *err)
{
	bool is = true;

	if (!s->bulk.is_begun && is_worth(s, VALUE_TAG, 2, &is, err))
		return err->code;
	*is_done = !is;
	if (*is_done || begin(s, VALUE_TAG, err))
		return err->code;
	if (!s->bulk.texts)
		s->bulk.texts = intern_new();
	if (!scan_owners(s, b, err))
		*is_done = end_part(&s->bulk);
	return err->code;
}

void mlflow_bulk_own(struct mlflow_store *s, struct run_facts *run)
{
	const struct mlflow_bulk *bulk = &s->bulk;
	uint32_t number = bulk->owners ? mlflow_find_id(s, run->id) : 0;
	const struct mlflow_owner *o;

	if (!number || number >= bulk->cap_owners)
		return;
	o = &bulk->owners[number];
	if (o->user)
		run->user = intern_str(bulk->texts, o->user - 1);
	if (o->parent)
		run->parent_id = intern_str(bulk->texts, o->parent - 1);
}

/* ---- values -------------------------------------------------------------- */

/* The run whose value is in hand. */
struct scanned {
	uint32_t number; /* of its id; 0 none of ours */
	uint32_t run;    /* in the batch */
	uint32_t key;
	char id[64];
};

static void find_run(struct mlflow_store *s, struct batch *b,
		     struct scanned *at, const char *id)
{
	if (!strcmp(id, at->id))
		return;
	snprintf(at->id, sizeof(at->id), "%s", id);
	at->number = mlflow_find_id(s, id);
	/* Others come as new runs, with their values. */
	if (at->number >= s->cap_known || !s->known[at->number].sweep)
		at->number = 0;
	if (at->number)
		at->run = batch_add_known_run(b, id);
}

static enum err_code scan_values(struct mlflow_store *s, struct batch *b,
				 enum value_kind kind, struct err *err)
{
	size_t i, n = 0, first = s->bulk.first;
	const char **keys =
		arena_alloc(&b->arena, (s->n_wanted + 1) * sizeof(*keys));
	struct scanned at = { .number = 0 };
	struct db_stmt *st;
	bool has_row;

	for (i = first; i < s->n_wanted && !s->bulk.is_whole[kind]; i++)
		if (s->wanted[i].kind == kind && !mlflow_is_made(&s->wanted[i]))
			keys[n++] = s->wanted[i].name;
	if (prepare_part(s, kind, keys, n, &st, err))
		return err->code;
	while (!db_step(st, &has_row, err) && has_row) {
		find_run(s, b, &at, mlflow_text(&b->arena, st, 0));
		if (!at.number)
			continue;
		at.key = mlflow_next_key(b, at.key, kind,
					 mlflow_text(&b->arena, st, 1));
		s->known[at.number].stamp +=
			mlflow_put_value(b, at.run, at.key, st, 2);
	}
	return err->code;
}

enum err_code mlflow_bulk_values(struct mlflow_store *s, struct batch *b,
				 bool *is_done, struct err *err)
{
	struct mlflow_bulk *bulk = &s->bulk;
	enum value_kind kind;

	while (bulk->at <= VALUE_TAG && !bulk->scans[bulk->at])
		bulk->at++;
	*is_done = bulk->at > VALUE_TAG;
	kind = (enum value_kind)bulk->at;
	if (*is_done || begin(s, kind, err) || scan_values(s, b, kind, err))
		return err->code;
	bulk->at += end_part(bulk);
	return ERR_OK;
}
