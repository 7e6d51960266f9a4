/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_APP_APP_INTERNAL_H
#define MLTOWER_APP_APP_INTERNAL_H

#include "app/app.h"
#include "source_worker.h"
#include "wishes.h"

struct state_worker;

struct app_source {
	struct source_conf conf;
	const struct system_ops *ops; /* NULL: not a kind we can read */
	struct source_worker *worker; /* NULL as well then */
	uint32_t answered; /* the serial whose columns it brought, all of them */
};

#define APP_DETAILS 40

/* A run whole, as it was told; the batch owns it. */
struct app_detail_slot {
	uint16_t source;
	char run_id[72];
	struct batch *batch; /* NULL: not here yet */
	struct err err;
	bool is_fetching;
	uint32_t runs_gen; /* of the row when it was asked for */
	int64_t asked_mono_ms;
	uint64_t used; /* for the least recently used */
};

struct app {
	const struct config *config;
	bool is_wall, is_demo;
	struct model model;
	struct inbox *inbox;
	struct app_source *sources; /* index as in the model */
	size_t n_sources;
	struct wishes wishes;
	uint32_t serial; /* of the columns that the lists wish for */
	struct app_detail_slot details[APP_DETAILS];
	uint64_t detail_clock;
	struct worker *compute, *actor;
	struct worker *toiler; /* NULL: nothing long was asked for yet */
	struct state_worker *state;
};

#endif
