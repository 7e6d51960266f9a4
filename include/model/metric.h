/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_MODEL_METRIC_H
#define MLTOWER_MODEL_METRIC_H

#include <stdbool.h>

/* What a metric's name tells of it, where nobody declared more. */

/* +1: larger is better ("val/auc"), -1: smaller is ("train_loss",
 * "latency_ms"), 0: the name does not say. Looks at the words of the name,
 * in any case; a word of loss or cost wins over one of merit ("auc_loss"). */
int metric_goal_guess(const char *name);
/* How many decimals its values are read with: 4, of latencies, sizes and the
 * like 1, of counts 0. */
int metric_decimals(const char *name);
/* Measured on data the model did not train on: "val/", "eval_", "test-". */
bool metric_is_validation(const char *name);
/* Of the machine, not of the model: "system/cpu_utilization_percentage". */
bool metric_is_system(const char *name);

#endif
