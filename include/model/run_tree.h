/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_MODEL_RUN_TREE_H
#define MLTOWER_MODEL_RUN_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/run_set.h"

struct run_tree_ask {
	const uint32_t *rows; /* as order_make gives them */
	size_t n;
	/* Also the runs above them that are not among the rows, so that each is
	 * seen in its place: as far as the store has them, in its bin if the
	 * row is, else not. */
	bool with_parents;
	const uint32_t *folded; /* rows whose runs below are left out; sorted */
	size_t n_folded;
};

struct run_tree_place {
	uint32_t depth;     /* 0 at the top */
	uint32_t n_folded;  /* of the rows asked for, below it and left out */
	uint8_t more;       /* bit 0: a sibling follows; bit 1: one of its
			     * parent's; and so on, as far as bits go */
	bool has_below : 1; /* runs, shown or left out */
	bool is_asked : 1;  /* for; else it is above one that is */
};

struct run_tree {
	uint32_t *rows;
	struct run_tree_place *places;
	size_t n;
};

/* Rows in the order of a tree: each parent before its children, siblings as
 * they stood, a parent that was not asked for where the first below it stands.
 * A run whose parent is not there stands at the top. Runs that are each other's
 * parents hang below the first of them. In time that grows with the rows, and
 * with the set where some of it were not asked for and with_parents is; any
 * thread. Release it. */
void run_tree_make(const struct run_set *set, const struct run_tree_ask *ask,
		   struct run_tree *out);
void run_tree_release(struct run_tree *t);

#endif
