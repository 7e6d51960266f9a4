/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_DEMO_LAB_H
#define MLTOWER_DEMO_LAB_H

#include <stdbool.h>

#include "demo/learner.h"
#include "demo/world.h"

/* The data sets that models are trained and scored on, made when first asked
 * for, and what a recipe looks like as MLflow's params. */

enum lab_data {
	LAB_OCTOBER,  /* a quiet world */
	LAB_NOVEMBER, /* one that has moved: see lab_moved */
	LAB_HOLDOUT,  /* both; every run of a world is scored on it */
	LAB_N_DATA,
};

struct lab {
	struct frame frames[WORLD_N][LAB_N_DATA]; /* n 0: not made */
};

#define LAB_INIT                                                               \
	{                                                                      \
		0                                                              \
	}

void lab_release(struct lab *lab);
const struct frame *lab_frame(struct lab *lab, enum world_id world,
			      enum lab_data data);
/* "tx-2026-10": as the data set is named in the store. */
const char *lab_data_name(enum world_id world, enum lab_data data);
/* LAB_OCTOBER where the name is not known. */
enum lab_data lab_data_find(enum world_id world, const char *name);
/* What the world becomes: what LAB_NOVEMBER was drawn from. */
const struct drift *lab_moved(enum world_id world);

/* The i-th param of the world's recipes: its name, and its value as text.
 * False past the last. */
#define LAB_VALUE_MAX 32
bool lab_param_get(const struct recipe *r, size_t i, const char **name,
		   char value[LAB_VALUE_MAX]);
/* Sets what a param says; other names are let pass. */
void lab_param_set(struct recipe *r, const char *name, const char *value);

#endif
