/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_VIEW_LIST_H
#define MLTOWER_VIEW_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "model/model.h"
#include "view/cell.h"

/* A list: one table of columns, and rows of cells made when they are asked
 * for. A pane asks for the rows it shows; the command line for all, one after
 * another. The same rows are the screen, the table, JSON and CSV.
 *
 *	struct view_list list;
 *	struct cell cells[VIEW_MAX_COLUMNS];
 *
 *	view_models(&list, &ctx);
 *	for (i = top; i < bottom; i++) {
 *		view_list_row(&list, i, &arena, cells);
 *		... cell_shown(&arena, &cells[c], &look) at list.columns[c]
 *	}
 *	view_list_release(&list);
 */

struct config;

#define VIEW_MAX_COLUMNS 512

/* Where a column appears. */
#define VIEW_TABLE 1u  /* on the screen and in `-o table` */
#define VIEW_WIDE  2u  /* in `-o wide` and when the screen is wide */
#define VIEW_DATA  4u  /* in JSON and CSV, under its id */
#define VIEW_NAME  8u  /* what `-o name` prints */
#define VIEW_WHOLE 16u /* never cut on the screen: it is no name */

struct view_column {
	const char *id;    /* the field in JSON and CSV, and in --columns */
	const char *title; /* "NAME"; a metric's own name as it is written */
	bool is_right;     /* numbers */
	uint8_t min_width; /* cells below which it is left out, not cut */
	uint8_t flags;
};

/* What every view looks at. */
struct view_ctx {
	const struct model *model;
	const struct config *config; /* NULL: nothing is declared */
	int64_t now_ms;
};

struct view_list {
	struct view_ctx ctx;
	const struct view_column *columns;
	size_t n_columns, n_rows;
	/* Columns with any of these flags will be looked at; cells of others
	 * may stay empty. The makers ask for VIEW_TABLE | VIEW_WIDE. */
	unsigned want;
	bool is_single; /* one thing: an object in JSON, not an array */
	/* Fills n_columns cells. They live in the arena or are borrowed from
	 * the model, until its next change. */
	void (*row)(const struct view_list *list, size_t i, struct arena *a,
		    struct cell *cells);
	struct arena arena; /* what the list itself was made of */
	const void *of;     /* of its maker */
};

void view_list_row(const struct view_list *list, size_t i, struct arena *a,
		   struct cell *cells);
void view_list_release(struct view_list *list);
/* n_columns where it has no column of this id. */
size_t view_list_column(const struct view_list *list, const char *id);

/* Where a metric should go: +1 up, -1 down, 0 not known. Declared in the
 * config, else by its experiment, else guessed from its name. experiment:
 * index in the run set, or -1. */
int view_goal(const struct view_ctx *ctx, const char *metric, int experiment);
/* Decimals of a metric's column. */
int view_decimals(const struct view_ctx *ctx, const char *metric);

#endif
