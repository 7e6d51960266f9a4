/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_APP_APP_H
#define MLTOWER_APP_APP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/config.h"
#include "app/job.h"
#include "model/model.h"
#include "store/audit.h"
#include "system/ops.h"

/* The program without a screen: the model and the workers that feed it. Owned
 * by the main thread; nothing here waits. */
struct app;

struct app_opts {
	const struct config *config; /* borrowed */
	bool is_wall; /* reads the state, never evaluates or writes */
	bool is_demo; /* everything shown is synthetic */
};

/* Opens nothing yet: the workers do. */
struct app *app_new(const struct app_opts *opts);
/* Asks all workers to leave and waits a moment. False: one is stuck; then the
 * caller must leave by _exit. */
bool app_free(struct app *app, int64_t wait_ms);

struct model *app_model(struct app *app);
const struct config *app_config(const struct app *app);
bool app_is_demo(const struct app *app);
bool app_is_wall(const struct app *app);

/* The loop's side. */
int app_wake_fd(const struct app *app);
void app_wake(const struct app *app); /* safe in a signal handler */
/* Applies what came, for at most budget_ms; true: more is left. */
bool app_apply_messages(struct app *app, int64_t budget_ms);

/* Nothing is under way and nothing waits to be applied: what was asked for is
 * here. */
bool app_is_quiet(const struct app *app);

/* Runs, or values that the list of runs wished for, are still on their way from
 * a source that answers. */
bool app_is_reading(const struct app *app);
/* The same, from a source that may not answer now. */
bool app_is_owed(const struct app *app);

/* When the source was last read without failure, also where nothing was new.
 * TIME_NONE: never. */
int64_t app_source_read_ms(const struct app *app, uint16_t source);
/* The adapter's facts, for promotion jobs. */
const struct source_conf *app_source_conf(const struct app *app,
					  uint16_t source);
const struct system_ops *app_source_ops(const struct app *app, uint16_t source);
/* Poll now. */
void app_refresh(struct app *app);

/* What the views need of the sources. Each call replaces the wish of this
 * `who` (one slot a view); strings are copied. */
enum app_who { /* up to the group for the list of runs */
	       APP_WHO_RUNS,
	       APP_WHO_COLUMNS,
	       APP_WHO_FILTER,
	       APP_WHO_GROUP,
	       APP_WHO_PROMPT,
	       APP_WHO_REGISTRY,
	       APP_WHO_OTHER,
	       APP_N_WHO
};
void app_want_columns(struct app *app, enum app_who who,
		      const struct value_key *keys, size_t n);

struct app_series_wish {
	uint16_t source;
	const char *run_id, *metric;
	uint32_t max_points; /* 0: all */
};
/* Histories that are visible now: fetched if missing, told live while here.
 * They appear in the model's series cache. */
void app_want_series(struct app *app, enum app_who who,
		     const struct app_series_wish *wishes, size_t n);
/* True while a fetch of it is under way. */
bool app_is_fetching(const struct app *app, uint16_t source, const char *run_id,
		     const char *metric);
/* Rows on screen: read again at any change of their store. */
void app_want_runs(struct app *app, const uint32_t *rows, size_t n);

/* A run whole. NULL until it is here; asked for by the call, and again when
 * the run changed. Valid until the next app_apply_messages. */
const struct run_detail *app_detail(struct app *app, uint16_t source,
				    const char *run_id, struct err *err);

/* Jobs: pure computing, the state folder, acts on systems, and what takes as
 * long as it takes, so that nothing else waits for it. */
void app_compute(struct app *app, struct job *job);
void app_store_job(struct app *app, struct job *job);
void app_act(struct app *app, struct job *job);
void app_toil(struct app *app, struct job *job);

/* From the state folder, kept fresh. */
struct app_watch_state {
	bool is_known;
	bool is_us;       /* this process evaluates */
	char holder[96];  /* "pid 4711 on gpu-2"; "" nobody */
	int64_t since_ms; /* since when it, or nobody, does */
	int64_t beat_ms;  /* its last sign */
};
const struct app_watch_state *app_watch(const struct app *app);
/* The trail's last entries, newest first. */
size_t app_audit_count(const struct app *app);
const struct audit_entry *app_audit_at(const struct app *app, size_t i);
/* Statistic of a monitor's column over time, oldest first. The time is in
 * time_ms, step is 0. NULL until it is here: asked for by the call. */
const struct point *app_stat_history(struct app *app, const char *monitor,
				     const char *column, size_t *n,
				     double *limit);
/* Views of the runs: those of the config, then those that were saved. */
const struct run_view *app_views(const struct app *app, size_t *n);
/* Kept on the store's thread; told by the next read of it. */
void app_save_view(struct app *app, const struct run_view *v);
void app_forget_view(struct app *app, const char *name);
/* What was typed at a prompt of this kind ("filter", "command") in all
 * sessions, oldest first; false: not known yet. */
bool app_typed(const struct app *app, const char *kind, const char *const **out,
	       size_t *n);
/* Nothing is kept behind a closed GATE_STATE. */
void app_keep_typed(struct app *app, const char *kind, const char *text);
/* "" or why the state folder cannot be used. */
const char *app_state_error(const struct app *app);

/* Acknowledges on the store's thread; done is told by the next read of it. */
void app_acknowledge(struct app *app, int64_t alert_id, const char *note);

#endif
