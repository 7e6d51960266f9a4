/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_MODEL_MODEL_H
#define MLTOWER_MODEL_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/intern.h"
#include "model/alert.h"
#include "model/batch.h"
#include "model/drift.h"
#include "model/event.h"
#include "model/registry.h"
#include "model/run_set.h"
#include "model/series.h"

/* All that is known, owned by the main thread alone. Members are read freely;
 * changed only by model_apply and its siblings. */
struct model_source {
	char *name, *kind, *where;
	bool is_writable;
	enum source_state state;
	struct err err;        /* why it is not live */
	int64_t read_utc_ms;   /* last good read; TIME_NONE never */
	int64_t lost_since_ms; /* TIME_NONE while it is live */
	bool is_complete;      /* every run it has is here */
	uint64_t n_bad;
	char *bad_example;
	int64_t n_runs, n_models;
	uint32_t n_polls;
	uint16_t latency_ms[64]; /* of the last polls, ring */
	/* Names of its metrics, params and tags; empty until told. */
	struct model_names {
		size_t n;
		uint32_t *all; /* interned */
	} names[N_NAMED_KINDS];
};

struct model {
	struct intern *strings;
	struct run_set *runs;
	struct registry *registry;
	struct series_cache *series;
	struct event_log *events;
	struct alert_set alerts;
	struct drift_report **reports; /* newest of each monitor; owned */
	size_t n_reports;
	struct model_source *sources; /* index: batch.source */
	size_t n_sources;
	/* Change counters: a view digests again when the one it shows moved. */
	uint32_t runs_gen, registry_gen, series_gen, alerts_gen, events_gen,
		sources_gen;
	uint32_t orders_gen; /* rows in order, made from it by a worker */
};

void model_init(struct model *m);
void model_release(struct model *m);
uint16_t model_add_source(struct model *m, const char *name, const char *kind,
			  const char *where, bool is_writable);
/* Index of the source of this name, or -1. */
int model_find_source(const struct model *m, const char *name);
/* Takes in a batch (not freed): runs, values, series, registry, state; what
 * changed in a store that was complete before becomes events. latency_ms: how
 * long the poll took. */
void model_apply(struct model *m, const struct batch *b, int64_t now_ms,
		 uint32_t latency_ms);
/* The main metric of an experiment: declared; else, of its newest runs as the
 * source counts them, the commonest val/eval/test metric, else the commonest,
 * never one of "system/". Which values are here has no part in it, so that all
 * who ask see the same. Interned; 0 none. */
uint32_t model_main_metric(const struct model *m, uint32_t experiment);

#endif
