/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "watch/lifecycle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/human.h"
#include "base/mem.h"

static void set(char **s, const char *value)
{
	free(*s);
	*s = xstrdup(value);
}

/* The identity and life of `open`, the numbers of `now`. */
static void merge(const struct alert *open, const struct alert *now,
		  struct alert *out)
{
	struct alert *copy = alert_copy(now);

	*out = *copy;
	free(copy);
	if (!open)
		return;
	out->id = open->id;
	out->state = open->state;
	out->since_ms = open->since_ms;
	out->fired_ms = open->fired_ms;
	out->resolved_ms = open->resolved_ms;
	out->acked_ms = open->acked_ms;
	out->silenced_until_ms = open->silenced_until_ms;
	set(&out->acked_by, open->acked_by);
	set(&out->note, open->note);
}

/* Its condition is false: over, or fires on for a while. What it said last
 * stays on it. */
static enum lifecycle_change calm(const struct alert *open, int64_t keep_ms,
				  int64_t now_ms, struct alert *out)
{
	merge(open, open, out);
	if (open->state != ALERT_FIRING)
		return LIFE_GONE;
	if (out->calm_ms == TIME_NONE)
		out->calm_ms = now_ms;
	if (now_ms - out->calm_ms < keep_ms)
		return LIFE_UPDATED;
	out->state = ALERT_RESOLVED;
	out->resolved_ms = now_ms;
	return LIFE_RESOLVED;
}

enum lifecycle_change lifecycle_step(const struct alert *open,
				     const struct lifecycle_fact *fact,
				     struct lifecycle_patience patience,
				     int64_t now_ms, struct alert *out)
{
	enum lifecycle_change change = open ? LIFE_UPDATED : LIFE_PENDING;

	if (fact->is_unknown)
		return LIFE_NOTHING;
	if (!fact->is_true)
		return open ? calm(open, patience.keep_ms, now_ms, out)
			    : LIFE_NOTHING;
	merge(open, &fact->now, out);
	out->calm_ms = TIME_NONE;
	if (!open) {
		out->state = ALERT_PENDING;
		out->since_ms = now_ms;
		out->fired_ms = out->resolved_ms = TIME_NONE;
		out->acked_ms = out->silenced_until_ms = TIME_NONE;
		set(&out->acked_by, "");
		set(&out->note, "");
	}
	if (out->state == ALERT_PENDING &&
	    now_ms - out->since_ms >= patience.for_ms) {
		out->state = ALERT_FIRING;
		out->fired_ms = now_ms;
		change = LIFE_FIRING;
	}
	return change;
}

static void identify(const struct monitor_conf *conf, const char *rule,
		     char *text, struct alert *a)
{
	static char none[1];

	memset(a, 0, sizeof(*a));
	a->source = (char *)conf->source;
	a->model = (char *)conf->model;
	a->version = a->column = a->statistic = a->acked_by = a->note = none;
	a->monitor = (char *)conf->name;
	a->rule = (char *)rule;
	a->text = text;
	a->severity = SEVERITY_PAGE;
	a->acked_ms = a->silenced_until_ms = TIME_NONE;
}

static const struct drift_column *find_column(const struct drift_report *r,
					      const char *name)
{
	for (size_t i = 0; i < r->n_columns; i++)
		if (!strcmp(r->columns[i].name, name))
			return &r->columns[i];
	return NULL;
}

/* Too few rows end nothing. */
static void carry_on(struct drift_column *c, const struct drift_column *before,
		     int64_t for_ms, int64_t now_ms)
{
	bool is_over = c->verdict == DRIFT_NO || !before;

	c->since_ms = is_over ? TIME_NONE : before->since_ms;
	c->fired_ms = is_over ? TIME_NONE : before->fired_ms;
	if (c->verdict != DRIFT_YES)
		return;
	if (c->since_ms == TIME_NONE)
		c->since_ms = now_ms;
	if (c->fired_ms == TIME_NONE && now_ms - c->since_ms >= for_ms)
		c->fired_ms = now_ms;
}

void lifecycle_columns(struct drift_report *r,
		       const struct drift_report *before, int64_t for_ms)
{
	bool is_same = before && !strcmp(before->version, r->version);

	for (size_t i = 0; i < r->n_columns; i++) {
		struct drift_column *c = &r->columns[i];

		carry_on(c, is_same ? find_column(before, c->name) : NULL,
			 for_ms, r->made_ms);
	}
}

struct lifecycle_fact lifecycle_drift(const struct monitor_conf *conf,
				      const struct drift_report *r,
				      char room[240])
{
	struct lifecycle_fact f = { .rule = "drift",
				    .is_true = r->n_drifted > 0,
				    .is_unknown = !drift_count_judged(r) };
	const struct drift_column *worst = r->n_columns ? r->columns : NULL;

	*room = 0;
	identify(conf, f.rule, room, &f.now);
	f.now.version = (char *)r->version;
	if (!worst)
		return f;
	f.now.column = (char *)worst->name;
	f.now.statistic = worst->missing.is_cause ? (char *)"missing PSI"
						  : (char *)worst->statistic;
	f.now.value = worst->value;
	f.now.threshold = worst->limit;
	f.now.n_baseline = worst->n_baseline;
	f.now.n_window = worst->n_window;
	if (r->n_drifted > 1)
		snprintf(room, 240, "%zu of %zu features, worst %s",
			 r->n_drifted, r->n_columns, worst->name);
	else
		snprintf(room, 240, "%s",
			 worst->change ? worst->change : worst->reason);
	return f;
}

struct lifecycle_fact lifecycle_no_rows(const struct monitor_conf *conf,
					int64_t last_row_ms, int64_t now_ms,
					char room[240])
{
	struct lifecycle_fact f = { .rule = "no_rows" };
	int64_t silent_ms;
	char age[HUMAN_MAX];

	*room = 0;
	identify(conf, f.rule, room, &f.now);
	if (!conf->no_rows_ms || last_row_ms == TIME_NONE)
		return f;
	silent_ms = now_ms - last_row_ms;
	f.is_true = silent_ms >= conf->no_rows_ms;
	f.now.value = (double)silent_ms / 1000;
	f.now.threshold = (double)conf->no_rows_ms / 1000;
	snprintf(room, 240, "no prediction for %s",
		 human_duration(age, silent_ms));
	return f;
}
