/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_APP_RUN_LIST_H
#define MLTOWER_APP_RUN_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/app.h"
#include "model/filter.h"
#include "model/order.h"
#include "model/run_tree.h"

/* The runs a list shows: a filter, an order, experiments; and the rows that
 * come of it, kept fresh as the model changes. Small sets are made at once,
 * large ones on the compute worker from a snapshot, while the old rows stay. */
struct run_list;

struct run_list *run_list_new(struct app *app);
void run_list_free(struct run_list *l);

/* A new filter (or order) takes effect if it can be parsed; else the old one
 * stays, and *column (from 1) says where it fails. */
ATTR_NODISCARD enum err_code run_list_set_filter(struct run_list *l,
						 const char *text,
						 size_t *column,
						 struct err *err);
ATTR_NODISCARD enum err_code
run_list_set_sort(struct run_list *l, const char *text, struct err *err);
/* Indices of run_set_experiment; none: all. Copied. */
void run_list_set_experiments(struct run_list *l, const uint32_t *experiments,
			      size_t n);
/* Runs below their parents, in the order that is asked for. Parents that the
 * filter drops are there too, so that what matches is seen in its place. */
void run_list_set_tree(struct run_list *l, bool is_tree);
bool run_list_is_tree(const struct run_list *l);
/* In the tree: what is below the row is left out, or there again. It stays so
 * while rows come and go; another filter shows all it finds, and none at all
 * what was shown before. */
void run_list_fold(struct run_list *l, uint32_t row, bool is_folded);
bool run_list_is_folded(const struct run_list *l, uint32_t row);
/* Every run shown that has others below; false: none at all. */
void run_list_fold_all(struct run_list *l, bool is_folded);
/* Is anything left out so? */
bool run_list_has_folded(const struct run_list *l);
const char *run_list_filter_text(const struct run_list *l);
const struct filter *run_list_filter(const struct run_list *l);
const char *run_list_sort_text(const struct run_list *l);
const uint32_t *run_list_experiments(const struct run_list *l, size_t *n);

/* Instead of the runs those that lie in their stores' bins. */
void run_list_set_deleted(struct run_list *l, bool only_deleted);
bool run_list_is_deleted(const struct run_list *l);

/* Columns whose best value among the rows is to be known. goal: +1 the
 * greatest, -1 the least. */
struct run_list_best {
	struct value_key key; /* the name is copied */
	int goal;
};
void run_list_set_bests(struct run_list *l, const struct run_list_best *bests,
			size_t n);
/* The best value of the i-th of them; NaN where there is none (yet). */
double run_list_best(const struct run_list *l, size_t i);
/* All rows as they are shown, and those that match alone, in their order, also
 * what is folded; until the next update. */
const uint32_t *run_list_rows(const struct run_list *l);
const uint32_t *run_list_matches(const struct run_list *l, size_t *n);

/* This row stays in the list though the filter dropped it, until another is
 * kept (the row under the cursor). RUN_NO_ROW: none. */
void run_list_keep(struct run_list *l, uint32_t row);
/* Looks at the model; starts what is needed. True if the rows are other ones
 * than at the last call. */
bool run_list_update(struct run_list *l, int64_t now_mono_ms);
/* When it wants to be updated again although nothing arrives; -1: never. */
int64_t run_list_next_ms(const struct run_list *l, int64_t now_mono_ms);

/* Of what is shown. */
size_t run_list_count(const struct run_list *l);
uint32_t run_list_row(const struct run_list *l, size_t i);
/* Where it stands in the tree; NULL: the list is none. */
const struct run_tree_place *run_list_place(const struct run_list *l, size_t i);
/* Position of the row, or the count where it is not there. */
size_t run_list_find(const struct run_list *l, uint32_t row);
/* False: kept though the filter dropped it, or above one that matches. */
bool run_list_is_match(const struct run_list *l, size_t i);
/* Kept though the filter dropped it. */
bool run_list_is_ghost(const struct run_list *l, size_t i);
/* Of how many rows it is a selection (not deleted, not gone). */
size_t run_list_total(const struct run_list *l);
/* Why the filter keeps no row at all; "" it does what it says. */
const char *run_list_error(const struct run_list *l);
/* The rows are not up to date yet. */
bool run_list_is_pending(const struct run_list *l);
/* They are made by the filter and order that were set, of whichever runs. */
bool run_list_is_as_asked(const struct run_list *l);

#endif
