/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "store/audit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "format/json.h"

#define MAX_ENTRY_BYTES (1u << 20)
/* What an outcome says beyond its intent, which is only taken where that has
 * room too: who settles it, why, and when it was read back. */
#define OUTCOME_BYTES (1u << 16)

static const char no_hash[SHA256_HEX] = "00000000000000000000000000000000"
					"00000000000000000000000000000000";

/* ---- an entry as text: members in the order of RFC 8785 ---- */

static void put(struct json_out *o, const char *name, const char *value)
{
	jo_kstr(o, name, value);
}

static void put_identity(struct json_out *o, const struct audit_entry *e)
{
	jo_name(o, "identity");
	jo_object(o);
	put(o, "claims", e->claims);
	put(o, "login", e->login);
	put(o, "ssh_from", e->ssh_from);
	put(o, "tool", e->tool);
	jo_kint(o, "uid", e->uid);
	jo_end_object(o);
}

static void put_waivers(struct json_out *o, const struct audit_entry *e)
{
	jo_name(o, "waivers");
	jo_array(o);
	for (size_t i = 0; i < e->n_waivers; i++) {
		jo_object(o);
		put(o, "gate", e->waivers[i].gate);
		put(o, "reason", e->waivers[i].reason);
		jo_end_object(o);
	}
	jo_end_array(o);
}

static void entry_text(const struct audit_entry *e, struct buf *out)
{
	struct json_out o = JSON_OUT(out);

	o.is_canonical = true;
	jo_object(&o);
	put(&o, "actor", e->actor);
	put(&o, "alias", e->alias);
	put(&o, "evidence", e->evidence);
	put(&o, "fingerprint", e->fingerprint);
	put(&o, "host", e->host);
	put(&o, "id", e->id);
	put_identity(&o, e);
	put(&o, "kind", e->kind);
	put(&o, "message", e->message);
	put(&o, "model", e->model);
	put(&o, "outcome", e->outcome);
	put(&o, "policy_digest", e->policy_digest);
	put(&o, "prev", e->prev);
	put(&o, "previous_version", e->previous_version);
	put(&o, "reason", e->reason);
	jo_kint(&o, "seq", e->seq);
	put(&o, "source", e->source);
	put(&o, "stage", e->stage);
	put(&o, "ticket", e->ticket);
	jo_kint(&o, "time_ms", e->time_ms);
	put(&o, "verb", e->verb);
	/* An entry that was made zeroed has none. */
	jo_ktime(&o, "verified_ms",
		 e->verified_ms ? e->verified_ms : TIME_NONE);
	put(&o, "version", e->version);
	put_waivers(&o, e);
	jo_end_object(&o);
}

static void chain(const char *prev, const char *text, size_t len,
		  char out[SHA256_HEX])
{
	const struct digest_piece pieces[] = { { prev, strlen(prev) },
					       { "\n", 1 },
					       { text, len } };

	digest_sha256v(pieces, ARRAY_LEN(pieces), out);
}

static const char *take(const struct json *obj, const char *name,
			struct arena *a)
{
	return arena_strdup(a, json_str(json_get(obj, name), NULL));
}

static void take_waivers(const struct json *list, struct arena *a,
			 struct audit_entry *e)
{
	size_t n = json_count(list);
	struct audit_waiver *all = arena_alloc(a, (n + 1) * sizeof(*all));

	for (size_t i = 0; i < n; i++) {
		const struct json *w = json_at(list, i);

		all[i].gate = take(w, "gate", a);
		all[i].reason = take(w, "reason", a);
	}
	e->waivers = all;
	e->n_waivers = n;
}

static void take_entry(const struct json *doc, struct arena *a,
		       struct audit_entry *e)
{
	const struct json *who = json_get(doc, "identity");

	memset(e, 0, sizeof(*e));
	json_int64(json_get(doc, "seq"), &e->seq);
	json_int64(json_get(doc, "time_ms"), &e->time_ms);
	json_int64(json_get(who, "uid"), &e->uid);
	e->id = take(doc, "id", a);
	e->kind = take(doc, "kind", a);
	e->actor = take(doc, "actor", a);
	e->host = take(doc, "host", a);
	e->login = take(who, "login", a);
	e->ssh_from = take(who, "ssh_from", a);
	e->claims = take(who, "claims", a);
	e->tool = take(who, "tool", a);
	e->verb = take(doc, "verb", a);
	if (!json_int64(json_get(doc, "verified_ms"), &e->verified_ms))
		e->verified_ms = TIME_NONE;
	e->source = take(doc, "source", a);
	e->model = take(doc, "model", a);
	e->version = take(doc, "version", a);
	e->alias = take(doc, "alias", a);
	e->stage = take(doc, "stage", a);
	e->previous_version = take(doc, "previous_version", a);
	e->fingerprint = take(doc, "fingerprint", a);
	e->reason = take(doc, "reason", a);
	e->ticket = take(doc, "ticket", a);
	e->policy_digest = take(doc, "policy_digest", a);
	e->evidence = take(doc, "evidence", a);
	e->outcome = take(doc, "outcome", a);
	e->message = take(doc, "message", a);
	e->prev = take(doc, "prev", a);
	take_waivers(json_get(doc, "waivers"), a, e);
}

/* ---- reading ---- */

static enum err_code read_entry(struct db_stmt *st, struct arena *a,
				struct audit_entry *e, struct err *err)
{
	struct json *doc = NULL;
	const char *text = db_text(st, 0);

	if (json_parse(text ? text : "", db_bytes(st, 0), &doc, err)) {
		err_prefix(err, "audit trail");
		return err->code;
	}
	take_entry(doc, a, e);
	e->hash = arena_strdup(a, db_text(st, 1));
	json_free(doc);
	return ERR_OK;
}

static enum err_code read_entries(struct db_stmt *st, size_t max,
				  struct arena *a, struct audit_entry **out,
				  size_t *n, struct err *err)
{
	struct audit_entry *all = NULL;
	size_t cap = 0;
	bool has_row;

	*n = 0;
	while (!db_step(st, &has_row, err) && has_row) {
		if (max && *n == max)
			break;
		all = xgrow(all, &cap, *n + 1, sizeof(*all));
		if (read_entry(st, a, &all[*n], err))
			break;
		(*n)++;
	}
	db_reset(st);
	*out = arena_alloc(a, (*n + 1) * sizeof(*all));
	if (*n)
		memcpy(*out, all, *n * sizeof(*all));
	free(all);
	return err->code;
}

enum err_code audit_list(struct state *s, const char *model, size_t max,
			 struct arena *a, struct audit_entry **out, size_t *n,
			 struct err *err)
{
	struct db_stmt *st;

	*n = 0;
	if (db_prepare(state_db(s),
		       "SELECT entry, hash FROM audit "
		       "WHERE ?1 IS NULL OR entry ->> '$.model' = ?1 "
		       "ORDER BY seq DESC",
		       &st, err))
		return err->code;
	db_bind_text(st, 1, model);
	return read_entries(st, max, a, out, n, err);
}

enum err_code audit_open_intents(struct state *s, struct arena *a,
				 struct audit_entry **out, size_t *n,
				 struct err *err)
{
	struct db_stmt *st;

	*n = 0;
	if (db_prepare(state_db(s),
		       "SELECT entry, hash FROM audit i "
		       "WHERE kind = 'intent' AND NOT EXISTS "
		       "(SELECT 1 FROM audit o WHERE o.promotion = i.promotion "
		       " AND o.kind = 'outcome') ORDER BY seq",
		       &st, err))
		return err->code;
	return read_entries(st, 0, a, out, n, err);
}

static enum err_code read_head(struct db *db, int64_t *seq,
			       char out[SHA256_HEX], struct err *err)
{
	struct db_stmt *st;
	bool has_row = false;

	memcpy(out, no_hash, SHA256_HEX);
	*seq = 0;
	if (db_prepare(db,
		       "SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1",
		       &st, err) ||
	    db_step(st, &has_row, err))
		return err->code;
	if (has_row) {
		*seq = db_int(st, 0);
		snprintf(out, SHA256_HEX, "%s", db_text(st, 1));
	}
	db_reset(st);
	return ERR_OK;
}

enum err_code audit_head(struct state *s, char out[SHA256_HEX], struct err *err)
{
	int64_t seq;

	return read_head(state_db(s), &seq, out, err);
}

/* ---- writing ---- */

static enum err_code insert(struct db *db, const struct audit_entry *e,
			    const struct buf *text, struct err *err)
{
	struct db_stmt *st;

	if (db_prepare(db,
		       "INSERT INTO audit(seq, promotion, kind, entry, prev, "
		       "hash) VALUES (?, ?, ?, ?, ?, ?)",
		       &st, err))
		return err->code;
	db_bind_int(st, 1, e->seq);
	db_bind_text(st, 2, e->id);
	db_bind_text(st, 3, e->kind);
	db_bind_textn(st, 4, buf_str(text), text->len);
	db_bind_text(st, 5, e->prev);
	db_bind_text(st, 6, e->hash);
	return db_run(st, err);
}

enum err_code audit_append(struct state *s, struct arena *a,
			   struct audit_entry *e, struct err *err)
{
	struct db *db = state_db(s);
	bool is_intent = !strcmp(e->kind, "intent");
	size_t room = MAX_ENTRY_BYTES - (is_intent ? OUTCOME_BYTES : 0);
	struct buf text = BUF_INIT(room);
	char prev[SHA256_HEX], hash[SHA256_HEX];

	if (db_begin_immediate(db, err) || read_head(db, &e->seq, prev, err))
		goto out;
	e->seq++;
	e->prev = arena_strdup(a, prev);
	entry_text(e, &text);
	if (text.is_cut) {
		err_set(err, ERR_LIMIT, "an entry of more than 1 MB");
		goto out;
	}
	chain(prev, buf_str(&text), text.len, hash);
	e->hash = arena_strdup(a, hash);
	if (insert(db, e, &text, err) || db_commit(db, err))
		goto out;
out:
	if (err->code) {
		db_rollback(db);
		err_prefix(err, "audit trail");
	}
	buf_release(&text);
	return err->code;
}

/* ---- checking ---- */

static bool break_at(struct audit_check *c, int64_t seq, const char *what)
{
	c->is_whole = false;
	c->bad_seq = seq;
	snprintf(c->why, sizeof(c->why), "entry %lld %s", (long long)seq, what);
	return false;
}

/* seq, entry, prev, hash of one row against what came before it. */
static bool check_row(struct db_stmt *st, struct audit_check *c)
{
	int64_t seq = db_int(st, 0), inside = 0;
	const char *text = db_text(st, 1), *prev = db_text(st, 2);
	char hash[SHA256_HEX];
	struct json *doc = NULL;
	struct err err = { 0 };

	if (seq != c->n_entries + 1)
		return break_at(c, c->n_entries + 1, "is missing");
	if (!text || !prev || strcmp(prev, c->head))
		return break_at(c, seq, "does not follow the one before it");
	chain(c->head, text, db_bytes(st, 1), hash);
	if (!db_text(st, 3) || strcmp(hash, db_text(st, 3)))
		return break_at(c, seq, "was changed");
	if (!json_parse(text, db_bytes(st, 1), &doc, &err))
		json_int64(json_get(doc, "seq"), &inside);
	json_free(doc);
	if (inside != seq)
		return break_at(c, seq, "says another number of itself");
	memcpy(c->head, hash, SHA256_HEX);
	c->n_entries++;
	return true;
}

static enum err_code check_rows(struct db *db, struct audit_check *out,
				struct err *err)
{
	struct db_stmt *st;
	bool has_row;

	if (db_prepare(db,
		       "SELECT seq, entry, prev, hash FROM audit ORDER BY seq",
		       &st, err))
		return err->code;
	while (!db_step(st, &has_row, err) && has_row)
		if (!check_row(st, out))
			break;
	db_reset(st);
	return err->code;
}

/* Nothing follows the last entry that would miss it, but its number does. */
static enum err_code check_end(struct db *db, struct audit_check *out,
			       struct err *err)
{
	struct db_stmt *st;
	bool has_row;

	if (db_prepare(db,
		       "SELECT seq FROM sqlite_sequence WHERE name = 'audit'",
		       &st, err) ||
	    db_step(st, &has_row, err))
		return err->code;
	if (has_row && db_int(st, 0) > out->n_entries)
		break_at(out, out->n_entries + 1, "is missing");
	else if (!has_row && out->n_entries)
		break_at(out, out->n_entries, "has a number never given");
	db_reset(st);
	return err->code;
}

enum err_code audit_verify(struct state *s, struct audit_check *out,
			   struct err *err)
{
	struct db *db = state_db(s);

	memset(out, 0, sizeof(*out));
	out->is_whole = true;
	memcpy(out->head, no_hash, SHA256_HEX);
	/* One moment: somebody may append meanwhile. */
	if (db_begin_read(db, err))
		return err->code;
	if (!check_rows(db, out, err) && out->is_whole)
		check_end(db, out, err);
	db_rollback(db);
	return err->code;
}
