/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_SYSTEM_MLFLOW_H
#define MLTOWER_SYSTEM_MLFLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/intern.h"
#include "base/point.h"
#include "system/ops.h"

/* What MLflow means, in its store as behind its server. */

#define MLFLOW_PARENT_TAG    "mlflow.parentRunId"
#define MLFLOW_NAME_TAG      "mlflow.runName"
#define MLFLOW_USER_TAG      "mlflow.user"
#define MLFLOW_NOTE_TAG      "mlflow.note.content"
#define MLFLOW_PROMPT_TAG    "mlflow.prompt.is_prompt"
#define MLFLOW_CONTEXT_TAG   "mlflow.data.context"
#define MLFLOW_GOAL_NAME_TAG "mlflow.experiment.primaryMetric.name"
#define MLFLOW_GOAL_WORD_TAG "mlflow.experiment.primaryMetric.greaterIsBetter"
#define MLFLOW_PROMOTION_TAG "mltower.promotion"

#define MLFLOW_TAG_BYTES 100000 /* of the longest value */

/* A metric's value as it was logged. */
double mlflow_number(double value, bool is_nan);
/* What greaterIsBetter says: +1, -1, or 0 where it says nothing (NULL). */
int8_t mlflow_goal(const char *greater_is_better);

/* A series, gathered point by point. Free p. */
struct mlflow_points {
	struct point *p;
	size_t n, cap;
	uint64_t n_total; /* added; beyond a cap they are reduced as they come
			   */
};

void mlflow_points_add(struct mlflow_points *pts, struct point p);
/* Hands over what was asked for, in order: all, or the last ones. */
void mlflow_points_give(struct mlflow_points *pts, const struct series_ask *ask,
			struct batch *b);

/* Of how many runs of an experiment each metric is. */
struct mlflow_counts {
	struct intern *names;
	uint32_t *n; /* by the number of the name */
	size_t cap;
};

void mlflow_counts_init(struct mlflow_counts *c);
void mlflow_counts_release(struct mlflow_counts *c);
/* A run has the metric. */
void mlflow_counts_add(struct mlflow_counts *c, const char *metric);
/* Nothing is handed over that was before: *told is a stamp of that, 0 at the
 * beginning. */
void mlflow_counts_give(const struct mlflow_counts *c,
			const char *experiment_id, uint64_t *told,
			struct batch *b);

/* Stamps: was it handed over like this before? */
#define MLFLOW_HASH_START 0xcbf29ce484222325u
uint64_t mlflow_hash(uint64_t h, const void *bytes, size_t len);
uint64_t mlflow_hash_text(uint64_t h, const char *s);
uint64_t mlflow_hash_int(uint64_t h, int64_t v);

/* ---- changes of the registry --------------------------------------------- */

/* As MLflow spells it, whatever the case; NULL: there is no such stage. */
const char *mlflow_stage(const char *name);
enum err_code mlflow_no_stage(const char *name, struct err *err);
/* Only Staging and Production are held by one version at a time. */
bool mlflow_stage_is_held(const char *stage);
/* Would MLflow take it? ERR_USAGE, ERR_LIMIT. */
ATTR_NODISCARD enum err_code mlflow_check_alias(const char *alias,
						struct err *err);
ATTR_NODISCARD enum err_code
mlflow_check_change(const struct registry_change *c, struct err *err);
/* ERR_CONFLICT or ERR_ABSENT in words where it is not as it was shown. */
ATTR_NODISCARD enum err_code mlflow_compare(const struct registry_change *c,
					    const struct registry_state *now,
					    struct err *err);
/* A line for each thing that will be another. */
void mlflow_describe_change(const struct registry_change *c, struct buf *out);

#endif
