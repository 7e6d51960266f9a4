/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "wishes.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static void free_columns(struct wish_slot *slot)
{
	for (size_t i = 0; i < slot->n_columns; i++)
		free((char *)slot->columns[i].name);
	free(slot->columns);
	slot->columns = NULL;
	slot->n_columns = 0;
}

static void free_series(struct wish_series *series, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(series[i].run_id);
		free(series[i].metric);
	}
	free(series);
}

static void free_runs(struct wishes *w)
{
	for (size_t i = 0; i < w->n_hot; i++)
		free(w->hot_runs[i]);
	free(w->hot_runs);
	free(w->hot_sources);
	w->hot_runs = NULL;
	w->hot_sources = NULL;
	w->n_hot = 0;
}

void wishes_release(struct wishes *w)
{
	for (size_t i = 0; i < ARRAY_LEN(w->slots); i++) {
		free_columns(&w->slots[i]);
		free_series(w->slots[i].series, w->slots[i].n_series);
	}
	free_runs(w);
	memset(w, 0, sizeof(*w));
}

static bool same_key(const struct value_key *a, const struct value_key *b)
{
	return a->kind == b->kind && !strcmp(a->name, b->name);
}

static bool has_column(const struct wishes *w, const struct value_key *key)
{
	for (size_t who = 0; who <= APP_WHO_GROUP; who++)
		for (size_t i = 0; i < w->slots[who].n_columns; i++)
			if (same_key(&w->slots[who].columns[i], key))
				return true;
	return false;
}

bool wishes_have_columns(const struct wishes *w, const struct value_key *keys,
			 size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!has_column(w, &keys[i]))
			return false;
	return true;
}

bool wishes_set_columns(struct wishes *w, enum app_who who,
			const struct value_key *keys, size_t n)
{
	struct wish_slot *slot = &w->slots[who];
	bool is_same = n == slot->n_columns;

	for (size_t i = 0; is_same && i < n; i++)
		is_same = same_key(&keys[i], &slot->columns[i]);
	if (is_same)
		return false;
	free_columns(slot);
	slot->columns = xcalloc(n, sizeof(*slot->columns));
	slot->n_columns = n;
	for (size_t i = 0; i < n; i++) {
		slot->columns[i].kind = keys[i].kind;
		slot->columns[i].name = xstrdup(keys[i].name);
	}
	return true;
}

static struct wish_series *find_series(const struct wish_slot *slot,
				       uint16_t source, const char *run_id,
				       const char *metric)
{
	for (size_t i = 0; i < slot->n_series; i++) {
		struct wish_series *s = &slot->series[i];

		if (s->source == source && !strcmp(s->run_id, run_id) &&
		    !strcmp(s->metric, metric))
			return s;
	}
	return NULL;
}

bool wishes_set_series(struct wishes *w, enum app_who who,
		       const struct app_series_wish *series, size_t n)
{
	struct wish_slot *slot = &w->slots[who];
	struct wish_series *now = xcalloc(n, sizeof(*now));
	bool is_same = n == slot->n_series;

	for (size_t i = 0; i < n; i++) {
		const struct app_series_wish *ask = &series[i];
		struct wish_series *old = find_series(slot, ask->source,
						      ask->run_id, ask->metric);

		if (old && old->max_points == ask->max_points) {
			now[i].is_fetching = old->is_fetching;
			now[i].was_fetched = old->was_fetched;
		} else {
			is_same = false;
		}
		now[i].source = ask->source;
		now[i].run_id = xstrdup(ask->run_id);
		now[i].metric = xstrdup(ask->metric);
		now[i].max_points = ask->max_points;
	}
	free_series(slot->series, slot->n_series);
	slot->series = now;
	slot->n_series = n;
	return !is_same;
}

bool wishes_miss(struct wishes *w, enum app_who who, struct series_cache *cache)
{
	struct wish_slot *slot = &w->slots[who];
	bool is_missed = false;

	for (size_t i = 0; i < slot->n_series; i++) {
		struct wish_series *s = &slot->series[i];

		if (!s->was_fetched ||
		    series_cache_get(cache, s->source, s->run_id, s->metric))
			continue;
		s->was_fetched = false;
		is_missed = true;
	}
	return is_missed;
}

bool wishes_set_runs(struct wishes *w, const struct run_set *runs,
		     const uint32_t *rows, size_t n)
{
	char **ids = xcalloc(n, sizeof(*ids));
	uint16_t *sources = xcalloc(n, sizeof(*sources));
	bool is_same = n == w->n_hot;
	char room[40];

	for (size_t i = 0; i < n; i++) {
		ids[i] = xstrdup(run_set_id(runs, rows[i], room));
		sources[i] = run_set_head(runs, rows[i])->source;
		is_same = is_same && sources[i] == w->hot_sources[i] &&
			  !strcmp(ids[i], w->hot_runs[i]);
	}
	free_runs(w);
	w->hot_runs = ids;
	w->hot_sources = sources;
	w->n_hot = n;
	return !is_same;
}

static void add_column(struct value_key *out, size_t *n,
		       const struct value_key *key, struct arena *a)
{
	for (size_t i = 0; i < *n; i++)
		if (same_key(&out[i], key))
			return;
	out[*n].kind = key->kind;
	out[*n].name = arena_strdup(a, key->name);
	(*n)++;
}

static void collect_columns(const struct wishes *w, struct source_ask *ask,
			    struct arena *a)
{
	struct value_key *columns;
	size_t most = 0;

	for (size_t i = 0; i < ARRAY_LEN(w->slots); i++)
		most += w->slots[i].n_columns;
	columns = arena_alloc(a, most * sizeof(*columns));
	for (size_t i = 0; i < ARRAY_LEN(w->slots); i++)
		for (size_t k = 0; k < w->slots[i].n_columns; k++)
			add_column(columns, &ask->n_columns,
				   &w->slots[i].columns[k], a);
	ask->columns = columns;
}

static void collect_live(const struct wishes *w, uint16_t source,
			 struct source_ask *ask, struct arena *a)
{
	struct value_key *metrics;
	const char **runs;
	size_t most = 0;

	for (size_t i = 0; i < ARRAY_LEN(w->slots); i++)
		most += w->slots[i].n_series;
	metrics = arena_alloc(a, most * sizeof(*metrics));
	runs = arena_alloc(a, most * sizeof(*runs));
	for (size_t i = 0; i < ARRAY_LEN(w->slots); i++) {
		for (size_t k = 0; k < w->slots[i].n_series; k++) {
			struct wish_series *s = &w->slots[i].series[k];

			if (s->source != source)
				continue;
			metrics[ask->n_live].kind = VALUE_METRIC;
			metrics[ask->n_live].name = s->metric;
			runs[ask->n_live++] = s->run_id;
		}
	}
	ask->live_metrics = metrics;
	ask->live_runs = runs;
}

struct source_ask wishes_ask(const struct wishes *w, uint16_t source,
			     struct arena *a)
{
	struct source_ask ask = { 0 };
	const char **hot = arena_alloc(a, w->n_hot * sizeof(*hot));

	collect_columns(w, &ask, a);
	collect_live(w, source, &ask, a);
	for (size_t i = 0; i < w->n_hot; i++)
		if (w->hot_sources[i] == source)
			hot[ask.n_hot_runs++] = w->hot_runs[i];
	ask.hot_runs = hot;
	return ask;
}

size_t wishes_take_fetches(struct wishes *w, uint16_t source, struct arena *a,
			   struct series_ask **out)
{
	size_t most = 0, n = 0;

	for (size_t i = 0; i < ARRAY_LEN(w->slots); i++)
		most += w->slots[i].n_series;
	*out = arena_alloc(a, most * sizeof(**out));
	for (size_t i = 0; i < ARRAY_LEN(w->slots); i++) {
		for (size_t k = 0; k < w->slots[i].n_series; k++) {
			struct wish_series *s = &w->slots[i].series[k];

			if (s->source != source || s->is_fetching ||
			    s->was_fetched)
				continue;
			s->is_fetching = true;
			(*out)[n].run_id = s->run_id;
			(*out)[n].metric = s->metric;
			(*out)[n++].max_points = s->max_points;
		}
	}
	return n;
}

void wishes_arrived(struct wishes *w, uint16_t source, const struct batch *b)
{
	for (size_t i = 0; i < b->n_series; i++) {
		const struct series_facts *got = &b->series[i];

		for (size_t k = 0; k < ARRAY_LEN(w->slots); k++) {
			struct wish_series *s = find_series(
				&w->slots[k], source, got->run_id, got->metric);

			if (!s || !s->is_fetching)
				continue;
			s->is_fetching = false;
			s->was_fetched = true;
		}
	}
}

void wishes_forget(struct wishes *w, uint16_t source, bool with_fetched)
{
	for (size_t k = 0; k < ARRAY_LEN(w->slots); k++) {
		for (size_t i = 0; i < w->slots[k].n_series; i++) {
			struct wish_series *s = &w->slots[k].series[i];

			if (s->source != source)
				continue;
			s->is_fetching = false;
			if (with_fetched)
				s->was_fetched = false;
		}
	}
}

bool wishes_any_fetching(const struct wishes *w)
{
	for (size_t k = 0; k < ARRAY_LEN(w->slots); k++)
		for (size_t i = 0; i < w->slots[k].n_series; i++)
			if (w->slots[k].series[i].is_fetching)
				return true;
	return false;
}

bool wishes_is_fetching(const struct wishes *w, uint16_t source,
			const char *run_id, const char *metric)
{
	for (size_t k = 0; k < ARRAY_LEN(w->slots); k++) {
		struct wish_series *s =
			find_series(&w->slots[k], source, run_id, metric);

		if (s && s->is_fetching)
			return true;
	}
	return false;
}
