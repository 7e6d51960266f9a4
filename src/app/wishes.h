/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_APP_WISHES_H
#define MLTOWER_APP_WISHES_H

#include "app/app.h"

/* What the views said they need, view by view, and what of it is fetched. */
struct wish_series {
	uint16_t source;
	char *run_id, *metric;
	uint32_t max_points;
	bool is_fetching, was_fetched;
};

struct wish_slot {
	struct value_key *columns;
	size_t n_columns;
	struct wish_series *series;
	size_t n_series;
};

struct wishes {
	struct wish_slot slots[APP_N_WHO];
	char **hot_runs; /* of hot_sources[i] */
	uint16_t *hot_sources;
	size_t n_hot;
};

void wishes_release(struct wishes *w);
/* Does the list of runs (up to APP_WHO_GROUP) wish for all of them already? */
bool wishes_have_columns(const struct wishes *w, const struct value_key *keys,
			 size_t n);
/* True if it differs from what was wished before. */
bool wishes_set_columns(struct wishes *w, enum app_who who,
			const struct value_key *keys, size_t n);
bool wishes_set_series(struct wishes *w, enum app_who who,
		       const struct app_series_wish *series, size_t n);
/* Series that were fetched and are no longer held are to be fetched again; true
 * if there are such. */
bool wishes_miss(struct wishes *w, enum app_who who,
		 struct series_cache *cache);
bool wishes_set_runs(struct wishes *w, const struct run_set *runs,
		     const uint32_t *rows, size_t n);

/* All wishes of one source as an ask, in the arena. */
struct source_ask wishes_ask(const struct wishes *w, uint16_t source,
			     struct arena *a);
/* Marks what must be fetched of the source as under way, and gives it. */
size_t wishes_take_fetches(struct wishes *w, uint16_t source, struct arena *a,
			   struct series_ask **out);
/* Answers are no longer under way. */
void wishes_arrived(struct wishes *w, uint16_t source, const struct batch *b);
/* What was under way failed, or its store was replaced: fetched again. */
void wishes_forget(struct wishes *w, uint16_t source, bool with_fetched);
bool wishes_any_fetching(const struct wishes *w);
bool wishes_is_fetching(const struct wishes *w, uint16_t source,
			const char *run_id, const char *metric);

#endif
