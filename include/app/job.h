/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_APP_JOB_H
#define MLTOWER_APP_JOB_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cancel.h"

/* Jobs, the workers that run them and the inbox by which they come back. These
 * are the only threads of the program beside the terminal's copier. */
struct app;

/* Embedded as the first member of what a job carries. run() is called on a
 * worker, done() on the main thread afterwards (also when it was cancelled:
 * look at cancel.stop), then free(). Posting gives the job away. */
struct job {
	void (*run)(struct job *job); /* NULL: a message, only done() */
	void (*done)(struct job *job, struct app *app); /* NULL: none */
	void (*free)(struct job *job);
	struct cancel cancel;
	struct job *next; /* of the queue it stands in */
};

struct inbox;

/* Workers that post more than `max` undone jobs wait until some were done. */
struct inbox *inbox_new(unsigned max);
void inbox_free(struct inbox *in);         /* frees what still lies in it */
int inbox_wake_fd(const struct inbox *in); /* readable when there is news */
/* One byte to the wake descriptor; safe in a signal handler. */
void inbox_wake(const struct inbox *in);
/* From any thread; takes the job. */
void inbox_post(struct inbox *in, struct job *job);
/* Main thread: done() and free() of what came, until the budget is used up.
 * True if something is left for the next turn. */
bool inbox_work(struct inbox *in, struct app *app, int64_t budget_ms);
/* From now on posting never waits and what is posted is freed. */
void inbox_close(struct inbox *in);

struct worker;

/* What a worker does by itself. turn() returns the milliseconds until it wants
 * to be called again, or a negative number: only when kicked. Both run on the
 * worker's thread; leave() is its last act. Either may be NULL. */
struct worker_ops {
	int64_t (*turn)(void *ctx, const struct cancel *stop);
	void (*leave)(void *ctx);
};

struct worker *worker_new(const char *name, struct inbox *inbox,
			  const struct worker_ops *ops, void *ctx);
/* Takes the job; it is run in order of posting, before the next turn. */
void worker_post(struct worker *w, struct job *job);
/* No job waits and none runs; its last one may still be on its way back. */
bool worker_is_idle(struct worker *w);
void worker_kick(struct worker *w); /* a turn now */
/* Cancels what it does and asks it to leave. */
void worker_quit(struct worker *w);
/* Waits until the deadline; true: it left and its memory is freed. False: it
 * is stuck, and left behind with everything it uses. */
bool worker_join(struct worker *w, int64_t deadline_mono_ms);

#endif
