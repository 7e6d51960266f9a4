/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "state_worker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/promote_work.h"
#include "app/unwatched.h"
#include "app/watcher.h"
#include "app_internal.h"
#include "base/clock.h"
#include "base/mem.h"
#include "io/gate.h"
#include "store/alerts.h"
#include "store/identity.h"
#include "store/journal.h"
#include "store/lease.h"
#include "store/reports.h"
#include "store/typed.h"
#include "store/views.h"

#define POLL_MS       1000
#define AGAIN_MS      5000 /* after a failure */
#define ALERTS_BACK   (24 * 3600 * (int64_t)1000)
#define EVENTS_BACK   (7 * ALERTS_BACK)
#define MAX_AUDIT     200
#define MAX_HISTORY   2000
#define MAX_HISTORIES 32

static const char *const typed_kinds[] = { "filter", "command" };

#define N_TYPED ARRAY_LEN(typed_kinds)

/* What was read of the state folder at one moment; taken whole by the main
 * thread. */
struct snapshot {
	struct arena arena;
	struct alert_set alerts;
	struct drift_report **reports;
	size_t n_reports;
	struct event_log *events; /* new ones */
	struct audit_entry *audit;
	size_t n_audit;
	const struct run_view *views;
	size_t n_views;
	struct lines {
		const char *const *all;
		size_t n;
	} typed[N_TYPED];
	struct lease_state lease;
	bool is_us, is_read;
	struct err err;
};

struct history {
	char *monitor, *column;
	struct point *points;
	size_t n;
	double limit;
	bool is_fetching;
	uint32_t alerts_gen; /* when it was fetched */
};

struct state_worker {
	const struct config *config;
	bool is_wall;
	struct inbox *inbox;
	struct worker *worker;

	/* The worker's thread only. */
	struct state *state;
	struct watcher *watcher;
	int64_t version, journal_seq;
	bool was_ours, was_held, was_unwatched, is_settled;
	char last_error[240];

	/* The main thread's. */
	struct snapshot *now;
	struct app_watch_state watch;
	struct history histories[MAX_HISTORIES];
	size_t n_histories, next_history;
	uint32_t gen;
};

struct snapshot_job {
	struct job job;
	struct state_worker *s;
	struct snapshot *snapshot;
};

static void snapshot_free(struct snapshot *sn)
{
	if (!sn)
		return;
	alert_set_clear(&sn->alerts);
	for (size_t i = 0; i < sn->n_reports; i++)
		drift_report_free(sn->reports[i]);
	free(sn->reports);
	event_log_free(sn->events);
	arena_release(&sn->arena);
	free(sn);
}

static void snapshot_job_free(struct job *job)
{
	struct snapshot_job *j = (struct snapshot_job *)job;

	snapshot_free(j->snapshot);
	free(j);
}

/* ---- the worker's side ---- */

/* A view of the config stands before one that was saved under its name. */
static void add_views(const struct config *c, struct snapshot *sn)
{
	size_t n = 0, cap = c->n_views + sn->n_views;
	struct run_view *all = arena_alloc(&sn->arena, cap * sizeof(*all));

	for (size_t i = 0; i < c->n_views; i++)
		all[n++] = c->views[i];
	for (size_t i = 0; i < sn->n_views; i++)
		if (!run_view_find(c->views, c->n_views, sn->views[i].name))
			all[n++] = sn->views[i];
	sn->views = all;
	sn->n_views = n;
}

static enum err_code read_kept(struct state_worker *s, struct snapshot *sn,
			       struct err *err)
{
	if (views_list(s->state, &sn->arena, &sn->views, &sn->n_views, err))
		return err->code;
	add_views(s->config, sn);
	for (size_t i = 0; i < N_TYPED; i++)
		if (typed_list(s->state, typed_kinds[i], &sn->arena,
			       &sn->typed[i].all, &sn->typed[i].n, err))
			return err->code;
	return ERR_OK;
}

/* The journal goes on only where all was read: a snapshot that failed is
 * dropped, with the events in it. */
static struct snapshot *read_all(struct state_worker *s, int64_t now_ms,
				 struct err *err)
{
	struct snapshot *sn = xcalloc(1, sizeof(*sn));
	int64_t seq = s->journal_seq;

	sn->events = event_log_new(10000);
	if (unwatched_load(s->config, s->state, now_ms - ALERTS_BACK, now_ms,
			   &sn->alerts, &sn->lease, err) ||
	    reports_load(s->state, &sn->reports, &sn->n_reports, err) ||
	    journal_read(s->state, &seq, now_ms - EVENTS_BACK, sn->events,
			 err) ||
	    audit_list(s->state, NULL, MAX_AUDIT, &sn->arena, &sn->audit,
		       &sn->n_audit, err) ||
	    read_kept(s, sn, err)) {
		snapshot_free(sn);
		return NULL;
	}
	s->journal_seq = seq;
	sn->is_us = s->watcher && watcher_holds_lease(s->watcher);
	sn->is_read = true;
	return sn;
}

static void snapshot_done(struct job *job, struct app *app);

static void post_snapshot(struct state_worker *s, struct snapshot *sn)
{
	struct snapshot_job *j = xcalloc(1, sizeof(*j));

	j->job.done = snapshot_done;
	j->job.free = snapshot_job_free;
	j->s = s;
	j->snapshot = sn;
	inbox_post(s->inbox, &j->job);
}

/* Who reads no config knows of no monitors: they may be another's. */
static bool may_evaluate(const struct state_worker *s)
{
	return !s->is_wall && !gate_is_closed(GATE_STATE) &&
	       (s->config->n_monitors || *s->config->file);
}

static bool open_state(struct state_worker *s, struct err *err)
{
	if (s->state)
		return true;
	if (state_open(s->config->state_dir, &s->state, err))
		return false;
	s->version = -1;
	if (may_evaluate(s))
		s->watcher = watcher_new(s->config, s->state, NULL, 0);
	return true;
}

/* A wall where nobody has kept any state yet has nothing to read. */
static bool is_nothing_yet(const struct state_worker *s, const struct err *err)
{
	return err->code == ERR_ABSENT && gate_is_closed(GATE_STATE) &&
	       s->is_wall;
}

/* Said once, and tried again. */
static int64_t fail(struct state_worker *s, struct err *err)
{
	struct snapshot *sn;

	if (is_nothing_yet(s, err))
		return AGAIN_MS;
	if (strcmp(err->msg, s->last_error)) {
		snprintf(s->last_error, sizeof(s->last_error), "%s", err->msg);
		sn = xcalloc(1, sizeof(*sn));
		sn->err = *err;
		post_snapshot(s, sn);
	}
	return AGAIN_MS;
}

/* Once: what a crash left open is looked into, and told as an event. Not of a
 * wall, which writes nothing. */
static enum err_code settle(struct state_worker *s, const struct cancel *stop,
			    struct err *err)
{
	struct arena a = ARENA_INIT;
	const char *line;
	enum err_code code;

	if (s->is_wall || s->is_settled)
		return ERR_OK;
	s->is_settled = true;
	code = promote_settle(s->config, s->state, stop, &a, &line, err);
	arena_release(&a);
	return code;
}

/* Is there something to be read? Our own writes do not move the version, and
 * a watcher that died writes nothing. */
static bool has_news(struct state_worker *s, int64_t version,
		     const struct lease_state *lease, int64_t now_ms)
{
	bool is_ours = s->watcher && watcher_holds_lease(s->watcher);
	bool has_written = s->watcher && watcher_take_written(s->watcher);
	bool is_unwatched = unwatched_is(s->config, lease, now_ms);
	bool has = version != s->version || has_written || *s->last_error ||
		   is_ours != s->was_ours || lease->is_held != s->was_held ||
		   is_unwatched != s->was_unwatched;

	s->was_ours = is_ours;
	s->was_held = lease->is_held;
	s->was_unwatched = is_unwatched;
	return has;
}

static enum err_code read_news(struct state_worker *s, struct err *err)
{
	int64_t version, now_ms = clock_utc_ms();
	struct lease_state lease;
	struct snapshot *sn;

	if (state_version(s->state, &version, err) ||
	    lease_read(s->state, now_ms, &lease, err) ||
	    !has_news(s, version, &lease, now_ms))
		return err->code;
	sn = read_all(s, now_ms, err);
	if (!sn)
		return err->code;
	s->version = version;
	*s->last_error = 0;
	post_snapshot(s, sn);
	return ERR_OK;
}

static int64_t state_turn(void *p, const struct cancel *stop)
{
	struct state_worker *s = p;
	struct err err = { 0 };
	int64_t wait_ms = POLL_MS;

	if (!open_state(s, &err) || settle(s, stop, &err))
		return fail(s, &err);
	if (s->watcher)
		wait_ms = MIN(wait_ms, watcher_turn(s->watcher, clock_utc_ms(),
						    stop, &err));
	if (err.code || read_news(s, &err))
		return fail(s, &err);
	return wait_ms;
}

static void state_leave(void *p)
{
	struct state_worker *s = p;

	watcher_free(s->watcher, clock_utc_ms());
	state_close(s->state);
	s->watcher = NULL;
	s->state = NULL;
}

struct state_worker *state_worker_new(const struct config *config, bool is_wall,
				      struct inbox *inbox)
{
	static const struct worker_ops turns = { .turn = state_turn,
						 .leave = state_leave };
	struct state_worker *s = xcalloc(1, sizeof(*s));

	s->config = config;
	s->is_wall = is_wall;
	s->inbox = inbox;
	s->watch.since_ms = s->watch.beat_ms = TIME_NONE;
	s->worker = worker_new("state", inbox, &turns, s);
	return s;
}

/* ---- the main thread's side ---- */

static void take_watch(struct state_worker *s, const struct lease_state *l,
		       bool is_us)
{
	s->watch.is_known = true;
	s->watch.is_us = is_us;
	*s->watch.holder = 0;
	if (l->is_held)
		snprintf(s->watch.holder, sizeof(s->watch.holder), "%s",
			 l->who);
	s->watch.since_ms = l->is_held                ? l->since_ms
			    : l->left_ms != TIME_NONE ? l->left_ms
						      : l->beat_ms;
	s->watch.beat_ms = l->beat_ms;
}

static bool same_alerts(const struct alert_set *a, const struct alert_set *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++) {
		const struct alert *x = &a->alerts[i], *y = &b->alerts[i];

		if (x->id != y->id || x->state != y->state ||
		    x->value != y->value || strcmp(x->column, y->column) ||
		    strcmp(x->acked_by, y->acked_by) ||
		    strcmp(x->text, y->text))
			return false;
	}
	return true;
}

static bool same_reports(const struct model *m, const struct snapshot *sn)
{
	if (m->n_reports != sn->n_reports)
		return false;
	for (size_t i = 0; i < sn->n_reports; i++)
		if (m->reports[i]->made_ms != sn->reports[i]->made_ms)
			return false;
	return true;
}

static bool same_views(const struct snapshot *a, const struct snapshot *b)
{
	if (a->n_views != b->n_views)
		return false;
	for (size_t i = 0; i < a->n_views; i++)
		if (a->views[i].key != b->views[i].key ||
		    strcmp(a->views[i].name, b->views[i].name) ||
		    !run_view_shows_same(&a->views[i], &b->views[i]))
			return false;
	return true;
}

static void take_events(struct model *m, const struct event_log *events)
{
	for (size_t i = event_log_count(events); i-- > 0;) {
		const struct event *e = event_log_at(events, i);

		event_log_add(m->events, e->time_ms, e->kind, e->source,
			      e->subject, e->ref, e->text);
	}
	if (event_log_count(events))
		m->events_gen++;
}

/* The alerts and reports become the model's; the rest stays with us. */
static void snapshot_done(struct job *job, struct app *app)
{
	struct snapshot_job *j = (struct snapshot_job *)job;
	struct state_worker *s = j->s;
	struct snapshot *sn = j->snapshot;
	struct model *m = app_model(app);
	bool is_new;

	if (!sn->is_read) {
		if (s->now)
			s->now->err = sn->err;
		else {
			s->now = sn;
			j->snapshot = NULL;
		}
		m->alerts_gen++;
		return;
	}
	is_new = !s->now || s->now->err.code ||
		 !same_alerts(&m->alerts, &sn->alerts) ||
		 !same_reports(m, sn) || !same_views(s->now, sn) ||
		 s->now->n_audit != sn->n_audit ||
		 (sn->n_audit && s->now->audit[0].seq != sn->audit[0].seq) ||
		 s->watch.is_us != sn->is_us ||
		 (*s->watch.holder != 0) != sn->lease.is_held;
	take_watch(s, &sn->lease, sn->is_us);
	take_events(m, sn->events);
	if (!is_new)
		return;
	alert_set_clear(&m->alerts);
	m->alerts = sn->alerts;
	memset(&sn->alerts, 0, sizeof(sn->alerts));
	for (size_t i = 0; i < m->n_reports; i++)
		drift_report_free(m->reports[i]);
	free(m->reports);
	m->reports = sn->reports;
	m->n_reports = sn->n_reports;
	sn->reports = NULL;
	sn->n_reports = 0;
	m->alerts_gen++;
	s->gen++;
	snapshot_free(s->now);
	s->now = sn;
	j->snapshot = NULL;
}

void state_worker_post(struct state_worker *s, struct job *job)
{
	worker_post(s->worker, job);
}

const struct app_watch_state *state_worker_watch(const struct state_worker *s)
{
	return &s->watch;
}

size_t state_worker_audit_count(const struct state_worker *s)
{
	return s->now ? s->now->n_audit : 0;
}

const struct audit_entry *state_worker_audit_at(const struct state_worker *s,
						size_t i)
{
	return &s->now->audit[i];
}

const struct run_view *state_worker_views(const struct state_worker *s,
					  size_t *n)
{
	bool is_read = s->now && s->now->is_read;

	*n = is_read ? s->now->n_views : s->config->n_views;
	return is_read ? s->now->views : s->config->views;
}

bool state_worker_typed(const struct state_worker *s, const char *kind,
			const char *const **out, size_t *n)
{
	for (size_t i = 0; i < N_TYPED && s->now && s->now->is_read; i++) {
		if (strcmp(typed_kinds[i], kind))
			continue;
		*out = s->now->typed[i].all;
		*n = s->now->typed[i].n;
		return true;
	}
	return false;
}

const char *state_worker_error(const struct state_worker *s)
{
	return s->now ? s->now->err.msg : "";
}

/* ---- writing ---- */

struct write_job {
	struct job job;
	struct state_worker *s;
	state_write *write;
	void *ctx;
	void (*free_ctx)(void *ctx);
	struct err err;
};

static void write_run(struct job *job)
{
	struct write_job *j = (struct write_job *)job;

	if (open_state(j->s, &j->err) &&
	    !j->write(j->s->state, j->ctx, &j->err))
		j->s->version = -1; /* read back in the next turn */
}

static void write_done(struct job *job, struct app *app)
{
	struct write_job *j = (struct write_job *)job;

	(void)app;
	if (j->s->now && j->err.code)
		j->s->now->err = j->err;
	state_worker_kick(j->s);
}

static void write_free(struct job *job)
{
	struct write_job *j = (struct write_job *)job;

	j->free_ctx(j->ctx);
	free(j);
}

void state_worker_write(struct state_worker *s, state_write *write, void *ctx,
			void (*free_ctx)(void *ctx))
{
	struct write_job *j = xcalloc(1, sizeof(*j));

	j->job.run = write_run;
	j->job.done = write_done;
	j->job.free = write_free;
	j->s = s;
	j->write = write;
	j->ctx = ctx;
	j->free_ctx = free_ctx;
	worker_post(s->worker, &j->job);
}

struct ack {
	int64_t id;
	char *note;
};

static enum err_code acknowledge(struct state *state, void *p, struct err *err)
{
	const struct ack *ack = p;
	char by[IDENTITY_MAX];

	identity_user(getuid(), by);
	return alerts_acknowledge(state, ack->id, by, ack->note, clock_utc_ms(),
				  err);
}

static void ack_free(void *p)
{
	free(((struct ack *)p)->note);
	free(p);
}

void state_worker_acknowledge(struct state_worker *s, int64_t alert_id,
			      const char *note)
{
	struct ack *ack = xcalloc(1, sizeof(*ack));

	ack->id = alert_id;
	ack->note = xstrdup(note);
	state_worker_write(s, acknowledge, ack, ack_free);
}

/* ---- histories ---- */

struct history_job {
	struct job job;
	struct state_worker *s;
	char *monitor, *column;
	struct point *points;
	size_t n;
	double limit;
};

static void history_run(struct job *job)
{
	struct history_job *j = (struct history_job *)job;
	struct err err = { 0 };

	if (open_state(j->s, &err) &&
	    reports_history(j->s->state, j->monitor, j->column, MAX_HISTORY,
			    &j->points, &j->n, &j->limit, &err))
		j->n = 0;
}

static struct history *find_history(struct state_worker *s, const char *monitor,
				    const char *column)
{
	for (size_t i = 0; i < s->n_histories; i++)
		if (!strcmp(s->histories[i].monitor, monitor) &&
		    !strcmp(s->histories[i].column, column))
			return &s->histories[i];
	return NULL;
}

static void history_done(struct job *job, struct app *app)
{
	struct history_job *j = (struct history_job *)job;
	struct history *h = find_history(j->s, j->monitor, j->column);

	if (!h)
		return;
	free(h->points);
	h->points = j->points;
	j->points = NULL;
	h->n = j->n;
	h->limit = j->limit;
	h->is_fetching = false;
	app_model(app)->alerts_gen++;
}

static void history_free(struct job *job)
{
	struct history_job *j = (struct history_job *)job;

	free(j->monitor);
	free(j->column);
	free(j->points);
	free(j);
}

static void fetch_history(struct state_worker *s, struct history *h)
{
	struct history_job *j = xcalloc(1, sizeof(*j));

	j->job.run = history_run;
	j->job.done = history_done;
	j->job.free = history_free;
	j->s = s;
	j->monitor = xstrdup(h->monitor);
	j->column = xstrdup(h->column);
	h->is_fetching = true;
	h->alerts_gen = s->gen;
	worker_post(s->worker, &j->job);
}

static void release_history(struct history *h)
{
	free(h->monitor);
	free(h->column);
	free(h->points);
	memset(h, 0, sizeof(*h));
}

static struct history *new_history(struct state_worker *s, const char *monitor,
				   const char *column)
{
	struct history *h = &s->histories[s->next_history];

	s->next_history = (s->next_history + 1) % MAX_HISTORIES;
	if (s->n_histories < MAX_HISTORIES)
		s->n_histories++;
	release_history(h);
	h->monitor = xstrdup(monitor);
	h->column = xstrdup(column);
	return h;
}

const struct point *state_worker_history(struct state_worker *s,
					 const char *monitor,
					 const char *column, size_t *n,
					 double *limit)
{
	struct history *h = find_history(s, monitor, column);

	if (!h) {
		h = new_history(s, monitor, column);
		fetch_history(s, h);
	} else if (!h->is_fetching && h->alerts_gen != s->gen) {
		fetch_history(s, h);
	}
	*n = h->n;
	if (h->n)
		*limit = h->limit;
	return h->points;
}

void state_worker_kick(struct state_worker *s)
{
	worker_kick(s->worker);
}

void state_worker_quit(struct state_worker *s)
{
	worker_quit(s->worker);
}

bool state_worker_join(struct state_worker *s, int64_t deadline_mono_ms)
{
	if (!worker_join(s->worker, deadline_mono_ms))
		return false;
	for (size_t i = 0; i < s->n_histories; i++)
		release_history(&s->histories[i]);
	snapshot_free(s->now);
	free(s);
	return true;
}
