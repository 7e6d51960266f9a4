/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "demo/history.h"

static const int64_t step_ms[WORLD_N] = { 1000, 2000, 3000 };

int64_t live_step_ms(enum world_id world)
{
	return step_ms[world];
}

static void plan_fraud(int64_t i, struct live_plan *p)
{
	static const int depths[] = { 14, 10, 16, 8 };

	p->recipe.steps = 300;
	p->recipe.depth = depths[i % 4];
	p->recipe.min_leaf = 6;
	p->recipe.n_try = 2 + (int)(i % 3);
	snprintf(p->name, sizeof(p->name), "rf-depth%d-r%d", p->recipe.depth,
		 (int)i + 1);
}

static void plan_solar(int64_t i, struct live_plan *p)
{
	static const double rates[] = { .05, .08, .03 };

	p->recipe.steps = 180;
	p->recipe.depth = 3 + (int)(i % 3);
	p->recipe.min_leaf = 12;
	p->recipe.rate = rates[i % 3];
	p->recipe.share = .7;
	snprintf(p->name, sizeof(p->name), "gbt-solar-r%d", (int)i + 1);
}

static void plan_icu(int64_t i, struct live_plan *p)
{
	static const double rates[] = { .001, .0015, .0007 };

	p->recipe.steps = 100;
	p->recipe.filters = 4 + (int)(i % 3) * 2;
	p->recipe.batch = 32;
	p->recipe.rate = rates[i % 3];
	snprintf(p->name, sizeof(p->name), "cnn-vitals-r%d", (int)i + 1);
}

void live_plan(enum world_id world, int64_t i, struct live_plan *out)
{
	static void (*const plans[WORLD_N])(int64_t, struct live_plan *) = {
		plan_fraud, plan_solar, plan_icu
	};

	memset(out, 0, sizeof(*out));
	out->recipe.world = world;
	out->recipe.seed = DEMO_SEED + 1000 + (uint64_t)i;
	out->data = i % 2 ? LAB_NOVEMBER : LAB_OCTOBER;
	plans[world](i, out);
}

void live_begin(struct store *s, struct lab *lab, enum world_id world,
		int64_t i, int64_t start_ms, char run[33])
{
	struct store_run r = { .world = world, .start_ms = start_ms };
	struct live_plan plan;
	char number[24];

	live_plan(world, i, &plan);
	r.name = plan.name;
	r.note = "Training now, on synthetic data, in mltower's demo factory.";
	store_run_begin(s, &r);
	memcpy(run, r.id, sizeof(r.id));
	snprintf(number, sizeof(number), "%lld", (long long)i + 1);
	store_tag(s, run, STORE_LIVE_TAG, number);
	store_recipe(s, run, &plan.recipe);
	store_param(s, run, "data", lab_data_name(world, plan.data));
	store_input(s, run, lab, world, plan.data, "training");
	store_input(s, run, lab, world, LAB_HOLDOUT, "eval");
}

void live_point(struct store *s, const char *run, const struct world *w,
		const double *scores, int64_t time_ms, int64_t step)
{
	const char *const *names;
	size_t n;

	names = learner_metrics(w, &n);
	for (size_t i = 0; i < n; i++)
		store_metric(s, run, names[i], scores[i], time_ms, step);
}
