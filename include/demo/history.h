/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_DEMO_HISTORY_H
#define MLTOWER_DEMO_HISTORY_H

#include <stdint.h>

#include "base/err.h"
#include "demo/store.h"

/* The two days before the first look: runs really trained, versions really
 * saved, all in one transaction. */

/* Writes experiments, runs, versions and aliases into the open store, and
 * weights and baselines into its folder. */
ATTR_NODISCARD enum err_code history_make(struct store *s, struct lab *lab,
					  int64_t now_ms, struct err *err);
/* A few minutes of prediction logs, scored by the champions. */
ATTR_NODISCARD enum err_code history_traffic(struct store *s, int64_t now_ms,
					     struct err *err);

/* The weights of a logged model; NULL with err. */
struct predictor *history_load(const char *dir, const char *model_id,
			       struct err *err);

/* The i-th run of the factory's own making; the 0th is under way when the
 * demo opens. The name is of 40 bytes at most. */
struct live_plan {
	struct recipe recipe;
	enum lab_data data;
	char name[40];
};
void live_plan(enum world_id world, int64_t i, struct live_plan *out);
int64_t live_step_ms(enum world_id world); /* from one point to the next */
/* Begins it: run, params, tags, inputs; fills run. */
void live_begin(struct store *s, struct lab *lab, enum world_id world,
		int64_t i, int64_t start_ms, char run[33]);
void live_point(struct store *s, const char *run, const struct world *w,
		const double *scores, int64_t time_ms, int64_t step);

#endif
