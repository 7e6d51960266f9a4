/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_MODEL_RUN_TREE_H
#define MLTOWER_MODEL_RUN_TREE_H

#include <stddef.h>
#include <stdint.h>

#include "model/run_set.h"

/* Puts rows (as order_make gives them) into the order of a tree: each parent
 * before its children, siblings as they stood. A run whose parent is not among
 * the rows (the filter dropped it, the store does not have it) stands at the
 * top: a tree shows what was asked for, no more and no less. Runs that are each
 * other's parents hang below the first of them. depths[i], of the row that then
 * is at i, is 0 at the top. In time that grows with n; any thread. */
void run_tree_make(const struct run_set *set, uint32_t *rows, uint32_t *depths,
		   size_t n);

#endif
