/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/unwatched.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "store/alerts.h"

#define GRACE_MS    30000 /* to start, to read logs, to take over */
#define WATCH_TURNS 2     /* that may be missed by all monitors, */
#define MODEL_TURNS 3     /* and by those of one model */
#define DAY_MS      (24 * 3600 * (int64_t)1000)

static int64_t too_long_ms(int64_t every_ms)
{
	return WATCH_TURNS * every_ms + GRACE_MS;
}

/* The monitor that is due first says how long is too long. */
static int64_t most_ms(const struct config *c)
{
	int64_t every_ms = INT64_MAX / WATCH_TURNS - GRACE_MS;

	for (size_t i = 0; i < c->n_monitors; i++)
		every_ms = MIN(every_ms, c->monitors[i].every_ms);
	return too_long_ms(every_ms);
}

int64_t unwatched_gap_ms(const struct config *c, const char *monitor)
{
	const struct monitor_conf *m = config_monitor(c, monitor);

	return m ? too_long_ms(m->every_ms) : most_ms(c);
}

/* The last sign of anybody; TIME_NONE: there was none ever. */
static int64_t left_ms(const struct lease_state *l)
{
	return l->left_ms != TIME_NONE ? l->left_ms : l->beat_ms;
}

int64_t unwatched_ms(const struct lease_state *l, int64_t now_ms)
{
	if (l->is_held || left_ms(l) == TIME_NONE)
		return 0;
	return MAX(0, now_ms - left_ms(l));
}

bool unwatched_is(const struct config *c, const struct lease_state *l,
		  int64_t now_ms)
{
	if (!c->n_monitors || l->is_held)
		return false;
	return left_ms(l) == TIME_NONE || unwatched_ms(l, now_ms) > most_ms(c);
}

/* " since 02:10", with the day where it was another one. */
static void since_text(int64_t then_ms, int64_t now_ms, char out[48])
{
	char time[32];

	if (now_ms - then_ms < DAY_MS)
		clock_format_hhmm(then_ms, time);
	else
		clock_format_local(then_ms, time);
	snprintf(out, 48, " since %.16s", time);
}

static void add(const struct config *c, const struct lease_state *l,
		int64_t now_ms, struct alert_set *set)
{
	bool is_known = left_ms(l) != TIME_NONE;
	int64_t since_ms = is_known ? left_ms(l) : now_ms;
	char since[48] = " yet", text[80], none[] = "";
	struct alert a = { .source = none,
			   .model = none,
			   .version = none,
			   .column = none,
			   .statistic = none,
			   .acked_by = none,
			   .note = none,
			   .monitor = (char[]){ "watch" },
			   .rule = (char[]){ UNWATCHED_RULE },
			   .text = text,
			   .severity = SEVERITY_PAGE,
			   .state = ALERT_FIRING,
			   .value = (double)(now_ms - since_ms) / 1000,
			   .threshold = (double)most_ms(c) / 1000,
			   .since_ms = since_ms,
			   .fired_ms = MIN(now_ms, since_ms + most_ms(c)),
			   .resolved_ms = TIME_NONE,
			   .calm_ms = TIME_NONE,
			   .acked_ms = TIME_NONE,
			   .silenced_until_ms = TIME_NONE };

	if (is_known)
		since_text(since_ms, now_ms, since);
	snprintf(text, sizeof(text), "nobody watches%s", since);
	alert_set_add(set, &a);
	alert_set_sort(set, now_ms);
}

enum err_code unwatched_load(const struct config *c, struct state *s,
			     int64_t since_ms, int64_t now_ms,
			     struct alert_set *out, struct lease_state *lease,
			     struct err *err)
{
	if (alerts_load(s, since_ms, now_ms, out, err) ||
	    lease_read(s, now_ms, lease, err))
		return err->code;
	if (unwatched_is(c, lease, now_ms))
		add(c, lease, now_ms, out);
	return ERR_OK;
}

/* ---- one model ---- */

static const struct drift_report *report_of(struct drift_report *const *reports,
					    size_t n, const char *monitor)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(reports[i]->monitor, monitor))
			return reports[i];
	return NULL;
}

static bool is_about(const struct monitor_conf *m, const char *source,
		     const char *model)
{
	return !strcmp(m->model, model) &&
	       (!*m->source || !strcmp(m->source, source));
}

/* NULL: its last evaluation is a young one. */
static const char *why_late(const struct monitor_conf *m,
			    const struct drift_report *r, int64_t now_ms,
			    struct arena *a)
{
	char since[48], why[DRIFT_WHY_MAX];

	if (!r)
		return arena_printf(a, "%s was never evaluated", m->name);
	if (!r->n_columns && drift_says_nothing(r, why))
		return arena_printf(a, "%s: %s", m->name, why);
	if (now_ms - r->made_ms <= MODEL_TURNS * m->every_ms + GRACE_MS)
		return NULL;
	since_text(r->made_ms, now_ms, since);
	return arena_printf(a, "%s not evaluated%s", m->name, since);
}

const char *unwatched_why(const struct config *c, const struct alert_set *set,
			  struct drift_report *const *reports, size_t n,
			  const char *source, const char *model, int64_t now_ms,
			  struct arena *a)
{
	const char *why = NULL;
	bool is_watched = false;

	for (size_t i = 0; i < set->n; i++)
		if (!strcmp(set->alerts[i].rule, UNWATCHED_RULE))
			return arena_strdup(a, set->alerts[i].text);
	for (size_t i = 0; i < c->n_monitors && !why; i++) {
		const struct monitor_conf *m = &c->monitors[i];

		if (!is_about(m, source, model))
			continue;
		is_watched = true;
		why = why_late(m, report_of(reports, n, m->name), now_ms, a);
	}
	return is_watched ? why
			  : arena_printf(a, "no monitor watches %s", model);
}
