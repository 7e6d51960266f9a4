/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_VIEW_COMPARE_H
#define MLTOWER_VIEW_COMPARE_H

#include <stdbool.h>
#include <stddef.h>

#include "view/list.h"

/* Two or more runs side by side: one row a param, dataset, tag or metric. */
enum compare_kind {
	COMPARE_PARAM,
	COMPARE_DATASET,
	COMPARE_TAG,
	COMPARE_METRIC,
};

/* What a difference means; of metrics only. */
enum compare_word {
	WORD_NONE, /* no baseline value, no goal known, or not a metric */
	WORD_SAME,
	WORD_BETTER,
	WORD_WORSE,
	WORD_NOISE,          /* within the spread of repeated runs */
	WORD_NOT_COMPARABLE, /* measured on other data */
};

struct compare_value {
	struct cell value; /* CELL_NONE where the run has none */
	struct cell delta; /* against the baseline; CELL_NONE: none */
	enum compare_word word;
	bool differs; /* from the baseline */
};

struct compare_row {
	enum compare_kind kind;
	const char *name;             /* datasets: the context, or "data" */
	bool differs;                 /* not all runs have the same */
	int goal;                     /* of metrics */
	struct compare_value *values; /* one a run */
};

struct compare {
	struct arena arena;
	size_t n_runs, n_rows, n_equal; /* n_equal: rows that do not differ */
	size_t baseline;                /* index of the run */
	bool *same_data; /* does run i stand on the baseline's evaluation data:
			  * the datasets of context "eval", "validation" or
			  * "test", else all of them */
	struct compare_row *rows; /* params, datasets, tags, metrics; by name */
};

/* details are borrowed while the call lasts, what is kept is copied. Tags of
 * MLflow's own ("mlflow.") are left out but for the commit. */
void compare_make(struct compare *c, const struct view_ctx *ctx,
		  const struct run_detail *const *details, size_t n,
		  size_t baseline);
void compare_release(struct compare *c);
const char *compare_kind_name(enum compare_kind k); /* "param" */
const char *compare_word_text(enum compare_word w); /* "better"; "" none */
enum role compare_word_role(enum compare_word w);

/* The rows of the table: KIND, ROW, and a value and a difference a run. */
void view_compare(struct view_list *list, const struct view_ctx *ctx,
		  const struct compare *c,
		  const struct run_detail *const *details, bool diff_only);

#endif
