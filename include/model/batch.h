/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_MODEL_BATCH_H
#define MLTOWER_MODEL_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/point.h"

/* What a worker hands over: plain values of one source, as they are out there,
 * nothing of the model. All memory is the batch's arena; the receiver copies
 * or takes the whole. Text is as it was stored (NUL-terminated; a NUL inside
 * was escaped as "\x00" by the adapter). */

enum run_status {
	RUN_UNKNOWN,
	RUN_SCHEDULED,
	RUN_RUNNING,
	RUN_FINISHED,
	RUN_FAILED,
	RUN_KILLED,
};

enum value_kind {
	VALUE_METRIC,
	VALUE_PARAM,
	VALUE_TAG,
	/* What else is known of a run, by name: "dataset.name",
	 * "dataset.digest", "dataset.context", "model.name", "alias",
	 * "artifact_uri". Text; several stand one after another with a
	 * separator between them. */
	VALUE_FACT,
	/* A number made of a metric's history, where "auc.max" was asked for
	 * as a metric and no metric has that name: .max, .min, .last, .step. */
	VALUE_STATISTIC,
	N_VALUE_KINDS
};

static inline bool value_is_number(enum value_kind kind)
{
	return kind == VALUE_METRIC || kind == VALUE_STATISTIC;
}

#define N_NAMED_KINDS (VALUE_TAG + 1)              /* metrics, params, tags */
const char *value_kind_name(enum value_kind kind); /* "metric": of those */

#define BATCH_FACT_SEPARATOR '\x1f'

struct experiment_facts {
	const char *id, *name;
	bool is_deleted;
	const char *primary_metric;     /* declared in the store, or NULL */
	int8_t primary_goal;            /* +1 max, -1 min, 0 not told */
	int64_t created_ms, updated_ms; /* TIME_NONE if not told */
};

struct run_facts {
	const char *id;   /* identity within its source */
	const char *name; /* "" where it has none */
	const char *experiment_id;
	const char *user;
	const char *parent_id; /* "" at the top */
	enum run_status status;
	bool is_deleted;
	bool is_known; /* only its id is told: the rest is as it was told */
	int64_t start_ms, end_ms; /* TIME_NONE if not told */
};

struct value_key {
	enum value_kind kind;
	const char *name;
};

/* The newest value of a column in a run. Numbers for metrics (NaN and
 * infinities are themselves), text for params and tags; text NULL: removed. */
struct run_value {
	uint32_t run; /* index in runs[] */
	uint32_t key; /* index in keys[] */
	union {
		double number;
		const char *text;
	};
};

/* How many of an experiment's newest runs have a metric. A batch tells all
 * metrics of an experiment, one after another, or none. */
struct metric_count {
	const char *experiment_id, *metric;
	uint32_t n_runs;
};

/* Points of one metric of one run. `is_all` says they are the whole series in
 * order (by step, time, value); else they come after what was known. */
struct series_facts {
	const char *run_id, *metric;
	bool is_all;
	uint64_t n_total; /* points in the store; more than n_points if reduced
			   */
	size_t n_points;
	const struct point *points;
};

struct name_value {
	const char *name, *value;
};

struct last_metric {
	const char *name;
	double value;
	int64_t step, time_ms;
};

struct dataset_facts {
	const char *name, *digest, *context; /* context "" if none */
	const char *source_type, *source, *schema, *profile; /* "" if none */
};

struct logged_model_facts {
	const char *id, *name, *status, *model_type, *location;
	bool is_input; /* consumed by the run, not made by it */
};

struct model_version_ref {
	const char *model, *version;
};

/* One run, whole. Also what the gates read. */
struct run_detail {
	struct run_facts run;
	const char *experiment_name;
	const char *artifact_uri;
	size_t n_params, n_tags, n_metrics, n_datasets, n_models, n_versions,
		n_children;
	const struct name_value *params, *tags; /* sorted by name */
	const struct last_metric *metrics;      /* sorted by name */
	const struct dataset_facts *datasets;
	const struct logged_model_facts *models;
	const struct model_version_ref *versions; /* registered from it */
	const struct run_facts *children;
};

struct alias_facts {
	const char *alias, *version;
};

struct version_facts {
	const char *version; /* decimal digits */
	const char *status, *stage, *run_id, *description, *source_uri;
	int64_t created_ms, updated_ms;
	size_t n_tags;
	const struct name_value *tags;
};

struct model_facts {
	const char *name, *description;
	int64_t created_ms, updated_ms;
	size_t n_tags, n_aliases, n_versions;
	const struct name_value *tags;
	const struct alias_facts *aliases;    /* sorted by alias */
	const struct version_facts *versions; /* newest (highest) first */
};

enum source_state {
	SOURCE_STARTING,
	SOURCE_LIVE,
	SOURCE_BUSY,   /* locked by a writer for now */
	SOURCE_ABSENT, /* no file, no answer */
	SOURCE_FAILED, /* there, and cannot be read: why is in the message */
};

struct batch {
	struct arena arena;
	uint16_t source;  /* the app's number for it */
	uint32_t request; /* generation of the request it answers; 0: a poll */

	enum source_state state;
	struct err err; /* why the state is not live */
	int64_t read_utc_ms;
	bool has_more;    /* ask again at once: this was a slice */
	bool is_afresh;   /* the store was replaced: forget what it gave */
	bool is_complete; /* every run of the store has been handed over */
	uint64_t n_bad;   /* records skipped in this batch */
	const char *bad_example; /* what the last one was, or NULL */
	int64_t n_runs_total, n_models_total; /* in the store; -1: not known */

	size_t n_experiments, cap_experiments;
	struct experiment_facts *experiments;
	size_t n_runs, cap_runs;
	struct run_facts *runs;
	size_t n_gone, cap_gone; /* run ids that are no longer there */
	const char **gone;
	size_t n_keys, cap_keys;
	struct value_key *keys;
	size_t n_values, cap_values;
	struct run_value *values;
	size_t n_counts, cap_counts;
	struct metric_count *counts;
	size_t n_series, cap_series;
	struct series_facts *series;
	bool has_registry; /* models[] is the whole registry as it is now */
	size_t n_models, cap_models;
	struct model_facts *models;
	struct run_detail *detail; /* the answer to a detail request */
	/* Names of the metrics, params and tags of the source, by kind. */
	struct batch_names {
		bool is_told; /* all[] is the whole list */
		size_t n, cap;
		const char **all;
	} names[N_NAMED_KINDS];
	size_t n_key_slots; /* of batch_key() alone: where each key stands */
	uint32_t *key_slots;
};

struct batch *batch_new(void);
void batch_free(struct batch *b);
/* Add; strings are copied into the arena; the index of what was added. */
uint32_t batch_add_experiment(struct batch *b, const struct experiment_facts *);
uint32_t batch_add_run(struct batch *b, const struct run_facts *run);
/* One that was handed over before, for values of it. */
uint32_t batch_add_known_run(struct batch *b, const char *run_id);
void batch_add_gone(struct batch *b, const char *run_id);
/* The same kind and name give the same index. */
uint32_t batch_key(struct batch *b, enum value_kind kind, const char *name);
void batch_add_number(struct batch *b, uint32_t run, uint32_t key, double v);
void batch_add_text(struct batch *b, uint32_t run, uint32_t key,
		    const char *text);
void batch_add_count(struct batch *b, const struct metric_count *count);
/* Takes a copy of the points. */
void batch_add_series(struct batch *b, const struct series_facts *series);
void batch_add_name(struct batch *b, enum value_kind kind, const char *name);
/* Models with everything they point to copied. */
void batch_add_model(struct batch *b, const struct model_facts *model);

const char *run_status_name(enum run_status s); /* "RUNNING", as in MLflow */
enum run_status run_status_parse(const char *name);

#endif
