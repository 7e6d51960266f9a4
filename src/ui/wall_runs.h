/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_UI_WALL_RUNS_H
#define MLTOWER_UI_WALL_RUNS_H

#include "base/arena.h"
#include "model/run_view.h"
#include "ui_internal.h"
#include "wall_draw.h"

/* The runs that a view keeps, for the wall. One view at a time: what the next
 * one needs is asked for when its turn comes. */
struct wall_runs;

struct wall_runs *wall_runs_new(struct app *app);
void wall_runs_free(struct wall_runs *r);
/* Looks at the model; fills in the table, from the run `first` on. Curves of
 * the view stand aside. When it wants to be called again although
 * nothing arrives; -1: never. */
int64_t wall_runs_make(struct wall_runs *r, struct ui *ui,
		       const struct run_view *view, size_t first,
		       struct arena *a, struct wall_facts *f);

#endif
