/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_MODEL_RUN_VIEW_H
#define MLTOWER_MODEL_RUN_VIEW_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

/* A view of the runs under a name: what their list is to show, each part as it
 * would be typed. Views are written in the config or saved from the screen. */
enum run_view_part {
	VIEW_EXPERIMENT, /* its name */
	VIEW_FILTER,
	VIEW_SORT,
	VIEW_COLUMNS,
	VIEW_METRIC,
	VIEW_TREE,       /* "yes": runs below their parents */
	VIEW_GROUP,      /* it is made of what those before it left */
	VIEW_GROUP_SORT, /* of the groups; inside of one VIEW_SORT is in force
			  */
	N_VIEW_PARTS
};

struct run_view {
	const char *name;
	int key;                         /* 1 to 9; 0: none */
	const char *parts[N_VIEW_PARTS]; /* "" : nothing is asked for */
};

#define RUN_VIEW_MAX_NAME 60

/* "filter", as in the config. */
const char *run_view_part_name(enum run_view_part part);
/* A copy, all of it in the arena; parts that are NULL become "". */
struct run_view run_view_copy(const struct run_view *v, struct arena *a);
/* Do both show the same? Names and keys may differ. */
bool run_view_shows_same(const struct run_view *a, const struct run_view *b);
/* "night 3": a name, and a key behind it; "night" has none, "3" no name. False
 * where the name is too long, or cannot be one. */
bool run_view_split(const char *text, struct arena *a, const char **name,
		    int *key);
/* By its name; by its key where the text is one digit; NULL: none. The first
 * that fits, so the order of the views says which one wins. */
const struct run_view *run_view_find(const struct run_view *all, size_t n,
				     const char *text);

#endif
