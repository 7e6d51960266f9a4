/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "format/json.h"
#include "promote/edit.h"
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

/* Somebody else is there now. */
static bool has_moved(const struct audit_entry *e,
		      const struct registry_state *now)
{
	const char *before = e->previous_version ? e->previous_version : "";

	return strcmp(before, e->alias ? now->holder : now->stage_holder) != 0;
}

/* Whether the write took place is told by the tag, which only it sets: in the
 * same step, or in one that may not have come to be. */
static const char *outcome_of(const struct audit_entry *e,
			      const struct registry_state *now,
			      bool is_stepwise)
{
	bool is_ours = strstr(now->promotion_tag, e->id) != NULL;

	if (is_ours)
		return "promoted";
	if (stands(e, now) || is_hidden(e, now))
		return "unknown";
	return is_stepwise && has_moved(e, now) ? "unknown" : "failed";
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
	if (!is_hidden(e, now))
		return "what came of it is not known, it was moved since";
	return "what came of it is not known, the version was promoted again "
	       "since";
}

/* What a look at the system says of an intent. */
struct finding {
	const char *subject; /* "m" */
	const char *title;   /* "v7 to champion" */
	const char *outcome, *text;
	const char *open_because; /* it cannot be told yet; NULL */
};

static void look_promotion(const struct audit_entry *e,
			   const struct system_ops *ops,
			   const struct source_conf *conf,
			   const struct cancel *stop, struct finding *f)
{
	struct registry_state now;
	struct err err = { 0 };

	if (!ops || !ops->registry ||
	    ops->registry->look(conf, e->model, e->version, e->alias, e->stage,
				stop, &now, &err)) {
		f->open_because = "cannot be read";
	} else if (!e->fingerprint || strcmp(e->fingerprint, now.fingerprint)) {
		f->open_because = "is another registry now";
	} else {
		f->outcome = outcome_of(e, &now, ops->registry->is_stepwise);
		f->text = what_was_found(e, &now, f->outcome);
	}
}

/* All of a change was written or none of it, and one of them shows which: what
 * others changed since shows nothing. */
static void judge_edit(const struct run_change *was,
		       const struct run_change *now, struct finding *f)
{
	size_t n_done = 0, n_before = 0, i;

	for (i = 0; i < now->n; i++) {
		n_done += str_same(now->edits[i].was, now->edits[i].then);
		n_before += str_same(now->edits[i].was, was->edits[i].was);
	}
	if (n_done && !n_before) {
		f->outcome = "changed";
		f->text = "it was changed, now on record";
	} else if (n_before && !n_done) {
		f->outcome = "failed";
		f->text = "nothing was written";
	} else {
		f->outcome = "unknown";
		f->text = "what came of it is not known, the runs were "
			  "changed since";
	}
}

static void look_edit(const struct run_change *was,
		      const struct system_ops *ops,
		      const struct source_conf *conf, const struct cancel *stop,
		      struct arena *a, struct finding *f)
{
	struct run_change now = *was;
	struct err err = { 0 };

	if (!ops || !ops->runs) {
		f->open_because = "cannot be read";
		return;
	}
	now.fingerprint = NULL; /* until a store is there to say it */
	now.edits = arena_alloc(a, now.n * sizeof(*now.edits));
	memcpy(now.edits, was->edits, now.n * sizeof(*now.edits));
	if (ops->runs->look(conf, &now, a, stop, &err) == ERR_ABSENT)
		now.n = 0; /* one is gone for good */
	if ((err.code && err.code != ERR_ABSENT) || !now.fingerprint)
		f->open_because = "cannot be read";
	else if (!str_same(was->fingerprint, now.fingerprint))
		f->open_because = "is another store now";
	if (!f->open_because)
		judge_edit(was, &now, f);
}

static struct finding look_into(const struct audit_entry *e, settle_find *find,
				void *ctx, const struct cancel *stop,
				struct arena *a)
{
	struct source_conf conf = { 0 };
	const struct system_ops *ops = find(ctx, e->source, &conf);
	struct finding f = { 0 };
	struct run_change change;

	if (edit_of_record(e, a, &change)) {
		f.subject = edit_whose(&change, a);
		f.title = e->verb;
		look_edit(&change, ops, &conf, stop, a, &f);
	} else if (!e->model || !e->version || (!e->alias && !e->stage)) {
		f.subject = arena_printf(a, "entry %lld", (long long)e->seq);
		f.title = e->verb ? e->verb : "";
		f.open_because = "is not asked, its record cannot be read";
	} else {
		f.subject = e->model;
		f.title = arena_printf(a, "v%s to %s", e->version,
				       e->alias ? e->alias : e->stage);
		look_promotion(e, ops, &conf, stop, &f);
	}
	return f;
}

/* For the eye; the trail has it. */
static void tell(struct state *s, const struct audit_entry *e,
		 const struct finding *f, struct arena *a)
{
	struct err lost = { 0 };

	if (journal_add(s, e->time_ms, e->model ? EVENT_PROMOTION : EVENT_EDIT,
			e->source, f->subject, e->version ? e->version : "",
			arena_printf(a, "%s was interrupted: %s", f->title,
				     f->text),
			&lost))
		err_clear(&lost);
}

static enum err_code settle(struct state *s, const struct audit_entry *intent,
			    const struct finding *f, struct arena *a,
			    struct err *err)
{
	struct audit_entry e = *intent;

	e.kind = "outcome";
	e.time_ms = clock_utc_ms();
	e.outcome = f->outcome;
	e.message = "settled at a later start: mltower had ended in between";
	audit_identify(a, &e);
	if (!audit_append(s, a, &e, err))
		tell(s, &e, f, a);
	return err->code;
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
		struct finding f = look_into(&open[i], find, ctx, stop, a);

		if (!f.open_because && settle(s, &open[i], &f, a, err))
			return err->code;
		*line = f.open_because
				? arena_printf(a,
					       "%s %s was interrupted and is "
					       "still open: %s %s",
					       f.subject, f.title,
					       open[i].source, f.open_because)
				: arena_printf(a, "%s %s was interrupted: %s",
					       f.subject, f.title, f.text);
	}
	return ERR_OK;
}
