/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "store/reports.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "format/json.h"

#define KEEP_MS   (7 * 24 * 3600 * (int64_t)1000)
#define MAX_BYTES (16u << 20)

/* ---- a report as JSON ---- */

static void put_doubles(struct json_out *o, const char *name, const double *v,
			size_t n)
{
	jo_name(o, name);
	jo_array(o);
	for (size_t i = 0; v && i < n; i++)
		jo_double(o, v[i]);
	jo_end_array(o);
}

static void put_hist(struct json_out *o, const struct drift_hist *h)
{
	jo_name(o, "hist");
	jo_object(o);
	put_doubles(o, "edges", h->edges, h->edges ? h->n_bins + 1 : 0);
	put_doubles(o, "baseline", h->baseline, h->n_bins);
	put_doubles(o, "window", h->window, h->n_bins);
	jo_name(o, "labels");
	jo_array(o);
	for (size_t i = 0; h->labels && i < h->n_bins; i++)
		jo_str(o, h->labels[i]);
	jo_end_array(o);
	jo_end_object(o);
}

static void put_missing(struct json_out *o, const struct drift_missing *m)
{
	jo_name(o, "missing");
	jo_object(o);
	jo_kbool(o, "is_cause", m->is_cause);
	jo_kdouble(o, "chi2", m->chi2);
	jo_kdouble(o, "p", m->p_value);
	jo_kdouble(o, "effect", m->effect);
	jo_end_object(o);
}

static void put_column(struct json_out *o, const struct drift_column *c)
{
	jo_object(o);
	jo_kstr(o, "name", c->name);
	jo_kint(o, "type", c->type);
	jo_kint(o, "verdict", c->verdict);
	jo_kbool(o, "hidden", c->is_hidden);
	jo_kstr(o, "statistic", c->statistic);
	jo_kdouble(o, "value", c->value);
	jo_kdouble(o, "limit", c->limit);
	jo_kstr(o, "test", c->test);
	jo_kdouble(o, "test_value", c->test_value);
	jo_kdouble(o, "p", c->p_value);
	jo_kdouble(o, "q", c->q_value);
	jo_kdouble(o, "effect", c->effect);
	jo_kint(o, "n_baseline", c->n_baseline);
	jo_kint(o, "n_window", c->n_window);
	jo_kint(o, "null_baseline", c->n_null_baseline);
	jo_kint(o, "null_window", c->n_null_window);
	put_missing(o, &c->missing);
	jo_kstr(o, "change", c->change);
	jo_kstr(o, "reason", c->reason);
	jo_ktime(o, "since_ms", c->since_ms);
	jo_ktime(o, "fired_ms", c->fired_ms);
	put_hist(o, &c->hist);
	jo_end_object(o);
}

static void put_newer(struct json_out *o, const struct drift_newer *n)
{
	jo_name(o, "newer");
	jo_object(o);
	jo_kstr(o, "version", n->version);
	jo_kstr(o, "column", n->column);
	jo_kstr(o, "statistic", n->statistic);
	jo_kdouble(o, "value", n->value);
	jo_kdouble(o, "limit", n->limit);
	jo_kint(o, "n_drifted", (int64_t)n->n_drifted);
	jo_end_object(o);
}

static void report_text(const struct drift_report *r, struct buf *out)
{
	struct json_out o = JSON_OUT(out);

	jo_object(&o);
	jo_kstr(&o, "monitor", r->monitor);
	jo_kstr(&o, "model", r->model);
	jo_kstr(&o, "version", r->version);
	jo_kstr(&o, "source", r->source);
	jo_ktime(&o, "made_ms", r->made_ms);
	jo_ktime(&o, "window_from_ms", r->window_from_ms);
	jo_ktime(&o, "window_to_ms", r->window_to_ms);
	jo_ktime(&o, "newest_predicted_ms", r->newest_predicted_ms);
	jo_ktime(&o, "newest_ingested_ms", r->newest_ingested_ms);
	jo_kint(&o, "n_rows", r->n_rows);
	jo_kint(&o, "n_bad_rows", r->n_bad_rows);
	jo_kint(&o, "min_rows", r->min_rows);
	jo_kstr(&o, "blind", r->blind);
	jo_kint(&o, "n_left_out", r->n_left_out);
	jo_kstr(&o, "left_out", r->left_out);
	jo_kint(&o, "n_drifted", (int64_t)r->n_drifted);
	put_newer(&o, &r->newer);
	jo_name(&o, "columns");
	jo_array(&o);
	for (size_t i = 0; i < r->n_columns; i++)
		put_column(&o, &r->columns[i]);
	jo_end_array(&o);
	jo_end_object(&o);
}

/* ---- and back ---- */

static const char *take(const struct json *o, const char *name, struct arena *a)
{
	return arena_strdup(a, json_str(json_get(o, name), ""));
}

static double number(const struct json *o, const char *name)
{
	double v = 0;

	json_double(json_get(o, name), &v);
	return v;
}

static int64_t whole(const struct json *o, const char *name)
{
	int64_t v = 0;

	json_int64(json_get(o, name), &v);
	return v;
}

static int64_t time_of(const struct json *o, const char *name)
{
	int64_t v;

	return json_int64(json_get(o, name), &v) ? v : TIME_NONE;
}

static double *doubles(const struct json *list, struct arena *a, size_t *n)
{
	const struct json *item;
	double *all;
	size_t i = 0;

	*n = json_count(list);
	all = arena_alloc(a, (*n + 1) * sizeof(*all));
	for (item = json_child(list); item; item = json_next(item))
		json_double(item, &all[i++]);
	return *n ? all : NULL;
}

static void take_hist(const struct json *o, struct arena *a,
		      struct drift_hist *h)
{
	const struct json *labels = json_get(o, "labels"), *item;
	size_t n_base, n_window, n_edges, n_labels = json_count(labels), i = 0;
	const char **names = arena_alloc(a, (n_labels + 1) * sizeof(*names));

	h->baseline = doubles(json_get(o, "baseline"), a, &n_base);
	h->window = doubles(json_get(o, "window"), a, &n_window);
	h->edges = doubles(json_get(o, "edges"), a, &n_edges);
	for (item = json_child(labels); item; item = json_next(item))
		names[i++] = arena_strdup(a, json_str(item, ""));
	h->labels = n_labels ? names : NULL;
	h->n_bins = MIN(n_base, n_window);
	if (h->edges && n_edges != h->n_bins + 1)
		h->n_bins = 0;
	if (h->labels && n_labels != h->n_bins)
		h->n_bins = 0;
}

static struct drift_missing missing_of(const struct json *o)
{
	return (struct drift_missing){
		.is_cause = json_bool(json_get(o, "is_cause"), false),
		.chi2 = number(o, "chi2"),
		.p_value = number(o, "p"),
		.effect = number(o, "effect"),
	};
}

static void take_column(const struct json *o, struct arena *a,
			struct drift_column *c)
{
	c->name = take(o, "name", a);
	c->type = (enum column_type)whole(o, "type");
	c->verdict = (enum drift_verdict)whole(o, "verdict");
	c->is_hidden = json_bool(json_get(o, "hidden"), false);
	c->statistic = take(o, "statistic", a);
	c->value = number(o, "value");
	c->limit = number(o, "limit");
	c->test = take(o, "test", a);
	c->test_value = number(o, "test_value");
	c->p_value = number(o, "p");
	c->q_value = number(o, "q");
	c->effect = number(o, "effect");
	c->n_baseline = whole(o, "n_baseline");
	c->n_window = whole(o, "n_window");
	c->n_null_baseline = whole(o, "null_baseline");
	c->n_null_window = whole(o, "null_window");
	c->missing = missing_of(json_get(o, "missing"));
	c->change = take(o, "change", a);
	c->reason = take(o, "reason", a);
	c->since_ms = time_of(o, "since_ms");
	c->fired_ms = time_of(o, "fired_ms");
	take_hist(json_get(o, "hist"), a, &c->hist);
}

static void take_newer(const struct json *o, struct arena *a,
		       struct drift_newer *n)
{
	n->version = take(o, "version", a);
	n->column = take(o, "column", a);
	n->statistic = take(o, "statistic", a);
	n->value = number(o, "value");
	n->limit = number(o, "limit");
	n->n_drifted = (size_t)whole(o, "n_drifted");
}

static struct drift_report *take_report(const struct json *doc)
{
	struct drift_report *r = drift_report_new();
	const struct json *list = json_get(doc, "columns"), *item;
	struct drift_column *columns;

	r->monitor = take(doc, "monitor", &r->arena);
	r->model = take(doc, "model", &r->arena);
	r->version = take(doc, "version", &r->arena);
	r->source = take(doc, "source", &r->arena);
	r->made_ms = time_of(doc, "made_ms");
	r->window_from_ms = time_of(doc, "window_from_ms");
	r->window_to_ms = time_of(doc, "window_to_ms");
	r->newest_predicted_ms = time_of(doc, "newest_predicted_ms");
	r->newest_ingested_ms = time_of(doc, "newest_ingested_ms");
	r->n_rows = whole(doc, "n_rows");
	r->n_bad_rows = whole(doc, "n_bad_rows");
	r->min_rows = whole(doc, "min_rows");
	r->blind = take(doc, "blind", &r->arena);
	r->n_left_out = whole(doc, "n_left_out");
	r->left_out = take(doc, "left_out", &r->arena);
	r->n_drifted = (size_t)whole(doc, "n_drifted");
	take_newer(json_get(doc, "newer"), &r->arena, &r->newer);
	columns = arena_alloc(&r->arena,
			      (json_count(list) + 1) * sizeof(*columns));
	for (item = json_child(list); item; item = json_next(item))
		take_column(item, &r->arena, &columns[r->n_columns++]);
	r->columns = columns;
	return r;
}

/* NULL: it cannot be read. */
static struct drift_report *read_report(struct db_stmt *st)
{
	const char *text = db_text(st, 0);
	struct drift_report *r = NULL;
	struct err bad = { 0 };
	struct json *doc = NULL;

	if (text && !json_parse(text, db_bytes(st, 0), &doc, &bad))
		r = take_report(doc);
	json_free(doc);
	return r;
}

enum err_code reports_load(struct state *s, struct drift_report ***out,
			   size_t *n, struct err *err)
{
	struct drift_report **all = NULL, *r;
	struct db_stmt *st;
	size_t cap = 0;
	bool has_row;

	*n = 0;
	*out = NULL;
	if (db_prepare(state_db(s),
		       "SELECT report FROM reports ORDER BY "
		       "monitor",
		       &st, err))
		return err->code;
	while (!db_step(st, &has_row, err) && has_row) {
		r = read_report(st);
		if (!r)
			continue;
		all = xgrow(all, &cap, *n + 1, sizeof(*all));
		all[(*n)++] = r;
	}
	*out = all;
	return err->code;
}

enum err_code reports_find(struct state *s, const char *monitor,
			   struct drift_report **out, struct err *err)
{
	struct db_stmt *st;
	bool has_row;

	*out = NULL;
	if (db_prepare(state_db(s),
		       "SELECT report FROM reports WHERE monitor = ?", &st,
		       err))
		return err->code;
	db_bind_text(st, 1, monitor);
	if (!db_step(st, &has_row, err) && has_row)
		*out = read_report(st);
	db_reset(st);
	return err->code;
}

/* ---- writing ---- */

static enum err_code save_stats(struct db *db, const struct drift_report *r,
				struct err *err)
{
	struct db_stmt *st;

	if (db_prepare(db,
		       "INSERT OR REPLACE INTO stats(monitor, col, time_ms, "
		       "value, lim) VALUES (?,?,?,?,?)",
		       &st, err))
		return err->code;
	for (size_t i = 0; i < r->n_columns; i++) {
		const struct drift_column *c = &r->columns[i];

		if (!c->statistic || c->verdict == DRIFT_TOO_FEW ||
		    !isfinite(c->value))
			continue;
		db_bind_text(st, 1, r->monitor);
		db_bind_text(st, 2, c->name);
		db_bind_int(st, 3, r->made_ms);
		db_bind_double(st, 4, c->value);
		db_bind_double(st, 5, c->limit);
		if (db_run(st, err))
			return err->code;
	}
	return ERR_OK;
}

static enum err_code prune(struct db *db, const struct drift_report *r,
			   struct err *err)
{
	struct db_stmt *st;

	if (db_prepare(db,
		       "DELETE FROM stats WHERE monitor = ? AND time_ms < ?",
		       &st, err))
		return err->code;
	db_bind_text(st, 1, r->monitor);
	db_bind_int(st, 2, r->made_ms - KEEP_MS);
	return db_run(st, err);
}

static enum err_code save_text(struct db *db, const struct drift_report *r,
			       const struct buf *text, struct err *err)
{
	struct db_stmt *st;

	if (db_prepare(db,
		       "INSERT OR REPLACE INTO reports(monitor, made_ms, "
		       "report) VALUES (?,?,?)",
		       &st, err))
		return err->code;
	db_bind_text(st, 1, r->monitor);
	db_bind_int(st, 2, r->made_ms);
	db_bind_textn(st, 3, buf_str(text), text->len);
	return db_run(st, err);
}

enum err_code reports_save(struct state *s, const struct drift_report *r,
			   struct err *err)
{
	struct db *db = state_db(s);
	struct buf text = BUF_INIT(MAX_BYTES);

	report_text(r, &text);
	if (text.is_cut)
		err_set(err, ERR_LIMIT, "monitor %s: a report of over 16 MB",
			r->monitor);
	else if (db_begin_immediate(db, err) || save_text(db, r, &text, err) ||
		 save_stats(db, r, err) || prune(db, r, err) ||
		 db_commit(db, err))
		db_rollback(db);
	buf_release(&text);
	return err->code;
}

enum err_code reports_history(struct state *s, const char *monitor,
			      const char *column, size_t max,
			      struct point **out, size_t *n, double *limit,
			      struct err *err)
{
	struct point *all = NULL;
	struct db_stmt *st;
	size_t cap = 0;
	bool has_row;

	*n = 0;
	if (db_prepare(state_db(s),
		       "SELECT time_ms, value, lim FROM (SELECT * FROM stats "
		       "WHERE monitor = ? AND col = ? ORDER BY time_ms DESC "
		       "LIMIT ?) ORDER BY time_ms",
		       &st, err))
		return err->code;
	db_bind_text(st, 1, monitor);
	db_bind_text(st, 2, column);
	db_bind_int(st, 3, (int64_t)max);
	while (!db_step(st, &has_row, err) && has_row) {
		all = xgrow(all, &cap, *n + 1, sizeof(*all));
		all[*n].step = 0;
		all[*n].time_ms = db_int(st, 0);
		all[(*n)++].value = db_double(st, 1);
		*limit = db_double(st, 2);
	}
	*out = all;
	return err->code;
}
