/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_DEMO_LEARNER_H
#define MLTOWER_DEMO_LEARNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "demo/world.h"

/* Small models, really trained: fraud by a random forest, solar by gradient-
 * boosted trees, icu by a 1-D convolutional network. The same recipe on the
 * same frame gives the same model, bit by bit. */

struct recipe {
	enum world_id world;
	uint64_t seed;
	int steps; /* trees, rounds or epochs */
	int depth; /* of a tree */
	int min_leaf;
	int n_try;    /* forest: columns tried at a split */
	double rate;  /* boosting, network: learning rate */
	double share; /* boosting: rows a round */
	int filters;  /* network */
	int batch;    /* network */
};

#define LEARNER_MAX_SCORES 5
#define CUT_OFF            .3 /* what counts as an alarm, for f1 and recall */

/* The metrics a world's models are scored by, validation first; the number of
 * them in *n. The last one is over the training rows and known while
 * training only. */
const char *const *learner_metrics(const struct world *w, size_t *n);

/* A trained model. */
struct predictor;
struct predictor *predictor_load(const char *text); /* NULL: not one */
void predictor_save(const struct predictor *p, struct buf *out);
void predictor_free(struct predictor *p);
enum world_id predictor_world(const struct predictor *p);
/* Probability, or kW. x as the world draws it. */
double predictor_eval(const struct predictor *p, const float *x);
/* Scores on a frame, as learner_scores would have them, without the last. */
void predictor_scores(const struct predictor *p, const struct frame *f,
		      double *out);

struct learner;
/* Both frames are borrowed until learner_free. */
struct learner *learner_new(const struct recipe *r, const struct frame *train,
			    const struct frame *valid);
void learner_free(struct learner *l);
/* One more tree, round or epoch, until all steps are done (false then). */
bool learner_step(struct learner *l);
int learner_done(const struct learner *l); /* steps */
/* After at least one step. */
void learner_scores(const struct learner *l, double *out);
/* The model as it is now, the learner's; changes with the next step. */
const struct predictor *learner_predictor(const struct learner *l);

/* Area under the ROC curve by ranks, ties counted half; NaN where there is
 * one class only. */
double score_auc(const double *score, const float *y, size_t n);
/* Mean negative log-likelihood, probabilities kept off 0 and 1 by 1e-6. */
double score_logloss(const double *p, const float *y, size_t n);

#endif
