/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "source_worker.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

#define QUIET_AFTER_MS    5000
#define QUIET_POLL_MS     500
#define REPLY_DEADLINE_MS 10000

/* A wish, with all it points to. Replaced whole, never changed. */
struct held_ask {
	struct arena arena;
	struct source_ask ask;
};

struct source_worker {
	uint16_t number;
	struct source_conf conf;
	const struct source_ops *ops;
	struct inbox *inbox;
	struct worker *worker;
	_Atomic int64_t read_ms;

	pthread_mutex_t lock; /* over `next_ask` alone */
	struct held_ask *next_ask;

	/* The worker's thread only. */
	void *ctx;
	bool is_open;
	struct held_ask *ask;
	uint32_t answered;    /* serial of the ask that all was told of */
	int64_t news_mono_ms; /* when a poll last brought something */
	enum source_state last_state;
	char last_msg[sizeof(((struct err *)0)->msg)];
};

struct batch_job {
	struct job job;
	struct source_worker *w;
	struct batch *batch;
	uint32_t latency_ms;
	uint32_t answers; /* serial of an ask; 0: of none */
	/* Requests. */
	struct arena arena;
	struct series_ask *asks;
	size_t n_asks;
	const char *run_id;
	struct err err;
};

static void batch_job_free(struct job *job)
{
	struct batch_job *j = (struct batch_job *)job;

	batch_free(j->batch);
	arena_release(&j->arena);
	free(j);
}

static void poll_done(struct job *job, struct app *app)
{
	struct batch_job *j = (struct batch_job *)job;

	app_take_batch(app, j->batch, j->latency_ms, j->answers);
}

static struct batch_job *batch_job_new(struct source_worker *w)
{
	struct batch_job *j = xcalloc(1, sizeof(*j));

	j->w = w;
	j->job.free = batch_job_free;
	j->batch = batch_new();
	j->batch->source = w->number;
	j->batch->read_utc_ms = clock_utc_ms();
	j->batch->n_runs_total = j->batch->n_models_total = -1;
	return j;
}

static void held_ask_free(struct held_ask *held)
{
	if (!held)
		return;
	arena_release(&held->arena);
	free(held);
}

static void use_newest_ask(struct source_worker *w)
{
	struct held_ask *next;

	pthread_mutex_lock(&w->lock);
	next = w->next_ask;
	w->next_ask = NULL;
	pthread_mutex_unlock(&w->lock);
	if (!next)
		return;
	held_ask_free(w->ask);
	w->ask = next;
}

static enum source_state state_of(enum err_code code)
{
	switch (code) {
	case ERR_OK:
		return SOURCE_LIVE;
	case ERR_BUSY:
	case ERR_STOP:
		return SOURCE_BUSY;
	case ERR_ABSENT:
		return SOURCE_ABSENT;
	default:
		return SOURCE_FAILED;
	}
}

static bool open_if_needed(struct source_worker *w, struct err *err)
{
	if (!w->is_open)
		w->is_open = !w->ops->open(&w->conf, &w->ctx, err);
	return w->is_open;
}

static bool has_names(const struct batch *b)
{
	bool has_any = false;
	int kind;

	for (kind = 0; kind < N_NAMED_KINDS; kind++)
		has_any |= b->names[kind].is_told;
	return has_any;
}

static bool batch_is_news(struct source_worker *w, const struct batch *b)
{
	bool is_news = b->n_runs || b->n_experiments || b->n_gone ||
		       b->n_values || b->n_counts || b->n_series ||
		       b->has_registry || has_names(b) || b->is_afresh ||
		       b->n_bad || b->has_more || b->state != w->last_state ||
		       strcmp(b->err.msg, w->last_msg) != 0;

	w->last_state = b->state;
	memcpy(w->last_msg, b->err.msg, sizeof(w->last_msg));
	return is_news;
}

/* A store where nothing happens is looked at half as often: what comes then
 * is still on the screen within a second. */
static int64_t poll_wait_ms(const struct source_worker *w, int64_t now_mono_ms)
{
	int64_t min_ms = w->ops->min_interval_ms;

	if (w->conf.poll_ms)
		return MAX(w->conf.poll_ms, min_ms);
	return now_mono_ms - w->news_mono_ms < QUIET_AFTER_MS
		       ? min_ms
		       : MAX(min_ms, QUIET_POLL_MS);
}

static int64_t source_turn(void *p, const struct cancel *stop)
{
	static const struct source_ask nothing;
	struct source_worker *w = p;
	struct batch_job *j = batch_job_new(w);
	struct batch *b = j->batch;
	struct err err = { 0 };
	int64_t began_ms = clock_mono_ms();
	bool has_more;

	use_newest_ask(w);
	if (open_if_needed(w, &err))
		w->ops->poll(w->ctx, w->ask ? &w->ask->ask : &nothing, stop, b,
			     &err);
	if (err.code) {
		b->err = err;
		b->state = state_of(err.code);
		b->has_more = false;
		log_line("%s: %s", w->conf.name, err.msg);
	} else {
		b->state = SOURCE_LIVE;
		w->read_ms = clock_utc_ms();
	}
	j->latency_ms = (uint32_t)(clock_mono_ms() - began_ms);
	has_more = b->has_more;
	if (w->ask && !has_more && !err.code)
		j->answers = w->ask->ask.serial;
	if (batch_is_news(w, b) || j->answers != w->answered) {
		w->answered = j->answers;
		w->news_mono_ms = began_ms;
		j->job.done = poll_done;
		inbox_post(w->inbox, &j->job);
	} else {
		batch_job_free(&j->job);
	}
	return has_more ? 0 : poll_wait_ms(w, began_ms);
}

static void source_leave(void *p)
{
	struct source_worker *w = p;

	if (w->is_open)
		w->ops->close(w->ctx);
	w->is_open = false;
}

struct source_worker *source_worker_new(uint16_t number,
					const struct source_conf *conf,
					const struct source_ops *ops,
					struct inbox *inbox)
{
	static const struct worker_ops turns = {
		.turn = source_turn,
		.leave = source_leave,
	};
	struct source_worker *w = xcalloc(1, sizeof(*w));

	w->number = number;
	w->conf = *conf;
	w->ops = ops;
	w->inbox = inbox;
	w->read_ms = TIME_NONE;
	pthread_mutex_init(&w->lock, NULL);
	w->worker = worker_new(conf->name, inbox, &turns, w);
	return w;
}

static struct held_ask *held_ask_copy(const struct source_ask *ask)
{
	struct held_ask *held = xcalloc(1, sizeof(*held));
	struct arena *a = &held->arena;
	struct value_key *columns, *metrics;
	const char **hot, **runs;

	held->ask = *ask;
	columns = arena_alloc(a, ask->n_columns * sizeof(*columns));
	for (size_t i = 0; i < ask->n_columns; i++) {
		columns[i].kind = ask->columns[i].kind;
		columns[i].name = arena_strdup(a, ask->columns[i].name);
	}
	hot = arena_alloc(a, ask->n_hot_runs * sizeof(*hot));
	for (size_t i = 0; i < ask->n_hot_runs; i++)
		hot[i] = arena_strdup(a, ask->hot_runs[i]);
	metrics = arena_alloc(a, ask->n_live * sizeof(*metrics));
	runs = arena_alloc(a, ask->n_live * sizeof(*runs));
	for (size_t i = 0; i < ask->n_live; i++) {
		metrics[i].kind = VALUE_METRIC;
		metrics[i].name = arena_strdup(a, ask->live_metrics[i].name);
		runs[i] = arena_strdup(a, ask->live_runs[i]);
	}
	held->ask.columns = columns;
	held->ask.hot_runs = hot;
	held->ask.live_metrics = metrics;
	held->ask.live_runs = runs;
	return held;
}

void source_worker_ask(struct source_worker *w, const struct source_ask *ask)
{
	struct held_ask *held = held_ask_copy(ask);
	struct held_ask *unused;

	pthread_mutex_lock(&w->lock);
	unused = w->next_ask;
	w->next_ask = held;
	pthread_mutex_unlock(&w->lock);
	held_ask_free(unused);
}

static void series_run(struct job *job)
{
	struct batch_job *j = (struct batch_job *)job;
	struct source_worker *w = j->w;

	job->cancel.deadline_mono_ms = clock_mono_ms() + REPLY_DEADLINE_MS;
	if (!open_if_needed(w, &j->err))
		return;
	w->ops->series(w->ctx, j->asks, j->n_asks, &job->cancel, j->batch,
		       &j->err);
}

static void series_done(struct job *job, struct app *app)
{
	struct batch_job *j = (struct batch_job *)job;

	app_take_series(app, j->batch, &j->err);
}

void source_worker_series(struct source_worker *w,
			  const struct series_ask *asks, size_t n)
{
	struct batch_job *j = batch_job_new(w);

	j->asks = arena_alloc(&j->arena, n * sizeof(*asks));
	j->n_asks = n;
	for (size_t i = 0; i < n; i++) {
		j->asks[i].run_id = arena_strdup(&j->arena, asks[i].run_id);
		j->asks[i].metric = arena_strdup(&j->arena, asks[i].metric);
		j->asks[i].max_points = asks[i].max_points;
	}
	j->job.run = series_run;
	j->job.done = series_done;
	worker_post(w->worker, &j->job);
}

static void detail_run(struct job *job)
{
	struct batch_job *j = (struct batch_job *)job;
	struct source_worker *w = j->w;

	job->cancel.deadline_mono_ms = clock_mono_ms() + REPLY_DEADLINE_MS;
	if (!open_if_needed(w, &j->err))
		return;
	w->ops->detail(w->ctx, j->run_id, &job->cancel, j->batch, &j->err);
}

static void detail_done(struct job *job, struct app *app)
{
	struct batch_job *j = (struct batch_job *)job;
	struct batch *b = j->batch;

	j->batch = NULL;
	app_take_detail(app, j->w->number, j->run_id, b, &j->err);
}

void source_worker_detail(struct source_worker *w, const char *run_id)
{
	struct batch_job *j = batch_job_new(w);

	j->run_id = arena_strdup(&j->arena, run_id);
	j->job.run = detail_run;
	j->job.done = detail_done;
	worker_post(w->worker, &j->job);
}

void source_worker_refresh(struct source_worker *w)
{
	worker_kick(w->worker);
}

int64_t source_worker_read_ms(const struct source_worker *w)
{
	return w->read_ms;
}

void source_worker_quit(struct source_worker *w)
{
	worker_quit(w->worker);
}

bool source_worker_join(struct source_worker *w, int64_t deadline_mono_ms)
{
	if (!worker_join(w->worker, deadline_mono_ms))
		return false;
	held_ask_free(w->ask);
	held_ask_free(w->next_ask);
	pthread_mutex_destroy(&w->lock);
	free(w);
	return true;
}
