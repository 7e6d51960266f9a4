/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_APP_WATCHER_H
#define MLTOWER_APP_WATCHER_H

#include <stdbool.h>
#include <stdint.h>

#include "app/config.h"
#include "base/cancel.h"
#include "base/err.h"
#include "model/alert.h"
#include "store/state.h"

/* Evaluates the monitors of a config while this process holds the lease of the
 * state folder: follows their logs, compares windows with baselines, lives the
 * alerts' lives, and writes it all to the state folder. One thread's. The
 * Tower's state worker and `mltower watch` use the same. */
struct watcher;

/* The state is the caller's, of the same thread. only: names of monitors, none:
 * all. */
struct watcher *watcher_new(const struct config *config, struct state *state,
			    const char *const *only, size_t n_only);
/* Leaves the lease. */
void watcher_free(struct watcher *w, int64_t now_ms);
/* Does what is due. Returns the milliseconds until it wants to be called
 * again. A monitor that fails is told by watcher_error; ERR in *err: the state
 * folder cannot be written. */
int64_t watcher_turn(struct watcher *w, int64_t now_ms,
		     const struct cancel *stop, struct err *err);
/* Did it write to the state folder since the last call? */
bool watcher_take_written(struct watcher *w);
bool watcher_holds_lease(const struct watcher *w);
/* Reads and evaluates every monitor now, whatever is due. */
void watcher_force(struct watcher *w);
/* Of monitor i (those chosen): its name, and what is wrong with it ("" none).*/
size_t watcher_count(const struct watcher *w);
const char *watcher_name(const struct watcher *w, size_t i);
const char *watcher_error(const struct watcher *w, size_t i);
/* An alert changed (may be NULL): for `watch -o jsonl`. */
typedef void watcher_told(void *ctx, const struct alert *a, const char *what);
void watcher_on_alert(struct watcher *w, watcher_told *told, void *ctx);

#endif
