/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/watcher.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "app/registry_of.h"
#include "app/unwatched.h"
#include "base/clock.h"
#include "base/human.h"
#include "base/intern.h"
#include "base/log.h"
#include "base/mem.h"
#include "baseline.h"
#include "io/file.h"
#include "store/alerts.h"
#include "store/audit.h"
#include "store/journal.h"
#include "store/lease.h"
#include "store/reports.h"
#include "watch/lifecycle.h"
#include "watch/monitor.h"

#define READ_MS        1000       /* logs are read this often, */
#define READ_BYTES     (4u << 20) /* at once */
#define MAX_READS      32         /* in a turn: the rest in the next */
#define ROW_BYTES      512        /* a row is guessed to have */
#define MAX_FILES      64         /* of a log, read back to fill a window */
#define TURN_MS        60000      /* so long an old file is written alone */
#define BEAT_MS        5000
#define NOTHING_MS     60000 /* the next look where no monitor is */
#define LEASE_AGAIN_MS 3000

struct watched {
	struct monitor *monitor;
	const struct monitor_conf *conf;
	struct predlog *log;
	char *path;          /* of the log now followed */
	struct intern *seen; /* files of the log, read or too old for it */
	int64_t evaluate_ms; /* when it is due, UTC */
	bool has_columns, has_caught_up;
	struct baseline_newer newer;
	char error[240];
};

struct watcher {
	const struct config *config;
	struct state *state;
	struct watched *all;
	size_t n;
	struct lease lease;
	int64_t beat_ms, now_ms;
	int64_t began_ms; /* the first turn that evaluated; 0 none */
	bool is_forced, has_written;
	bool is_tidy; /* no alert is left of monitors that are gone */
	watcher_told *told;
	void *told_ctx;
};

static bool is_chosen(const char *name, const char *const *only, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(only[i], name))
			return true;
	return !n;
}

struct watcher *watcher_new(const struct config *config, struct state *state,
			    const char *const *only, size_t n_only)
{
	struct watcher *w = xcalloc(1, sizeof(*w));

	w->config = config;
	w->state = state;
	w->lease = (struct lease)LEASE_INIT;
	w->all = xcalloc(config->n_monitors + 1, sizeof(*w->all));
	for (size_t i = 0; i < config->n_monitors; i++) {
		const struct monitor_conf *conf = &config->monitors[i];

		if (!is_chosen(conf->name, only, n_only))
			continue;
		w->all[w->n].conf = conf;
		w->all[w->n].seen = intern_new();
		w->all[w->n++].monitor = monitor_new(conf);
	}
	return w;
}

void watcher_free(struct watcher *w, int64_t now_ms)
{
	if (!w)
		return;
	lease_leave(&w->lease, w->state, now_ms);
	for (size_t i = 0; i < w->n; i++) {
		monitor_free(w->all[i].monitor);
		predlog_free(w->all[i].log);
		baseline_newer_release(&w->all[i].newer);
		intern_free(w->all[i].seen);
		free(w->all[i].path);
	}
	free(w->all);
	free(w);
}

bool watcher_take_written(struct watcher *w)
{
	bool has = w->has_written;

	w->has_written = false;
	return has;
}

bool watcher_holds_lease(const struct watcher *w)
{
	return w->lease.fd >= 0;
}

void watcher_force(struct watcher *w)
{
	w->is_forced = true;
}

size_t watcher_count(const struct watcher *w)
{
	return w->n;
}

const char *watcher_name(const struct watcher *w, size_t i)
{
	return w->all[i].conf->name;
}

const char *watcher_error(const struct watcher *w, size_t i)
{
	return w->all[i].error;
}

void watcher_on_alert(struct watcher *w, watcher_told *told, void *ctx)
{
	w->told = told;
	w->told_ctx = ctx;
}

/* ---- reading ---- */

static enum predlog_role name_role(void *ctx, const char *column)
{
	const struct monitor_conf *conf = ctx;
	enum predlog_role role;

	for (size_t i = 0; i < conf->n_roles; i++)
		if (!strcmp(conf->roles[i].column, column) &&
		    predlog_role_parse(conf->roles[i].role, &role))
			return role;
	return PREDLOG_FEATURE;
}

/* Bytes before the end in which three windows should be. */
static size_t tail_bytes(const struct watched *m)
{
	size_t tail = (size_t)m->conf->window_rows * 3 * ROW_BYTES;

	return MIN(MAX(tail, READ_BYTES), (size_t)MAX_READS / 2 * READ_BYTES);
}

static void open_log(struct watched *m, const char *path)
{
	char *copy = xstrdup(path);

	predlog_free(m->log);
	free(m->path);
	m->path = copy;
	m->log = predlog_new(m->path, name_role, (void *)m->conf);
	predlog_set_tail(m->log, tail_bytes(m));
	m->has_columns = false;
	m->has_caught_up = false;
}

struct taking {
	struct watched *m;
	int64_t ingested_ms;
	const char *only; /* rows of this version; NULL all */
	bool is_afresh;   /* the log was cut or replaced */
};

static void begin_afresh(struct taking *t)
{
	if (!t->is_afresh)
		return;
	t->is_afresh = t->m->has_columns = false;
	monitor_restart(t->m->monitor);
}

static void take_row(void *ctx, const struct predlog_row *row)
{
	struct taking *t = ctx;

	begin_afresh(t);
	if (!t->m->has_columns) {
		monitor_set_columns(t->m->monitor, predlog_column(t->m->log, 0),
				    predlog_n_columns(t->m->log));
		t->m->has_columns = true;
	}
	if (!t->only || !strcmp(t->only, row->version))
		monitor_add(t->m->monitor, row, t->ingested_ms);
	else
		monitor_leave_out(t->m->monitor, row->version);
}

/* Rows that were there before we looked came when the file was written last. */
static int64_t ingested_ms(const struct watched *m, int64_t now_ms)
{
	struct stat st;
	int64_t written_ms;

	if (m->has_caught_up || stat(m->path, &st) != 0)
		return now_ms;
	written_ms = (int64_t)st.st_mtim.tv_sec * 1000 +
		     st.st_mtim.tv_nsec / 1000000;
	return MIN(now_ms, written_ms);
}

/* All there is. */
static void drain(struct watched *m, int64_t now_ms, const char *only,
		  const struct cancel *stop)
{
	struct taking t = { .m = m,
			    .ingested_ms = ingested_ms(m, now_ms),
			    .only = only };
	struct err err = { 0 };

	for (int i = 0; i < MAX_READS && !cancel_is_due(stop); i++) {
		bool has_failed = predlog_read(m->log, READ_BYTES, take_row, &t,
					       &t.is_afresh, &err);

		begin_afresh(&t);
		if (has_failed) {
			snprintf(m->error, sizeof(m->error), "%s", err.msg);
			return;
		}
		if (!predlog_has_more(m->log)) {
			m->has_caught_up = true;
			return;
		}
	}
}

struct log_file {
	char *name;
	size_t size;
	struct timespec written;
};

/* Files of the pattern, the one written last at the end. Names do not tell the
 * order: log-2026-11-24.csv is newer than what sorts before it, log.csv.1
 * older. */
struct files {
	struct log_file *all;
	size_t n;
};

static int by_time_and_name(const void *a, const void *b)
{
	const struct log_file *x = a, *y = b;

	if (x->written.tv_sec != y->written.tv_sec)
		return x->written.tv_sec < y->written.tv_sec ? -1 : 1;
	if (x->written.tv_nsec != y->written.tv_nsec)
		return x->written.tv_nsec < y->written.tv_nsec ? -1 : 1;
	return strcoll(x->name, y->name);
}

/* Does the log that is followed go on there? Two writers who take turns with
 * files that were there before do not draw it to and fro. */
static bool goes_on_in(const struct watched *m, const char *name)
{
	return strcmp(name, m->path) != 0 &&
	       predlog_goes_on_in(m->log, name,
				  intern_find(m->seen, name) ? TURN_MS : 0);
}

/* only_new: those in which the log that is followed goes on. */
static void files_find(struct files *f, const struct watched *m, bool only_new)
{
	char **names;
	size_t n = file_glob(m->conf->rows, &names);
	struct stat st;

	f->all = xcalloc(n + 1, sizeof(*f->all));
	f->n = 0;
	for (size_t i = 0; i < n; i++) {
		if ((!only_new || goes_on_in(m, names[i])) &&
		    !stat(names[i], &st))
			f->all[f->n++] = (struct log_file){ xstrdup(names[i]),
							    (size_t)st.st_size,
							    st.st_mtim };
		free(names[i]);
	}
	free(names);
	for (size_t i = 0; i < f->n; i++)
		intern_put(m->seen, f->all[i].name);
	qsort(f->all, f->n, sizeof(*f->all), by_time_and_name);
}

static void files_release(struct files *f)
{
	for (size_t i = 0; i < f->n; i++)
		free(f->all[i].name);
	free(f->all);
}

/* The first of the last files in which there is enough to fill the window: one
 * that was begun a moment ago is not. */
static size_t first_needed(const struct watched *m, const struct files *f)
{
	size_t i = f->n, left = tail_bytes(m);

	while (i && left && f->n - i < MAX_FILES) {
		i--;
		left -= MIN(left, f->all[i].size);
	}
	return i;
}

/* From this one on, each to its end; the last is followed. */
static void read_files(struct watched *m, const struct files *f, size_t i,
		       int64_t now_ms, const char *only,
		       const struct cancel *stop)
{
	for (; i < f->n; i++) {
		*m->error = 0;
		open_log(m, f->all[i].name);
		drain(m, now_ms, only, stop);
	}
}

/* As many of the newest files as fill the window. */
static void begin_log(struct watched *m, int64_t now_ms, const char *only,
		      const struct cancel *stop)
{
	struct files f;

	files_find(&f, m, false);
	if (!f.n)
		snprintf(m->error, sizeof(m->error), "no such file: %s",
			 m->conf->rows);
	read_files(m, &f, first_needed(m, &f), now_ms, only, stop);
	files_release(&f);
}

/* What came to the log: in the file that is followed, and in those begun since.
 * They are looked for first: once the one that is followed was cut, a copy of
 * it is no longer known as such. */
static void follow_log(struct watched *m, int64_t now_ms,
		       const struct cancel *stop)
{
	struct files f;

	files_find(&f, m, true);
	drain(m, now_ms, NULL, stop);
	read_files(m, &f, 0, now_ms, NULL, stop);
	files_release(&f);
}

static char *path_of_baseline(const struct watched *m)
{
	return baseline_path(m->conf, monitor_watched(m->monitor));
}

static void load_baseline(struct watched *m)
{
	char *path = path_of_baseline(m);
	struct frame *frame = NULL;
	struct err err = { 0 };

	if (!*path)
		err_set(&err, ERR_USAGE, "no baseline: {rows: FILE} is set");
	else
		frame_load_csv(path, BASELINE_MAX_ROWS, &frame, &err);
	monitor_set_baseline(m->monitor, frame, err.msg);
	free(path);
}

/* Is there a baseline to be had that was not when it was looked for? */
static bool baseline_appeared(const struct watched *m)
{
	char *path;
	bool is_there;

	if (!*monitor_baseline_error(m->monitor))
		return false;
	path = path_of_baseline(m);
	is_there = file_exists(path);
	free(path);
	return is_there;
}

/* The window needs the types that the baseline has, so its rows are read once
 * more: only those of its version, or the older ones before them would take it
 * over again. */
static void begin_window(struct watcher *w, struct watched *m,
			 const struct cancel *stop)
{
	char *version = xstrdup(monitor_version(m->monitor));

	load_baseline(m);
	begin_log(m, w->now_ms, version, stop);
	free(version);
}

/* What cannot be read now was so before: the version named last stays. */
static void name_version(struct watcher *w, struct watched *m,
			 const struct cancel *stop)
{
	char version[24];

	if (*m->conf->model && *m->conf->alias &&
	    registry_of_holder(w->config, m->conf->source, m->conf->model,
			       m->conf->alias, stop, version))
		monitor_name_version(m->monitor, version);
}

static void read_log(struct watcher *w, struct watched *m,
		     const struct cancel *stop)
{
	bool is_due = w->now_ms >= m->evaluate_ms || w->is_forced;

	*m->error = 0;
	if (is_due)
		name_version(w, m, stop);
	if (m->log)
		follow_log(m, w->now_ms, stop);
	else
		begin_log(m, w->now_ms, NULL, stop);
	if (monitor_needs_baseline(m->monitor) ||
	    (is_due && baseline_appeared(m)))
		begin_window(w, m, stop);
	if (!*m->error && *monitor_baseline_error(m->monitor))
		snprintf(m->error, sizeof(m->error), "baseline: %.220s",
			 monitor_baseline_error(m->monitor));
}

/* ---- alerts ---- */

static const struct alert *open_alert(const struct alert_set *set,
				      const struct monitor_conf *conf,
				      const char *rule)
{
	for (size_t i = 0; i < set->n; i++) {
		const struct alert *a = &set->alerts[i];

		if ((a->state == ALERT_PENDING || a->state == ALERT_FIRING) &&
		    !strcmp(a->monitor, conf->name) && !strcmp(a->rule, rule))
			return a;
	}
	return NULL;
}

static enum err_code tell(struct watcher *w, const struct alert *a,
			  const char *what, struct err *err)
{
	bool is_superseded = a->state == ALERT_SUPERSEDED;
	char text[400], id[32];

	snprintf(id, sizeof(id), "%lld", (long long)a->id);
	if (*a->column)
		snprintf(text, sizeof(text), "%s: %s%s %s %.2f, limit %.2f%s%s",
			 what, a->state >= ALERT_RESOLVED ? "was " : "",
			 a->column, a->statistic, a->value, a->threshold,
			 is_superseded ? "; " : "",
			 is_superseded ? a->text : "");
	else
		snprintf(text, sizeof(text), "%s: %s", what, a->text);
	if (w->told)
		w->told(w->told_ctx, a, what);
	return journal_add(w->state, w->now_ms, EVENT_ALERT, a->source,
			   a->monitor, id, text, err);
}

static enum err_code live(struct watcher *w, const struct alert_set *set,
			  const struct monitor_conf *conf,
			  const struct lifecycle_fact *fact,
			  struct lifecycle_patience patience, struct err *err)
{
	static const char *const words[] = { [LIFE_PENDING] = "pending",
					     [LIFE_FIRING] = "firing",
					     [LIFE_RESOLVED] = "resolved" };
	struct alert a;
	enum lifecycle_change change =
		lifecycle_step(open_alert(set, conf, fact->rule), fact,
			       patience, w->now_ms, &a);

	if (change == LIFE_NOTHING)
		return ERR_OK;
	if (change == LIFE_GONE
		    ? !alerts_remove(w->state, a.id, err)
		    : !alerts_save(w->state, &a, err) && change != LIFE_UPDATED)
		tell(w, &a, change == LIFE_GONE ? "gone" : words[change], err);
	alert_release(&a);
	return err->code;
}

/* What it was about is over; one that is only pending leaves no trace. */
static enum err_code supersede(struct watcher *w, struct alert *a,
			       const char *why, struct err *err)
{
	bool was_pending = a->state == ALERT_PENDING;

	a->state = ALERT_SUPERSEDED;
	a->resolved_ms = w->now_ms;
	free(a->text);
	a->text = xstrdup(why);
	if (was_pending)
		return alerts_remove(w->state, a->id, err);
	return alerts_save(w->state, a, err) ? err->code
					     : tell(w, a, "superseded", err);
}

/* Nobody else would end the alerts of a monitor that was taken out. */
static enum err_code end_orphans(struct watcher *w, struct err *err)
{
	struct alert_set set = { 0 };

	if (!alerts_load(w->state, INT64_MAX, w->now_ms, &set, err))
		for (size_t i = 0; i < set.n && !err->code; i++)
			if (!config_monitor(w->config, set.alerts[i].monitor))
				supersede(w, &set.alerts[i],
					  "its monitor is no longer in the "
					  "config",
					  err);
	alert_set_clear(&set);
	return err->code;
}

/* Those of a version that serves no more. */
static enum err_code end_outdated(struct watcher *w, struct alert_set *set,
				  const struct monitor_conf *conf,
				  const char *version, struct err *err)
{
	char why[100];

	snprintf(why, sizeof(why), "v%s serves now", version);
	for (size_t i = 0; i < set->n && *version && !err->code; i++) {
		struct alert *a = &set->alerts[i];

		if (a->state <= ALERT_FIRING && *a->version &&
		    !strcmp(a->monitor, conf->name) &&
		    strcmp(a->version, version))
			supersede(w, a, why, err);
	}
	return err->code;
}

/* Is the entry about what the monitor watches: other aliases of the model are
 * moved in between. */
static bool is_about(const struct audit_entry *e,
		     const struct monitor_conf *conf)
{
	return (!*conf->source ||
		(e->source && !strcmp(e->source, conf->source))) &&
	       (!*conf->alias || (e->alias && !strcmp(e->alias, conf->alias)));
}

/* The first row of a version that was promoted says that it serves. */
static enum err_code note_served(struct watcher *w, struct watched *m,
				 int64_t served_ms, struct err *err)
{
	struct arena a = ARENA_INIT;
	struct audit_entry *all, e;
	const char *version = monitor_version(m->monitor);
	size_t n = 0;

	if (audit_list(w->state, m->conf->model, 50, &a, &all, &n, err))
		goto out;
	for (size_t i = 0; i < n; i++) {
		if (!is_about(&all[i], m->conf))
			continue;
		if (!all[i].kind || !strcmp(all[i].kind, "served"))
			break; /* told already */
		if (!all[i].outcome || strcmp(all[i].outcome, "promoted"))
			continue;
		if (strcmp(all[i].version, version))
			break;
		e = all[i];
		e.kind = "served";
		e.outcome = NULL;
		/* A canary may have scored rows before it was promoted. */
		e.time_ms = served_ms == TIME_NONE
				    ? w->now_ms
				    : MAX(served_ms, all[i].time_ms);
		audit_identify(&a, &e);
		if (!audit_append(w->state, &a, &e, err))
			log_line("%s v%s serves", e.model, e.version);
		break;
	}
out:
	arena_release(&a);
	return err->code;
}

/* What drifted may be known to a version that does not serve yet. */
static void seek_way_out(struct watcher *w, struct watched *m,
			 struct drift_report *r, const struct cancel *stop)
{
	if (r->n_drifted &&
	    baseline_newer_read(&m->newer, w->config, m->monitor, stop))
		monitor_try_newer(m->monitor, m->newer.version, m->newer.frame,
				  r);
}

/* What of the report goes on from the one before. */
static enum err_code carry_on(struct watcher *w,
			      const struct monitor_conf *conf,
			      struct drift_report *r, struct err *err)
{
	struct drift_report *before;

	if (!reports_find(w->state, conf->name, &before, err))
		lifecycle_columns(r, before, conf->for_ms);
	drift_report_free(before);
	return err->code;
}

static enum err_code evaluate(struct watcher *w, struct watched *m,
			      const struct cancel *stop, struct err *err)
{
	struct alert_set set = { 0 };
	struct drift_report *r;
	struct lifecycle_fact fact;
	int64_t served_ms, last_row_ms;
	const char *version = monitor_watched(m->monitor);
	char room[240];

	if (monitor_take_first_served(m->monitor, &served_ms) &&
	    note_served(w, m, served_ms, err))
		return err->code;
	r = monitor_evaluate(m->monitor, w->now_ms,
			     m->log ? predlog_bad_rows(m->log) : 0, m->error);
	/* Always: the other version may have come while nobody watched. */
	if (alerts_load(w->state, INT64_MAX, w->now_ms, &set, err) ||
	    end_outdated(w, &set, m->conf, version, err))
		goto out;
	seek_way_out(w, m, r, stop);
	if (carry_on(w, m->conf, r, err) || reports_save(w->state, r, err))
		goto out;
	fact = lifecycle_drift(m->conf, r, room);
	fact.now.version = (char *)version;
	if (live(w, &set, m->conf, &fact,
		 (struct lifecycle_patience){ m->conf->for_ms,
					      m->conf->keep_ms },
		 err))
		goto out;
	last_row_ms = monitor_last_row_ms(m->monitor);
	if (last_row_ms == TIME_NONE) /* none ever: since we look */
		last_row_ms = w->began_ms;
	fact = lifecycle_no_rows(m->conf, last_row_ms, w->now_ms, room);
	fact.now.version = (char *)version;
	live(w, &set, m->conf, &fact, (struct lifecycle_patience){ 0 }, err);
out:
	drift_report_free(r);
	alert_set_clear(&set);
	return err->code;
}

/* ---- a turn ---- */

/* And for how long nobody did, where that was too long: the alert that said so
 * is gone now. */
static enum err_code
tell_taken(struct watcher *w, const struct lease_state *before, struct err *err)
{
	int64_t gap_ms = unwatched_ms(before, w->now_ms);
	char text[100] = "this process evaluates now", age[HUMAN_MAX];

	if (gap_ms && unwatched_is(w->config, before, w->now_ms))
		snprintf(text, sizeof(text),
			 "this process evaluates now; nobody did for %s",
			 human_duration(age, gap_ms));
	return journal_add(w->state, w->now_ms, EVENT_WATCH, "", "watch", "",
			   text, err);
}

static bool hold_lease(struct watcher *w, struct err *err)
{
	bool had = w->lease.fd >= 0;
	struct lease_state before;

	if (!had && lease_read(w->state, w->now_ms, &before, err))
		return false;
	if (!lease_take(&w->lease, w->state, w->now_ms, err))
		return false;
	if (had && w->now_ms - w->beat_ms < BEAT_MS)
		return true;
	w->beat_ms = w->now_ms;
	w->has_written = true;
	if (lease_beat(&w->lease, w->state, w->now_ms, err))
		return false;
	return had || (!tell_taken(w, &before, err) && !end_orphans(w, err));
}

/* Without monitors there is nothing to evaluate: the lease is held for as long
 * as it takes to end what is left of those there were. */
static int64_t end_last(struct watcher *w, struct err *err)
{
	struct alert_set set = { 0 };

	if (w->is_tidy ||
	    alerts_load(w->state, INT64_MAX, w->now_ms, &set, err))
		return NOTHING_MS;
	w->is_tidy = !set.n;
	if (set.n && lease_take(&w->lease, w->state, w->now_ms, err)) {
		w->is_tidy = !end_orphans(w, err);
		w->has_written = true;
		lease_leave(&w->lease, w->state, w->now_ms);
	}
	alert_set_clear(&set);
	return NOTHING_MS;
}

int64_t watcher_turn(struct watcher *w, int64_t now_ms,
		     const struct cancel *stop, struct err *err)
{
	w->now_ms = now_ms;
	if (!w->n)
		return end_last(w, err);
	if (!hold_lease(w, err))
		return LEASE_AGAIN_MS;
	if (!w->began_ms)
		w->began_ms = now_ms;
	for (size_t i = 0; i < w->n && !cancel_is_due(stop); i++) {
		struct watched *m = &w->all[i];

		read_log(w, m, stop);
		if (*m->error)
			log_line("monitor %s: %s", m->conf->name, m->error);
		if (now_ms < m->evaluate_ms && !w->is_forced)
			continue;
		m->evaluate_ms = now_ms + m->conf->every_ms;
		w->has_written = true;
		if (evaluate(w, m, stop, err))
			break;
	}
	w->is_forced = false;
	return READ_MS;
}
