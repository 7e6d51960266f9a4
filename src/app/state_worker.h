/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_APP_STATE_WORKER_H
#define MLTOWER_APP_STATE_WORKER_H

#include "app/app.h"
#include "store/state.h"

/* The thread that owns the state folder: evaluates the monitors (where this
 * process holds the lease), writes what is acknowledged, and reads back what
 * any process wrote there: alerts, reports, the trail, events. */
struct state_worker;

struct state_worker *state_worker_new(const struct config *config, bool is_wall,
				      struct inbox *inbox);
void state_worker_post(struct state_worker *s, struct job *job);
/* Writes on the worker's thread, and reads the folder again. ctx is given away
 * with what frees it. */
typedef enum err_code state_write(struct state *state, void *ctx,
				  struct err *err);
void state_worker_write(struct state_worker *s, state_write *write, void *ctx,
			void (*free_ctx)(void *ctx));
void state_worker_acknowledge(struct state_worker *s, int64_t alert_id,
			      const char *note);
/* See app_stat_history. */
const struct point *state_worker_history(struct state_worker *s,
					 const char *monitor,
					 const char *column, size_t *n,
					 double *limit);
const struct app_watch_state *state_worker_watch(const struct state_worker *s);
size_t state_worker_audit_count(const struct state_worker *s);
const struct audit_entry *state_worker_audit_at(const struct state_worker *s,
						size_t i);
const struct run_view *state_worker_views(const struct state_worker *s,
					  size_t *n);
bool state_worker_typed(const struct state_worker *s, const char *kind,
			const char *const **out, size_t *n);
const char *state_worker_error(const struct state_worker *s);
void state_worker_kick(struct state_worker *s);
void state_worker_quit(struct state_worker *s);
bool state_worker_join(struct state_worker *s, int64_t deadline_mono_ms);

#endif
