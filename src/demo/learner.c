/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "demo/learner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cnn.h"
#include "demo/tree.h"
#include "score.h"

#define MAX_TREES 1000

struct predictor {
	const struct world *world;
	double base; /* boosting: the mean of the target */
	double rate; /* boosting */
	struct tree *trees;
	size_t n_trees, cap;
	struct cnn net; /* icu */
};

struct learner {
	struct recipe recipe;
	const struct frame *train, *valid;
	struct predictor model;
	struct prng prng;
	int done;
	/* Trees add up: sums (forest) or predictions (boosting) so far. */
	double *valid_sum, *train_sum;
	struct tree_bins bins;
	float *residual;
	uint32_t *rows;
	struct cnn_optimiser *optimiser;
};

static bool has_trees(const struct predictor *p)
{
	return p->world->id != WORLD_ICU;
}

double predictor_eval(const struct predictor *p, const float *x)
{
	bool is_forest = p->world->id == WORLD_FRAUD;
	double sum = p->base;

	if (!has_trees(p))
		return cnn_eval(&p->net, x);
	/* Added up as in training: the same to the last bit. */
	for (size_t i = 0; i < p->n_trees; i++)
		sum += (is_forest ? 1 : p->rate) * tree_eval(&p->trees[i], x);
	return is_forest ? sum / (double)p->n_trees : sum;
}

void predictor_scores(const struct predictor *p, const struct frame *f,
		      double *out)
{
	double *value = xcalloc(f->n, sizeof(*value));

	for (size_t i = 0; i < f->n; i++)
		value[i] = predictor_eval(p, &f->x[i * f->n_x]);
	score_all(p->world, value, f->y, f->n, out);
	free(value);
}

enum world_id predictor_world(const struct predictor *p)
{
	return p->world->id;
}

void predictor_save(const struct predictor *p, struct buf *out)
{
	buf_addf(out, "mltower-demo 1 %s %zu %.17g %.17g\n", p->world->name,
		 p->n_trees, p->base, p->rate);
	for (size_t i = 0; i < p->n_trees; i++)
		tree_save(&p->trees[i], out);
	if (!has_trees(p))
		cnn_save(&p->net, out);
}

static bool load_body(struct predictor *p, const char *at, size_t n_trees)
{
	if (!has_trees(p))
		return cnn_load(&p->net, &at);
	p->trees = xcalloc(n_trees, sizeof(*p->trees));
	for (; p->n_trees < n_trees; p->n_trees++)
		if (!tree_load(&p->trees[p->n_trees], &at, p->world->n_x)) {
			tree_release(&p->trees[p->n_trees]);
			return false;
		}
	return n_trees > 0;
}

struct predictor *predictor_load(const char *text)
{
	struct predictor *p = xcalloc(1, sizeof(*p));
	char name[16] = "";
	unsigned n_trees = 0;
	int used = 0;

	if (sscanf(text, "mltower-demo 1 %15s %u %lf %lf %n", name, &n_trees,
		   &p->base, &p->rate, &used) == 4 &&
	    n_trees <= MAX_TREES) {
		p->world = world_find(name);
		if (p->world && load_body(p, text + used, n_trees))
			return p;
	}
	predictor_free(p);
	return NULL;
}

static void release_trees(struct predictor *p)
{
	for (size_t i = 0; i < p->n_trees; i++)
		tree_release(&p->trees[i]);
	free(p->trees);
}

void predictor_free(struct predictor *p)
{
	if (!p)
		return;
	release_trees(p);
	free(p);
}

static void init_trees(struct learner *l)
{
	const struct frame *f = l->train;

	tree_bins_init(&l->bins, f);
	l->valid_sum = xcalloc(l->valid->n, sizeof(*l->valid_sum));
	l->train_sum = xcalloc(f->n, sizeof(*l->train_sum));
	l->residual = xcalloc(f->n, sizeof(*l->residual));
	l->rows = xcalloc(f->n, sizeof(*l->rows));
	if (l->recipe.world != WORLD_SOLAR)
		return;
	for (size_t i = 0; i < f->n; i++)
		l->model.base += f->y[i] / (double)f->n;
	for (size_t i = 0; i < f->n; i++)
		l->train_sum[i] = l->model.base;
	for (size_t i = 0; i < l->valid->n; i++)
		l->valid_sum[i] = l->model.base;
}

struct learner *learner_new(const struct recipe *r, const struct frame *train,
			    const struct frame *valid)
{
	struct learner *l = xcalloc(1, sizeof(*l));

	l->recipe = *r;
	l->train = train;
	l->valid = valid;
	l->model.world = world_get(r->world);
	l->model.rate = r->rate;
	prng_init(&l->prng, r->seed, 7);
	if (has_trees(&l->model)) {
		init_trees(l);
		return l;
	}
	l->optimiser = xcalloc(1, sizeof(*l->optimiser));
	cnn_init(&l->model.net, r->filters, train, &l->prng);
	return l;
}

void learner_free(struct learner *l)
{
	if (!l)
		return;
	release_trees(&l->model);
	tree_bins_release(&l->bins);
	free(l->valid_sum);
	free(l->train_sum);
	free(l->residual);
	free(l->rows);
	free(l->optimiser);
	free(l);
}

static struct tree *add_tree(struct predictor *p)
{
	p->trees = xgrow(p->trees, &p->cap, p->n_trees + 1, sizeof(*p->trees));
	memset(&p->trees[p->n_trees], 0, sizeof(*p->trees));
	return &p->trees[p->n_trees++];
}

static void add_up(const struct tree *t, const struct frame *f, double rate,
		   double *sum)
{
	for (size_t i = 0; i < f->n; i++)
		sum[i] += rate * tree_eval(t, &f->x[i * f->n_x]);
}

/* Breiman (2001): a bootstrap of the rows, a few columns a split. */
static void step_forest(struct learner *l)
{
	struct tree_opts opts = { l->recipe.depth, l->recipe.min_leaf,
				  (size_t)l->recipe.n_try };
	struct tree *t = add_tree(&l->model);

	for (size_t i = 0; i < l->train->n; i++)
		l->rows[i] = (uint32_t)prng_below(&l->prng, l->train->n);
	tree_grow(t, &l->bins, l->train->y, l->rows, l->train->n, &opts,
		  &l->prng);
	add_up(t, l->valid, 1, l->valid_sum);
	add_up(t, l->train, 1, l->train_sum);
}

/* Friedman (2001, 2002): squared loss, a share of the rows a round. */
static void step_boost(struct learner *l)
{
	struct tree_opts opts = { l->recipe.depth, l->recipe.min_leaf,
				  l->train->n_x };
	struct tree *t = add_tree(&l->model);
	size_t n = 0;

	for (size_t i = 0; i < l->train->n; i++) {
		l->residual[i] = l->train->y[i] - (float)l->train_sum[i];
		if (prng_unit(&l->prng) < l->recipe.share)
			l->rows[n++] = (uint32_t)i;
	}
	if (!n)
		l->rows[n++] = 0;
	tree_grow(t, &l->bins, l->residual, l->rows, n, &opts, &l->prng);
	add_up(t, l->valid, l->model.rate, l->valid_sum);
	add_up(t, l->train, l->model.rate, l->train_sum);
}

bool learner_step(struct learner *l)
{
	if (l->done >= l->recipe.steps)
		return false;
	switch (l->recipe.world) {
	case WORLD_FRAUD:
		step_forest(l);
		break;
	case WORLD_SOLAR:
		step_boost(l);
		break;
	default:
		cnn_epoch(&l->model.net, l->optimiser, l->train, l->recipe.rate,
			  l->recipe.batch, &l->prng);
		break;
	}
	l->done++;
	return true;
}

int learner_done(const struct learner *l)
{
	return l->done;
}

const struct predictor *learner_predictor(const struct learner *l)
{
	return &l->model;
}

/* Yours. */
static double *predictions(const struct learner *l, const struct frame *f,
			   const double *sum)
{
	double *p = xcalloc(f->n, sizeof(*p));

	for (size_t i = 0; i < f->n; i++) {
		if (!sum)
			p[i] = cnn_eval(&l->model.net, &f->x[i * f->n_x]);
		else if (l->recipe.world == WORLD_FRAUD)
			p[i] = sum[i] / (double)l->model.n_trees;
		else
			p[i] = sum[i];
	}
	return p;
}

void learner_scores(const struct learner *l, double *out)
{
	double *valid = predictions(l, l->valid, l->valid_sum);
	double *train = predictions(l, l->train, l->train_sum);
	size_t n;

	BUG_ON(!l->done);
	learner_metrics(l->model.world, &n);
	score_all(l->model.world, valid, l->valid->y, l->valid->n, out);
	if (l->model.world->is_regression)
		out[n - 1] = score_rmse(train, l->train->y, l->train->n);
	else
		out[n - 1] = score_logloss(train, l->train->y, l->train->n);
	free(valid);
	free(train);
}
