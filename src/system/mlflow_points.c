/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Experiments, names of metrics, and points: new ones by their rowid, which
 * grows, and whole series. */
#include "config.h"

#include "mlflow_db.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"

#define TAIL_ROWS        2000
#define TAIL_ROWS_A_POLL 20000
#define MAX_TOUCHED      500
#define MAX_NAMES        20000
#define SERIES_ROWS      2000

/* ---- experiments --------------------------------------------------------- */

static void experiments_sql(const struct mlflow_schema *schema, struct buf *sql)
{
	static const char tag[] =
		"(SELECT value FROM experiment_tags t WHERE t.experiment_id="
		"e.experiment_id AND t.key='mlflow.experiment.primaryMetric."
		"%s')";

	/* Another workspace's experiments may have the same names. */
	buf_addf(sql, "SELECT e.experiment_id, %s, %s, %s, ",
		 schema->has_exp_space
			 ? "CASE e.workspace WHEN 'default' THEN e.name ELSE "
			   "e.workspace || '/' || e.name END"
			 : "e.name",
		 schema->has_exp_stage ? "e.lifecycle_stage" : "'active'",
		 schema->has_exp_times ? "e.creation_time, e.last_update_time"
				       : "NULL, NULL");
	if (schema->has_exp_tags) {
		buf_addf(sql, tag, "name");
		buf_adds(sql, ", ");
		buf_addf(sql, tag, "greaterIsBetter");
	} else {
		buf_adds(sql, "NULL, NULL");
	}
	buf_adds(sql, " FROM experiments e ORDER BY e.experiment_id");
}

static uint64_t add_experiment(struct batch *b, struct db_stmt *st)
{
	struct arena *a = &b->arena;
	const char *stage = db_text(st, 2);
	struct experiment_facts e = {
		.id = mlflow_text(a, st, 0),
		.name = mlflow_text(a, st, 1),
		.is_deleted = stage && !strcmp(stage, "deleted"),
		.created_ms = mlflow_time(st, 3),
		.updated_ms = mlflow_time(st, 4),
		.primary_metric =
			db_is_null(st, 5) ? NULL : mlflow_text(a, st, 5),
		.primary_goal = mlflow_goal(db_text(st, 6)),
	};
	uint64_t h = MLFLOW_HASH_START;

	batch_add_experiment(b, &e);
	h = mlflow_hash_text(h, e.id);
	h = mlflow_hash_text(h, e.name);
	h = mlflow_hash_int(h, e.is_deleted);
	h = mlflow_hash_int(h, e.updated_ms);
	h = mlflow_hash_text(h, e.primary_metric ? e.primary_metric : "");
	return mlflow_hash_int(h, e.primary_goal);
}

enum err_code mlflow_experiments(struct mlflow_store *s, struct batch *b,
				 struct err *err)
{
	struct buf sql = BUF_INIT(4096);
	size_t had = b->n_experiments;
	uint64_t stamp = 1;
	struct db_stmt *st;
	bool has_row;

	experiments_sql(&s->schema, &sql);
	if (db_prepare(s->db, buf_str(&sql), &st, err))
		goto out;
	while (!db_step(st, &has_row, err) && has_row)
		stamp += add_experiment(b, st);
	if (err->code || stamp == s->experiments_stamp)
		b->n_experiments = had;
	else
		s->experiments_stamp = stamp;
out:
	buf_release(&sql);
	return err->code;
}

/* ---- names --------------------------------------------------------------- */

/* What it took is a fiftieth of the time to the next look. */
#define NAMES_AGAIN_MS    2000
#define NAMES_COST_FACTOR 50

static const char *table_of(const struct mlflow_schema *schema,
			    enum value_kind kind)
{
	if (kind != VALUE_METRIC)
		return kind == VALUE_PARAM ? "params" : "tags";
	return schema->has_latest ? "latest_metrics" : "metrics";
}

static enum err_code list_names(struct mlflow_store *s, enum value_kind kind,
				struct batch *b, struct err *err)
{
	/* Steps from name to name through the index, not over all rows. */
	static const char sql[] =
		"WITH RECURSIVE k(key) AS (SELECT min(key) FROM %s UNION ALL "
		"SELECT (SELECT min(key) FROM %s WHERE key>k.key) FROM k WHERE "
		"k.key IS NOT NULL) SELECT key FROM k WHERE key IS NOT NULL "
		"LIMIT %d";
	const char *table = table_of(&s->schema, kind);
	struct intern *known = s->names[kind].known;
	size_t had = intern_count(known);
	char text[400];
	struct db_stmt *st;
	bool has_row;
	uint32_t i;

	snprintf(text, sizeof(text), sql, table, table, MAX_NAMES);
	if (db_prepare(s->db, text, &st, err))
		return err->code;
	while (!db_step(st, &has_row, err) && has_row)
		intern_put(known, mlflow_text(&b->arena, st, 0));
	if (err->code || (intern_count(known) == had && had > 1))
		return err->code;
	for (i = 1; i < intern_count(known); i++)
		batch_add_name(b, kind, intern_str(known, i));
	b->names[kind].is_told = true;
	return ERR_OK;
}

/* Names of metrics are asked for again when a point has a new one; of params
 * and tags when the store has changed. */
enum err_code mlflow_names(struct mlflow_store *s, struct batch *b,
			   struct err *err)
{
	int64_t began_ms = clock_mono_ms(), now_ms;
	struct mlflow_names *names;
	int kind;

	for (kind = 0; kind < N_NAMED_KINDS; kind++) {
		names = &s->names[kind];
		if (names->is_told ||
		    (kind != VALUE_METRIC && began_ms < names->again_mono_ms))
			continue;
		if (list_names(s, (enum value_kind)kind, b, err))
			return err->code;
		now_ms = clock_mono_ms();
		names->is_told = true;
		names->again_mono_ms = now_ms + NAMES_AGAIN_MS +
				       (now_ms - began_ms) * NAMES_COST_FACTOR;
		began_ms = now_ms;
	}
	return ERR_OK;
}

/* ---- the tail ------------------------------------------------------------ */

enum {
	POINT_ROWID,
	POINT_RUN,
	POINT_KEY,
	POINT_STEP,
	POINT_TIME,
	POINT_VALUE,
	POINT_NAN
};

static void point_columns(const struct mlflow_schema *schema, struct buf *sql)
{
	buf_addf(sql, "SELECT rowid, run_uuid, key, %s, timestamp, value, %s ",
		 schema->has_step ? "step" : "0",
		 schema->has_is_nan ? "is_nan" : "0");
	buf_adds(sql, "FROM metrics ");
}

static enum err_code prepare_points(struct mlflow_store *s, const char *rest,
				    struct db_stmt **out, struct err *err)
{
	struct buf sql = BUF_INIT(1024);
	enum err_code code;

	point_columns(&s->schema, &sql);
	buf_adds(&sql, rest);
	code = db_prepare(s->db, buf_str(&sql), out, err);
	buf_release(&sql);
	return code;
}

static struct point point_of(struct db_stmt *st)
{
	return (struct point){
		.step = db_int(st, POINT_STEP),
		.time_ms = clock_nearest_date(db_int(st, POINT_TIME)),
		.value = mlflow_number(db_double(st, POINT_VALUE),
				       db_int(st, POINT_NAN)),
	};
}

static uint64_t point_stamp(struct db_stmt *st)
{
	const char *run = db_text(st, POINT_RUN), *key = db_text(st, POINT_KEY);
	double v = db_double(st, POINT_VALUE);
	uint64_t h = MLFLOW_HASH_START;

	h = mlflow_hash_text(h, run ? run : "");
	h = mlflow_hash_text(h, key ? key : "");
	h = mlflow_hash_int(h, db_int(st, POINT_STEP));
	h = mlflow_hash_int(h, db_int(st, POINT_TIME));
	h = mlflow_hash_int(h, db_int(st, POINT_NAN));
	return mlflow_hash(h, &v, sizeof(v));
}

enum err_code mlflow_tail_start(struct mlflow_store *s, struct err *err)
{
	struct db_stmt *st;
	bool has_row;

	if (prepare_points(s, "ORDER BY rowid DESC LIMIT 1", &st, err) ||
	    db_step(st, &has_row, err))
		return err->code;
	s->tail_rowid = has_row ? db_int(st, POINT_ROWID) : 0;
	s->tail_stamp = has_row ? point_stamp(st) : 0;
	s->has_tail = true;
	db_reset(st);
	return ERR_OK;
}

enum err_code mlflow_tail_check(struct mlflow_store *s, bool *holds,
				struct err *err)
{
	struct db_stmt *st;
	bool has_row;

	*holds = true;
	if (!s->tail_rowid)
		return ERR_OK;
	if (prepare_points(s, "WHERE rowid=?", &st, err))
		return err->code;
	db_bind_int(st, 1, s->tail_rowid);
	if (db_step(st, &has_row, err))
		return err->code;
	*holds = has_row && point_stamp(st) == s->tail_stamp;
	db_reset(st);
	return ERR_OK;
}

/* A series somebody looks at, and its new points. */
struct live {
	uint64_t hash;
	const char *run_id, *metric;
	struct point *points;
	size_t n, cap;
};

struct tail {
	struct live *live;
	size_t n_live;
	struct intern *touched; /* run ids */
};

static uint64_t live_hash(const char *run_id, const char *metric)
{
	uint64_t h = mlflow_hash_text(MLFLOW_HASH_START, run_id);

	return mlflow_hash_text(h, metric);
}

static void tail_init(struct tail *t, const struct source_ask *ask)
{
	size_t i;

	t->touched = intern_new();
	t->n_live = ask->n_live;
	t->live = xcalloc(ask->n_live + 1, sizeof(*t->live));
	for (i = 0; i < ask->n_live; i++) {
		t->live[i].run_id = ask->live_runs[i];
		t->live[i].metric = ask->live_metrics[i].name;
		t->live[i].hash =
			live_hash(ask->live_runs[i], ask->live_metrics[i].name);
	}
}

static void tail_release(struct tail *t)
{
	size_t i;

	for (i = 0; i < t->n_live; i++)
		free(t->live[i].points);
	free(t->live);
	intern_free(t->touched);
}

static void tail_take(struct mlflow_store *s, struct tail *t, struct batch *b,
		      struct db_stmt *st)
{
	const char *run = mlflow_text(&b->arena, st, POINT_RUN);
	const char *key = mlflow_text(&b->arena, st, POINT_KEY);
	uint64_t h = live_hash(run, key);
	size_t i;

	if (intern_count(t->touched) < MAX_TOUCHED)
		intern_put(t->touched, run);
	if (!intern_find(s->names[VALUE_METRIC].known, key))
		s->names[VALUE_METRIC].is_told = false;
	for (i = 0; i < t->n_live; i++) {
		struct live *l = &t->live[i];

		if (l->hash != h || strcmp(l->run_id, run) != 0 ||
		    strcmp(l->metric, key) != 0)
			continue;
		l->points =
			xgrow(l->points, &l->cap, l->n + 1, sizeof(*l->points));
		l->points[l->n++] = point_of(st);
	}
	s->tail_rowid = db_int(st, POINT_ROWID);
	s->tail_stamp = point_stamp(st);
}

/* Returns how many rows there were. */
static int tail_rows(struct mlflow_store *s, struct tail *t, struct batch *b,
		     struct err *err)
{
	struct db_stmt *st;
	bool has_row;
	int n = 0;

	if (prepare_points(s, "WHERE rowid>? ORDER BY rowid LIMIT ?", &st, err))
		return 0;
	db_bind_int(st, 1, s->tail_rowid);
	db_bind_int(st, 2, TAIL_ROWS);
	while (!db_step(st, &has_row, err) && has_row) {
		if (db_int(st, POINT_ROWID) <= s->tail_rowid) {
			mlflow_damaged(st, err);
			break;
		}
		tail_take(s, t, b, st);
		n++;
	}
	return n;
}

static enum err_code tail_runs(struct mlflow_store *s, struct tail *t,
			       struct batch *b, struct err *err)
{
	uint32_t i;

	for (i = 1; i < intern_count(t->touched); i++)
		if (mlflow_reread(s, intern_str(t->touched, i), b, err))
			return err->code;
	return ERR_OK;
}

enum err_code mlflow_tail(struct mlflow_store *s, const struct source_ask *ask,
			  struct batch *b, struct err *err)
{
	struct tail t;
	int n, total = 0;
	size_t i;

	tail_init(&t, ask);
	do {
		n = tail_rows(s, &t, b, err);
		total += n;
	} while (n == TAIL_ROWS && total < TAIL_ROWS_A_POLL && !err->code);
	if (n == TAIL_ROWS)
		b->has_more = true;
	for (i = 0; i < t.n_live; i++) {
		struct series_facts facts = { .run_id = t.live[i].run_id,
					      .metric = t.live[i].metric,
					      .n_points = t.live[i].n,
					      .points = t.live[i].points };

		if (facts.n_points)
			batch_add_series(b, &facts);
	}
	if (!err->code)
		tail_runs(s, &t, b, err);
	tail_release(&t);
	return err->code;
}

/* ---- whole series -------------------------------------------------------- */

/* Slices of the whole, by (step, rowid) along the index that has both, else by
 * rowid among the points of the run; "+key" keeps the planner from the index
 * that would lead through the key's points of all runs. */
static void series_sql(const struct mlflow_schema *schema, bool is_last,
		       struct buf *sql)
{
	const char *step = schema->has_step ? "step" : "0";

	buf_addf(sql, "SELECT rowid, run_uuid, key, %s, timestamp, value, %s ",
		 step, schema->has_is_nan ? "is_nan" : "0");
	buf_adds(sql, "FROM metrics ");
	if (*schema->series_index)
		buf_addf(sql, "INDEXED BY \"%s\" ", schema->series_index);
	buf_addf(sql, "WHERE run_uuid=? AND %skey=? ",
		 *schema->series_index ? "" : "+");
	if (*schema->series_index)
		buf_adds(sql, is_last ? "ORDER BY step DESC, rowid DESC "
				      : "AND (step, rowid) > (?, ?) ORDER BY "
					"step, rowid ");
	else
		buf_adds(sql, is_last ? "ORDER BY rowid DESC "
				      : "AND ? IS NOT NULL AND rowid>? ORDER "
					"BY rowid ");
	buf_addf(sql, "LIMIT ?");
}

/* Does the row in hand come after this one, in the order of series_sql()? */
static bool is_after(const struct mlflow_store *s, struct db_stmt *st,
		     int64_t step, int64_t rowid)
{
	if (*s->schema.series_index && db_int(st, POINT_STEP) != step)
		return db_int(st, POINT_STEP) > step;
	return db_int(st, POINT_ROWID) > rowid;
}

static enum err_code read_whole(struct mlflow_store *s,
				const struct series_ask *ask,
				struct mlflow_points *pts, struct err *err)
{
	int64_t step = INT64_MIN, rowid = INT64_MIN;
	struct buf sql = BUF_INIT(1024);
	struct db_stmt *st;
	bool has_row;
	int n;

	series_sql(&s->schema, false, &sql);
	do {
		n = 0;
		if (db_prepare(s->db, buf_str(&sql), &st, err))
			break;
		db_bind_text(st, 1, ask->run_id);
		db_bind_text(st, 2, ask->metric);
		db_bind_int(st, 3, step);
		db_bind_int(st, 4, rowid);
		db_bind_int(st, 5, SERIES_ROWS);
		while (!db_step(st, &has_row, err) && has_row) {
			if (!is_after(s, st, step, rowid)) {
				mlflow_damaged(st, err);
				break;
			}
			mlflow_points_add(pts, point_of(st));
			step = db_int(st, POINT_STEP);
			rowid = db_int(st, POINT_ROWID);
			n++;
		}
	} while (n == SERIES_ROWS && !err->code);
	buf_release(&sql);
	return err->code;
}

static enum err_code count_points(struct mlflow_store *s,
				  const struct series_ask *ask, uint64_t *out,
				  struct err *err)
{
	char sql[200];
	struct db_stmt *st;
	bool has_row;

	snprintf(sql, sizeof(sql),
		 "SELECT count(*) FROM metrics INDEXED BY \"%s\" WHERE "
		 "run_uuid=? AND key=?",
		 s->schema.series_index);
	if (db_prepare(s->db, sql, &st, err))
		return err->code;
	db_bind_text(st, 1, ask->run_id);
	db_bind_text(st, 2, ask->metric);
	if (db_step(st, &has_row, err))
		return err->code;
	*out = has_row ? (uint64_t)db_int(st, 0) : 0;
	db_reset(st);
	return ERR_OK;
}

/* The last points alone; where it is dear to count them all, n_total says that
 * there is at least one more. */
static enum err_code read_last(struct mlflow_store *s,
			       const struct series_ask *ask,
			       struct mlflow_points *pts, struct err *err)
{
	struct buf sql = BUF_INIT(1024);
	struct db_stmt *st;
	bool has_row;

	series_sql(&s->schema, true, &sql);
	if (db_prepare(s->db, buf_str(&sql), &st, err))
		goto out;
	db_bind_text(st, 1, ask->run_id);
	db_bind_text(st, 2, ask->metric);
	db_bind_int(st, 3, (int64_t)ask->max_points + 1);
	while (!db_step(st, &has_row, err) && has_row)
		mlflow_points_add(pts, point_of(st));
	if (!err->code && pts->n > ask->max_points) {
		pts->n = ask->max_points;
		if (*s->schema.series_index)
			count_points(s, ask, &pts->n_total, err);
	}
out:
	buf_release(&sql);
	return err->code;
}

enum err_code mlflow_series(struct mlflow_store *s,
			    const struct series_ask *ask, struct batch *b,
			    struct err *err)
{
	struct mlflow_points pts = { 0 };

	if (!(ask->max_points ? read_last(s, ask, &pts, err)
			      : read_whole(s, ask, &pts, err)))
		mlflow_points_give(&pts, ask, b);
	free(pts.p);
	return err->code;
}
