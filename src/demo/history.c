/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "demo/history.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "demo/traffic.h"
#include "io/file.h"

#define MINUTE_MS     60000
#define BASELINE_ROWS 1000
#define MAX_WEIGHTS   (8u << 20)

enum past_flag {
	IS_PARENT = 1, /* of the runs below that are IS_CHILD */
	IS_CHILD = 2,
	IS_AGAIN = 4, /* repeats the one before with another seed */
};

/* One run of the past: how it was trained and how it ended. */
struct past {
	const char *name;
	enum world_id world;
	int age_min; /* started this long before the first look */
	int step_s;  /* from point to point */
	int stop_at; /* steps really done; 0: all */
	const char *status;
	enum lab_data data;
	unsigned flags;
	int version; /* registered as; 0: not */
	struct recipe recipe;
	const char *note;
};

#define FOREST(s, n, d, t)                                                     \
	{                                                                      \
		.world = WORLD_FRAUD, .seed = s, .steps = n, .depth = d,       \
		.min_leaf = 6, .n_try = t                                      \
	}
#define BOOST(s, n, d, r)                                                      \
	{                                                                      \
		.world = WORLD_SOLAR, .seed = s, .steps = n, .depth = d,       \
		.min_leaf = 12, .rate = r, .share = .7                         \
	}
#define CONV(s, n, f, r)                                                       \
	{                                                                      \
		.world = WORLD_ICU, .seed = s, .steps = n, .filters = f,       \
		.batch = 16, .rate = r                                         \
	}
#define F  WORLD_FRAUD
#define S  WORLD_SOLAR
#define I  WORLD_ICU
#define OK "FINISHED"

/* clang-format off */
static const struct past pasts[] = {
	{ "rf-depth4", F, 2860, 5, 0, OK, LAB_OCTOBER, 0, 1,
	  FOREST(11, 30, 4, 2), NULL },
	{ "rf-depth8", F, 2510, 5, 0, OK, LAB_OCTOBER, 0, 2,
	  FOREST(12, 40, 8, 2), NULL },
	{ "rf-depth12-seed1", F, 1720, 6, 0, OK, LAB_OCTOBER, 0, 3,
	  FOREST(1, 50, 12, 3), "One of five seeds of one configuration, on synthetic data." },
	{ "rf-depth12-seed2", F, 1708, 6, 0, OK, LAB_OCTOBER, IS_AGAIN, 0,
	  FOREST(2, 50, 12, 3), "One of five seeds of one configuration, on synthetic data." },
	{ "rf-depth12-seed3", F, 1697, 6, 0, OK, LAB_OCTOBER, IS_AGAIN, 4,
	  FOREST(3, 50, 12, 3), "One of five seeds of one configuration, on synthetic data." },
	{ "rf-depth12-seed4", F, 1685, 6, 0, OK, LAB_OCTOBER, IS_AGAIN, 0,
	  FOREST(4, 50, 12, 3), "One of five seeds of one configuration, on synthetic data." },
	{ "rf-depth12-seed5", F, 1673, 6, 0, OK, LAB_OCTOBER, IS_AGAIN, 0,
	  FOREST(5, 50, 12, 3), "One of five seeds of one configuration, on synthetic data." },
	{ "rf-all-features", F, 1040, 5, 0, OK, LAB_OCTOBER, 0, 0,
	  FOREST(13, 40, 12, 7), NULL },
	{ "rf-depth16", F, 655, 6, 0, OK, LAB_OCTOBER, 0, 0,
	  FOREST(14, 50, 16, 3), NULL },
	{ "rf-depth20", F, 540, 6, 17, "FAILED", LAB_OCTOBER, 0, 0,
	  FOREST(15, 60, 20, 3), "Ran out of memory at tree 17 (synthetic)." },
	{ "rf-depth12-b", F, 71, 6, 0, OK, LAB_NOVEMBER, 0, 5,
	  FOREST(6, 60, 12, 3), "Trained on the newer synthetic data, tx-2026-11." },

	{ "gbt-solar-base", S, 2745, 6, 0, OK, LAB_OCTOBER, 0, 1,
	  BOOST(21, 40, 2, .15), NULL },
	{ "gbt-solar-sweep", S, 2210, 8, 1, OK, LAB_OCTOBER, IS_PARENT, 0,
	  BOOST(22, 60, 4, .1), "A sweep over depth, on synthetic data; its runs are nested." },
	{ "gbt-solar-h3", S, 2208, 6, 0, OK, LAB_OCTOBER, IS_CHILD, 2,
	  BOOST(22, 60, 3, .1), NULL },
	{ "gbt-solar-h4", S, 2199, 6, 0, OK, LAB_OCTOBER, IS_CHILD, 0,
	  BOOST(22, 60, 4, .1), NULL },
	{ "gbt-solar-h6", S, 2190, 6, 0, OK, LAB_OCTOBER, IS_CHILD, 0,
	  BOOST(22, 60, 6, .1), NULL },
	{ "gbt-solar-seed1", S, 1335, 7, 0, OK, LAB_OCTOBER, 0, 0,
	  BOOST(1, 70, 4, .08), "One of five seeds of one configuration, on synthetic data." },
	{ "gbt-solar-seed2", S, 1325, 7, 0, OK, LAB_OCTOBER, IS_AGAIN, 0,
	  BOOST(2, 70, 4, .08), "One of five seeds of one configuration, on synthetic data." },
	{ "gbt-solar-seed3", S, 1316, 7, 0, OK, LAB_OCTOBER, IS_AGAIN, 3,
	  BOOST(3, 70, 4, .08), "One of five seeds of one configuration, on synthetic data." },
	{ "gbt-solar-seed4", S, 1306, 7, 0, OK, LAB_OCTOBER, IS_AGAIN, 0,
	  BOOST(4, 70, 4, .08), "One of five seeds of one configuration, on synthetic data." },
	{ "gbt-solar-seed5", S, 1297, 7, 0, OK, LAB_OCTOBER, IS_AGAIN, 0,
	  BOOST(5, 70, 4, .08), "One of five seeds of one configuration, on synthetic data." },
	{ "gbt-solar-night", S, 188, 12, 23, "RUNNING", LAB_OCTOBER, 0, 0,
	  BOOST(23, 200, 5, .05), "Its machine went to sleep (synthetic)." },

	{ "cnn-vitals-14", I, 2630, 9, 0, OK, LAB_OCTOBER, 0, 1,
	  CONV(31, 12, 2, .003), NULL },
	{ "cnn-vitals-15", I, 2105, 9, 6, "KILLED", LAB_OCTOBER, 0, 0,
	  CONV(32, 30, 6, .0005), "Stopped by hand: too slow (synthetic)." },
	{ "cnn-vitals-16", I, 1550, 9, 0, OK, LAB_OCTOBER, 0, 2,
	  CONV(33, 16, 4, .003), NULL },
	{ "cnn-vitals-seed1", I, 905, 9, 0, OK, LAB_OCTOBER, 0, 0,
	  CONV(1, 16, 4, .004), "One of five seeds of one configuration, on synthetic data." },
	{ "cnn-vitals-seed2", I, 901, 9, 0, OK, LAB_OCTOBER, IS_AGAIN, 0,
	  CONV(2, 16, 4, .004), "One of five seeds of one configuration, on synthetic data." },
	{ "cnn-vitals-seed3", I, 896, 9, 0, OK, LAB_OCTOBER, IS_AGAIN, 0,
	  CONV(3, 16, 4, .004), "One of five seeds of one configuration, on synthetic data." },
	{ "cnn-vitals-seed4", I, 892, 9, 0, OK, LAB_OCTOBER, IS_AGAIN, 0,
	  CONV(4, 16, 4, .004), "One of five seeds of one configuration, on synthetic data." },
	{ "cnn-vitals-seed5", I, 887, 9, 0, OK, LAB_OCTOBER, IS_AGAIN, 0,
	  CONV(5, 16, 4, .004), "One of five seeds of one configuration, on synthetic data." },
	{ "cnn-vitals-17", I, 233, 11, 9, "FAILED", LAB_OCTOBER, 0, 0,
	  CONV(34, 30, 6, 5), "Diverged: the learning rate was too high (synthetic)." },
	{ "cnn-vitals-18", I, 132, 9, 0, OK, LAB_NOVEMBER, 0, 3,
	  CONV(35, 18, 6, .003), "Trained on the newer synthetic data, vitals-2026-11." },
};

/* Who holds what when the demo opens. */
static const struct {
	enum world_id world;
	const char *alias;
	int version;
} aliases[] = {
	{ F, "champion", 4 }, { F, "challenger", 5 },
	{ S, "champion", 3 }, { S, "previous", 2 },
	{ I, "champion", 2 }, { I, "challenger", 3 },
};

/* Steps of the run that is under way, and how many points it has by then. */
static const int live_steps[WORLD_N] = { 120, 40, 14 };
/* clang-format on */

struct making {
	struct store *s;
	struct lab *lab;
	int64_t now_ms;
	char parent[33];
	char commit[WORLD_N][33]; /* of the last run that had its own */
	struct err *err;
};

static enum err_code write_text(const char *dir, const char *name,
				struct buf *text, struct err *err)
{
	char *path = xasprintf("%s/%s", dir, name);
	FILE *f = fopen(path, "we");

	/* Weights and baselines are whole before the store that names them
	 * is; nothing needs them on the disk earlier. */
	if (!f || fwrite(buf_str(text), 1, text->len, f) != text->len)
		err_set(err, ERR_IO, "%s: cannot be written", path);
	if (f && fclose(f))
		err_set(err, ERR_IO, "%s: cannot be written", path);
	free(path);
	return err->code;
}

static void save_model(struct making *m, const struct past *p,
		       const struct store_model *model,
		       const struct predictor *predictor)
{
	const struct world *w = world_get(p->world);
	struct buf text = BUF_INIT(MAX_WEIGHTS);
	char *dir = xasprintf("%s/models/%s", m->s->dir, model->id);
	char *baselines = xasprintf("%s/baselines", m->s->dir);
	char name[64];

	if (file_make_dirs(dir, m->err) || file_make_dirs(baselines, m->err))
		goto out;
	predictor_save(predictor, &text);
	if (write_text(dir, "weights.txt", &text, m->err))
		goto out;
	buf_clear(&text);
	buf_addf(&text,
		 "artifact_path: model\nflavors:\n  mltower_demo:\n"
		 "    data: synthetic\n    weights: weights.txt\n"
		 "model_id: %s\nrun_id: %s\n",
		 model->id, model->run);
	if (write_text(dir, "MLmodel", &text, m->err))
		goto out;
	buf_clear(&text);
	traffic_baseline(w, predictor, lab_frame(m->lab, p->world, p->data),
			 BASELINE_ROWS, &text);
	snprintf(name, sizeof(name), "%s-%d.csv", w->model, p->version);
	(void)!write_text(baselines, name, &text, m->err);
out:
	buf_release(&text);
	free(baselines);
	free(dir);
}

static void register_past(struct making *m, const struct past *p,
			  const struct store_run *run, const struct learner *l,
			  int64_t end_ms)
{
	struct store_model model = { .run = run->id,
				     .name = p->name,
				     .world = p->world,
				     .time_ms = end_ms };
	double scores[LEARNER_MAX_SCORES];
	const char *data = lab_data_name(p->world, p->data);
	char about[96];

	if (strcmp(p->status, OK) || p->flags & IS_PARENT)
		return;
	learner_scores(l, scores);
	store_model(m->s, &model, scores, learner_done(l) - 1, m->lab);
	if (!p->version)
		return;
	snprintf(about, sizeof(about), "Trained on %s. Synthetic.", data);
	store_version(m->s, world_get(p->world), p->version, &model, about,
		      data);
	save_model(m, p, &model, learner_predictor(l));
}

/* Trains for real, with the clock of then. Returns when it ended. */
static int64_t train_past(struct making *m, const struct past *p,
			  const char *run, int64_t start_ms, struct learner *l)
{
	const struct world *w = world_get(p->world);
	int stop = p->stop_at ? p->stop_at : p->recipe.steps;
	double scores[LEARNER_MAX_SCORES];
	int64_t at = start_ms;

	while (learner_done(l) < stop && learner_step(l)) {
		at += 1000 * p->step_s;
		learner_scores(l, scores);
		live_point(m->s, run, w, scores, at, learner_done(l) - 1);
	}
	return at + 1500;
}

static void make_past(struct making *m, const struct past *p)
{
	struct store_run run = { .world = p->world,
				 .name = p->name,
				 .note = p->note };
	struct learner *l;
	int64_t end_ms;

	run.start_ms = m->now_ms - (int64_t)p->age_min * MINUTE_MS;
	if (p->flags & IS_CHILD)
		run.parent = m->parent;
	store_run_begin(m->s, &run);
	if (p->flags & IS_AGAIN)
		store_commit_tag(m->s, run.id, m->commit[p->world]);
	else
		memcpy(m->commit[p->world], run.commit, sizeof(run.commit));
	if (p->flags & IS_PARENT)
		memcpy(m->parent, run.id, sizeof(run.id));
	store_recipe(m->s, run.id, &p->recipe);
	store_param(m->s, run.id, "data", lab_data_name(p->world, p->data));
	store_input(m->s, run.id, m->lab, p->world, p->data, "training");
	store_input(m->s, run.id, m->lab, p->world, LAB_HOLDOUT, "eval");
	l = learner_new(&p->recipe, lab_frame(m->lab, p->world, p->data),
			lab_frame(m->lab, p->world, LAB_HOLDOUT));
	end_ms = train_past(m, p, run.id, run.start_ms, l);
	if (strcmp(p->status, "RUNNING"))
		store_run_end(m->s, run.id, p->status, end_ms);
	register_past(m, p, &run, l, end_ms);
	learner_free(l);
}

/* The run that the factory goes on with. */
static void make_live(struct making *m, enum world_id world)
{
	int64_t step_ms = live_step_ms(world);
	int64_t start = m->now_ms - live_steps[world] * step_ms;
	const struct world *w = world_get(world);
	double scores[LEARNER_MAX_SCORES];
	struct live_plan plan;
	struct learner *l;
	char run[33];

	live_plan(world, 0, &plan);
	live_begin(m->s, m->lab, world, 0, start, run);
	l = learner_new(&plan.recipe, lab_frame(m->lab, world, plan.data),
			lab_frame(m->lab, world, LAB_HOLDOUT));
	for (int i = 0; i < live_steps[world] && learner_step(l); i++) {
		learner_scores(l, scores);
		live_point(m->s, run, w, scores, start + (i + 1) * step_ms, i);
	}
	learner_free(l);
}

static int by_age(const void *a, const void *b)
{
	const struct past *x = *(const struct past *const *)a;
	const struct past *y = *(const struct past *const *)b;

	return (x->age_min < y->age_min) - (x->age_min > y->age_min);
}

enum err_code history_make(struct store *s, struct lab *lab, int64_t now_ms,
			   struct err *err)
{
	struct making m = { .s = s, .lab = lab, .now_ms = now_ms, .err = err };
	int64_t born = now_ms - 2880 * (int64_t)MINUTE_MS;
	const struct past *order[ARRAY_LEN(pasts)];

	store_begin(s);
	store_experiment(s, NULL, born);
	for (int w = 0; w < WORLD_N; w++) {
		store_experiment(s, world_get((enum world_id)w), born);
		store_registered(s, world_get((enum world_id)w), born);
	}
	/* Oldest first, as MLflow would have inserted them. */
	for (size_t i = 0; i < ARRAY_LEN(pasts); i++)
		order[i] = &pasts[i];
	qsort(order, ARRAY_LEN(order), sizeof(*order), by_age);
	for (size_t i = 0; i < ARRAY_LEN(order) && !err->code; i++)
		make_past(&m, order[i]);
	for (size_t i = 0; i < ARRAY_LEN(aliases); i++)
		store_alias(s, world_get(aliases[i].world), aliases[i].alias,
			    aliases[i].version);
	for (int w = WORLD_N - 1; w >= 0; w--)
		make_live(&m, (enum world_id)w);
	if (err->code)
		err_set(&s->err, err->code, "%s", err->msg);
	return store_commit(s, err);
}

struct predictor *history_load(const char *dir, const char *model_id,
			       struct err *err)
{
	char *path = xasprintf("%s/models/%s/weights.txt", dir, model_id);
	struct buf text = BUF_INIT(MAX_WEIGHTS);
	struct predictor *p = NULL;

	/* Ids from the store are names, never ways out of the folder. */
	if (strchr(model_id, '/')) {
		err_set(err, ERR_PARSE, "%s: not a model's id", model_id);
		goto out;
	}
	if (file_read(path, MAX_WEIGHTS, &text, err))
		goto out;
	p = predictor_load(buf_str(&text));
	if (!p)
		err_set(err, ERR_PARSE, "%s: not a model", path);
out:
	buf_release(&text);
	free(path);
	return p;
}

enum err_code history_traffic(struct store *s, int64_t now_ms, struct err *err)
{
	static const struct drift quiet;
	int64_t span_ms = 100000;

	for (int i = 0; i < WORLD_N && !err->code; i++) {
		const struct world *w = world_get((enum world_id)i);
		struct traffic *t = traffic_new(s->dir, w, DEMO_SEED);
		struct store_served served;
		struct predictor *p = NULL;

		if (store_served(s, w, "champion", &served))
			p = history_load(s->dir, served.model_id, err);
		if (p)
			traffic_serve(t, p, served.version);
		traffic_draw(t, traffic_rate(w) * (size_t)(span_ms / 1000),
			     &quiet, now_ms, span_ms);
		traffic_label(t, now_ms);
		if (!err->code)
			(void)!traffic_write(t, err);
		traffic_free(t);
	}
	return err->code;
}
