/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_VIEW_LISTS_H
#define MLTOWER_VIEW_LISTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/group.h"
#include "model/order.h"
#include "model/run_tree.h"
#include "view/list.h"

/* Every list there is. Each fills *list (view_list_release). */

/* Runs: `rows` (from order_make) of a set, both borrowed. picks: the columns
 * asked for by name, as in --columns ("name", "metrics.auc"); none: the
 * standard ones, with all params, metrics and tags as maps in data. */
struct view_runs_ask {
	const struct run_set *set;
	const uint32_t *rows;
	size_t n_rows;
	const char *const *picks;
	size_t n_picks;
	/* The metric of METRIC and VALUE for every row; NULL: each run's own
	 * main one. */
	const char *metric;
	/* Where each row stands in a tree; NULL: they are none. Names are
	 * indented by its depth, data has it as `depth`. */
	const struct run_tree_place *places;
};
/* The status of a run; silent, if the points that are here say so. row
 * RUN_NO_ROW: as the store has it. */
struct cell view_status_cell(const struct view_ctx *ctx, uint32_t row,
			     enum run_status status);
/* Blanks before a name this deep in a tree. */
uint8_t view_indent(uint32_t depth);
ATTR_NODISCARD enum err_code view_runs(struct view_list *list,
				       const struct view_ctx *ctx,
				       const struct view_runs_ask *ask,
				       struct err *err);
/* The value columns that names as in --columns need, for source_ask: "name" and
 * its like need none. Yours (free()); names point into picks. */
struct value_key *view_runs_keys(const char *const *picks, size_t n_picks,
				 size_t *n);
/* Do they need all values of a kind, and of which kinds? "params" and its like
 * do, and each run's main metric: which that is only all metrics tell. */
bool view_runs_pick_all(const char *const *picks, size_t n_picks,
			bool all[N_NAMED_KINDS]);
/* Groups of runs, all borrowed. The metrics are those the groups were made
 * with. */
struct view_groups_ask {
	const struct run_set *set;
	const struct group_by *by;
	const struct groups *groups;
	const struct group_metric *metrics;
	size_t n_metrics;
	/* A table shows every metric; else of each group one, the main metric
	 * of its first run's experiment. */
	bool has_all_metrics;
	bool is_narrow; /* spreads in few cells */
};
/* The metrics that names as in --columns ask for, with their goals; *n_others:
 * how many of the names are no metrics. Yours (free()), names borrowed of the
 * picks. */
struct group_metric *view_group_picks(const struct view_ctx *ctx,
				      const char *const *picks, size_t n_picks,
				      size_t *n, size_t *n_others);
void view_groups(struct view_list *list, const struct view_ctx *ctx,
		 const struct view_groups_ask *ask);
/* The same of groups that are made for it: of these rows of ask->set, in this
 * order. They outlive the list: *made is yours (groups_free()). */
struct view_grouping {
	const uint32_t *rows;
	size_t n_rows;
	const struct order_key *sort;
	size_t n_sort;
};
ATTR_NODISCARD enum err_code
view_group_rows(struct view_list *list, const struct view_ctx *ctx,
		const struct view_grouping *how,
		const struct view_groups_ask *ask, const struct cancel *stop,
		struct groups **made, struct err *err);
/* The main metrics of all experiments, or this one, each once with its goal;
 * yours (free()), names borrowed. */
struct group_metric *view_group_metrics(const struct view_ctx *ctx,
					const char *metric, size_t *n);
/* One run whole: one row; its table form is view_print_run(). */
void view_run(struct view_list *list, const struct view_ctx *ctx,
	      uint16_t source, const struct run_detail *detail);

/* Histories: in data one row a metric, points as a list; in tables one row a
 * point. */
struct view_history_item {
	uint16_t source;
	const char *run_id, *metric;
	const struct point *points;
	size_t n;
	uint64_t n_total;
};
void view_history(struct view_list *list, const struct view_ctx *ctx,
		  const struct view_history_item *items, size_t n);
void view_points(struct view_list *list, const struct view_ctx *ctx,
		 const struct view_history_item *items, size_t n);

/* The registry: models of all sources, or of one (source >= 0). */
void view_models(struct view_list *list, const struct view_ctx *ctx,
		 int source);
void view_versions(struct view_list *list, const struct view_ctx *ctx,
		   const struct reg_entry *entry);

/* The model's alerts; states: bits (1 << ALERT_FIRING ..), 0 all. */
void view_alerts(struct view_list *list, const struct view_ctx *ctx,
		 unsigned states);
/* Newest first; older than since_ms left out (TIME_NONE: none). */
void view_events(struct view_list *list, const struct view_ctx *ctx,
		 int64_t since_ms);
/* Of one kind ("" all), with this in their subject, text or source ("" all),
 * in any case. */
struct view_events_ask {
	const char *kind, *text;
};
void view_events_of(struct view_list *list, const struct view_ctx *ctx,
		    const struct view_events_ask *ask);
/* What arrived after the event of this seq and is not older than since_ms, the
 * oldest first. */
void view_events_after(struct view_list *list, const struct view_ctx *ctx,
		       uint64_t seq, int64_t since_ms);
/* The columns of a report, worst first; in data one object. */
void view_drift(struct view_list *list, const struct view_ctx *ctx,
		const struct drift_report *r);
/* read_ms: when each was read last, with news or without; copied. NULL: when
 * the model got what it has. */
void view_sources(struct view_list *list, const struct view_ctx *ctx,
		  const int64_t *read_ms);

/* The metric of a model that matters: configured, else the main one of the
 * experiment that its newest version's run belongs to. "" none known. */
const char *view_model_metric(const struct view_ctx *ctx,
			      const struct reg_entry *entry);
/* The value of the metric in the version's run. v may be NULL. False: not
 * known. */
bool view_version_value(const struct view_ctx *ctx, uint16_t source,
			const struct version_facts *v, const char *metric,
			double *out);

/* A model as all lists see it: who serves, who comes next, the value of the
 * model's metric in whoever comes next, else in whoever serves, and by how much
 * who comes next differs from who serves. Pointers are borrowed from the
 * model. */
struct view_model {
	const struct model_facts *model;
	const char *source;  /* name */
	const char *serving; /* the alias, "champion" */
	const struct version_facts *champion, *newest,
		*challenger;       /* or NULL */
	const char *metric;        /* "" none known */
	bool has_value, has_delta; /* a delta is finite */
	double value, delta;
	int goal;
};
void view_model_look(const struct view_ctx *ctx, const struct reg_entry *entry,
		     struct view_model *out);

#endif
