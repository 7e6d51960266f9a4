/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "promote/edit.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "format/digest.h"
#include "format/json.h"
#include "store/journal.h"

#define NOTE_TAG "mlflow.note.content"

static const struct {
	const char *name;
	enum run_field field;
	const char *key, *then; /* NULL: as asked for */
} kinds[N_EDIT_KINDS] = {
	[EDIT_RENAME] = { "rename", RUN_FIELD_NAME, NULL, NULL },
	[EDIT_TAG] = { "tag", RUN_FIELD_TAG, NULL, NULL },
	[EDIT_UNTAG] = { "untag", RUN_FIELD_TAG, NULL, NULL },
	[EDIT_NOTE] = { "note", RUN_FIELD_TAG, NOTE_TAG, NULL },
	[EDIT_DELETE] = { "delete", RUN_FIELD_LIFECYCLE, NULL, "deleted" },
	[EDIT_RESTORE] = { "restore", RUN_FIELD_LIFECYCLE, NULL, "active" },
};

const char *edit_kind_name(enum edit_kind kind)
{
	return kinds[kind].name;
}

/* ---- what is asked for ----------------------------------------------------
 */

static void add_row(struct edit *e, const struct edit_run *run, const char *key,
		    const char *then)
{
	e->rows[e->n_rows++] = (struct edit_row){
		.edit = { .run_id = run->id,
			  .field = kinds[e->kind].field,
			  .key = key,
			  .then = then },
		.name = run->name,
	};
}

/* Texts are shared by all runs, so that the same is told once. */
static void add_rows(struct edit *e, const struct edit_ask *ask)
{
	struct arena *a = &e->arena;
	size_t n_tags = MAX(ask->n_tags, (size_t)1), i, k;
	const char *text = kinds[e->kind].then ? kinds[e->kind].then
					       : arena_strdup(a, ask->text);
	struct name_value *tags = arena_alloc(a, n_tags * sizeof(*tags));

	tags[0] = (struct name_value){ kinds[e->kind].key, text };
	for (k = 0; k < ask->n_tags; k++)
		tags[k] = (struct name_value){
			arena_strdup(a, ask->tags[k].name),
			arena_strdup(a, ask->tags[k].value),
		};
	e->rows = arena_alloc(a, (ask->n_runs * n_tags + 1) * sizeof(*e->rows));
	for (i = 0; i < ask->n_runs; i++) {
		const struct edit_run run = { arena_strdup(a, ask->runs[i].id),
					      arena_strdup(a,
							   ask->runs[i].name) };

		for (k = 0; k < n_tags; k++)
			add_row(e, &run, tags[k].name, tags[k].value);
	}
}

static const struct protocol_ops edit_protocol;

struct edit *edit_new(const struct edit_ask *ask)
{
	struct edit *e = xcalloc(1, sizeof(*e));

	protocol_init(&e->act, &edit_protocol);
	e->source = arena_strdup(&e->arena, ask->source);
	e->kind = ask->kind;
	add_rows(e, ask);
	return e;
}

void edit_free(struct edit *e)
{
	if (!e)
		return;
	arena_release(&e->arena);
	free(e);
}

/* ---- the plan -------------------------------------------------------------
 */

static enum err_code check_current(const struct edit *e, const char *if_current,
				   struct err *err)
{
	const char *want = if_current;
	size_t i;

	if (!want)
		return ERR_OK;
	if (e->kind != EDIT_RENAME && !strcmp(want, "none"))
		want = NULL;
	for (i = 0; i < e->n_rows; i++) {
		const struct run_edit *r = &e->rows[i].edit;

		if (!str_same(r->was, want))
			return err_set(err, ERR_CONFLICT,
				       "run %.12s: expected %.80s, found "
				       "%.80s: nothing was written",
				       r->run_id, if_current,
				       r->was ? r->was : "none");
	}
	return ERR_OK;
}

/* MLflow takes no name and no tag of a run that is deleted. */
static enum err_code check_active(const struct edit *e, struct err *err)
{
	size_t i;

	for (i = 0; i < e->n_rows; i++)
		if (e->rows[i].edit.is_deleted &&
		    e->rows[i].edit.field != RUN_FIELD_LIFECYCLE)
			return err_set(err, ERR_USAGE,
				       "run %.12s is deleted: restore it first",
				       e->rows[i].edit.run_id);
	return ERR_OK;
}

static void find_change(struct edit *e)
{
	const char *last = "";
	size_t i;

	e->change.n = e->n_runs = 0;
	for (i = 0; i < e->n_rows; i++) {
		struct edit_row *r = &e->rows[i];

		r->is_already = str_same(r->edit.was, r->edit.then);
		if (r->is_already)
			continue;
		e->change.edits[e->change.n++] = r->edit;
		e->n_runs += strcmp(last, r->edit.run_id) != 0;
		last = r->edit.run_id;
	}
}

/* The one run that changes. */
static const char *only_name(const struct edit *e)
{
	size_t i;

	for (i = 0; i < e->n_rows; i++)
		if (!e->rows[i].is_already)
			return e->rows[i].name;
	return "";
}

static void make_titles(struct edit *e)
{
	struct arena *a = &e->arena;

	if (e->n_runs == 1) {
		e->title = arena_printf(a, "%s %s", kinds[e->kind].name,
					only_name(e));
		e->confirm = protocol_confirm(a, only_name(e));
		return;
	}
	e->title =
		arena_printf(a, "%s %zu runs", kinds[e->kind].name, e->n_runs);
	e->confirm = e->title;
}

enum err_code edit_plan(struct edit *e, const struct run_ops *ops,
			const struct source_conf *conf, const char *if_current,
			const struct cancel *stop, struct err *err)
{
	struct arena *a = &e->arena;
	size_t i;

	if (!ops)
		return err_set(err, ERR_USAGE,
			       "runs of this kind of source cannot be changed");
	if (e->n_rows > EDIT_MAX)
		return err_set(err, ERR_USAGE,
			       "%zu changes at once: at most %d", e->n_rows,
			       EDIT_MAX);
	e->change.n = e->n_rows;
	e->change.edits =
		arena_alloc(a, (e->n_rows + 1) * sizeof(*e->change.edits));
	for (i = 0; i < e->n_rows; i++)
		e->change.edits[i] = e->rows[i].edit;
	if (ops->look(conf, &e->change, a, stop, err))
		return err->code;
	for (i = 0; i < e->n_rows; i++)
		e->rows[i].edit = e->change.edits[i];
	find_change(e);
	make_titles(e);
	return check_active(e, err) ? err->code
				    : check_current(e, if_current, err);
}

bool edit_is_already(const struct edit *e)
{
	return !e->change.n;
}

void edit_describe(const struct edit *e, const struct run_ops *ops,
		   const struct source_conf *conf, struct buf *out)
{
	ops->describe(conf, &e->change, out);
}

/* ---- what is written ------------------------------------------------------
 */

static enum outcome begin(struct protocol *act, struct err *err)
{
	(void)err;
	return edit_is_already((struct edit *)act) ? OUTCOME_ALREADY
						   : OUTCOME_OPEN;
}

/* A copy of what is changed, as it stands now. */
static enum err_code look(const struct edit *e, const struct protocol_env *env,
			  struct arena *a, struct run_change *now,
			  struct err *err)
{
	*now = e->change;
	now->edits = arena_alloc(a, now->n * sizeof(*now->edits));
	memcpy(now->edits, e->change.edits, now->n * sizeof(*now->edits));
	return env->ops->runs->look(env->conf, now, a, env->stop, err);
}

static enum err_code compare(struct protocol *act,
			     const struct protocol_env *env, struct err *err)
{
	const struct edit *e = (const struct edit *)act;
	struct arena a = ARENA_INIT;
	struct run_change now;
	size_t i;

	if (!look(e, env, &a, &now, err) &&
	    strcmp(now.fingerprint, e->change.fingerprint))
		err_set(err, ERR_CONFLICT,
			"%s is another store than the one shown", e->source);
	for (i = 0; i < e->change.n && !err->code; i++)
		run_edit_compare(&e->change.edits[i], &now.edits[i], err);
	arena_release(&a);
	return err->code;
}

static enum err_code write_it(struct protocol *act,
			      const struct protocol_env *env, struct err *err)
{
	return env->ops->runs->write(env->conf, env->permit,
				     &((struct edit *)act)->change, env->stop,
				     err);
}

static enum outcome what_came(const struct edit *e,
			      const struct run_change *now, struct err *err)
{
	size_t n_done = 0, n_before = 0, i;

	for (i = 0; i < now->n; i++) {
		n_done += str_same(now->edits[i].was, now->edits[i].then);
		n_before += str_same(now->edits[i].was, e->change.edits[i].was);
	}
	if (n_done == now->n)
		return OUTCOME_WRITTEN;
	if (e->act.is_written) {
		err_set(err, ERR_CONFLICT,
			"written, and changed again at once by somebody else");
		return OUTCOME_WRITTEN;
	}
	err_set(err, ERR_IO, "no answer, and %s",
		n_before == now->n ? "it was not written"
				   : "what came of it is not known");
	return n_before == now->n ? OUTCOME_FAILED : OUTCOME_UNKNOWN;
}

static enum outcome verify(struct protocol *act, const struct protocol_env *env,
			   struct err *err)
{
	const struct edit *e = (const struct edit *)act;
	enum outcome outcome = OUTCOME_UNKNOWN;
	struct arena a = ARENA_INIT;
	struct run_change now;

	if (!look(e, env, &a, &now, err))
		outcome = what_came(e, &now, err);
	arena_release(&a);
	return outcome;
}

/* "tag stage=prod" */
static const char *what_in_words(const struct edit *e, struct arena *a)
{
	const struct run_edit *first = &e->change.edits[0];

	switch (e->kind) {
	case EDIT_RENAME:
		return arena_printf(a, "rename to %.80s", first->then);
	case EDIT_TAG:
		return arena_printf(a, "tag %s=%.80s", first->key, first->then);
	case EDIT_UNTAG:
		return arena_printf(a, "untag %s", first->key);
	default:
		return kinds[e->kind].name;
	}
}

/* For the eye; what counts is the trail. */
static void tell(struct protocol *act, struct arena *a, struct state *state)
{
	const struct edit *e = (const struct edit *)act;
	bool is_one = e->n_runs == 1;
	struct err err = { 0 };

	if (journal_add(state, clock_utc_ms(), EVENT_EDIT, e->source,
			is_one ? only_name(e)
			       : arena_printf(a, "%zu runs", e->n_runs),
			is_one ? e->change.edits[0].run_id : "",
			arena_printf(a, "%s: %s", what_in_words(e, a),
				     protocol_outcome_name(act)),
			&err))
		err_clear(&err);
}

/* ---- the record -----------------------------------------------------------
 */

#define MAX_RECORD_BYTES (512u << 10)
#define MAX_KEPT_BYTES   64 /* of what stood before, in a large record */

/* Runs share their texts: which of those before is the same change? */
static size_t find_same(const struct run_edit *const *kinds_of, size_t n,
			const struct run_edit *e)
{
	size_t i = 0;

	while (i < n &&
	       (kinds_of[i]->key != e->key || kinds_of[i]->then != e->then))
		i++;
	return i;
}

static void put_previous(struct json_out *o, const char *was, bool is_short)
{
	char hex[SHA256_HEX];

	if (!is_short || !was || strlen(was) <= MAX_KEPT_BYTES) {
		jo_kstr(o, "previous", was);
		return;
	}
	digest_sha256(was, strlen(was), hex);
	jo_kstr(o, "previous_sha256", hex);
}

/* {"changes":[{"key","value"}],"edits":[{"run_id","change","previous"}]} */
static void put_record(const struct edit *e, bool is_short, struct arena *a,
		       struct buf *out)
{
	const struct run_change *c = &e->change;
	const struct run_edit **all =
		arena_alloc(a, (c->n + 1) * sizeof(struct run_edit *));
	struct json_out o = JSON_OUT(out);
	size_t n = 0, i;

	jo_object(&o);
	jo_kint(&o, "n_runs", (int64_t)e->n_runs);
	jo_name(&o, "edits");
	jo_array(&o);
	for (i = 0; i < c->n; i++) {
		size_t at = find_same(all, n, &c->edits[i]);

		if (at == n)
			all[n++] = &c->edits[i];
		jo_object(&o);
		jo_kstr(&o, "run_id", c->edits[i].run_id);
		jo_kint(&o, "change", (int64_t)at);
		put_previous(&o, c->edits[i].was, is_short);
		jo_end_object(&o);
	}
	jo_end_array(&o);
	jo_name(&o, "changes");
	jo_array(&o);
	for (i = 0; i < n; i++) {
		jo_object(&o);
		jo_kstr(&o, "key", all[i]->key);
		jo_kstr(&o, "value", all[i]->then);
		jo_end_object(&o);
	}
	jo_end_array(&o);
	jo_end_object(&o);
}

static void fill(struct protocol *act, struct arena *a, struct audit_entry *en)
{
	const struct edit *e = (const struct edit *)act;
	struct buf out = BUF_INIT(MAX_RECORD_BYTES);

	put_record(e, false, a, &out);
	if (out.is_cut) {
		buf_release(&out);
		out = (struct buf)BUF_INIT(2 * MAX_RECORD_BYTES);
		put_record(e, true, a, &out);
	}
	en->verb = kinds[e->kind].name;
	en->source = e->source;
	en->fingerprint = e->change.fingerprint;
	en->reason = e->reason;
	en->evidence = arena_strdup(a, buf_str(&out));
	buf_release(&out);
}

static const struct protocol_ops edit_protocol = {
	.done_name = "changed",
	.begin = begin,
	.fill = fill,
	.compare = compare,
	.write = write_it,
	.verify = verify,
	.tell = tell,
};

/* ---- what an intent on record was about -----------------------------------
 */

static enum edit_kind kind_named(const char *verb)
{
	enum edit_kind k = 0;

	while (k < N_EDIT_KINDS && strcmp(kinds[k].name, verb ? verb : ""))
		k++;
	return k;
}

static struct run_edit edit_in(const struct json *doc, const struct json *item,
			       enum edit_kind kind, struct arena *a)
{
	/* A digest is the value of nothing: it only says that something stood
	 * there. */
	const char *digest = json_str(json_get(item, "previous_sha256"), NULL);
	const struct json *change;
	int64_t at = -1;

	json_int64(json_get(item, "change"), &at);
	change = at < 0 ? NULL : json_at(json_get(doc, "changes"), (size_t)at);
	return (struct run_edit){
		.run_id =
			arena_strdup(a, json_str(json_get(item, "run_id"), "")),
		.field = kinds[kind].field,
		.key = arena_strdup(a, json_str(json_get(change, "key"), NULL)),
		.then = arena_strdup(a,
				     json_str(json_get(change, "value"), NULL)),
		.was = arena_strdup(
			a, json_str(json_get(item, "previous"), digest)),
	};
}

/* Does it say all that a look needs? */
static bool is_whole(const struct run_edit *e, enum edit_kind kind)
{
	return *e->run_id && (e->key || e->field != RUN_FIELD_TAG) &&
	       (e->then || kind == EDIT_UNTAG);
}

bool edit_of_record(const struct audit_entry *intent, struct arena *a,
		    struct run_change *out)
{
	enum edit_kind kind = kind_named(intent->verb);
	const char *text = intent->evidence ? intent->evidence : "";
	const struct json *item;
	struct json *doc = NULL;
	struct err err = { 0 };
	bool is_known = true;

	*out = (struct run_change){ .fingerprint = intent->fingerprint };
	if (kind == N_EDIT_KINDS || json_parse(text, strlen(text), &doc, &err))
		return false;
	item = json_get(doc, "edits");
	out->edits =
		arena_alloc(a, (json_count(item) + 1) * sizeof(*out->edits));
	for (item = json_child(item); item; item = json_next(item)) {
		out->edits[out->n] = edit_in(doc, item, kind, a);
		is_known &= is_whole(&out->edits[out->n++], kind);
	}
	json_free(doc);
	return is_known && out->n > 0;
}

const char *edit_whose(const struct run_change *c, struct arena *a)
{
	size_t n = 1, i;

	for (i = 1; i < c->n; i++)
		n += strcmp(c->edits[i].run_id, c->edits[i - 1].run_id) != 0;
	return n == 1 ? arena_printf(a, "run %.12s", c->edits[0].run_id)
		      : arena_printf(a, "%zu runs", n);
}
