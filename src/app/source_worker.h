/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_APP_SOURCE_WORKER_H
#define MLTOWER_APP_SOURCE_WORKER_H

#include <stdint.h>

#include "app/job.h"
#include "system/ops.h"

/* One thread a source: polls it, and answers what is asked of it between two
 * polls, with a connection of its own. Batches come by the inbox. */
struct source_worker;

/* What may be told by whom; copied. The worker uses the newest. */
struct source_worker *source_worker_new(uint16_t number,
					const struct source_conf *conf,
					const struct source_ops *ops,
					struct inbox *inbox);
void source_worker_ask(struct source_worker *w, const struct source_ask *ask);
void source_worker_series(struct source_worker *w,
			  const struct series_ask *asks, size_t n);
void source_worker_detail(struct source_worker *w, const char *run_id);
void source_worker_refresh(struct source_worker *w);
int64_t source_worker_read_ms(const struct source_worker *w);
void source_worker_quit(struct source_worker *w);
/* False: stuck, and left behind. */
bool source_worker_join(struct source_worker *w, int64_t deadline_mono_ms);

/* Main thread: where batches arrive (app.c). The batch stays the caller's.
 * answers: the serial of the ask of which it is the end; 0: of none. */
void app_take_batch(struct app *app, const struct batch *b,
		    uint32_t latency_ms, uint32_t answers);
/* Histories that were asked for; err where that failed. */
void app_take_series(struct app *app, const struct batch *b,
		     const struct err *err);
/* The detail that was asked for; takes the batch. err where it failed. */
void app_take_detail(struct app *app, uint16_t source, const char *run_id,
		     struct batch *b, const struct err *err);

#endif
