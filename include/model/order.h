/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_MODEL_ORDER_H
#define MLTOWER_MODEL_ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/cancel.h"
#include "base/err.h"
#include "model/filter.h"
#include "model/run_set.h"

/* Rows of a run set that a filter keeps, in an order. Made from a snapshot, on
 * any thread. Missing values come last in both directions, NaN before them. */
enum order_by {
	ORDER_START,
	ORDER_END,
	ORDER_DURATION,
	ORDER_NAME,
	ORDER_STATUS,
	ORDER_EXPERIMENT,
	ORDER_USER,
	ORDER_ID,
	ORDER_SOURCE,
	ORDER_VALUE, /* a column of values */
};

struct order_key {
	enum order_by by;
	struct value_key column; /* for ORDER_VALUE; borrowed */
	bool is_desc;
};

struct order_ask {
	const struct filter *filter;  /* NULL: all */
	const struct order_key *keys; /* none: newest start first */
	size_t n_keys;
	const uint32_t *experiments; /* indices; none: all */
	size_t n_experiments;
	int64_t now_ms;    /* how long a running run takes by now */
	bool with_deleted; /* also what lies in the store's bin */
	bool only_deleted;
};

/* "metrics.auc:desc,name": the columns' names as in --sort; another name is a
 * metric's. The array is yours (one free()); its names lie in it. */
ATTR_NODISCARD enum err_code order_parse(const char *text,
					 struct order_key **out, size_t *n,
					 struct err *err);
/* As strsep(at, ",") without the blanks around: a comma within the quotes of a
 * name is part of it. */
char *order_next_name(char **at);
/* How a column is called that was typed by any of its names, quotes around it
 * or not: "metrics.val loss", "start". In the arena, or static. */
const char *order_column_id(const char *raw, struct arena *a);
/* "metrics.auc", "params.lr", "tags.team"; another name is a metric's. The
 * result's name points into `name`. */
struct value_key order_value_key(const char *name);
/* Rows in order, yours (free()); *n says how many. NULL with ERR_STOP when
 * cancelled, with ERR_USAGE where the filter gives up. Never gone rows. */
uint32_t *order_make(const struct run_set *set, const struct order_ask *ask,
		     const struct cancel *stop, size_t *n, struct err *err);

#endif
