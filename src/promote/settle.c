/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "base/clock.h"
#include "format/json.h"
#include "promote/rollback.h"
#include "store/audit.h"
#include "store/journal.h"

static bool stands(const struct audit_entry *e,
		   const struct registry_state *now)
{
	if (e->alias)
		return !strcmp(now->holder, e->version);
	return e->stage && !strcmp(now->stage, e->stage);
}

/* A later promotion of the same version has written its tag over ours, if ours
 * was there. */
static bool is_hidden(const struct audit_entry *e,
		      const struct registry_state *now)
{
	struct json *tag = NULL;
	struct err err = { 0 };
	int64_t time_ms;
	bool is_later;

	if (json_parse(now->promotion_tag, strlen(now->promotion_tag), &tag,
		       &err))
		return false;
	is_later = json_int64(json_get(tag, "time_ms"), &time_ms) &&
		   time_ms >= e->time_ms;
	json_free(tag);
	return is_later;
}

/* Whether the write took place is told by the tag, which only it sets. */
static const char *outcome_of(const struct audit_entry *e,
			      const struct registry_state *now)
{
	bool is_ours = strstr(now->promotion_tag, e->id) != NULL;

	if (is_ours)
		return "promoted";
	return stands(e, now) || is_hidden(e, now) ? "unknown" : "failed";
}

static const char *what_was_found(const struct audit_entry *e,
				  const struct registry_state *now,
				  const char *outcome)
{
	if (!strcmp(outcome, "promoted"))
		return "it was promoted, now on record";
	if (!strcmp(outcome, "failed"))
		return "nothing was written";
	if (stands(e, now))
		return "it stands there, by whom is not known";
	return "what came of it is not known, the version was promoted again "
	       "since";
}

static enum err_code settle(struct state *s, const struct audit_entry *intent,
			    const struct registry_state *now, struct arena *a,
			    const char **line, struct err *err)
{
	struct audit_entry e = *intent;
	struct err lost = { 0 };
	const char *text;

	e.kind = "outcome";
	e.time_ms = clock_utc_ms();
	e.outcome = outcome_of(intent, now);
	e.message = "settled at a later start: mltower had ended in between";
	audit_identify(a, &e);
	if (audit_append(s, a, &e, err))
		return err->code;
	text = arena_printf(a, "v%s to %s was interrupted: %s", e.version,
			    e.alias ? e.alias : e.stage,
			    what_was_found(intent, now, e.outcome));
	*line = arena_printf(a, "%s %s", e.model, text);
	/* For the eye; the trail has it. */
	if (journal_add(s, e.time_ms, EVENT_PROMOTION, e.source, e.model,
			e.version, text, &lost))
		err_clear(&lost);
	return ERR_OK;
}

static const char *still_open(const struct audit_entry *e, const char *why,
			      struct arena *a)
{
	return arena_printf(
		a, "%s v%s to %s was interrupted and is still open: %s %s",
		e->model, e->version, e->alias ? e->alias : e->stage, e->source,
		why);
}

enum err_code settle_all(struct state *s, settle_find *find, void *ctx,
			 const struct cancel *stop, struct arena *a,
			 const char **line, struct err *err)
{
	struct audit_entry *open;
	size_t n;

	*line = NULL;
	if (audit_open_intents(s, a, &open, &n, err))
		return err->code;
	for (size_t i = 0; i < n; i++) {
		struct source_conf conf = { 0 };
		const struct system_ops *ops = find(ctx, open[i].source, &conf);
		struct registry_state now;
		struct err look = { 0 };
		const char *why = NULL;

		if (!ops || !ops->registry ||
		    ops->registry->look(&conf, open[i].model, open[i].version,
					open[i].alias, open[i].stage, stop,
					&now, &look))
			why = "cannot be read";
		else if (!open[i].fingerprint ||
			 strcmp(open[i].fingerprint, now.fingerprint))
			why = "is another registry now";
		if (why) {
			*line = still_open(&open[i], why, a);
			continue;
		}
		if (settle(s, &open[i], &now, a, line, err))
			return err->code;
	}
	return ERR_OK;
}
