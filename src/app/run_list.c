/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/run_list.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"

/* Up to here rows are made between two frames (a millisecond). */
#define INLINE_ROWS 5000
/* A store that changes all the time is ordered again this often. */
#define AGAIN_MS 250

/* Rows, sorted. */
struct folds {
	uint32_t *rows;
	size_t n;
};

/* What rows are made by: shared with the job that makes them. */
struct spec {
	unsigned n_refs; /* main thread only */
	uint32_t serial; /* tells two specs of one list apart */
	char *filter_text, *sort_text;
	struct filter *filter;
	struct order_key *keys;
	size_t n_keys;
	uint32_t *experiments;
	size_t n_experiments;
	struct run_list_best *bests;
	size_t n_bests;
	bool is_tree;
	struct folds folds[2]; /* without a filter, with one */
	bool only_deleted;
};

/* What is made by a spec of a run set. */
struct made {
	uint32_t *rows; /* those that match */
	size_t n_rows, n_total;
	struct run_tree tree; /* of them; without rows it is none */
	double *bests;
	struct err err; /* why there are no rows */
};

struct run_list {
	struct app *app;
	struct spec *spec;
	struct made made;
	const uint32_t *lines;               /* what is shown of it */
	const struct run_tree_place *places; /* NULL: no tree */
	size_t n_lines;
	/* The same with a ghost; else NULL. */
	uint32_t *own_lines;
	struct run_tree_place *own_places;
	uint32_t keep_row;
	struct run_tree_place keep_place;
	size_t keep_at, ghost_at; /* SIZE_MAX: none */
	uint32_t made_gen;        /* model's runs_gen the rows are of */
	uint32_t made_serial;     /* and the spec they were made by */
	int64_t made_mono_ms;
	struct order_job *job; /* under way */
	bool has_news;
};

struct order_job {
	struct job job;
	struct run_list *list; /* NULL: the list is gone */
	struct run_set *snapshot;
	struct spec *spec;
	uint32_t gen;
	struct made made;
};

static void made_release(struct made *m)
{
	free(m->rows);
	run_tree_release(&m->tree);
	free(m->bests);
	memset(m, 0, sizeof(*m));
}

static struct spec *spec_ref(struct spec *s)
{
	s->n_refs++;
	return s;
}

static void set_text(char **to, const char *text)
{
	char *copy = xstrdup(text);

	free(*to);
	*to = copy;
}

static void set_experiments(struct spec *s, const uint32_t *experiments,
			    size_t n)
{
	uint32_t *copy = xcalloc(n + 1, sizeof(*copy));

	if (n)
		memcpy(copy, experiments, n * sizeof(*copy));
	free(s->experiments);
	s->experiments = copy;
	s->n_experiments = n;
}

static void free_bests(struct spec *s)
{
	for (size_t i = 0; i < s->n_bests; i++)
		free((char *)s->bests[i].key.name);
	free(s->bests);
}

static void set_bests(struct spec *s, const struct run_list_best *bests,
		      size_t n)
{
	free_bests(s);
	s->bests = xcalloc(n + 1, sizeof(*s->bests));
	s->n_bests = n;
	for (size_t i = 0; i < n; i++) {
		s->bests[i] = bests[i];
		s->bests[i].key.name = xstrdup(bests[i].key.name);
	}
}

/* A copy, with room for one more. */
static void folds_set(struct folds *f, const uint32_t *rows, size_t n)
{
	uint32_t *copy = xmalloc((n + 1) * sizeof(*copy));

	if (n)
		memcpy(copy, rows, n * sizeof(*copy));
	free(f->rows);
	*f = (struct folds){ copy, n };
}

static void spec_unref(struct spec *s)
{
	if (!s || --s->n_refs)
		return;
	filter_free(s->filter);
	free(s->filter_text);
	free(s->sort_text);
	free(s->keys);
	free(s->experiments);
	free(s->folds[0].rows);
	free(s->folds[1].rows);
	free_bests(s);
	free(s);
}

/* Another one that says the same, to be changed and then used. */
static struct spec *spec_copy(const struct spec *was)
{
	struct spec *s = xcalloc(1, sizeof(*s));

	s->n_refs = 1;
	s->serial = was->serial + 1;
	set_text(&s->filter_text, was->filter_text);
	set_text(&s->sort_text, was->sort_text);
	set_experiments(s, was->experiments, was->n_experiments);
	set_bests(s, was->bests, was->n_bests);
	for (size_t i = 0; i < ARRAY_LEN(s->folds); i++)
		folds_set(&s->folds[i], was->folds[i].rows, was->folds[i].n);
	s->is_tree = was->is_tree;
	s->only_deleted = was->only_deleted;
	return s;
}

static enum err_code spec_parse(struct spec *s, size_t *column, struct err *err)
{
	if (filter_parse(s->filter_text, clock_utc_ms(), &s->filter, column,
			 err) ||
	    !*s->sort_text)
		return err->code;
	return order_parse(s->sort_text, &s->keys, &s->n_keys, err);
}

struct run_list *run_list_new(struct app *app)
{
	struct run_list *l = xcalloc(1, sizeof(*l));
	char empty[] = "";
	const struct spec nothing = { .filter_text = empty,
				      .sort_text = empty };
	struct err err = { 0 };
	size_t column;

	l->app = app;
	l->keep_row = RUN_NO_ROW;
	l->ghost_at = SIZE_MAX;
	l->spec = spec_copy(&nothing);
	BUG_ON(spec_parse(l->spec, &column, &err));
	return l;
}

void run_list_free(struct run_list *l)
{
	if (!l)
		return;
	if (l->job) {
		l->job->job.cancel.stop = true;
		l->job->list = NULL;
	}
	spec_unref(l->spec);
	made_release(&l->made);
	free(l->own_lines);
	free(l->own_places);
	free(l);
}

/* Values the filter and the order need are brought by the sources. */
static void want_columns(struct run_list *l)
{
	const struct spec *s = l->spec;
	size_t n_filter = filter_n_columns(s->filter), n = 0;
	struct value_key *keys = xcalloc(n_filter + s->n_keys, sizeof(*keys));

	for (size_t i = 0; i < n_filter; i++)
		keys[n++] = filter_column(s->filter, i);
	for (size_t i = 0; i < s->n_keys; i++)
		if (s->keys[i].by == ORDER_VALUE)
			keys[n++] = s->keys[i].column;
	app_want_columns(l->app, APP_WHO_FILTER, keys, n);
	free(keys);
}

/* What a filter finds is not hidden by what was folded before it. */
static struct folds *folds_of(struct spec *s)
{
	return &s->folds[*s->filter_text != '\0'];
}

/* In place of the one that is used; where it cannot be parsed that one stays.
 */
static enum err_code use(struct run_list *l, struct spec *s, size_t *column,
			 struct err *err)
{
	if (spec_parse(s, column, err)) {
		spec_unref(s);
		return err->code;
	}
	spec_unref(l->spec);
	l->spec = s;
	if (l->job)
		l->job->job.cancel.stop = true;
	want_columns(l);
	return ERR_OK;
}

/* One whose texts were parsed before. */
static void use_again(struct run_list *l, struct spec *s)
{
	struct err err = { 0 };
	size_t column;

	BUG_ON(use(l, s, &column, &err));
}

enum err_code run_list_set_filter(struct run_list *l, const char *text,
				  size_t *column, struct err *err)
{
	struct spec *s = spec_copy(l->spec);

	set_text(&s->filter_text, text);
	if (*text && strcmp(text, l->spec->filter_text) != 0)
		folds_of(s)->n = 0;
	return use(l, s, column, err);
}

enum err_code run_list_set_sort(struct run_list *l, const char *text,
				struct err *err)
{
	struct spec *s = spec_copy(l->spec);
	size_t column;

	set_text(&s->sort_text, text);
	return use(l, s, &column, err);
}

void run_list_set_experiments(struct run_list *l, const uint32_t *experiments,
			      size_t n)
{
	struct spec *s = spec_copy(l->spec);

	set_experiments(s, experiments, n);
	use_again(l, s);
}

void run_list_set_tree(struct run_list *l, bool is_tree)
{
	struct spec *s;

	if (l->spec->is_tree == is_tree)
		return;
	s = spec_copy(l->spec);
	s->is_tree = is_tree;
	use_again(l, s);
}

bool run_list_is_tree(const struct run_list *l)
{
	return l->spec->is_tree;
}

/* Where the row stands among those folded, or would. */
static size_t folded_at(const struct folds *f, uint32_t row)
{
	size_t from = 0, to = f->n, mid;

	while (from < to) {
		mid = from + (to - from) / 2;
		if (f->rows[mid] < row)
			from = mid + 1;
		else
			to = mid;
	}
	return from;
}

bool run_list_is_folded(const struct run_list *l, uint32_t row)
{
	const struct folds *f = folds_of(l->spec);
	size_t at = folded_at(f, row);

	return at < f->n && f->rows[at] == row;
}

void run_list_fold(struct run_list *l, uint32_t row, bool is_folded)
{
	struct spec *s;
	struct folds *f;
	uint32_t *at;
	size_t n_behind;

	if (run_list_is_folded(l, row) == is_folded)
		return;
	s = spec_copy(l->spec);
	f = folds_of(s);
	at = f->rows + folded_at(f, row);
	n_behind = (size_t)(f->rows + f->n - at);
	if (is_folded) {
		memmove(at + 1, at, n_behind * sizeof(*at));
		*at = row;
		f->n++;
	} else {
		memmove(at, at + 1, (n_behind - 1) * sizeof(*at));
		f->n--;
	}
	use_again(l, s);
}

bool run_list_has_folded(const struct run_list *l)
{
	for (size_t i = 0; l->places && i < l->n_lines; i++)
		if (l->places[i].n_folded)
			return true;
	return false;
}

static int compare_rows(const void *pa, const void *pb)
{
	uint32_t a = *(const uint32_t *)pa, b = *(const uint32_t *)pb;

	return (a > b) - (a < b);
}

void run_list_fold_all(struct run_list *l, bool is_folded)
{
	uint32_t *rows = xcalloc(l->n_lines + 1, sizeof(*rows));
	struct spec *s = spec_copy(l->spec);
	size_t n = 0;

	for (size_t i = 0; is_folded && l->places && i < l->n_lines; i++)
		if (l->places[i].has_below)
			rows[n++] = l->lines[i];
	qsort(rows, n, sizeof(*rows), compare_rows);
	folds_set(folds_of(s), rows, n);
	free(rows);
	use_again(l, s);
}

static bool are_bests(const struct spec *s, const struct run_list_best *bests,
		      size_t n)
{
	bool is_same = n == s->n_bests;

	for (size_t i = 0; is_same && i < n; i++)
		is_same = bests[i].goal == s->bests[i].goal &&
			  bests[i].key.kind == s->bests[i].key.kind &&
			  !strcmp(bests[i].key.name, s->bests[i].key.name);
	return is_same;
}

void run_list_set_bests(struct run_list *l, const struct run_list_best *bests,
			size_t n)
{
	struct spec *s;

	if (are_bests(l->spec, bests, n))
		return;
	s = spec_copy(l->spec);
	set_bests(s, bests, n);
	use_again(l, s);
}

void run_list_set_deleted(struct run_list *l, bool only_deleted)
{
	struct spec *s = spec_copy(l->spec);

	s->only_deleted = only_deleted;
	use_again(l, s);
}

bool run_list_is_deleted(const struct run_list *l)
{
	return l->spec->only_deleted;
}

double run_list_best(const struct run_list *l, size_t i)
{
	return l->made.bests && l->made_serial == l->spec->serial
		       ? l->made.bests[i]
		       : NAN;
}

const uint32_t *run_list_rows(const struct run_list *l)
{
	return l->lines;
}

const uint32_t *run_list_matches(const struct run_list *l, size_t *n)
{
	*n = l->made.n_rows;
	return l->made.rows;
}

const char *run_list_filter_text(const struct run_list *l)
{
	return l->spec->filter_text;
}

const struct filter *run_list_filter(const struct run_list *l)
{
	return l->spec->filter;
}

const char *run_list_sort_text(const struct run_list *l)
{
	return l->spec->sort_text;
}

const uint32_t *run_list_experiments(const struct run_list *l, size_t *n)
{
	*n = l->spec->n_experiments;
	return l->spec->experiments;
}

static size_t count_shown(const struct run_set *set, bool only_deleted)
{
	unsigned wanted = only_deleted ? RUN_IS_DELETED : 0;
	size_t n = 0;

	for (uint32_t row = 0; row < run_set_count(set); row++)
		n += (run_set_head(set, row)->flags &
		      (RUN_IS_GONE | RUN_IS_DELETED)) == wanted;
	return n;
}

static double find_best(const struct run_set *set, const struct made *m,
			const struct run_list_best *best)
{
	uint32_t col = run_set_find_column(set, best->key.kind, best->key.name);
	double least = INFINITY, v;

	if (col == RUN_NO_COLUMN)
		return NAN;
	for (size_t i = 0; i < m->n_rows; i++)
		if (run_set_number(set, col, m->rows[i], &v) && isfinite(v))
			least = MIN(least, best->goal > 0 ? -v : v);
	if (isinf(least))
		return NAN;
	return best->goal > 0 ? -least : least;
}

static void make_tree(const struct run_set *set, const struct folds *folds,
		      struct made *out)
{
	struct run_tree_ask ask = { .rows = out->rows,
				    .n = out->n_rows,
				    .with_parents = true,
				    .folded = folds->rows,
				    .n_folded = folds->n };

	run_tree_make(set, &ask, &out->tree);
}

/* False: cancelled. */
static bool make(const struct run_set *set, struct spec *s,
		 const struct cancel *stop, struct made *out)
{
	struct order_ask ask = {
		.filter = s->filter,
		.keys = s->keys,
		.n_keys = s->n_keys,
		.experiments = s->experiments,
		.n_experiments = s->n_experiments,
		.now_ms = clock_utc_ms(),
		.only_deleted = s->only_deleted,
	};

	out->n_total = count_shown(set, s->only_deleted);
	out->rows = order_make(set, &ask, stop, &out->n_rows, &out->err);
	if (!out->rows && out->err.code == ERR_STOP)
		return false;
	if (!out->rows) {
		out->rows = xcalloc(1, sizeof(*out->rows));
		out->n_rows = 0;
	}
	if (s->is_tree)
		make_tree(set, folds_of(s), out);
	out->bests = xcalloc(s->n_bests + 1, sizeof(*out->bests));
	for (size_t i = 0; i < s->n_bests && !cancel_is_due(stop); i++)
		out->bests[i] = find_best(set, out, &s->bests[i]);
	return true;
}

/* The lines as they were made. */
static void show_made(struct run_list *l)
{
	const struct run_tree *tree = &l->made.tree;

	free(l->own_lines);
	free(l->own_places);
	l->own_lines = NULL;
	l->own_places = NULL;
	l->lines = tree->rows ? tree->rows : l->made.rows;
	l->places = tree->places;
	l->n_lines = tree->rows ? tree->n : l->made.n_rows;
	l->ghost_at = SIZE_MAX;
}

/* A copy of n items with one more at a place. */
static void *with_one(const void *items, size_t n, size_t size, size_t at,
		      const void *one)
{
	char *all = xmalloc((n + 1) * size);

	if (n)
		memcpy(all, items, at * size);
	memcpy(all + at * size, one, size);
	if (n)
		memcpy(all + (at + 1) * size, (const char *)items + at * size,
		       (n - at) * size);
	return all;
}

static size_t find_row(const uint32_t *rows, size_t n, uint32_t row)
{
	size_t i = 0;

	while (i < n && rows[i] != row)
		i++;
	return i;
}

/* The kept row stands where it stood, although the filter dropped it. */
static void put_ghost(struct run_list *l)
{
	size_t at = MIN(l->keep_at, l->n_lines);

	if (l->keep_row == RUN_NO_ROW ||
	    (run_set_head(app_model(l->app)->runs, l->keep_row)->flags &
	     RUN_IS_GONE) ||
	    run_list_find(l, l->keep_row) < l->n_lines ||
	    find_row(l->made.rows, l->made.n_rows, l->keep_row) <
		    l->made.n_rows)
		return;
	l->lines = l->own_lines = with_one(l->lines, l->n_lines,
					   sizeof(*l->lines), at, &l->keep_row);
	if (l->places)
		l->places = l->own_places =
			with_one(l->places, l->n_lines, sizeof(*l->places), at,
				 &l->keep_place);
	l->n_lines++;
	l->ghost_at = at;
}

static void take(struct run_list *l, struct made *made)
{
	made_release(&l->made);
	l->made = *made;
	memset(made, 0, sizeof(*made));
	show_made(l);
	put_ghost(l);
	l->has_news = true;
}

static void order_run(struct job *job)
{
	struct order_job *j = (struct order_job *)job;

	make(j->snapshot, j->spec, &job->cancel, &j->made);
}

static void order_done(struct job *job, struct app *app)
{
	struct order_job *j = (struct order_job *)job;
	struct run_list *l = j->list;

	if (!l)
		return;
	app_model(app)->orders_gen++;
	l->job = NULL;
	if (job->cancel.stop || !j->made.rows)
		return;
	take(l, &j->made);
	l->made_gen = j->gen;
	l->made_serial = j->spec->serial;
}

static void order_free(struct job *job)
{
	struct order_job *j = (struct order_job *)job;

	run_set_free(j->snapshot);
	spec_unref(j->spec);
	made_release(&j->made);
	free(j);
}

static void start_job(struct run_list *l, const struct model *m)
{
	struct order_job *j = xcalloc(1, sizeof(*j));

	j->job.run = order_run;
	j->job.done = order_done;
	j->job.free = order_free;
	j->list = l;
	j->snapshot = run_set_snapshot(m->runs);
	j->spec = spec_ref(l->spec);
	j->gen = m->runs_gen;
	l->job = j;
	app_compute(l->app, &j->job);
}

static void make_now(struct run_list *l, const struct model *m)
{
	struct made made = { 0 };

	make(m->runs, l->spec, NULL, &made);
	take(l, &made);
	l->made_gen = m->runs_gen;
	l->made_serial = l->spec->serial;
}

/* The row, and where it stands. */
static void set_kept(struct run_list *l, uint32_t row)
{
	l->keep_row = row;
	l->keep_at = run_list_find(l, row);
	l->keep_place = (struct run_tree_place){ 0 };
	if (l->places && l->keep_at < l->n_lines)
		l->keep_place.depth = l->places[l->keep_at].depth;
}

void run_list_keep(struct run_list *l, uint32_t row)
{
	if (l->ghost_at < l->n_lines && l->lines[l->ghost_at] != row) {
		show_made(l);
		l->has_news = true;
	}
	set_kept(l, row);
}

bool run_list_is_as_asked(const struct run_list *l)
{
	return l->made_serial == l->spec->serial;
}

static bool is_stale(const struct run_list *l)
{
	return !run_list_is_as_asked(l) ||
	       l->made_gen != app_model(l->app)->runs_gen;
}

/* Few rows are made at once, many not all the time. */
static bool is_small(const struct run_list *l)
{
	return run_set_count(app_model(l->app)->runs) <= INLINE_ROWS;
}

bool run_list_update(struct run_list *l, int64_t now_mono_ms)
{
	const struct model *m = app_model(l->app);
	bool had_news;

	if (!l->job && is_stale(l) &&
	    (is_small(l) || !run_list_is_as_asked(l) ||
	     now_mono_ms - l->made_mono_ms >= AGAIN_MS)) {
		l->made_mono_ms = now_mono_ms;
		if (is_small(l))
			make_now(l, m);
		else
			start_job(l, m);
	}
	had_news = l->has_news;
	l->has_news = false;
	return had_news;
}

int64_t run_list_next_ms(const struct run_list *l, int64_t now_mono_ms)
{
	if (l->job || !is_stale(l))
		return -1;
	return MAX(0, l->made_mono_ms + AGAIN_MS - now_mono_ms);
}

size_t run_list_count(const struct run_list *l)
{
	return l->n_lines;
}

uint32_t run_list_row(const struct run_list *l, size_t i)
{
	return l->lines[i];
}

const struct run_tree_place *run_list_place(const struct run_list *l, size_t i)
{
	return l->places ? &l->places[i] : NULL;
}

size_t run_list_find(const struct run_list *l, uint32_t row)
{
	return find_row(l->lines, l->n_lines, row);
}

bool run_list_is_ghost(const struct run_list *l, size_t i)
{
	return i == l->ghost_at;
}

bool run_list_is_match(const struct run_list *l, size_t i)
{
	return !run_list_is_ghost(l, i) &&
	       (!l->places || l->places[i].is_asked);
}

size_t run_list_total(const struct run_list *l)
{
	return l->made.n_total;
}

const char *run_list_error(const struct run_list *l)
{
	return l->made.err.msg;
}

bool run_list_is_pending(const struct run_list *l)
{
	return l->job || is_stale(l);
}
