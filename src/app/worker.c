/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/job.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/mem.h"

struct worker {
	char name[16];
	struct inbox *inbox;
	struct worker_ops ops;
	void *ctx;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t news; /* on the monotonic clock */
	struct job *first, **last;
	struct job *running;
	struct cancel turn_cancel;
	bool is_kicked, is_quitting, has_left;
};

static void until(int64_t mono_ms, struct timespec *ts)
{
	ts->tv_sec = mono_ms / 1000;
	ts->tv_nsec = mono_ms % 1000 * 1000000;
}

/* Sleeps until there is a job, a kick, or the turn is due. Called locked. */
static void wait_for_news(struct worker *w, int64_t due_mono_ms)
{
	while (!w->first && !w->is_kicked && !w->is_quitting) {
		struct timespec ts;

		if (due_mono_ms < 0) {
			pthread_cond_wait(&w->news, &w->lock);
			continue;
		}
		if (clock_mono_ms() >= due_mono_ms)
			return;
		until(due_mono_ms, &ts);
		pthread_cond_timedwait(&w->news, &w->lock, &ts);
	}
}

static struct job *take_job(struct worker *w)
{
	struct job *job = w->first;

	if (job) {
		w->first = job->next;
		if (!w->first)
			w->last = &w->first;
	}
	w->running = job;
	return job;
}

static int64_t take_turn(struct worker *w)
{
	int64_t wait_ms = -1;

	w->is_kicked = false;
	if (w->ops.turn) {
		pthread_mutex_unlock(&w->lock);
		wait_ms = w->ops.turn(w->ctx, &w->turn_cancel);
		pthread_mutex_lock(&w->lock);
	}
	return wait_ms < 0 ? -1 : clock_mono_ms() + wait_ms;
}

static void *worker_main(void *p)
{
	struct worker *w = p;
	int64_t due_ms = w->ops.turn ? 0 : -1;

	pthread_mutex_lock(&w->lock);
	while (!w->is_quitting) {
		struct job *job;

		wait_for_news(w, due_ms);
		if (w->is_quitting)
			break;
		job = take_job(w);
		if (!job) {
			due_ms = take_turn(w);
			continue;
		}
		pthread_mutex_unlock(&w->lock);
		job->run(job);
		pthread_mutex_lock(&w->lock);
		w->running = NULL;
		pthread_mutex_unlock(&w->lock);
		inbox_post(w->inbox, job);
		pthread_mutex_lock(&w->lock);
	}
	pthread_mutex_unlock(&w->lock);
	if (w->ops.leave)
		w->ops.leave(w->ctx);
	pthread_mutex_lock(&w->lock);
	w->has_left = true;
	pthread_cond_broadcast(&w->news);
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

/* All signals go to the main thread. */
static void start_thread(struct worker *w)
{
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	BUG_ON(pthread_create(&w->thread, NULL, worker_main, w) != 0);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
#ifdef __linux__
	pthread_setname_np(w->thread, w->name);
#endif
}

struct worker *worker_new(const char *name, struct inbox *inbox,
			  const struct worker_ops *ops, void *ctx)
{
	struct worker *w = xcalloc(1, sizeof(*w));
	pthread_condattr_t attr;

	for (size_t i = 0; i + 1 < sizeof(w->name) && name[i]; i++)
		w->name[i] = name[i];
	w->inbox = inbox;
	if (ops)
		w->ops = *ops;
	w->ctx = ctx;
	w->last = &w->first;
	pthread_mutex_init(&w->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&w->news, &attr);
	pthread_condattr_destroy(&attr);
	start_thread(w);
	return w;
}

void worker_post(struct worker *w, struct job *job)
{
	job->next = NULL;
	pthread_mutex_lock(&w->lock);
	*w->last = job;
	w->last = &job->next;
	pthread_cond_broadcast(&w->news);
	pthread_mutex_unlock(&w->lock);
}

bool worker_is_idle(struct worker *w)
{
	bool is_idle;

	pthread_mutex_lock(&w->lock);
	is_idle = !w->first && !w->running;
	pthread_mutex_unlock(&w->lock);
	return is_idle;
}

void worker_kick(struct worker *w)
{
	pthread_mutex_lock(&w->lock);
	w->is_kicked = true;
	pthread_cond_broadcast(&w->news);
	pthread_mutex_unlock(&w->lock);
}

void worker_quit(struct worker *w)
{
	pthread_mutex_lock(&w->lock);
	w->is_quitting = true;
	w->turn_cancel.stop = true;
	if (w->running)
		w->running->cancel.stop = true;
	pthread_cond_broadcast(&w->news);
	pthread_mutex_unlock(&w->lock);
}

bool worker_join(struct worker *w, int64_t deadline_mono_ms)
{
	struct timespec ts;

	until(deadline_mono_ms, &ts);
	pthread_mutex_lock(&w->lock);
	while (!w->has_left && clock_mono_ms() < deadline_mono_ms)
		pthread_cond_timedwait(&w->news, &w->lock, &ts);
	if (!w->has_left) {
		pthread_mutex_unlock(&w->lock);
		return false;
	}
	pthread_mutex_unlock(&w->lock);
	pthread_join(w->thread, NULL);
	while (w->first) {
		struct job *job = w->first;

		w->first = job->next;
		job->free(job);
	}
	pthread_cond_destroy(&w->news);
	pthread_mutex_destroy(&w->lock);
	free(w);
	return true;
}
