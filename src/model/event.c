/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "model/event.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct event_log {
	struct event **events; /* newest first */
	size_t n, max;
	uint64_t last_seq;
};

struct event_log *event_log_new(size_t max)
{
	struct event_log *log = xcalloc(1, sizeof(*log));

	log->max = max;
	log->events = xcalloc(max + 1, sizeof(struct event *));
	return log;
}

static void event_free(struct event *e)
{
	free(e->source);
	free(e->subject);
	free(e->text);
	free(e->ref);
	free(e);
}

void event_log_free(struct event_log *log)
{
	size_t i;

	if (!log)
		return;
	for (i = 0; i < log->n; i++)
		event_free(log->events[i]);
	free(log->events);
	free(log);
}

/* Where an event of this time goes: before all that are not newer, so that of
 * equal times the one that came last is first. */
static size_t place_of(const struct event_log *log, int64_t time_ms)
{
	size_t lo = 0, hi = log->n, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (log->events[mid]->time_ms > time_ms)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static bool is_there(const struct event_log *log, size_t at, int64_t time_ms,
		     enum event_kind kind, const char *subject,
		     const char *text)
{
	const struct event *e;

	for (; at < log->n && log->events[at]->time_ms == time_ms; at++) {
		e = log->events[at];
		if (e->kind == kind && !strcmp(e->subject, subject) &&
		    !strcmp(e->text, text))
			return true;
	}
	return false;
}

static char *copy(const char *s)
{
	return xstrdup(s ? s : "");
}

void event_log_add(struct event_log *log, int64_t time_ms, enum event_kind kind,
		   const char *source, const char *subject, const char *ref,
		   const char *text)
{
	size_t at = place_of(log, time_ms);
	struct event *e;

	if (at == log->max ||
	    is_there(log, at, time_ms, kind, subject ? subject : "",
		     text ? text : ""))
		return;
	if (log->n == log->max)
		event_free(log->events[--log->n]);
	memmove(&log->events[at + 1], &log->events[at],
		(log->n - at) * sizeof(*log->events));
	log->n++;
	e = xcalloc(1, sizeof(*e));
	e->time_ms = time_ms;
	e->seq = ++log->last_seq;
	e->kind = kind;
	e->source = copy(source);
	e->subject = copy(subject);
	e->ref = copy(ref);
	e->text = copy(text);
	log->events[at] = e;
}

size_t event_log_count(const struct event_log *log)
{
	return log->n;
}

uint64_t event_log_last(const struct event_log *log)
{
	return log->last_seq;
}

const struct event *event_log_at(const struct event_log *log, size_t i)
{
	BUG_ON(i >= log->n);
	return log->events[i];
}

const char *event_kind_name(enum event_kind kind)
{
	static const char *const names[] = {
		[EVENT_RUN_STARTED] = "run-started",
		[EVENT_RUN_FINISHED] = "run-finished",
		[EVENT_RUN_FAILED] = "run-failed",
		[EVENT_RUN_KILLED] = "run-killed",
		[EVENT_VERSION] = "version",
		[EVENT_ALIAS] = "alias",
		[EVENT_ALIAS_OTHER] = "alias-other",
		[EVENT_ALERT] = "alert",
		[EVENT_SOURCE] = "source",
		[EVENT_PROMOTION] = "promotion",
		[EVENT_WATCH] = "watch",
		[EVENT_EDIT] = "edit",
	};

	return names[kind];
}
