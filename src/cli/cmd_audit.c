/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "base/buf.h"
#include "cli_parts.h"
#include "format/json.h"
#include "promote/edit.h"
#include "store/audit.h"
#include "store/state.h"

enum { MAX_VALUE = 40, MAX_CHANGES = 12 };

enum {
	A_SEQ,
	A_ID,
	A_KIND,
	A_TIME,
	A_VERIFIED,
	A_ACTOR,
	A_IDENTITY,
	A_HOST,
	A_VERB,
	A_WHAT,
	A_CAME,
	A_SOURCE,
	A_MODEL,
	A_VERSION,
	A_ALIAS,
	A_STAGE,
	A_PREVIOUS,
	A_OUTCOME,
	A_REASON,
	A_TICKET,
	A_WAIVERS,
	A_WAIVED,
	A_POLICY,
	A_MESSAGE,
	A_GATES,
	A_CHANGE,
	A_FINGERPRINT,
	A_PREV,
	A_HASH,
	N_A
};

/* clang-format off */
static const struct view_column columns[N_A] = {
	[A_SEQ] = { "seq", "SEQ", true, 3, VIEW_TABLE | VIEW_DATA | VIEW_NAME },
	[A_ID] = { "id", "ID", false, 16, VIEW_WIDE | VIEW_DATA },
	[A_KIND] = { "kind", "KIND", false, 6, VIEW_DATA },
	[A_TIME] = { "time_ms", "TIME", false, 19, VIEW_TABLE | VIEW_DATA },
	[A_VERIFIED] = { "verified_ms", "VERIFIED", false, 19, VIEW_DATA },
	[A_ACTOR] = { "actor", "ACTOR", false, 4, VIEW_TABLE | VIEW_DATA },
	[A_IDENTITY] = { "identity", "IDENTITY", false, 8, VIEW_DATA },
	[A_HOST] = { "host", "HOST", false, 4, VIEW_WIDE | VIEW_DATA },
	[A_VERB] = { "verb", "VERB", false, 7, VIEW_TABLE | VIEW_DATA },
	[A_SOURCE] = { "source", "SOURCE", false, 4, VIEW_WIDE | VIEW_DATA },
	[A_MODEL] = { "model", "MODEL", false, 8, VIEW_DATA },
	[A_VERSION] = { "version", "VERSION", true, 3, VIEW_DATA },
	[A_ALIAS] = { "alias", "ALIAS", false, 6, VIEW_DATA },
	[A_STAGE] = { "stage", "STAGE", false, 6, VIEW_DATA },
	[A_PREVIOUS] = { "previous_version", "BEFORE", true, 3, VIEW_DATA },
	[A_OUTCOME] = { "outcome", "OUTCOME", false, 8, VIEW_DATA },
	[A_REASON] = { "reason", "REASON", false, 6, VIEW_TABLE | VIEW_DATA },
	[A_TICKET] = { "ticket", "TICKET", false, 6, VIEW_WIDE | VIEW_DATA },
	[A_WAIVERS] = { "waivers", "WAIVERS", false, 6, VIEW_DATA },
	[A_POLICY] = { "policy_digest", "POLICY", false, 8, VIEW_DATA },
	[A_MESSAGE] = { "message", "WHY", false, 8, VIEW_WIDE | VIEW_DATA },
	[A_GATES] = { "gates", "GATES", false, 8, VIEW_DATA },
	[A_CHANGE] = { "change", "CHANGE", false, 8, VIEW_DATA },
	[A_WHAT] = { "what", "WHAT", false, 24, VIEW_TABLE },
	[A_CAME] = { "came", "OUTCOME", false, 9, VIEW_TABLE },
	[A_WAIVED] = { "waived", "WAIVED", false, 8, 0 },
	[A_FINGERPRINT] = { "fingerprint", "REGISTRY", false, 8, VIEW_DATA },
	[A_PREV] = { "prev", "PREV", false, 8, VIEW_DATA },
	[A_HASH] = { "hash", "HASH", false, 8, VIEW_DATA },
};
/* clang-format on */

static struct cell map_cell(struct arena *a, const struct cell_item *items,
			    size_t n)
{
	struct cell_item *own = arena_alloc(a, n * sizeof(*own));

	memcpy(own, items, n * sizeof(*own));
	return (struct cell){ .kind = CELL_MAP, .items = own, .n_items = n };
}

static struct cell identity_cell(const struct audit_entry *e, struct arena *a)
{
	const struct cell_item items[] = {
		{ "uid", cell_int(e->uid) },
		{ "login", cell_text(e->login) },
		{ "ssh_from", cell_text(e->ssh_from) },
		{ "claims", cell_text(e->claims) },
		{ "tool", cell_text(e->tool) },
	};

	return map_cell(a, items, ARRAY_LEN(items));
}

static struct cell waivers_cell(const struct audit_entry *e, struct arena *a)
{
	struct cell_item *all =
		arena_alloc(a, (e->n_waivers + 1) * sizeof(*all));

	for (size_t i = 0; i < e->n_waivers; i++) {
		const struct cell_item items[] = {
			{ "gate", cell_text(e->waivers[i].gate) },
			{ "reason", cell_text(e->waivers[i].reason) },
		};

		all[i].name = NULL;
		all[i].value = map_cell(a, items, ARRAY_LEN(items));
	}
	return (struct cell){ .kind = CELL_LIST,
			      .items = all,
			      .n_items = e->n_waivers };
}

static struct cell json_cell(const struct json *v, struct arena *a)
{
	struct cell c = { .kind = json_is_object(v) ? CELL_MAP : CELL_LIST };
	struct cell_item *items;
	double number;

	if (json_is_bool(v))
		return cell_bool(json_bool(v, false));
	if (json_is_number(v) && json_double(v, &number))
		return cell_number(number, 4);
	if (!json_is_object(v) && !json_is_array(v))
		return cell_text(arena_strdup(a, json_str(v, NULL)));
	items = arena_alloc(a, (json_count(v) + 1) * sizeof(*items));
	for (v = json_child(v); v; v = json_next(v))
		items[c.n_items++] =
			(struct cell_item){ arena_strdup(a, json_name(v)),
					    json_cell(v, a) };
	c.items = items;
	return c;
}

/* What each gate said, or what was changed of which runs, as it stands on
 * record. */
static struct cell evidence_cell(const struct audit_entry *e, struct arena *a)
{
	const char *text = e->evidence ? e->evidence : "";
	struct err err = { 0 };
	struct json *doc = NULL;
	struct cell c = { 0 };

	if (*text && !json_parse(text, strlen(text), &doc, &err))
		c = json_cell(doc, a);
	json_free(doc);
	return c;
}

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

/* What an entry tells: an intent is shown only while nothing came of it. */
static const char *came_of(const struct audit_entry *e)
{
	if (same(e->kind, "served"))
		return "served";
	if (!e->outcome)
		return "open";
	if (same(e->outcome, "promoted") && same(e->verb, "rollback"))
		return "rolled back";
	return e->outcome;
}

static struct cell came_cell(const struct audit_entry *e)
{
	static const char *const good[] = { "promoted", "rolled back",
					    "changed", "served" };
	const char *came = came_of(e);
	struct cell c = cell_text(came);

	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		if (!strcmp(came, good[i]))
			return cell_marked(cell_as(c, ROLE_OK), MARK_FINISHED);
	if (!strcmp(came, "unknown") || !strcmp(came, "open"))
		return cell_marked(cell_as(c, ROLE_ALARM), MARK_UNKNOWN);
	return cell_marked(cell_as(c, ROLE_WARN), MARK_FAILED);
}

static bool is_first(const struct run_change *c, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (same(c->edits[k].key, c->edits[i].key) &&
		    same(c->edits[k].then, c->edits[i].then))
			return false;
	return true;
}

/* A long value, as of a note, by its beginning. */
static void add_value(struct buf *out, const char *value)
{
	size_t n = strlen(value);

	if (n > MAX_VALUE)
		for (n = MAX_VALUE; n && (value[n] & 0xc0) == 0x80;)
			n--;
	buf_add(out, value, n);
	if (value[n])
		buf_adds(out, "…");
}

/* "508 runs: stage=prod, owner=jk" */
static void add_edits(const struct run_change *c, struct arena *a,
		      struct buf *out)
{
	size_t n = 0;

	buf_adds(out, edit_whose(c, a));
	for (size_t i = 0; i < c->n && n <= MAX_CHANGES; i++) {
		const struct run_edit *e = &c->edits[i];

		if (e->field == RUN_FIELD_LIFECYCLE || !is_first(c, i))
			continue;
		buf_adds(out, n++ ? ", " : ": ");
		if (n > MAX_CHANGES) {
			buf_adds(out, "…");
			break;
		}
		if (e->key)
			buf_addf(out, "%s%s", e->key, e->then ? "=" : "");
		if (e->then)
			add_value(out, e->then);
	}
}

/* "fraud-detector @champion v4 → v5" */
static void add_move(const struct audit_entry *e, struct buf *out)
{
	const char *old = e->previous_version ? e->previous_version : "";

	buf_addf(out, "%s %s%s %s%s → v%s", e->model, e->alias ? "@" : "",
		 e->alias   ? e->alias
		 : e->stage ? e->stage
			    : "",
		 *old ? "v" : "nobody", old, e->version ? e->version : "?");
}

static struct cell what_cell(const struct audit_entry *e, struct arena *a)
{
	struct buf out = BUF_INIT(4096);
	struct run_change c;
	struct cell cell;

	if (e->model)
		add_move(e, &out);
	else if (edit_of_record(e, a, &c))
		add_edits(&c, a, &out);
	cell = cell_text_or_none(arena_strdup(a, buf_str(&out)));
	buf_release(&out);
	return cell;
}

/* "auc: the data is late" */
static struct cell waived_cell(const struct audit_entry *e, struct arena *a)
{
	struct buf out = BUF_INIT(4096);
	struct cell cell;

	for (size_t i = 0; i < e->n_waivers; i++)
		buf_addf(&out, "%s%s: %s", i ? ", " : "", e->waivers[i].gate,
			 e->waivers[i].reason);
	cell = cell_text_or_none(arena_strdup(a, buf_str(&out)));
	buf_release(&out);
	return cell;
}

static void row(const struct view_list *list, size_t i, struct arena *a,
		struct cell *cells)
{
	const struct audit_entry *e = (const struct audit_entry *)list->of + i;
	bool is_edit = !e->model;

	cells[A_SEQ] = cell_int(e->seq);
	cells[A_ID] = cell_text(e->id);
	cells[A_KIND] = cell_text(e->kind);
	cells[A_TIME] = cell_time(e->time_ms);
	cells[A_VERIFIED] = cell_time(e->verified_ms);
	cells[A_ACTOR] = cell_text(e->actor);
	cells[A_IDENTITY] = identity_cell(e, a);
	cells[A_HOST] = cell_text(e->host);
	cells[A_VERB] = cell_text(e->verb);
	cells[A_SOURCE] = cell_text(e->source);
	cells[A_MODEL] = cell_text(e->model);
	cells[A_VERSION] = cell_text(e->version);
	cells[A_ALIAS] = cell_text(e->alias);
	cells[A_STAGE] = cell_text(e->stage);
	cells[A_PREVIOUS] = cell_text_or_none(e->previous_version);
	cells[A_OUTCOME] = cell_text(e->outcome);
	cells[A_REASON] = cell_text_or_none(e->reason);
	cells[A_TICKET] = cell_text_or_none(e->ticket);
	cells[A_WAIVERS] = waivers_cell(e, a);
	cells[A_POLICY] = cell_text(e->policy_digest);
	cells[A_MESSAGE] = cell_text(e->message);
	cells[A_GATES] = is_edit ? (struct cell){ 0 } : evidence_cell(e, a);
	cells[A_CHANGE] = is_edit ? evidence_cell(e, a) : (struct cell){ 0 };
	cells[A_CAME] = came_cell(e);
	cells[A_WAIVED] = waived_cell(e, a);
	if (list->columns[A_WHAT].flags)
		cells[A_WHAT] = what_cell(e, a);
	cells[A_FINGERPRINT] = cell_text(e->fingerprint);
	cells[A_PREV] = cell_text(e->prev);
	cells[A_HASH] = cell_text(e->hash);
}

/* "MODEL" or "SOURCE:MODEL"; the trail knows models that no source has now. */
static bool is_about(const struct audit_entry *e, const char *text)
{
	size_t len = e->source ? strlen(e->source) : 0;

	if (!e->model)
		return false;
	return !strcmp(e->model, text) ||
	       (len && !strncmp(text, e->source, len) && text[len] == ':' &&
		!strcmp(text + len + 1, e->model));
}

/* Of the model and the sources that were named. */
static size_t keep_wanted(const struct cli *cli, struct audit_entry *all,
			  size_t n)
{
	size_t n_left = 0;

	for (size_t i = 0; i < n; i++)
		if ((!cli->args.n || is_about(&all[i], cli->args.v[0])) &&
		    cli_wants_source(cli, all[i].source))
			all[n_left++] = all[i];
	return n_left;
}

/* For people an intent is worth a line only while it has no outcome. */
static size_t leave_out_done(struct audit_entry *all, size_t n,
			     const struct audit_entry *open, size_t n_open)
{
	size_t n_left = 0;

	for (size_t i = 0; i < n; i++) {
		bool is_wanted = strcmp(all[i].kind, "intent") != 0;

		for (size_t j = 0; j < n_open && !is_wanted; j++)
			is_wanted = all[i].seq == open[j].seq;
		if (is_wanted)
			all[n_left++] = all[i];
	}
	return n_left;
}

/* Why nothing was written, and what was waived, where there is any. */
static const struct view_column *choose_columns(const struct audit_entry *all,
						size_t n, bool is_for_people,
						struct arena *a)
{
	struct view_column *own = arena_alloc(a, sizeof(columns));

	memcpy(own, columns, sizeof(columns));
	if (!is_for_people) /* it costs a look into each change */
		own[A_WHAT].flags = 0;
	for (size_t i = 0; i < n; i++) {
		if (all[i].message && *all[i].message)
			own[A_MESSAGE].flags |= VIEW_TABLE;
		if (all[i].n_waivers)
			own[A_WAIVED].flags |= VIEW_TABLE;
	}
	return own;
}

static int print_trail(struct cli *cli, struct state *state)
{
	bool is_for_people = print_form_is_for_people(cli->style.form);
	struct view_list list = { .ctx = cli_ctx(cli),
				  .n_columns = N_A,
				  .row = row };
	struct audit_entry *all, *open;
	size_t n, n_open;
	struct err err = { 0 };

	if (audit_list(state, NULL, 0, &list.arena, &all, &n, &err) ||
	    audit_open_intents(state, &list.arena, &open, &n_open, &err)) {
		view_list_release(&list);
		return cli_fail(&err);
	}
	n = keep_wanted(cli, all, n);
	list.columns = choose_columns(all, n, is_for_people, &list.arena);
	list.of = all;
	list.n_rows = is_for_people ? leave_out_done(all, n, open, n_open) : n;
	return cli_print(cli, &list);
}

/* clang-format off */
static const struct view_column check_columns[] = {
	{ "whole", "WHOLE", false, 5, VIEW_TABLE | VIEW_DATA | VIEW_NAME },
	{ "n_entries", "ENTRIES", true, 7, VIEW_TABLE | VIEW_DATA },
	{ "bad_seq", "BREAKS AT", true, 9, VIEW_WIDE | VIEW_DATA },
	{ "why", "WHY", false, 8, VIEW_WIDE | VIEW_DATA },
	{ "head", "HEAD", false, 64, VIEW_TABLE | VIEW_DATA },
};
/* clang-format on */

static void check_row(const struct view_list *list, size_t i, struct arena *a,
		      struct cell *cells)
{
	const struct audit_check *c = list->of;

	(void)i;
	(void)a;
	cells[0] = cell_bool(c->is_whole);
	cells[1] = cell_int(c->n_entries);
	cells[2] = c->is_whole ? (struct cell){ 0 } : cell_int(c->bad_seq);
	cells[3] = cell_text_or_none(c->why);
	cells[4] = cell_text(c->head);
}

static int verify(struct cli *cli, struct state *state)
{
	struct audit_check check;
	struct err err = { 0 };
	struct view_list list = { .ctx = cli_ctx(cli),
				  .columns = check_columns,
				  .n_columns = ARRAY_LEN(check_columns),
				  .n_rows = 1,
				  .is_single = true,
				  .row = check_row,
				  .of = &check };
	int status;

	if (audit_verify(state, &check, &err))
		return cli_fail(&err);
	status = cli_print(cli, &list);
	if (status || check.is_whole)
		return status;
	cli_say("audit trail: %s", check.why);
	return EXIT_NO;
}

int cmd_audit(struct cli *cli)
{
	struct state *state = NULL;
	int status = cli_open_state_to_read(cli, &state);

	if (status)
		return status;
	status = cli_has(cli, OPT_VERIFY) ? verify(cli, state)
					  : print_trail(cli, state);
	state_close(state);
	return status;
}
