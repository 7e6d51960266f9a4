/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "model/series.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/point.h"
#include "derived.h"

/* A chart shows a curve as it is and smoothed. */
#define N_DERIVED 2

/* Entries stand in a hash by name and in a list by use, the latest first. */
struct entry {
	struct series series;
	struct point *points;
	size_t cap;
	struct derived derived[N_DERIVED];
	unsigned next_derived; /* whose place another look takes */
	uint64_t hash;
	struct entry *next_same;
	struct entry *newer, *older;
	uint64_t used_at; /* by the cache's clock */
	bool was_asked;   /* for by somebody */
	uint16_t source;
	char *metric; /* behind the run id, in its memory */
	char run_id[];
};

#define N_BUCKETS 4096u

/* What was asked for so few batches ago is on a screen; what was not for so
 * many is kept up to these bytes only. */
#define SHOWN_BATCHES 4u
#define IDLE_BATCHES  256u
#define IDLE_BYTES    (4u << 20)

struct series_cache {
	struct entry *buckets[N_BUCKETS];
	struct entry *newest, *oldest;
	size_t used_bytes, max_bytes;
	uint64_t n_applied; /* batches so far: the cache's clock */
	uint32_t generation;
};

struct series_cache *series_cache_new(size_t max_bytes)
{
	struct series_cache *c = xcalloc(1, sizeof(*c));

	c->max_bytes = max_bytes;
	return c;
}

static uint64_t hash_name(uint16_t source, const char *run_id,
			  const char *metric)
{
	uint64_t h = 0xcbf29ce484222325u ^ source;

	for (; *run_id; run_id++)
		h = (h ^ (unsigned char)*run_id) * 0x100000001b3u;
	h = (h ^ 0xff) * 0x100000001b3u;
	for (; *metric; metric++)
		h = (h ^ (unsigned char)*metric) * 0x100000001b3u;
	return h ^ h >> 32;
}

static struct entry *find(const struct series_cache *c, uint16_t source,
			  const char *run_id, const char *metric)
{
	uint64_t h = hash_name(source, run_id, metric);
	struct entry *e;

	for (e = c->buckets[h % N_BUCKETS]; e; e = e->next_same)
		if (e->hash == h && e->source == source &&
		    !strcmp(e->run_id, run_id) && !strcmp(e->metric, metric))
			return e;
	return NULL;
}

static size_t bytes_of(const struct entry *e)
{
	size_t n = sizeof(*e) + e->cap * sizeof(*e->points) +
		   levels_bytes(&e->series.levels);

	for (size_t i = 0; i < N_DERIVED; i++)
		n += derived_bytes(&e->derived[i]);
	return n;
}

static void unlink_use(struct series_cache *c, struct entry *e)
{
	*(e->newer ? &e->newer->older : &c->newest) = e->older;
	*(e->older ? &e->older->newer : &c->oldest) = e->newer;
}

static void link_newest(struct series_cache *c, struct entry *e)
{
	e->newer = NULL;
	e->older = c->newest;
	*(c->newest ? &c->newest->newer : &c->oldest) = e;
	c->newest = e;
}

static void drop(struct series_cache *c, struct entry *e)
{
	struct entry **p = &c->buckets[e->hash % N_BUCKETS];

	while (*p != e)
		p = &(*p)->next_same;
	*p = e->next_same;
	unlink_use(c, e);
	c->used_bytes -= bytes_of(e);
	levels_release(&e->series.levels);
	for (size_t i = 0; i < N_DERIVED; i++)
		derived_release(&e->derived[i]);
	free(e->points);
	free(e);
}

void series_cache_free(struct series_cache *c)
{
	if (!c)
		return;
	while (c->newest)
		drop(c, c->newest);
	free(c);
}

void series_cache_forget_source(struct series_cache *c, uint16_t source)
{
	struct entry *e, *older;

	for (e = c->newest; e; e = older) {
		older = e->older;
		if (e->source == source)
			drop(c, e);
	}
}

static struct entry *add(struct series_cache *c, uint16_t source,
			 const char *run_id, const char *metric)
{
	size_t n_id = strlen(run_id) + 1, n_metric = strlen(metric) + 1;
	struct entry *e = xcalloc(1, sizeof(*e) + n_id + n_metric);

	e->source = source;
	memcpy(e->run_id, run_id, n_id);
	e->metric = e->run_id + n_id;
	memcpy(e->metric, metric, n_metric);
	e->hash = hash_name(source, run_id, metric);
	e->next_same = c->buckets[e->hash % N_BUCKETS];
	c->buckets[e->hash % N_BUCKETS] = e;
	link_newest(c, e);
	c->used_bytes += bytes_of(e);
	e->used_at = c->n_applied;
	return e;
}

const struct series *series_cache_get(struct series_cache *c, uint16_t source,
				      const char *run_id, const char *metric)
{
	struct entry *e = find(c, source, run_id, metric);

	if (!e)
		return NULL;
	unlink_use(c, e);
	link_newest(c, e);
	e->used_at = c->n_applied;
	e->was_asked = true;
	return &e->series;
}

static struct derived *derived_for(struct entry *e,
				   const struct curve_look *look)
{
	struct derived *d;

	for (size_t i = 0; i < N_DERIVED; i++)
		if (derived_is_of(&e->derived[i], look))
			return &e->derived[i];
	d = &e->derived[e->next_derived++ % N_DERIVED];
	derived_set(d, look);
	return d;
}

static void make_derived(struct series_cache *c, struct entry *e,
			 const struct curve_look *look, const struct series *by,
			 struct curve *out)
{
	struct derived *d;

	c->used_bytes -= bytes_of(e);
	d = derived_for(e, look);
	derived_update(d, &e->series, by);
	c->used_bytes += bytes_of(e);
	out->points = d->points;
	out->n = d->n;
	out->levels = &d->levels;
	out->xs = d->xs;
}

bool series_cache_curve(struct series_cache *c, uint16_t source,
			const char *run_id, const char *metric,
			const struct curve_look *look, struct curve *out)
{
	const struct series *by = NULL, *s;

	if (look->x == CURVE_VALUE) {
		by = series_cache_get(c, source, run_id, look->by);
		if (!by)
			return false;
	}
	s = series_cache_get(c, source, run_id, metric);
	if (!s)
		return false;
	*out = (struct curve){ .points = s->points,
			       .n = s->n,
			       .levels = &s->levels,
			       .x = look->x,
			       .x_zero = look->x_zero };
	if (derived_is_needed(s, look))
		make_derived(c, find(c, source, run_id, metric), look, by, out);
	return true;
}

static bool is_sorted(const struct point *p, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (point_compare(&p[i - 1], &p[i]) > 0)
			return false;
	return true;
}

/* The first of n points in order that does not stand before p. */
static size_t place_of(const struct point *points, size_t n,
		       const struct point *p)
{
	size_t lo = 0;

	while (lo < n) {
		size_t mid = lo + (n - lo) / 2;

		if (point_compare(&points[mid], p) < 0)
			lo = mid + 1;
		else
			n = mid;
	}
	return lo;
}

/* Two parts in order, [0, had) and [had, n), become one. */
static void merge(struct point *p, size_t had, size_t n)
{
	size_t n_new = n - had;
	struct point *new = xreallocarray(NULL, n_new, sizeof(*new));

	memcpy(new, p + had, n_new * sizeof(*new));
	while (n_new) {
		bool is_old =
			had && point_compare(&p[had - 1], &new[n_new - 1]) > 0;

		p[--n] = is_old ? p[--had] : new[--n_new];
	}
	free(new);
}

/* Points up to `had` are in order, each once. Returns how many there are when
 * this is so of all; *changed: the first that is not where it was. */
static size_t put_in_order(struct point *p, size_t had, size_t n,
			   size_t *changed)
{
	size_t i, kept;

	*changed = had;
	if (had == n)
		return n;
	if (!is_sorted(p + had, n - had))
		qsort(p + had, n - had, sizeof(*p), point_compare);
	if (had && point_compare(&p[had - 1], &p[had]) > 0) {
		*changed = place_of(p, had, &p[had]);
		merge(p + *changed, had - *changed, n - *changed);
	}
	for (i = kept = *changed; i < n; i++)
		if (!kept || point_compare(&p[kept - 1], &p[i]))
			p[kept++] = p[i];
	return kept;
}

static bool is_by_time(const struct point *p, size_t from, size_t n)
{
	for (size_t i = MAX(from, (size_t)1); i < n; i++)
		if (p[i - 1].time_ms > p[i].time_ms)
			return false;
	return true;
}

/* Returns the first that is not where it was. */
static size_t add_points(struct series_cache *c, struct entry *e,
			 const struct series_facts *f)
{
	size_t had = e->series.n, n = had + f->n_points, changed;

	c->used_bytes -= bytes_of(e);
	e->points = xgrow(e->points, &e->cap, n, sizeof(*e->points));
	if (f->n_points)
		memcpy(e->points + had, f->points,
		       f->n_points * sizeof(*e->points));
	e->series.points = e->points;
	e->series.n = put_in_order(e->points, had, n, &changed);
	e->series.is_by_time = (!changed || e->series.is_by_time) &&
			       is_by_time(e->points, changed, e->series.n);
	levels_cut(&e->series.levels, changed);
	levels_add(&e->series.levels, e->points, e->series.n);
	c->used_bytes += bytes_of(e);
	return changed;
}

static void apply_one(struct series_cache *c, uint16_t source,
		      const struct series_facts *f)
{
	struct entry *e = find(c, source, f->run_id, f->metric);
	struct series *s;
	uint64_t n_total;
	size_t n_before, changed;

	if (!e)
		e = add(c, source, f->run_id, f->metric);
	s = &e->series;
	if (f->is_all) {
		s->n = 0;
		s->n_total = 0;
		s->is_all = true;
	}
	n_before = s->n;
	changed = add_points(c, e, f);
	n_total = f->n_total ? f->n_total : s->n_total + (s->n - n_before);
	s->n_total = MAX(n_total, (uint64_t)s->n);
	s->generation = ++c->generation;
	if (f->is_all || changed < n_before)
		s->rewritten = s->generation;
}

/* What is on a screen is asked for after every batch or few, and stays. */
static bool is_too_much(const struct series_cache *c)
{
	uint64_t idle = c->n_applied - c->oldest->used_at;

	if (idle > IDLE_BATCHES)
		return c->used_bytes > MIN(IDLE_BYTES, c->max_bytes);
	return c->used_bytes > c->max_bytes &&
	       (idle > SHOWN_BATCHES || !c->oldest->was_asked);
}

void series_cache_apply(struct series_cache *c, const struct batch *b)
{
	size_t i;

	for (i = 0; i < b->n_series; i++)
		apply_one(c, b->source, &b->series[i]);
	c->n_applied++;
	while (c->oldest != c->newest && is_too_much(c))
		drop(c, c->oldest);
}

/* ---- reducing ------------------------------------------------------------ */

#define KEPT 5 /* of the points of one bucket, at most */

/* Which points stay. */
struct reduction {
	const struct series *s;
	bool *is_kept;
	size_t n_kept;
};

static void mark(struct reduction *r, size_t i)
{
	if (r->is_kept[i])
		return;
	r->is_kept[i] = true;
	r->n_kept++;
}

static uint32_t either(uint32_t a, uint32_t b)
{
	return a != PEAK_NONE ? a : b;
}

/* Of the points [from, to) at most n, in this order. */
static void mark_peaks(struct reduction *r, size_t from, size_t to, size_t n)
{
	struct peaks k = levels_peaks(&r->s->levels, r->s->points, from, to);
	const uint32_t at[KEPT] = { (uint32_t)to - 1, either(k.up_at, k.max_at),
				    either(k.down_at, k.min_at), (uint32_t)from,
				    k.nan_at };

	for (size_t i = 0; i < MIN(n, (size_t)KEPT); i++)
		if (at[i] != PEAK_NONE)
			mark(r, at[i]);
}

/* Where the point lies between the ends, 0 to 1: by step, or by time where all
 * points have one step. */
static double place(const struct series *s, size_t i)
{
	const struct point *first = s->points, *last = first + s->n - 1;
	const struct point *p = first + i;
	double whole;

	if (first->step != last->step)
		return ((double)p->step - (double)first->step) /
		       ((double)last->step - (double)first->step);
	whole = (double)last->time_ms - (double)first->time_ms;
	return whole > 0 ? ((double)p->time_ms - (double)first->time_ms) / whole
			 : 0;
}

static size_t bucket_of(const struct series *s, size_t i, size_t n_buckets)
{
	return MIN((size_t)(place(s, i) * (double)n_buckets), n_buckets - 1);
}

/* The first point behind the bucket that point `from` is in. */
static size_t bucket_end(const struct series *s, size_t from, size_t n_buckets)
{
	size_t bucket = bucket_of(s, from, n_buckets), lo = from + 1, hi = s->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (bucket_of(s, mid, n_buckets) == bucket)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static void mark_buckets(struct reduction *r, size_t n_buckets, size_t each)
{
	size_t from, to;

	memset(r->is_kept, 0, r->s->n * sizeof(*r->is_kept));
	r->n_kept = 0;
	for (from = 0; from < r->s->n; from = to) {
		to = bucket_end(r->s, from, n_buckets);
		mark_peaks(r, from, to, each);
	}
}

/* As many buckets as give no more than n points: of a smooth curve two of a
 * bucket stay, of a wild one five. */
static void mark_most(struct reduction *r, size_t n)
{
	size_t fits = MAX(n / KEPT, (size_t)1), exceeds = n + 1, middle;

	while (exceeds - fits > 1) {
		middle = fits + (exceeds - fits) / 2;
		mark_buckets(r, middle, KEPT);
		if (r->n_kept <= n)
			fits = middle;
		else
			exceeds = middle;
	}
	mark_buckets(r, fits, MIN(n, (size_t)KEPT));
}

/* The rest evenly, of those that did not stay. */
static void fill_up(struct reduction *r, size_t n)
{
	size_t n_left = r->s->n - r->n_kept, n_more = n - r->n_kept;
	size_t i, sum = 0;

	for (i = 0; i < r->s->n; i++) {
		if (r->is_kept[i])
			continue;
		sum += n_more;
		if (sum < n_left)
			continue;
		sum -= n_left;
		mark(r, i);
	}
}

size_t series_reduce(const struct series *s, struct point *out, size_t n)
{
	struct reduction r = { .s = s };
	size_t i, n_out = 0;

	if (s->n <= n) {
		if (s->n)
			memcpy(out, s->points, s->n * sizeof(*out));
		return s->n;
	}
	r.is_kept = xcalloc(s->n, sizeof(*r.is_kept));
	mark_most(&r, n);
	fill_up(&r, n);
	for (i = 0; i < s->n; i++)
		if (r.is_kept[i])
			out[n_out++] = s->points[i];
	free(r.is_kept);
	return n_out;
}
