/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "demo/lab.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"

/* clang-format off */
static const struct drift moved[WORLD_N] = {
	[WORLD_FRAUD] = { { [DRIFT_AMOUNT] = 1.0, [DRIFT_FOREIGN] = 3 } },
	[WORLD_SOLAR] = { { [DRIFT_CLOUD] = 1.0 } },
	[WORLD_ICU] = { { [DRIFT_MIX] = .4 } },
};

static const struct {
	uint64_t seed;
	double share_moved;
	size_t n[WORLD_N];
} sets[LAB_N_DATA] = {
	[LAB_OCTOBER] = { DEMO_SEED + 1, 0, { 3000, 1500, 700 } },
	[LAB_NOVEMBER] = { DEMO_SEED + 2, .85, { 3000, 1500, 1000 } },
	[LAB_HOLDOUT] = { DEMO_SEED + 3, .85, { 3000, 1000, 1200 } },
};

static const char *const names[WORLD_N][LAB_N_DATA] = {
	{ "tx-2026-10", "tx-2026-11", "tx-holdout" },
	{ "plants-2026-10", "plants-2026-11", "plants-holdout" },
	{ "vitals-2026-10", "vitals-2026-11", "vitals-holdout" },
};

#define IN(world) (1u << (world))

static const struct {
	const char *name;
	unsigned worlds;
	bool is_double;
	size_t offset;
} params[] = {
#define PARAM(name, worlds, is_double, field) \
	{ name, worlds, is_double, offsetof(struct recipe, field) }
	PARAM("n_estimators", IN(WORLD_FRAUD), false, steps),
	PARAM("rounds", IN(WORLD_SOLAR), false, steps),
	PARAM("epochs", IN(WORLD_ICU), false, steps),
	PARAM("max_depth", IN(WORLD_FRAUD) | IN(WORLD_SOLAR), false, depth),
	PARAM("min_samples_leaf", IN(WORLD_FRAUD) | IN(WORLD_SOLAR), false,
	      min_leaf),
	PARAM("max_features", IN(WORLD_FRAUD), false, n_try),
	PARAM("learning_rate", IN(WORLD_SOLAR) | IN(WORLD_ICU), true, rate),
	PARAM("subsample", IN(WORLD_SOLAR), true, share),
	PARAM("filters", IN(WORLD_ICU), false, filters),
	PARAM("batch_size", IN(WORLD_ICU), false, batch),
};
/* clang-format on */

void lab_release(struct lab *lab)
{
	for (int w = 0; w < WORLD_N; w++)
		for (int d = 0; d < LAB_N_DATA; d++)
			frame_release(&lab->frames[w][d]);
}

const struct frame *lab_frame(struct lab *lab, enum world_id world,
			      enum lab_data data)
{
	struct frame *f = &lab->frames[world][data];

	if (!f->n)
		frame_draw(f, world_get(world), sets[data].seed,
			   sets[data].n[world], &moved[world],
			   sets[data].share_moved, data != LAB_HOLDOUT);
	return f;
}

const char *lab_data_name(enum world_id world, enum lab_data data)
{
	return names[world][data];
}

enum lab_data lab_data_find(enum world_id world, const char *name)
{
	for (int d = 0; d < LAB_N_DATA; d++)
		if (name && !strcmp(names[world][d], name))
			return (enum lab_data)d;
	return LAB_OCTOBER;
}

const struct drift *lab_moved(enum world_id world)
{
	return &moved[world];
}

static bool find_param(enum world_id world, size_t i, size_t *at)
{
	for (size_t k = 0; k < ARRAY_LEN(params); k++) {
		if (!(params[k].worlds & IN(world)))
			continue;
		if (!i--) {
			*at = k;
			return true;
		}
	}
	return false;
}

bool lab_param_get(const struct recipe *r, size_t i, const char **name,
		   char value[LAB_VALUE_MAX])
{
	const char *field;
	size_t k;

	if (!i--) {
		*name = "seed";
		snprintf(value, LAB_VALUE_MAX, "%llu",
			 (unsigned long long)r->seed);
		return true;
	}
	if (!find_param(r->world, i, &k))
		return false;
	*name = params[k].name;
	field = (const char *)r + params[k].offset;
	if (params[k].is_double)
		num_format(value, *(const double *)(const void *)field);
	else
		num_format_int(value, *(const int *)(const void *)field);
	return true;
}

void lab_param_set(struct recipe *r, const char *name, const char *value)
{
	char *field;

	if (!strcmp(name, "seed"))
		r->seed = strtoull(value, NULL, 10);
	for (size_t k = 0; k < ARRAY_LEN(params); k++) {
		if (!(params[k].worlds & IN(r->world)) ||
		    strcmp(params[k].name, name))
			continue;
		field = (char *)r + params[k].offset;
		if (params[k].is_double)
			num_parse(value, strlen(value),
				  (double *)(void *)field);
		else
			*(int *)(void *)field = atoi(value);
	}
}
