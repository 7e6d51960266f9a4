/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "model/alert.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* Every string of an alert, so that none is forgotten below. */
static char **string_of(struct alert *a, size_t i)
{
	char **all[] = { &a->source, &a->model, &a->version,   &a->monitor,
			 &a->column, &a->rule,  &a->statistic, &a->acked_by,
			 &a->note,   &a->text };

	return i < ARRAY_LEN(all) ? all[i] : NULL;
}

void alert_init(struct alert *a)
{
	char **s;
	size_t i;

	*a = (struct alert){ .since_ms = TIME_NONE,
			     .fired_ms = TIME_NONE,
			     .resolved_ms = TIME_NONE,
			     .calm_ms = TIME_NONE,
			     .acked_ms = TIME_NONE,
			     .silenced_until_ms = TIME_NONE };
	for (i = 0; (s = string_of(a, i)); i++)
		*s = xstrdup("");
}

void alert_release(struct alert *a)
{
	char **s;
	size_t i;

	for (i = 0; (s = string_of(a, i)); i++) {
		free(*s);
		*s = NULL;
	}
}

static void copy_into(struct alert *to, const struct alert *from)
{
	char **s;
	size_t i;

	*to = *from;
	for (i = 0; (s = string_of(to, i)); i++)
		*s = xstrdup(*s ? *s : "");
}

struct alert *alert_copy(const struct alert *a)
{
	struct alert *copy = xmalloc(sizeof(*copy));

	copy_into(copy, a);
	return copy;
}

bool alert_needs_person(const struct alert *a, int64_t now_ms)
{
	return a->state == ALERT_FIRING && !*a->acked_by &&
	       (a->silenced_until_ms == TIME_NONE ||
		a->silenced_until_ms <= now_ms);
}

bool alert_is_on_record(const struct alert *a)
{
	return a->id != 0;
}

int64_t alert_lasted_ms(const struct alert *a, int64_t now_ms)
{
	int64_t end_ms = a->resolved_ms == TIME_NONE ? now_ms : a->resolved_ms;

	return MAX(0, end_ms - a->since_ms);
}

static const char *const state_names[] = {
	[ALERT_PENDING] = "pending",
	[ALERT_FIRING] = "firing",
	[ALERT_RESOLVED] = "resolved",
	[ALERT_SUPERSEDED] = "superseded",
};

const char *alert_state_name(enum alert_state s)
{
	return state_names[s];
}

bool alert_state_parse(const char *name, enum alert_state *out)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(state_names); i++) {
		if (!strcmp(state_names[i], name)) {
			*out = (enum alert_state)i;
			return true;
		}
	}
	return false;
}

const char *alert_severity_name(enum alert_severity s)
{
	static const char *const names[] = { [SEVERITY_INFO] = "info",
					     [SEVERITY_WARN] = "warning",
					     [SEVERITY_PAGE] = "page" };

	return names[s];
}

static uint64_t fnv1a(uint64_t h, const char *s)
{
	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * 0x100000001b3u;
	return (h ^ 0xff) * 0x100000001b3u; /* ends a name or a value */
}

uint64_t alert_fingerprint(const struct alert *a)
{
	uint64_t h = 0xcbf29ce484222325u;

	/* By label name. */
	h = fnv1a(fnv1a(h, "column"), a->column);
	h = fnv1a(fnv1a(h, "model"), a->model);
	h = fnv1a(fnv1a(h, "monitor"), a->monitor);
	return fnv1a(fnv1a(h, "rule"), a->rule);
}

void alert_set_clear(struct alert_set *set)
{
	size_t i;

	for (i = 0; i < set->n; i++)
		alert_release(&set->alerts[i]);
	free(set->alerts);
	*set = (struct alert_set){ 0 };
}

struct alert *alert_set_add(struct alert_set *set, const struct alert *a)
{
	set->alerts = xgrow(set->alerts, &set->cap, set->n + 1, sizeof(*a));
	copy_into(&set->alerts[set->n], a);
	return &set->alerts[set->n++];
}

static int rank(const struct alert *a, int64_t now_ms)
{
	if (alert_needs_person(a, now_ms))
		return 0;
	if (a->state == ALERT_FIRING)
		return 1;
	return a->state == ALERT_PENDING ? 2 : 3;
}

static double excess(const struct alert *a)
{
	double r = a->threshold ? a->value / a->threshold : 0;

	return isnan(r) ? 0 : r;
}

static int compare(const void *pa, const void *pb, void *now)
{
	const struct alert *a = pa, *b = pb;
	int ra = rank(a, *(int64_t *)now), rb = rank(b, *(int64_t *)now);

	if (ra != rb)
		return ra < rb ? -1 : 1;
	if (a->severity != b->severity)
		return a->severity > b->severity ? -1 : 1;
	if (excess(a) != excess(b))
		return excess(a) > excess(b) ? -1 : 1;
	if (a->since_ms != b->since_ms)
		return a->since_ms < b->since_ms ? -1 : 1;
	return (a->id > b->id) - (a->id < b->id);
}

void alert_set_sort(struct alert_set *set, int64_t now_ms)
{
	if (set->n)
		qsort_r(set->alerts, set->n, sizeof(*set->alerts), compare,
			&now_ms);
}
