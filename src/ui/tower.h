/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_UI_TOWER_H
#define MLTOWER_UI_TOWER_H

#include "app/run_list.h"
#include "chart_view.h"
#include "list.h"
#include "marks.h"
#include "run_table.h"
#include "ui_internal.h"
#include "uptake.h"
#include "view/tower.h"

/* The start page: four panes, two by two, or one at a time where there is no
 * room. Each pane has a file of its own. */
enum tower_pane {
	PANE_RUNS,
	PANE_METRICS,
	PANE_REGISTRY,
	PANE_ALERTS,
	N_PANES
};

#define TREND_POINTS 64

struct tower {
	struct page page;
	enum tower_pane focus;
	bool is_alone;              /* zoom: the focused pane only */
	bool is_wide;               /* the left column over the whole width */
	struct arena arena;         /* what update() made */
	struct rect rects[N_PANES]; /* width 0: not shown */
	bool has_tabs;

	/* Runs. */
	struct run_list *runs;
	struct list run_list;
	uint32_t cursor_row; /* RUN_NO_ROW: none */
	struct marks marks;
	uint32_t counted_gen;   /* of the marks, when they were counted: */
	size_t n_away;          /* marked, and not in the list */
	struct marks deleted;   /* what was deleted from here, to be restored */
	uint32_t metric;        /* chosen, interned; 0: each its own */
	struct run_line *lines; /* of what is in view, from run_list.top */
	size_t n_lines;
	int name_needs;              /* cells: the longest name so far */
	struct run_table table;      /* columns that somebody chose */
	struct tower_groups *groups; /* the runs put together, or not */
	struct tower_views *views;   /* names for all of the above */
	bool follows_top;            /* nobody moved: stay on the newest run */

	/* Metrics of the run the cursor rested on. */
	uint32_t rest_row;
	uint32_t
		shown_row; /* whose curves are drawn: rest_row when they came */
	int64_t moved_mono_ms;
	const char **chart_metrics; /* main first */
	size_t n_chart_metrics;
	struct list metric_list;
	struct chart_view charts;

	struct uptake *follow; /* a promotion, in place of the metrics; NULL */

	/* Registry and alerts. */
	struct model_line *models;
	size_t n_models;
	struct list model_list;
	struct alert_line *alerts;
	size_t n_alerts;
	struct list alert_list;
};

/* page_tower.c */
/* Rows above a list in its pane: the title and, where there is room, heads. */
int tower_above_list(const struct ui *ui);
/* The page is updated again at this time, or before. */
void tower_update_by(struct tower *t, int64_t mono_ms);
void tower_unfollow(struct tower *t);
/* Do tabs stand in place of the pane's title? Not where that has to say that
 * not all runs are shown. */
bool tower_has_tabs(const struct tower *t);
/* tower_runs.c */
void tower_runs_update(struct tower *t, struct ui *ui);
void tower_runs_draw(struct tower *t, struct ui *ui, struct surface *s,
		     struct rect r);
bool tower_runs_command(struct tower *t, struct ui *ui, enum command_id cmd,
			const char *arg);
/* "name,metrics.auc=9": the columns; "" the pane's own look. */
void tower_choose_columns(struct tower *t, struct ui *ui, const char *names);
/* Puts the cursor on the run; opens it where the list does not have it. */
void tower_go_to_run(struct tower *t, struct ui *ui, uint32_t row);
/* Is it a part of the runs: by filter, experiment, view, or those deleted? */
bool tower_runs_are_selected(const struct tower *t);
/* All of them are here, with the values that filter, order, columns and groups
 * look at. */
bool tower_runs_are_settled(const struct tower *t, const struct ui *ui);
/* "val/auc ↓, name": what the rows are ordered by, behind `before`; "" where it
 * is the usual order. */
struct shown tower_sort_text(struct ui *ui, const char *sort,
			     const char *before);
/* What is said of no rows. */
struct shown tower_runs_empty(struct tower *t, struct ui *ui);
/* tower_groups.c: the pane while it shows groups, and what led into one. */
struct tower_groups *tower_groups_new(struct app *app);
void tower_groups_free(struct tower_groups *g);
/* Before the rows. A group that was opened before all values were here is that
 * of the run it was told by: with the values it is called by them. */
void tower_groups_follow(struct tower *t, struct ui *ui);
/* After the rows; is_new: they are other ones. */
void tower_groups_update(struct tower *t, struct ui *ui, bool is_new);
/* The rest is false where no groups are shown. */
bool tower_groups_are_shown(const struct tower *t);
bool tower_groups_draw(struct tower *t, struct ui *ui, struct surface *s,
		       struct rect r);
bool tower_groups_command(struct tower *t, struct ui *ui, enum command_id cmd,
			  const char *arg);
/* By what, and in which order, as the command line says it; "" not at all. */
void tower_groups_show(struct tower *t, struct ui *ui, const char *by,
		       const char *sort);
/* Groups are shown, and not the runs of one. */
bool tower_groups_are_shown(const struct tower *t);
/* Out of a group to the groups, from there to the runs. */
bool tower_groups_back(struct tower *t, struct ui *ui);
/* The filter without the group's part. */
const char *tower_groups_filter(const struct tower *t);
const char *tower_groups_by(const struct tower *t);
const char *tower_groups_sort(const struct tower *t);
/* The filter is another one: that of the group which is open stays beside it.
 */
void tower_groups_narrow(struct tower *t, struct ui *ui);
/* Of the group that is open: "by params.depth › 12"; "" none is. */
struct shown tower_groups_open(const struct tower *t, struct ui *ui);
/* tower_tree.c */
bool tower_tree_command(struct tower *t, struct ui *ui, enum command_id cmd);
/* tower_edit.c */
/* After the rows: how many that are marked the list does not have now. */
void tower_marks_update(struct tower *t, bool is_new);
/* "7 marked, 4 not in this list", where there is little room "4 away"; empty
 * where none is marked. */
struct shown tower_marks_text(const struct tower *t, struct arena *a,
			      bool is_short);
bool tower_edit_command(struct tower *t, struct ui *ui, enum command_id cmd,
			const char *arg);
/* tower_views.c: the pane's look, saved under names. */
struct tower_views *tower_views_new(void);
void tower_views_free(struct tower_views *v);
bool tower_views_command(struct tower *t, struct ui *ui, enum command_id cmd,
			 const char *arg);
/* To what was shown before the view. */
bool tower_views_back(struct tower *t, struct ui *ui);
const char *tower_views_name(const struct tower *t); /* "" : none is open */
/* "night", or "night*" where the pane was changed since; "" none is open. */
struct shown tower_views_title(const struct tower *t, struct ui *ui);
/* tower_metrics.c */
bool tower_metrics_command(struct tower *t, struct ui *ui, enum command_id cmd,
			   const char *arg);
void tower_metrics_update(struct tower *t, struct ui *ui);
void tower_metrics_draw(struct tower *t, struct ui *ui, struct surface *s,
			struct rect r);
/* tower_registry.c */
void tower_registry_update(struct tower *t, struct ui *ui);
void tower_registry_draw(struct tower *t, struct ui *ui, struct surface *s,
			 struct rect r);
bool tower_registry_command(struct tower *t, struct ui *ui,
			    enum command_id cmd);
/* tower_alerts.c */
void tower_alerts_update(struct tower *t, struct ui *ui);
void tower_alerts_draw(struct tower *t, struct ui *ui, struct surface *s,
		       struct rect r);
bool tower_alerts_command(struct tower *t, struct ui *ui, enum command_id cmd);

#endif
