/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/app.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/registry_of.h"
#include "app_internal.h"
#include "base/clock.h"
#include "base/mem.h"
#include "io/gate.h"
#include "state_worker.h"

#define MAX_WAITING_JOBS 32
/* A run on screen that goes on changing is read whole once a second. */
#define DETAIL_AGAIN_MS 1000

static void add_source(struct app *app, const struct config_source *conf)
{
	struct app_source *src = &app->sources[app->n_sources];
	struct err err = { 0 };
	uint16_t number;

	src->conf = source_conf_of(conf);
	src->ops = system_find(conf->where, conf->kind, &err);
	/* It may come: until then it is looked for as what lies in a file. */
	if (err.code == ERR_ABSENT)
		src->ops = system_kinds;
	number = model_add_source(
		&app->model, conf->name, src->ops ? src->ops->source->kind : "",
		conf->where, gate_source_is_writable(conf->name));
	BUG_ON(number != app->n_sources);
	app->n_sources++;
	if (src->ops) {
		src->worker = source_worker_new(number, &src->conf,
						src->ops->source, app->inbox);
		return;
	}
	app->model.sources[number].state = SOURCE_FAILED;
	app->model.sources[number].err = err;
}

struct app *app_new(const struct app_opts *opts)
{
	struct app *app = xcalloc(1, sizeof(*app));
	const struct config *config = opts->config;

	app->config = config;
	app->is_wall = opts->is_wall;
	app->is_demo = opts->is_demo;
	model_init(&app->model);
	app->inbox = inbox_new(MAX_WAITING_JOBS);
	app->sources = xcalloc(config->n_sources, sizeof(*app->sources));
	for (size_t i = 0; i < config->n_sources; i++)
		add_source(app, &config->sources[i]);
	app->compute = worker_new("compute", app->inbox, NULL, NULL);
	app->actor = worker_new("act", app->inbox, NULL, NULL);
	app->state = state_worker_new(config, opts->is_wall, app->inbox);
	return app;
}

static bool join_all(struct app *app, int64_t wait_ms)
{
	int64_t end_ms = clock_mono_ms() + wait_ms;
	bool all_left = true;

	for (size_t i = 0; i < app->n_sources; i++)
		if (app->sources[i].worker)
			all_left &= source_worker_join(app->sources[i].worker,
						       end_ms);
	all_left &= worker_join(app->compute, end_ms);
	all_left &= worker_join(app->actor, end_ms);
	if (app->toiler)
		all_left &= worker_join(app->toiler, end_ms);
	all_left &= state_worker_join(app->state, end_ms);
	return all_left;
}

bool app_free(struct app *app, int64_t wait_ms)
{
	inbox_close(app->inbox);
	for (size_t i = 0; i < app->n_sources; i++)
		if (app->sources[i].worker)
			source_worker_quit(app->sources[i].worker);
	worker_quit(app->compute);
	worker_quit(app->actor);
	if (app->toiler)
		worker_quit(app->toiler);
	state_worker_quit(app->state);
	if (!join_all(app, wait_ms))
		return false;
	for (size_t i = 0; i < APP_DETAILS; i++)
		batch_free(app->details[i].batch);
	wishes_release(&app->wishes);
	inbox_free(app->inbox);
	model_release(&app->model);
	free(app->sources);
	free(app);
	return true;
}

struct model *app_model(struct app *app)
{
	return &app->model;
}

const struct config *app_config(const struct app *app)
{
	return app->config;
}

bool app_is_demo(const struct app *app)
{
	return app->is_demo;
}

bool app_is_wall(const struct app *app)
{
	return app->is_wall;
}

int app_wake_fd(const struct app *app)
{
	return inbox_wake_fd(app->inbox);
}

void app_wake(const struct app *app)
{
	inbox_wake(app->inbox);
}

bool app_apply_messages(struct app *app, int64_t budget_ms)
{
	return inbox_work(app->inbox, app, budget_ms);
}

bool app_is_quiet(const struct app *app)
{
	for (size_t i = 0; i < APP_DETAILS; i++)
		if (app->details[i].is_fetching)
			return false;
	return !wishes_any_fetching(&app->wishes) &&
	       worker_is_idle(app->compute);
}

static bool is_owed_by(const struct app *app, size_t source)
{
	return !app->model.sources[source].is_complete ||
	       app->sources[source].answered != app->serial;
}

bool app_is_reading(const struct app *app)
{
	for (size_t i = 0; i < app->n_sources; i++)
		if (app->model.sources[i].state < SOURCE_BUSY &&
		    is_owed_by(app, i))
			return true;
	return false;
}

bool app_is_owed(const struct app *app)
{
	for (size_t i = 0; i < app->n_sources; i++)
		if (is_owed_by(app, i))
			return true;
	return false;
}

int64_t app_source_read_ms(const struct app *app, uint16_t source)
{
	const struct app_source *src = &app->sources[source];

	return src->worker ? source_worker_read_ms(src->worker) : TIME_NONE;
}

const struct source_conf *app_source_conf(const struct app *app,
					  uint16_t source)
{
	return &app->sources[source].conf;
}

const struct system_ops *app_source_ops(const struct app *app, uint16_t source)
{
	return app->sources[source].ops;
}

void app_refresh(struct app *app)
{
	for (size_t i = 0; i < app->n_sources; i++)
		if (app->sources[i].worker)
			source_worker_refresh(app->sources[i].worker);
	state_worker_kick(app->state);
}

/* Tells the workers what is wished now, and fetches what is missing. */
static void tell_wishes(struct app *app, bool is_ask_changed)
{
	struct arena arena = ARENA_INIT;

	for (uint16_t i = 0; i < app->n_sources; i++) {
		struct source_worker *w = app->sources[i].worker;
		struct series_ask *fetches;
		struct source_ask ask;
		size_t n;

		if (!w)
			continue;
		if (is_ask_changed) {
			ask = wishes_ask(&app->wishes, i, &arena);
			ask.serial = app->serial;
			source_worker_ask(w, &ask);
		}
		n = wishes_take_fetches(&app->wishes, i, &arena, &fetches);
		if (n)
			source_worker_series(w, fetches, n);
	}
	arena_release(&arena);
}

void app_want_columns(struct app *app, enum app_who who,
		      const struct value_key *keys, size_t n)
{
	bool is_more = who <= APP_WHO_GROUP &&
		       !wishes_have_columns(&app->wishes, keys, n);

	if (!wishes_set_columns(&app->wishes, who, keys, n))
		return;
	app->serial += is_more;
	tell_wishes(app, true);
	app_refresh(app);
}

void app_want_series(struct app *app, enum app_who who,
		     const struct app_series_wish *series, size_t n)
{
	bool is_other = wishes_set_series(&app->wishes, who, series, n);

	/* What was dropped while nobody looked is fetched again. */
	is_other |= wishes_miss(&app->wishes, who, app->model.series);
	if (is_other)
		tell_wishes(app, true);
}

bool app_is_fetching(const struct app *app, uint16_t source, const char *run_id,
		     const char *metric)
{
	return wishes_is_fetching(&app->wishes, source, run_id, metric);
}

void app_want_runs(struct app *app, const uint32_t *rows, size_t n)
{
	if (wishes_set_runs(&app->wishes, app->model.runs, rows, n))
		tell_wishes(app, true);
}

void app_take_batch(struct app *app, const struct batch *b, uint32_t latency_ms,
		    uint32_t answers)
{
	if (answers)
		app->sources[b->source].answered = answers;
	if (b->is_afresh)
		wishes_forget(&app->wishes, b->source, true);
	model_apply(&app->model, b, clock_utc_ms(), latency_ms);
	if (b->state == SOURCE_LIVE)
		tell_wishes(app, false);
}

void app_take_series(struct app *app, const struct batch *b,
		     const struct err *err)
{
	if (err->code) {
		wishes_forget(&app->wishes, b->source, false);
		return;
	}
	series_cache_apply(app->model.series, b);
	app->model.series_gen++;
	wishes_arrived(&app->wishes, b->source, b);
}

static struct app_detail_slot *find_detail(struct app *app, uint16_t source,
					   const char *run_id)
{
	for (size_t i = 0; i < APP_DETAILS; i++) {
		struct app_detail_slot *slot = &app->details[i];

		if (slot->used && slot->source == source &&
		    !strcmp(slot->run_id, run_id))
			return slot;
	}
	return NULL;
}

/* The least recently used makes room. */
static struct app_detail_slot *new_detail(struct app *app, uint16_t source,
					  const char *run_id)
{
	struct app_detail_slot *slot = &app->details[0];

	for (size_t i = 1; i < APP_DETAILS; i++)
		if (app->details[i].used < slot->used)
			slot = &app->details[i];
	batch_free(slot->batch);
	memset(slot, 0, sizeof(*slot));
	slot->source = source;
	snprintf(slot->run_id, sizeof(slot->run_id), "%s", run_id);
	return slot;
}

static uint32_t row_generation(const struct app *app, uint16_t source,
			       const char *run_id)
{
	uint32_t row = run_set_find(app->model.runs, source, run_id);

	if (row == RUN_NO_ROW)
		return 0;
	return run_set_head(app->model.runs, row)->changed;
}

static void fetch_detail(struct app *app, struct app_detail_slot *slot,
			 uint32_t gen)
{
	struct source_worker *w = app->sources[slot->source].worker;

	if (!w || slot->is_fetching)
		return;
	slot->is_fetching = true;
	slot->runs_gen = gen;
	slot->asked_mono_ms = clock_mono_ms();
	source_worker_detail(w, slot->run_id);
}

const struct run_detail *app_detail(struct app *app, uint16_t source,
				    const char *run_id, struct err *err)
{
	struct app_detail_slot *slot = find_detail(app, source, run_id);
	uint32_t gen = row_generation(app, source, run_id);

	if (!slot)
		slot = new_detail(app, source, run_id);
	slot->used = ++app->detail_clock;
	if ((!slot->batch || slot->runs_gen != gen) &&
	    (!slot->asked_mono_ms ||
	     clock_mono_ms() - slot->asked_mono_ms >= DETAIL_AGAIN_MS))
		fetch_detail(app, slot, gen);
	*err = slot->err;
	return slot->batch ? slot->batch->detail : NULL;
}

void app_take_detail(struct app *app, uint16_t source, const char *run_id,
		     struct batch *b, const struct err *err)
{
	struct app_detail_slot *slot = find_detail(app, source, run_id);

	if (!slot) {
		batch_free(b); /* nobody looks at it any more */
		return;
	}
	slot->is_fetching = false;
	slot->err = *err;
	if (err->code || !b->detail) {
		batch_free(b);
		return;
	}
	batch_free(slot->batch);
	slot->batch = b;
	app->model.runs_gen++;
}

void app_compute(struct app *app, struct job *job)
{
	worker_post(app->compute, job);
}

void app_act(struct app *app, struct job *job)
{
	worker_post(app->actor, job);
}

void app_toil(struct app *app, struct job *job)
{
	if (!app->toiler)
		app->toiler = worker_new("toil", app->inbox, NULL, NULL);
	worker_post(app->toiler, job);
}

void app_store_job(struct app *app, struct job *job)
{
	state_worker_post(app->state, job);
}

const struct app_watch_state *app_watch(const struct app *app)
{
	return state_worker_watch(app->state);
}

size_t app_audit_count(const struct app *app)
{
	return state_worker_audit_count(app->state);
}

const struct audit_entry *app_audit_at(const struct app *app, size_t i)
{
	return state_worker_audit_at(app->state, i);
}

const struct point *app_stat_history(struct app *app, const char *monitor,
				     const char *column, size_t *n,
				     double *limit)
{
	return state_worker_history(app->state, monitor, column, n, limit);
}

const struct run_view *app_views(const struct app *app, size_t *n)
{
	return state_worker_views(app->state, n);
}

bool app_typed(const struct app *app, const char *kind, const char *const **out,
	       size_t *n)
{
	return state_worker_typed(app->state, kind, out, n);
}

const char *app_state_error(const struct app *app)
{
	return state_worker_error(app->state);
}

void app_acknowledge(struct app *app, int64_t alert_id, const char *note)
{
	state_worker_acknowledge(app->state, alert_id, note);
}
