/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "watch/monitor.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "watch/compare.h"

/* Of the newest rows, how many decide which version is watched, and of those
 * how many a version needs that the registry does not name: a canary does not
 * take the window over, and neither do two that share the log by turns. */
#define N_VOTES     40
#define MOST_PCT    90
#define NAMED_PCT   50
#define MAX_VERSION 64

struct vote {
	char version[MAX_VERSION];
	int64_t predicted_ms;
};

/* Of a row of the window, by place. */
struct place {
	int64_t event_ms;
	int64_t n_others; /* rows of other versions that came just before */
};

struct monitor {
	const struct monitor_conf *conf;
	struct predlog_column *columns; /* of the log */
	size_t n_columns;
	struct frame *window, *baseline;
	char version[MAX_VERSION], named[MAX_VERSION];
	struct vote votes[N_VOTES];
	size_t n_votes, next_vote;
	bool needs_baseline, has_first_served;
	int64_t first_served_ms;
	char baseline_error[240];
	struct place *places;
	int64_t n_others;        /* rows of others since the newest */
	char other[MAX_VERSION]; /* whose they are, if has_other */
	bool has_other, has_several;
	int64_t newest_predicted_ms, newest_ingested_ms;
};

struct monitor *monitor_new(const struct monitor_conf *conf)
{
	struct monitor *m = xcalloc(1, sizeof(*m));

	m->conf = conf;
	m->newest_predicted_ms = m->newest_ingested_ms = TIME_NONE;
	m->places =
		xcalloc((size_t)MAX(1, conf->window_rows), sizeof(*m->places));
	return m;
}

static void free_columns(struct monitor *m)
{
	for (size_t i = 0; i < m->n_columns; i++)
		free(m->columns[i].name);
	free(m->columns);
	m->columns = NULL;
	m->n_columns = 0;
}

void monitor_free(struct monitor *m)
{
	if (!m)
		return;
	free_columns(m);
	frame_free(m->window);
	frame_free(m->baseline);
	free(m->places);
	free(m);
}

const struct monitor_conf *monitor_conf(const struct monitor *m)
{
	return m->conf;
}

const char *monitor_version(const struct monitor *m)
{
	return m->version;
}

const char *monitor_watched(const struct monitor *m)
{
	return *m->version ? m->version : m->named;
}

void monitor_name_version(struct monitor *m, const char *version)
{
	if (!strcmp(m->named, version))
		return;
	snprintf(m->named, sizeof(m->named), "%s", version);
	/* The log says none: it is this one's baseline that counts. */
	if (m->window && !*m->version)
		m->needs_baseline = true;
}

bool monitor_needs_baseline(const struct monitor *m)
{
	return m->needs_baseline;
}

const struct frame *monitor_baseline(const struct monitor *m)
{
	return m->baseline;
}

const char *monitor_baseline_error(const struct monitor *m)
{
	return m->baseline_error;
}

static bool is_in(const char *const *patterns, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (!fnmatch(patterns[i], name, 0))
			return true;
	return false;
}

/* Of a column that the log has not: what its name says. */
static enum predlog_role role_of(const struct monitor *m, const char *name)
{
	for (size_t i = 0; i < m->n_columns; i++)
		if (!strcmp(m->columns[i].name, name))
			return m->columns[i].role;
	return predlog_role_of(name);
}

static enum drift_use use_of(void *ctx, const char *name)
{
	const struct monitor *m = ctx;
	const struct monitor_conf *conf = m->conf;
	enum predlog_role role = role_of(m, name);

	if (role != PREDLOG_FEATURE && role != PREDLOG_PREDICTION &&
	    role != PREDLOG_SCORE)
		return DRIFT_SKIP;
	if (is_in(conf->never_show, conf->n_never_show, name))
		return DRIFT_HIDE;
	if (conf->n_columns && !is_in(conf->columns, conf->n_columns, name))
		return DRIFT_SKIP;
	return DRIFT_SHOW;
}

/* The window is empty: nobody was left out of it. */
static void forget_others(struct monitor *m)
{
	m->n_others = 0;
	m->has_other = m->has_several = false;
}

/* The window has the log's columns, of the types the baseline found; those
 * that are not compared are not kept. */
static void make_window(struct monitor *m)
{
	const char **names = xcalloc(m->n_columns + 1, sizeof(*names));

	frame_free(m->window);
	forget_others(m);
	for (size_t i = 0; i < m->n_columns; i++)
		names[i] = m->columns[i].name;
	m->window = frame_new(names, m->n_columns,
			      (size_t)MAX(1, m->conf->window_rows));
	for (size_t i = 0; i < m->n_columns; i++) {
		int at = m->baseline ? frame_find(m->baseline, names[i]) : -1;

		if (use_of(m, names[i]) == DRIFT_SKIP)
			frame_skip(m->window, i);
		else if (at >= 0 && m->baseline->columns[at].is_number)
			frame_set_number(m->window, i);
	}
	free(names);
}

static bool has_columns(const struct monitor *m,
			const struct predlog_column *columns, size_t n)
{
	if (!m->window || n != m->n_columns)
		return false;
	for (size_t i = 0; i < n; i++)
		if (m->columns[i].role != columns[i].role ||
		    strcmp(m->columns[i].name, columns[i].name))
			return false;
	return true;
}

void monitor_set_columns(struct monitor *m,
			 const struct predlog_column *columns, size_t n)
{
	if (has_columns(m, columns, n))
		return;
	free_columns(m);
	m->columns = xcalloc(n + 1, sizeof(*m->columns));
	m->n_columns = n;
	for (size_t i = 0; i < n; i++) {
		m->columns[i].name = xstrdup(columns[i].name);
		m->columns[i].role = columns[i].role;
	}
	make_window(m);
	m->needs_baseline = m->needs_baseline || !m->baseline;
}

void monitor_restart(struct monitor *m)
{
	if (m->window)
		frame_clear(m->window);
	forget_others(m);
}

void monitor_set_baseline(struct monitor *m, struct frame *baseline,
			  const char *why)
{
	frame_free(m->baseline);
	m->baseline = baseline;
	m->needs_baseline = false;
	snprintf(m->baseline_error, sizeof(m->baseline_error), "%s",
		 baseline ? "" : why);
	make_window(m);
}

static bool takes_over(const struct monitor *m, const char *version)
{
	size_t pct = strcmp(m->named, version) ? MOST_PCT : NAMED_PCT;
	size_t n = 0;

	for (size_t i = 0; i < m->n_votes; i++)
		n += !strcmp(m->votes[i].version, version);
	return n * 100 >= m->n_votes * pct;
}

static void vote(struct monitor *m, const struct predlog_row *row)
{
	struct vote *v = &m->votes[m->next_vote];

	snprintf(v->version, sizeof(v->version), "%s", row->version);
	v->predicted_ms = row->predicted_ms;
	m->next_vote = (m->next_vote + 1) % N_VOTES;
	if (m->n_votes < N_VOTES)
		m->n_votes++;
}

/* When the version scored the first of the newest rows. */
static int64_t first_of(const struct monitor *m, const char *version)
{
	int64_t first = TIME_NONE;

	for (size_t i = 0; i < m->n_votes; i++) {
		int64_t t = m->votes[i].predicted_ms;

		if (t != TIME_NONE && !strcmp(m->votes[i].version, version) &&
		    (first == TIME_NONE || t < first))
			first = t;
	}
	return first;
}

/* A window never mixes versions: another one begins afresh. */
static void switch_version(struct monitor *m, const char *version)
{
	m->has_first_served = *m->version;
	snprintf(m->version, sizeof(m->version), "%s", version);
	m->first_served_ms = first_of(m, version);
	m->needs_baseline = true;
	monitor_restart(m);
}

void monitor_leave_out(struct monitor *m, const char *version)
{
	if (!m->window->n) /* it came before the window */
		return;
	m->n_others++;
	m->has_several =
		m->has_several || (m->has_other && strcmp(m->other, version));
	m->has_other = true;
	snprintf(m->other, sizeof(m->other), "%s", version);
}

static void keep(struct monitor *m, const struct predlog_row *row)
{
	m->places[m->window->next] =
		(struct place){ row->event_ms, m->n_others };
	m->n_others = 0;
	frame_add(m->window, row->cells);
}

void monitor_add(struct monitor *m, const struct predlog_row *row,
		 int64_t ingested_ms)
{
	m->newest_ingested_ms = ingested_ms;
	vote(m, row);
	if (strcmp(row->version, m->version)) {
		if (*m->version && !takes_over(m, row->version)) {
			monitor_leave_out(m, row->version);
			return;
		}
		switch_version(m, row->version);
	}
	if (row->predicted_ms != TIME_NONE)
		m->newest_predicted_ms = row->predicted_ms;
	keep(m, row);
}

bool monitor_take_first_served(struct monitor *m, int64_t *predicted_ms)
{
	bool has = m->has_first_served;

	*predicted_ms = m->first_served_ms;
	m->has_first_served = false;
	return has;
}

int64_t monitor_last_row_ms(const struct monitor *m)
{
	return m->newest_ingested_ms;
}

/* ---- evaluation ---- */

static void window_times(const struct monitor *m, struct drift_report *r)
{
	r->window_from_ms = r->window_to_ms = TIME_NONE;
	for (size_t i = 0; i < m->window->n; i++) {
		int64_t t = m->places[i].event_ms;

		if (t == TIME_NONE)
			continue;
		if (r->window_from_ms == TIME_NONE || t < r->window_from_ms)
			r->window_from_ms = t;
		if (r->window_to_ms == TIME_NONE || t > r->window_to_ms)
			r->window_to_ms = t;
	}
}

/* Rows between the oldest of the window and now that are not in it. */
static int64_t count_others(const struct monitor *m)
{
	const struct frame *w = m->window;
	int64_t n = m->n_others;

	for (size_t i = 0; i < w->n; i++)
		n += m->places[i].n_others;
	return n - m->places[w->n < w->max ? 0 : w->next].n_others;
}

static void compare_with(struct monitor *m, const struct frame *baseline,
			 struct drift_report *r)
{
	struct drift_ask ask = { .baseline = baseline,
				 .window = m->window,
				 .alpha = m->conf->alpha,
				 .psi_floor = m->conf->psi_floor,
				 .min_rows = m->conf->min_rows,
				 .use = use_of,
				 .ctx = m };

	drift_compare(&ask, r);
}

struct drift_report *monitor_evaluate(struct monitor *m, int64_t now_ms,
				      int64_t n_bad_rows, const char *blind)
{
	struct drift_report *r = drift_report_new();

	r->monitor = arena_strdup(&r->arena, m->conf->name);
	r->model = arena_strdup(&r->arena, m->conf->model);
	r->source = arena_strdup(&r->arena, m->conf->source);
	r->version = arena_strdup(&r->arena, m->version);
	r->made_ms = now_ms;
	r->blind = arena_strdup(&r->arena, blind);
	r->min_rows = m->conf->min_rows;
	r->newest_predicted_ms = m->newest_predicted_ms;
	r->newest_ingested_ms = m->newest_ingested_ms;
	r->n_bad_rows = n_bad_rows;
	if (!m->baseline || !m->window || !m->window->n)
		return r;
	r->n_left_out = count_others(m);
	r->left_out = m->has_several ? "" : arena_strdup(&r->arena, m->other);
	window_times(m, r);
	compare_with(m, m->baseline, r);
	return r;
}

void monitor_try_newer(struct monitor *m, const char *version,
		       const struct frame *baseline, struct drift_report *r)
{
	struct drift_report *other = drift_report_new();
	const struct drift_column *worst;

	compare_with(m, baseline, other);
	if (drift_fits_better(other, r)) {
		worst = &other->columns[0];
		r->newer = (struct drift_newer){
			.version = arena_strdup(&r->arena, version),
			.column = arena_strdup(&r->arena, worst->name),
			.statistic = arena_strdup(&r->arena, worst->statistic),
			.value = worst->value,
			.limit = worst->limit,
			.n_drifted = other->n_drifted,
		};
	}
	drift_report_free(other);
}
