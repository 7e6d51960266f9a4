/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Values of runs: their newest metrics, params and tags, and what stands in
 * other tables or has to be computed of a history. Each is a table (run_uuid,
 * key, value, and is_nan for numbers), so that all are read alike. */
#include "config.h"

#include "mlflow_db.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"

#define MAX_AT_ONCE  2000
#define STATEMENT_US 12000

/* ---- tables -------------------------------------------------------------- */

/* Before latest_metrics it has to be found among all points. */
const char *mlflow_latest(const struct mlflow_schema *schema)
{
	if (schema->has_latest)
		return "latest_metrics";
	if (!schema->has_step)
		return "(SELECT key, run_uuid, value, 0 AS step, 0 AS is_nan "
		       "FROM (SELECT *, row_number() OVER (PARTITION BY "
		       "run_uuid, key ORDER BY timestamp DESC, value DESC) AS "
		       "n FROM metrics) WHERE n=1)";
	return "(SELECT key, run_uuid, value, step, is_nan FROM (SELECT *, "
	       "row_number() OVER (PARTITION BY run_uuid, key ORDER BY step "
	       "DESC, timestamp DESC, value DESC) AS n FROM metrics) WHERE "
	       "n=1)";
}

static void put_text(struct buf *sql, const char *s)
{
	buf_addc(sql, '\'');
	for (; *s; s++) {
		if (*s == '\'')
			buf_addc(sql, '\'');
		buf_addc(sql, *s);
	}
	buf_addc(sql, '\'');
}

/* "auc.max": computed of the points of "auc". */
static const char *const computed[] = { ".max", ".min", ".last", ".step" };

static const char *computed_suffix(const char *name)
{
	size_t i, len = strlen(name), n;

	for (i = 0; i < ARRAY_LEN(computed); i++) {
		n = strlen(computed[i]);
		if (len > n && !strcmp(name + len - n, computed[i]))
			return computed[i];
	}
	return NULL;
}

/* The suffix of a metric that is computed; NULL where the store has a metric
 * of the whole name, or it is an ordinary one. */
static enum err_code find_computed(struct mlflow_store *s, const char *name,
				   const char **suffix, struct err *err)
{
	struct db_stmt *st;
	char sql[64];
	bool has_row;

	*suffix = computed_suffix(name);
	if (!*suffix)
		return ERR_OK;
	snprintf(sql, sizeof(sql), "SELECT 1 FROM %s WHERE key=? LIMIT 1",
		 s->schema.has_latest ? "latest_metrics" : "metrics");
	if (db_prepare(s->db, sql, &st, err))
		return err->code;
	db_bind_text(st, 1, name);
	if (!db_step(st, &has_row, err) && has_row) {
		*suffix = NULL;
		db_reset(st);
	}
	return err->code;
}

static void put_computed(const struct mlflow_schema *schema, const char *name,
			 const char *suffix, struct buf *sql)
{
	struct buf key = BUF_INIT(0);

	buf_addf(&key, "%.*s", (int)(strlen(name) - strlen(suffix)), name);
	buf_adds(sql, "(SELECT run_uuid, ");
	put_text(sql, name);
	if (!strcmp(suffix, ".max") || !strcmp(suffix, ".min")) {
		buf_addf(sql,
			 " AS key, (SELECT %s(value) FROM metrics m WHERE "
			 "m.run_uuid=x.run_uuid%s AND m.key=",
			 suffix + 1,
			 schema->has_is_nan ? " AND NOT m.is_nan" : "");
		put_text(sql, buf_str(&key));
		buf_adds(sql, ") AS value, 0 AS is_nan FROM runs x)");
	} else {
		buf_addf(sql,
			 " AS key, %s AS value, %s AS is_nan FROM %s "
			 "WHERE key=",
			 strcmp(suffix, ".step") ? "value" : "step",
			 strcmp(suffix, ".step") ? "is_nan" : "0",
			 mlflow_latest(schema));
		put_text(sql, buf_str(&key));
		buf_addc(sql, ')');
	}
	buf_release(&key);
}

#define SEPARATOR "char(31)" /* BATCH_FACT_SEPARATOR */

/* Looked up run by run: the tables are large and have an index for it. */
#define OF_INPUTS(column, more)                                                \
	"(SELECT group_concat(" column ", " SEPARATOR ") FROM inputs i JOIN "  \
	"datasets d ON d.dataset_uuid=i.source_id " more                       \
	"WHERE i.destination_type='RUN' AND i.destination_id=x.run_uuid)"
#define INPUT_TAG                                                              \
	"JOIN input_tags t ON t.input_uuid=i.input_uuid AND "                  \
	"t.name='" MLFLOW_CONTEXT_TAG "' "
/* Made once a statement: the tables are small and have no index for it. */
#define OF_VERSIONS(column, more)                                              \
	"SELECT run_id AS run_uuid, group_concat(v, " SEPARATOR ") AS value "  \
	"FROM (SELECT DISTINCT m.run_id, " column " AS v FROM model_versions " \
	"m " more "WHERE m.run_id<>'' AND coalesce(m.current_stage, '')"       \
	"<>'Deleted_Internal') GROUP BY run_id"

static const struct fact {
	const char *name, *sql; /* gives run_uuid and value */
	size_t needs;           /* a flag of the schema */
} facts[] = {
#define NEEDS(flag) offsetof(struct mlflow_schema, flag)
	{ "dataset.name",
	  "SELECT run_uuid, " OF_INPUTS("d.name", "") " AS value FROM runs x",
	  NEEDS(has_datasets) },
	{ "dataset.digest",
	  "SELECT run_uuid, " OF_INPUTS("d.digest", "") " AS value FROM runs x",
	  NEEDS(has_datasets) },
	{ "dataset.context",
	  "SELECT run_uuid, " OF_INPUTS("t.value",
					INPUT_TAG) " AS value FROM runs x",
	  NEEDS(has_datasets) },
	{ "model.name", OF_VERSIONS("m.name", ""), NEEDS(has_models) },
	{ "alias",
	  OF_VERSIONS("a.alias",
		      "JOIN registered_model_aliases a ON a.name=m.name AND "
		      "a.version=m.version "),
	  NEEDS(has_aliases) },
	{ "artifact_uri", "SELECT run_uuid, artifact_uri AS value FROM runs",
	  NEEDS(has_runs) },
#undef NEEDS
};

static void put_fact(const struct mlflow_schema *schema, const char *name,
		     struct buf *sql)
{
	const struct fact *f = NULL;
	size_t i;

	for (i = 0; i < ARRAY_LEN(facts); i++)
		if (!strcmp(facts[i].name, name))
			f = &facts[i];
	buf_adds(sql, "(SELECT run_uuid, ");
	put_text(sql, name);
	if (f && ((const bool *)schema)[f->needs])
		buf_addf(sql, " AS key, value FROM (%s))", f->sql);
	else
		buf_adds(sql, " AS key, NULL AS value FROM runs WHERE 0)");
}

/* A table that has the key's values; name NULL: all of the kind. Returns what
 * kind of value it gives in *kind. */
static enum err_code put_table(struct mlflow_store *s,
			       const struct value_key *key, struct buf *sql,
			       enum value_kind *kind, struct err *err)
{
	const char *suffix = NULL;

	*kind = key->kind;
	if (key->kind == VALUE_FACT) {
		put_fact(&s->schema, key->name, sql);
	} else if (key->kind == VALUE_METRIC) {
		if (key->name && find_computed(s, key->name, &suffix, err))
			return err->code;
		if (suffix) {
			put_computed(&s->schema, key->name, suffix, sql);
			*kind = VALUE_STATISTIC;
		} else {
			buf_adds(sql, mlflow_latest(&s->schema));
		}
	} else {
		buf_adds(sql, key->kind == VALUE_PARAM ? "params" : "tags");
	}
	return ERR_OK;
}

bool mlflow_is_made(const struct value_key *key)
{
	return key->kind == VALUE_FACT ||
	       (key->kind == VALUE_METRIC && computed_suffix(key->name));
}

/* ---- a value ------------------------------------------------------------- */

/* One value in hand: row of a statement whose columns are value [, is_nan]. */
uint64_t mlflow_put_value(struct batch *b, uint32_t run, uint32_t key,
			  struct db_stmt *st, int col)
{
	const struct value_key *k = &b->keys[key];
	uint64_t h = mlflow_hash_int(MLFLOW_HASH_START, k->kind);

	h = mlflow_hash_text(h, k->name);
	if (value_is_number(k->kind)) {
		double v =
			mlflow_number(db_double(st, col), db_int(st, col + 1));

		batch_add_number(b, run, key, v);
		return mlflow_hash(h, &v, sizeof(v));
	}
	batch_add_text(b, run, key, mlflow_text(&b->arena, st, col));
	return mlflow_hash_text(h, b->values[b->n_values - 1].text);
}

/* What is made of other tables is null where a run has none. */
static bool is_none(const struct value_key *wanted, struct db_stmt *st, int col)
{
	return wanted->name && mlflow_is_made(wanted) && db_is_null(st, col);
}

/* The index of the key in the batch: runs mostly have the same keys in the
 * same order, so that after one comes the next. */
uint32_t mlflow_next_key(struct batch *b, uint32_t key, enum value_kind kind,
			 const char *name)
{
	key = key + 1 < b->n_keys ? key + 1 : 0;
	if (key < b->n_keys && b->keys[key].kind == kind &&
	    !strcmp(b->keys[key].name, name))
		return key;
	return batch_key(b, kind, name);
}

/* Values of one key (name NULL: all of its kind) of runs [from, to) of the
 * slice. Rows come by falling rowid, as the slice does. */
static enum err_code read_range(struct mlflow_store *s, struct batch *b,
				struct mlflow_slice *sl, size_t from, size_t to,
				const struct value_key *wanted, struct err *err)
{
	struct buf sql = BUF_INIT(0); /* a name may be long */
	size_t at = from;
	enum value_kind gives;
	uint32_t key = 0;
	struct db_stmt *st;
	bool has_row;

	buf_addf(&sql,
		 "SELECT r.rowid, v.key, v.value%s FROM runs r CROSS JOIN ",
		 wanted->kind == VALUE_METRIC ? ", v.is_nan" : "");
	if (put_table(s, wanted, &sql, &gives, err))
		goto out;
	buf_addf(&sql,
		 " v ON v.run_uuid=r.run_uuid%s WHERE r.rowid BETWEEN ? AND ? "
		 "ORDER BY r.rowid DESC",
		 wanted->name ? " AND v.key=?" : "");
	if (db_prepare(s->db, buf_str(&sql), &st, err))
		goto out;
	if (wanted->name)
		db_bind_text(st, 1, wanted->name);
	db_bind_int(st, 1 + !!wanted->name, sl->rowids[to - 1]);
	db_bind_int(st, 2 + !!wanted->name, sl->rowids[from]);
	while (!db_step(st, &has_row, err) && has_row) {
		int64_t rowid = db_int(st, 0);

		while (at < to && sl->rowids[at] > rowid)
			at++;
		/* A run that came since its slice was read; no value. */
		if (at == to || sl->rowids[at] != rowid ||
		    is_none(wanted, st, 2))
			continue;
		key = mlflow_next_key(b, key, gives,
				      mlflow_text(&b->arena, st, 1));
		sl->stamps[at] += mlflow_put_value(b, sl->first + (uint32_t)at,
						   key, st, 2);
	}
out:
	buf_release(&sql);
	return err->code;
}

/* What is made of other tables is asked for key by key in any case. */
static bool is_asked_alone(const struct mlflow_store *s,
			   const struct value_key *key)
{
	return mlflow_is_made(key) || !s->wants_all[key->kind];
}

static enum err_code read_part(struct mlflow_store *s, struct batch *b,
			       struct mlflow_slice *sl, size_t from, size_t to,
			       struct err *err)
{
	struct value_key all = { VALUE_METRIC, NULL };
	const struct value_key *key;
	size_t i;

	for (; all.kind <= VALUE_TAG; all.kind++)
		if (s->wants_all[all.kind] && !s->bulk.scans[all.kind] &&
		    read_range(s, b, sl, from, to, &all, err))
			return err->code;
	for (i = 0; i < s->n_wanted; i++) {
		key = &s->wanted[i];
		if (is_asked_alone(s, key) && !mlflow_bulk_scans(s, key) &&
		    read_range(s, b, sl, from, to, key, err))
			return err->code;
	}
	return ERR_OK;
}

/* In parts small enough that no statement lasts. */
enum err_code mlflow_read_values(struct mlflow_store *s, struct batch *b,
				 struct mlflow_slice *sl, struct err *err)
{
	int64_t began_us, took_us;
	size_t from, to;

	for (from = 0; from < sl->n; from = to) {
		to = MIN(from + s->values_at_once, sl->n);
		began_us = clock_mono_us();
		if (read_part(s, b, sl, from, to, err))
			return err->code;
		took_us = clock_mono_us() - began_us;
		if (took_us > STATEMENT_US)
			s->values_at_once = MAX(s->values_at_once / 2, 1u);
		else if (took_us < STATEMENT_US / 3)
			s->values_at_once =
				MIN(s->values_at_once * 2, (size_t)MAX_AT_ONCE);
	}
	return ERR_OK;
}

/* ---- of one run ---------------------------------------------------------- */

static enum err_code run_values(struct mlflow_store *s, const char *id,
				uint32_t run, const struct value_key *wanted,
				struct batch *b, uint64_t *stamp,
				struct err *err)
{
	struct buf sql = BUF_INIT(0); /* a name may be long */
	bool has_row, is_absent = wanted->name;
	enum value_kind gives;
	struct db_stmt *st;

	buf_addf(&sql, "SELECT key, value%s FROM ",
		 wanted->kind == VALUE_METRIC ? ", is_nan" : "");
	if (put_table(s, wanted, &sql, &gives, err))
		goto out;
	buf_addf(&sql, " WHERE run_uuid=?%s", wanted->name ? " AND key=?" : "");
	if (db_prepare(s->db, buf_str(&sql), &st, err))
		goto out;
	db_bind_text(st, 1, id);
	if (wanted->name)
		db_bind_text(st, 2, wanted->name);
	while (!db_step(st, &has_row, err) && has_row) {
		if (is_none(wanted, st, 1))
			continue;
		*stamp += mlflow_put_value(
			b, run,
			batch_key(b, gives, mlflow_text(&b->arena, st, 0)), st,
			1);
		is_absent = false;
	}
	if (!err->code && is_absent && wanted->kind != VALUE_METRIC)
		batch_add_text(b, run, batch_key(b, wanted->kind, wanted->name),
			       NULL);
out:
	buf_release(&sql);
	return err->code;
}

enum err_code mlflow_run_values(struct mlflow_store *s, const char *id,
				uint32_t run, struct batch *b, uint64_t *stamp,
				struct err *err)
{
	struct value_key all = { VALUE_METRIC, NULL };
	size_t i;

	for (; all.kind <= VALUE_TAG; all.kind++)
		if (s->wants_all[all.kind] &&
		    run_values(s, id, run, &all, b, stamp, err))
			return err->code;
	for (i = 0; i < s->n_wanted; i++)
		if (is_asked_alone(s, &s->wanted[i]) &&
		    run_values(s, id, run, &s->wanted[i], b, stamp, err))
			return err->code;
	return ERR_OK;
}

enum err_code mlflow_all_values(struct mlflow_store *s, const char *id,
				struct batch *b, struct err *err)
{
	struct value_key all = { VALUE_METRIC, NULL };
	uint32_t run = batch_add_known_run(b, id);
	uint64_t stamp = 0; /* no part of what the polls handed over */

	for (; all.kind <= VALUE_TAG; all.kind++)
		if (run_values(s, id, run, &all, b, &stamp, err))
			return err->code;
	return ERR_OK;
}
