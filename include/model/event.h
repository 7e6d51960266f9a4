/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_MODEL_EVENT_H
#define MLTOWER_MODEL_EVENT_H

#include <stddef.h>
#include <stdint.h>

/* What happened, in one line each. */
enum event_kind {
	EVENT_RUN_STARTED,
	EVENT_RUN_FINISHED,
	EVENT_RUN_FAILED,
	EVENT_RUN_KILLED,
	EVENT_VERSION,     /* a version was registered */
	EVENT_ALIAS,       /* an alias or stage moved, ours */
	EVENT_ALIAS_OTHER, /* moved, and not by us */
	EVENT_ALERT,       /* pending, firing, resolved, acknowledged */
	EVENT_SOURCE,      /* lost, back */
	EVENT_PROMOTION,   /* intent, outcome */
	EVENT_WATCH,       /* who evaluates, and when nobody does */
	EVENT_EDIT,        /* runs were renamed, tagged, deleted .. by us */
	N_EVENT_KINDS
};

struct event {
	int64_t time_ms;
	uint64_t seq; /* in order of arrival, from 1 */
	enum event_kind kind;
	char *source;  /* name; "" none */
	char *subject; /* run name, model, monitor: what Enter goes to */
	char *text;    /* "v12 -> v14, not ours" */
	char *ref;     /* run id, version, alert id: exact identity; "" none */
};

/* The newest `max`, newest first by time. Doubles (same time, kind, subject,
 * text) are kept once. */
struct event_log;

struct event_log *event_log_new(size_t max);
void event_log_free(struct event_log *log);
void event_log_add(struct event_log *log, int64_t time_ms, enum event_kind kind,
		   const char *source, const char *subject, const char *ref,
		   const char *text);
size_t event_log_count(const struct event_log *log);
/* The greatest seq given out; 0 before the first. */
uint64_t event_log_last(const struct event_log *log);
const struct event *event_log_at(const struct event_log *log, size_t i);
const char *event_kind_name(enum event_kind kind); /* "run-started" */

#endif
