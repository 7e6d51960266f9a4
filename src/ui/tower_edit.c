/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/human.h"
#include "base/mem.h"
#include "export.h"
#include "io/gate.h"
#include "page_list.h"
#include "tower.h"
#include "view/print.h"

#define MD_HEADS 2 /* lines */

/* Marks of the Runs pane, and what is done to the runs that are marked, else to
 * the one under the cursor. */

static const uint32_t *targets(const struct tower *t, size_t *n)
{
	*n = t->marks.n ? t->marks.n : t->cursor_row != RUN_NO_ROW;
	return t->marks.n ? t->marks.rows : &t->cursor_row;
}

/* ---- marks ---- */

void tower_marks_update(struct tower *t, bool is_new)
{
	size_t n;
	const uint32_t *rows = run_list_matches(t->runs, &n);

	if (!is_new && t->counted_gen == t->marks.gen)
		return;
	t->counted_gen = t->marks.gen;
	t->n_away = t->marks.n;
	for (size_t i = 0; t->n_away && i < n; i++)
		t->n_away -= marks_have(&t->marks, rows[i]);
}

struct shown tower_marks_text(const struct tower *t, struct arena *a,
			      bool is_short)
{
	char n[HUMAN_MAX], away[HUMAN_MAX];

	if (!t->marks.n)
		return SHOWN("");
	human_count(n, (int64_t)t->marks.n);
	if (!t->n_away)
		return shown_fmt(a, "%s marked", n);
	return shown_fmt(a, "%s marked, %s %s", n,
			 human_count(away, (int64_t)t->n_away),
			 is_short ? "away" : "not in this list");
}

static void mark_all(struct tower *t, struct ui *ui)
{
	char count[HUMAN_MAX];
	size_t n;
	const uint32_t *rows = run_list_matches(t->runs, &n);

	for (size_t i = 0; i < n; i++)
		marks_add(&t->marks, rows[i]);
	ui_say(ui, "%s marked; u takes all marks off",
	       human_count(count, (int64_t)t->marks.n));
}

static void mark_range(struct tower *t, struct ui *ui)
{
	size_t to = t->run_list.cursor, from;

	if (!t->marks.n) {
		ui_say(ui, "mark the first of them with Space, then the range "
			   "from the last one");
		return;
	}
	from = run_list_find(t->runs, t->marks.rows[t->marks.n - 1]);
	if (from >= run_list_count(t->runs) || to >= run_list_count(t->runs)) {
		ui_say(ui, "the run that was marked last is not in the list");
		return;
	}
	for (;; from += from < to ? 1 : -1) {
		if (run_list_is_match(t->runs, from))
			marks_add(&t->marks, run_list_row(t->runs, from));
		if (from == to)
			break;
	}
}

static void copy_ids(struct tower *t, struct ui *ui)
{
	const struct model *m = app_model(ui->app);
	struct buf text = BUF_INIT(1 << 20);
	const uint32_t *rows;
	const char *what = NULL;
	size_t n;
	char id[40];

	rows = targets(t, &n);
	for (size_t i = 0; i < n; i++)
		buf_addf(&text, "%s%s", i ? "\n" : "",
			 run_set_id(m->runs, rows[i], id));
	if (t->marks.n)
		what = shown_fmt(&ui->frame, "the id%s of %s",
				 n == 1 ? "" : "s",
				 tower_marks_text(t, &ui->frame, false).s)
			       .s;
	if (n)
		ui_copy(ui, buf_str(&text), what);
	buf_release(&text);
}

static bool add_bytes(void *to, const char *bytes, size_t len)
{
	buf_add(to, bytes, len);
	return !((struct buf *)to)->is_cut;
}

/* The whole table, or its rows without the heads. */
static void copy_list(struct ui *ui, const struct view_list *list,
		      bool with_heads)
{
	struct print_style style = { .form = PRINT_MD,
				     .look.now_ms = ui->now_utc_ms };
	struct buf text = BUF_INIT(1 << 20);
	const char *from;
	char n[HUMAN_MAX];

	view_print(list, &style, add_bytes, &text);
	from = buf_str(&text);
	for (int i = 0; i < MD_HEADS && !with_heads; i++)
		from += strcspn(from, "\n") + 1;
	if (text.is_cut)
		ui_complain(ui, "not copied: more than a terminal takes");
	else
		ui_copy(ui, from,
			shown_fmt(&ui->frame, "%s row%s",
				  human_count(n, (int64_t)list->n_rows),
				  list->n_rows == 1 ? "" : "s")
				.s);
	buf_release(&text);
}

/* The marked ones, else the one under the cursor; of a table else all. */
static void copy_rows(struct tower *t, struct ui *ui, bool is_table)
{
	struct view_ctx ctx = ui_view_ctx(ui);
	struct view_runs_ask ask = { .set = ctx.model->runs };
	struct err err = { 0 };
	struct view_list list;
	const char **picks;

	picks = run_table_picks(&t->table, &ask.n_picks);
	ask.picks = picks;
	if (t->metric)
		ask.metric = intern_str(ctx.model->strings, t->metric);
	ask.rows = targets(t, &ask.n_rows);
	if (is_table && !t->marks.n)
		ask.rows = run_list_matches(t->runs, &ask.n_rows);
	if (!ask.n_rows) {
		ui_say(ui, "no run is under the cursor");
	} else if (view_runs(&list, &ctx, &ask, &err)) {
		ui_complain(ui, "copy: %s", err.msg);
	} else {
		copy_list(ui, &list, is_table);
		view_list_release(&list);
	}
	free(picks);
}

/* Of the runs those that are marked, else all that match; as groups while
 * groups are shown. */
static void export_list(struct tower *t, struct ui *ui, const char *path,
			bool may_replace)
{
	struct export_ask ask = { .path = path,
				  .may_replace = may_replace,
				  .is_tree = run_list_is_tree(t->runs),
				  .group_by = "",
				  .group_sort = tower_groups_sort(t) };
	const char **picks;

	if (!tower_runs_are_settled(t, ui)) {
		ui_complain(ui, "export: the list is not complete yet");
		return;
	}
	picks = run_table_picks(&t->table, &ask.n_picks);
	ask.picks = picks;
	ask.rows = run_list_matches(t->runs, &ask.n_rows);
	if (t->metric)
		ask.metric = intern_str(app_model(ui->app)->strings, t->metric);
	if (tower_groups_are_shown(t))
		ask.group_by = tower_groups_by(t);
	if (t->marks.n) {
		ask.rows = t->marks.rows;
		ask.n_rows = t->marks.n;
		ask.is_tree = false;
	}
	export_runs(ui, &ask);
	free(picks);
}

/* ---- changes ---- */

/* One change is one transaction of one store. */
static bool can_edit(struct ui *ui, const uint32_t *rows, size_t n)
{
	const struct run_set *set = app_model(ui->app)->runs;

	if (!n) {
		ui_say(ui, "no run is under the cursor");
		return false;
	}
	for (size_t i = 1; i < n; i++) {
		if (run_set_head(set, rows[i])->source ==
		    run_set_head(set, rows[0])->source)
			continue;
		ui_complain(ui, "the marked runs are of two sources: change "
				"those of one at a time");
		return false;
	}
	return true;
}

static void edit(struct tower *t, struct ui *ui, enum edit_kind kind,
		 const struct name_value *tag, const char *text)
{
	size_t n;
	const uint32_t *rows = targets(t, &n);

	if (can_edit(ui, rows, n))
		ui_push(ui, page_edit_new(ui, kind, tag, text, rows, n,
					  t->marks.n ? t->n_away : 0));
}

/* Nobody types what cannot be written. */
static bool can_write(struct ui *ui, uint32_t row)
{
	const struct run_set *set = app_model(ui->app)->runs;
	uint16_t source = run_set_head(set, row)->source;
	struct err err = { 0 };

	if (gate_permit(app_source_conf(ui->app, source)->name, &err))
		return true;
	ui_complain(ui, "%s", err.msg);
	return false;
}

/* Asks for what is to be written; the name that a run has can be changed. */
static void ask(struct tower *t, struct ui *ui, enum command_id cmd)
{
	const struct run_set *set = app_model(ui->app)->runs;
	size_t n;
	const uint32_t *rows = targets(t, &n);
	struct shown marks =
		tower_marks_text(t, &ui->frame, ui->surface->w < 60);
	char label[sizeof(ui->prompt_label)];

	if (!can_edit(ui, rows, n) || !can_write(ui, rows[0]))
		return;
	snprintf(label, sizeof(label), "%s%s%s%s", ui_commands[cmd].name,
		 marks.len ? " " : "", marks.s,
		 cmd == CMD_TAG ? " KEY=VALUE:" : "");
	ui_ask_about(ui, cmd, label,
		     cmd == CMD_RENAME && n == 1 ? run_set_name(set, rows[0])
						 : "");
}

/* "KEY=VALUE" sets the tag, "KEY" takes it off. */
static void tag_runs(struct tower *t, struct ui *ui, const char *text)
{
	size_t len = strcspn(text, "=");
	bool has_value = text[len] == '=';
	const char *value = has_value ? text + len + 1 : NULL;
	struct name_value tag = { .value = value };
	char *key;

	while (len && text[len - 1] == ' ')
		len--;
	key = xstrndup(text, len);
	tag.name = key;
	edit(t, ui, has_value ? EDIT_TAG : EDIT_UNTAG, &tag, NULL);
	free(key);
}

/* Deleted runs are not in the list: those that are marked, else the one under
 * the cursor where the bin is shown, else what was deleted from here. */
static void restore_runs(struct tower *t, struct ui *ui)
{
	if (t->marks.n || run_list_is_deleted(t->runs))
		edit(t, ui, EDIT_RESTORE, NULL, NULL);
	else if (t->deleted.n)
		ui_push(ui, page_edit_new(ui, EDIT_RESTORE, NULL, NULL,
					  t->deleted.rows, t->deleted.n, 0));
	else
		ui_say(ui, "no run was deleted from here; :deleted shows those "
			   "in the bin");
}

/* Marks are for one change: those of the next are set anew. */
void page_tower_edited(struct ui *ui, enum edit_kind kind, const uint32_t *rows,
		       size_t n)
{
	struct page *p = ui->top;
	struct tower *t;

	while (p->below)
		p = p->below;
	t = (struct tower *)p;
	marks_drop(&t->marks, rows, n);
	if (kind == EDIT_DELETE)
		marks_clear(&t->deleted);
	for (size_t i = 0; i < n && kind == EDIT_DELETE; i++)
		marks_add(&t->deleted, rows[i]);
	if (kind == EDIT_RESTORE)
		marks_drop(&t->deleted, rows, n);
}

bool tower_edit_command(struct tower *t, struct ui *ui, enum command_id cmd,
			const char *arg)
{
	switch (cmd) {
	case CMD_MARK_ALL:
		mark_all(t, ui);
		return true;
	case CMD_MARK_RANGE:
		mark_range(t, ui);
		return true;
	case CMD_UNMARK_ALL:
		marks_clear(&t->marks);
		return true;
	case CMD_COPY:
		if (!arg || !strcmp(arg, "id"))
			copy_ids(t, ui);
		else
			copy_rows(t, ui, !strcmp(arg, "table"));
		return true;
	case CMD_EXPORT:
	case CMD_EXPORT_OVER:
		export_list(t, ui, arg ? arg : "", cmd == CMD_EXPORT_OVER);
		return true;
	case CMD_RENAME:
	case CMD_TAG:
	case CMD_NOTE:
		if (!arg)
			ask(t, ui, cmd);
		else if (cmd == CMD_TAG)
			tag_runs(t, ui, arg);
		else
			edit(t, ui, cmd == CMD_RENAME ? EDIT_RENAME : EDIT_NOTE,
			     NULL, arg);
		return true;
	case CMD_DELETE:
		edit(t, ui, EDIT_DELETE, NULL, NULL);
		return true;
	case CMD_RESTORE:
		restore_runs(t, ui);
		return true;
	default:
		return false;
	}
}
