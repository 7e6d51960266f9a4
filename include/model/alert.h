/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_MODEL_ALERT_H
#define MLTOWER_MODEL_ALERT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"

/* Alerts with the life cycle of Prometheus, plus acknowledgement. */
enum alert_state {
	ALERT_PENDING,
	ALERT_FIRING,
	ALERT_RESOLVED,
	ALERT_SUPERSEDED, /* the version it was about no longer serves */
};

enum alert_severity { SEVERITY_INFO, SEVERITY_WARN, SEVERITY_PAGE };

/* Strings are owned by the alert (alert_copy, alert_release). */
struct alert {
	int64_t id;           /* the store's number; 0 before it is stored */
	char *source, *model; /* "prod", "fraud-detector" */
	char *version;        /* of the window; "" if unknown */
	char *monitor, *column, *rule; /* rule: "drift", "no_rows", ... */
	char *statistic;               /* "PSI", "KS", "chi2", "" */
	enum alert_severity severity;
	enum alert_state state;
	double value, threshold;
	int64_t n_baseline, n_window;
	int64_t since_ms, fired_ms, resolved_ms; /* TIME_NONE */
	/* It fires on, though its condition is false since then; TIME_NONE. */
	int64_t calm_ms;
	char *acked_by, *note; /* "" not acknowledged */
	int64_t acked_ms, silenced_until_ms;
	char *text; /* one line for people: what changed, in its own unit */
};

struct alert *alert_copy(const struct alert *a);
void alert_init(struct alert *a); /* all strings "", all times TIME_NONE */
void alert_release(struct alert *a);
/* Does it want a person: firing, not acknowledged, not silenced. */
bool alert_needs_person(const struct alert *a, int64_t now_ms);
/* Is it on record, so that somebody can acknowledge it? That nobody watches is
 * not: there was nobody to write it. */
bool alert_is_on_record(const struct alert *a);
/* How long it is, or was, open; ms, not negative. */
int64_t alert_lasted_ms(const struct alert *a, int64_t now_ms);
const char *alert_state_name(enum alert_state s); /* "firing" */
bool alert_state_parse(const char *name, enum alert_state *out);
const char *alert_severity_name(enum alert_severity s); /* "warning" */
/* FNV-1a over the identifying labels (monitor, column, rule, model), sorted,
 * as Prometheus does it; never over a measured value. */
uint64_t alert_fingerprint(const struct alert *a);

/* All alerts, newest first by since_ms; owns them. */
struct alert_set {
	struct alert *alerts;
	size_t n, cap;
};

void alert_set_clear(struct alert_set *set);
struct alert *alert_set_add(struct alert_set *set, const struct alert *a);
/* Order for people: firing before pending before others, unacknowledged
 * first, worst severity, then value over threshold, then the longest. */
void alert_set_sort(struct alert_set *set, int64_t now_ms);

#endif
