/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_DEMO_TREE_H
#define MLTOWER_DEMO_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "demo/prng.h"
#include "demo/world.h"

/* Regression trees on binned columns: each split is the one that takes most
 * off the squared error (for 0/1 targets that is Gini's). Forest and boosting
 * share them. */

#define TREE_BINS  32
#define TREE_MAX_X 16

struct tree_node {
	int feature; /* -1: a leaf */
	int left;    /* the right one stands behind it */
	float at;    /* goes left where x < at */
	float value; /* mean of the target */
};

struct tree {
	struct tree_node *nodes;
	size_t n, cap;
};

/* Columns of a frame as bin numbers, by quantiles of the frame itself. */
struct tree_bins {
	size_t n, n_x;
	uint8_t *bin; /* column by column */
	float edge[TREE_MAX_X][TREE_BINS - 1];
	uint8_t n_edges[TREE_MAX_X];
};

struct tree_opts {
	int max_depth;
	int min_leaf;
	size_t n_try; /* columns tried at a split; n_x: all */
};

void tree_bins_init(struct tree_bins *b, const struct frame *f);
void tree_bins_release(struct tree_bins *b);

/* rows[0..n) index the frame, and come back in another order; the same row may
 * stand there more than once. */
void tree_grow(struct tree *t, const struct tree_bins *b, const float *target,
	       uint32_t *rows, size_t n, const struct tree_opts *opts,
	       struct prng *p);
void tree_release(struct tree *t);
float tree_eval(const struct tree *t, const float *x);

/* "tree N", then N lines "feature left at value". */
void tree_save(const struct tree *t, struct buf *out);
/* *at moves on. False: not a tree, or one whose links would loop. */
bool tree_load(struct tree *t, const char **at, size_t n_x);

#endif
