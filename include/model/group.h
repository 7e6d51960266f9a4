/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_MODEL_GROUP_H
#define MLTOWER_MODEL_GROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/cancel.h"
#include "base/err.h"
#include "model/order.h"
#include "model/run_set.h"

/* Runs put together by what they have in common, with what their metrics say of
 * each group. Made from a snapshot, on any thread, in time that grows with the
 * number of runs and not with that of groups. */

/* What runs are grouped by. "repeats" stands for all that makes a run the
 * repetition of another: source, experiment, every param but those that name a
 * seed (group_is_seed), dataset digests, and the commit of the code. */
struct group_by {
	struct order_key *keys;
	size_t n_keys;
	bool is_repeats; /* beside the keys */
};

/* "params.depth,experiment", "repeats": columns as in --sort, but for times and
 * ids, of which each run has its own. */
ATTR_NODISCARD enum err_code
group_by_parse(const char *text, struct group_by *out, struct err *err);
void group_by_release(struct group_by *by);
/* The name of a key, as it is written: "params.depth", "experiment". Lives in
 * out or in the key. */
const char *group_key_name(const struct order_key *key, struct buf *out);

/* The fact and the tag by which data and code are known. */
#define GROUP_DIGEST "dataset.digest"
#define GROUP_COMMIT "mlflow.source.git.commit"

/* A key bound to the columns of a set. */
struct group_key {
	struct order_key key; /* its name lies in the set or with who asked */
	uint32_t col;         /* of ORDER_VALUE; RUN_NO_COLUMN */
	bool is_number;
};

/* Source and experiment, the first keys of repeats. */
#define GROUP_N_PLACES 2u
/* All keys, behind them those of repeats: source, experiment, params, and last
 * the dataset's digest and the commit. Yours (free()). */
struct group_key *group_keys_bind(const struct run_set *set,
				  const struct group_by *by, size_t *n);
/* What the row has there, as a number that is equal where two runs have the
 * same; 0 none. */
uint64_t group_key_of(const struct run_set *set, const struct group_key *k,
		      uint32_t row);
/* The same as text; NULL: it has none, or it is a number. */
const char *group_key_text(const struct run_set *set, const struct group_key *k,
			   uint32_t row);

/* Does the param name a seed? Its words are looked at, in any case and without
 * a number at the end: the last is seed ("seed", "np.random_seed", "seed_2"),
 * the last two are random state ("split_random_state"), or the first is seed
 * and one of what is seeded follows ("seed_everything", "seed-torch"). */
bool group_is_seed(const char *param);

/* How close the values of repeated runs lie to each other, as "4 of 5 within
 * .001". With the median m of the finite values and d = |value - m|: those with
 * d above ten times the median of d are set aside, if there are four values or
 * more; the tolerance is the smallest of 0 and 1, 2, 5 times a power of ten
 * that holds d of all others; n_within is how many values it holds. Distances
 * are compared with a slack of 1e-9 of the tolerance, for 0.981 - 0.98 is a
 * little more than .001. Of a single value nothing is said: n_values < 2. */
struct group_spread {
	uint32_t n_within, n_values;
	double tolerance;
};
/* Of n finite values, which are sorted. */
struct group_spread group_spread_of(double *values, size_t n);
/* "4 of 5 within .001", short "4/5 ±.001"; "5 of 5 equal"; n_runs: of the
 * group, those without a value too. "" where there is none. */
#define GROUP_SPREAD_MAX 64
char *group_spread_text(char out[GROUP_SPREAD_MAX],
			const struct group_spread *s, size_t n_runs,
			bool is_short);

struct group_metric {
	struct value_key key;
	int goal; /* +1 the largest is best, -1 the smallest, 0 nobody knows */
};

/* Of the finite values; mean and sd by Welford's recurrence, sd with n - 1. */
struct group_stat {
	uint32_t n;      /* 0: no value of it is known */
	uint32_t n_odd;  /* NaN and infinities, counted apart */
	double mean, sd; /* sd: NaN below two values */
	double min, max;
	uint32_t best_row;          /* RUN_NO_ROW: no goal, or no value */
	struct group_spread spread; /* of repeats */
};

struct group {
	uint32_t n;
	bool is_code_known;             /* of repeats: has a commit */
	bool is_data_known;             /* of repeats: has a dataset's digest */
	const uint32_t *rows;           /* in the order they were given */
	const struct group_stat *stats; /* one a metric */
};

enum group_sort_by {
	GROUP_SORT_KEY,
	GROUP_SORT_COUNT,
	GROUP_SORT_MEAN,
	GROUP_SORT_SD,
	GROUP_SORT_MIN,
	GROUP_SORT_MAX,
	GROUP_SORT_BEST,
};

/* Of each group the first metric of which it has a value. */
#define GROUP_ANY_METRIC SIZE_MAX

struct group_sort {
	enum group_sort_by by;
	size_t index; /* of the key or the metric; GROUP_ANY_METRIC */
	bool is_desc;
};

struct group_ask {
	const struct group_by *by;
	const struct group_metric *metrics;
	size_t n_metrics;
	/* None: by the keys; repeats, the most runs first. Groups that are
	 * equal stand in the order of their first runs. */
	const struct group_sort *sorts;
	size_t n_sorts;
};

/* Keys of an order as columns of groups: the keys they were made by, "count",
 * "mean", "sd", "min", "max", "best" of the first metric a group has, a metric
 * for its mean, "metrics.auc.sd". Yours (free()). */
ATTR_NODISCARD enum err_code group_sorts(const struct order_key *order,
					 size_t n, const struct group_ask *ask,
					 struct group_sort **out,
					 struct err *err);

struct groups {
	size_t n;
	/* Of repeats: runs that have neither param (but for seeds) nor dataset
	 * nor commit. Nothing says that they repeat each other, so they are in
	 * no group. */
	size_t n_unknown;
	struct group *all; /* in order */
	uint32_t *rows;
	struct group_stat *stats;
};

/* Groups of rows (as order_make gives them), yours. NULL with ERR_STOP when
 * cancelled. */
struct groups *groups_make(const struct run_set *set, const uint32_t *rows,
			   size_t n, const struct group_ask *ask,
			   const struct cancel *stop, struct err *err);
void groups_free(struct groups *g);

/* What the group of this row has in common, as a filter that keeps its runs
 * ("params.depth = '12' and experiment = 'fraud'"). Of several datasets it asks
 * for each, so a run that has more of them is kept too. */
void group_filter(const struct run_set *set, const struct group_by *by,
		  uint32_t row, struct buf *out);

#endif
