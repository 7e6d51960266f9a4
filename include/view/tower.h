/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_VIEW_TOWER_H
#define MLTOWER_VIEW_TOWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/app.h"
#include "base/arena.h"
#include "base/text.h"
#include "view/cell.h"

/* What the Tower's panes say, made from the model; the wall and the plain
 * frame use the same. Everything lives in the arena it was made in. */

enum run_look {
	LOOK_RUNNING,
	LOOK_SILENT, /* says RUNNING, and has been quiet too long */
	LOOK_FINISHED,
	LOOK_FAILED,
	LOOK_KILLED,
	LOOK_SCHEDULED,
	LOOK_UNKNOWN,
};

struct run_line {
	uint32_t row;
	struct shown name, experiment, status, age, metric_name, value;
	enum run_look look;
	bool is_nan;
	bool is_stale;              /* its source is not live */
	const char *metric;         /* of the trend; "" none */
	const struct series *trend; /* NULL: not here (yet) */
	int64_t start_ms, end_ms;
};

/* The line of one run with its own main metric, or `metric` if not 0. */
void run_line_make(struct app *app, uint32_t row, uint32_t metric,
		   int64_t now_ms, struct arena *a, struct run_line *out);
const char *run_look_name(enum run_look look); /* "running" */

/* The metric of a model that matters: configured, else the main one of the
 * experiment its newest version's run belongs to. Interned; 0 none. */
uint32_t tower_model_metric(struct app *app, const struct reg_entry *e);
/* The value of the metric in the run of the version. False: not known. */
bool tower_version_value(struct app *app, uint16_t source,
			 const struct version_facts *v, uint32_t metric,
			 double *out);
/* The newest report about this model; NULL: nobody watches it. */
const struct drift_report *
tower_model_report(struct app *app, const char *source, const char *model);

enum serves_look {
	SERVES_NOTHING, /* nobody told */
	SERVES_AGREES,
	SERVES_UNDER_WAY, /* promoted, within the time it may take */
	SERVES_OTHER,     /* another version than the registry says */
	SERVES_OLD,       /* told too long ago */
};

struct model_line {
	uint16_t source;
	const struct model_facts *model;
	struct shown name;
	const struct version_facts *champion, *newest, *challenger;
	struct shown champion_text, champion_age, newest_text, newest_age;
	struct shown metric_name, value, delta, serves;
	int delta_goal; /* +1 better, -1 worse, 0 neither or not known */
	enum serves_look serves_look;
	struct shown why; /* the second line: why facts disagree, what waits */
	bool why_warns;
	bool is_stale;    /* its source is not live */
	bool looks_alike; /* another model's name looks the same */
};

/* All models, those that need somebody first, then by name. */
size_t model_lines_make(struct app *app, int64_t now_ms, struct arena *a,
			struct model_line **out);

/* "@v12": since when this version holds the alias, by the audit trail; else
 * when the version was made. */
int64_t tower_holder_since(struct app *app, uint16_t source, const char *model,
			   const char *alias, const struct version_facts *v);

struct alert_line {
	const struct alert *alert; /* NULL: a monitor without one */
	const char *monitor;
	struct shown word; /* "firing", "acked", "superseded", "blind" */
	enum cell_mark mark;
	enum role role; /* of both */
	struct shown model, what, limit, age, more;
	bool is_acked;
	/* Of the worst column, for the sparkline; may be NULL. */
	const struct point *history;
	size_t n_history;
};

void alert_line_make(struct app *app, const struct alert *al, int64_t now_ms,
		     struct arena *a, struct alert_line *out);
/* Alerts that are not over, and those resolved within the last day, in the
 * order for people. */
size_t alert_lines_make(struct app *app, int64_t now_ms, struct arena *a,
			struct alert_line **out);

/* The same, and a line for each monitor that has no open alert: those that are
 * blind, those that have too few rows to say, and below what is over the quiet
 * ones with their worst column. */
size_t watch_lines_make(struct app *app, int64_t now_ms, struct arena *a,
			struct alert_line **out);
/* The line of a monitor without an alert. */
void monitor_line_make(struct app *app, const char *monitor, struct arena *a,
		       struct alert_line *out);
/* How many monitors cannot see their log or baseline; the first of them, NULL
 * none. */
size_t tower_blind(struct app *app, const struct drift_report **first);
/* The newest report of this monitor; NULL: it was not evaluated yet. */
const struct drift_report *tower_monitor_report(struct app *app,
						const char *monitor);

/* How many runs run (without silent ones), are silent, and failed within the
 * last day. */
struct tower_counts {
	size_t running, silent, failed_day, firing, pending, acked;
};
struct tower_counts tower_count(struct app *app, int64_t now_ms);
/* Runs that want somebody: failed at since_ms or later, and silent ones; of
 * each kind the newest failure and the longest silence, RUN_NO_ROW if none.
 * Runs of a lost source are not among them. */
struct tower_runs {
	size_t n_failed, n_silent;
	uint32_t failed, silent;
	int64_t silent_since_ms;
};
struct tower_runs tower_troubled_runs(struct app *app, int64_t since_ms,
				      int64_t now_ms);
/* The first model whose endpoint answers with another version than the
 * registry says, and why. False: there is none. */
bool tower_disagreement(struct app *app, int64_t now_ms, struct arena *a,
			const struct model_facts **model, struct shown *why);
/* As view_decimals(). */
int tower_decimals(const struct config *c, const char *metric);

#endif
