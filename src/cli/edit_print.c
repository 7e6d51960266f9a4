/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "edit_print.h"

#include <stdio.h>

#include "act.h"
#include "cli_parts.h"
#include "promote_print.h"

#define MAX_SHOWN 12

/* ---- the plan ------------------------------------------------------------ */

static void add_row(const struct edit_row *r, struct lines *out)
{
	lines_cell(out, r->name, 24);
	lines_cell(out, r->edit.key, 16);
	lines_cell(out, r->edit.was ? r->edit.was : "–", 20);
	lines_cell(out, r->edit.then ? r->edit.then : "–", 20);
	lines_cell(out, r->is_already ? "is so already" : "", 0);
	lines_end(out);
}

void edit_print_plan(const struct edit *e, const struct run_ops *ops,
		     const struct source_conf *conf)
{
	struct lines out = { .text = BUF_INIT(1 << 17) };
	struct buf sent = BUF_INIT(1 << 16);
	size_t i;

	lines_cell(&out, conf->name, 0);
	lines_cell(&out, e->title, 0);
	lines_end(&out);
	lines_cell(&out, "RUN", 24);
	lines_cell(&out, e->rows[0].edit.key ? "KEY" : "", 16);
	lines_cell(&out, "NOW", 20);
	lines_cell(&out, "THEN", 20);
	lines_end(&out);
	for (i = 0; i < e->n_rows && i < MAX_SHOWN; i++)
		add_row(&e->rows[i], &out);
	if (i < e->n_rows)
		buf_addf(&out.text, "and %zu more\n", e->n_rows - i);
	edit_describe(e, ops, conf, &sent);
	lines_sent(&out, buf_str(&sent));
	fputs(buf_str(&out.text), stderr);
	buf_release(&sent);
	buf_release(&out.text);
}

/* ---- the outcome --------------------------------------------------------- */

enum {
	E_SOURCE,
	E_RUN,
	E_NAME,
	E_KIND,
	E_KEY,
	E_PREVIOUS,
	E_VALUE,
	E_OUTCOME,
	E_AUDIT_ID,
	E_ID,
	E_MESSAGE,
	N_E
};

/* clang-format off */
static const struct view_column columns[N_E] = {
	[E_SOURCE] = { "source", "SOURCE", false, 4, VIEW_WIDE | VIEW_DATA },
	[E_RUN] = { "run_id", "RUN", false, 8, VIEW_WIDE | VIEW_DATA | VIEW_NAME },
	[E_NAME] = { "name", "NAME", false, 8, VIEW_TABLE | VIEW_DATA },
	[E_KIND] = { "kind", "CHANGE", false, 6, VIEW_TABLE | VIEW_DATA },
	[E_KEY] = { "key", "KEY", false, 4, VIEW_TABLE | VIEW_DATA },
	[E_PREVIOUS] = { "previous", "BEFORE", false, 6, VIEW_TABLE | VIEW_DATA },
	[E_VALUE] = { "value", "VALUE", false, 6, VIEW_TABLE | VIEW_DATA },
	[E_OUTCOME] = { "outcome", "OUTCOME", false, 8, VIEW_TABLE | VIEW_DATA },
	[E_AUDIT_ID] = { "audit_id", "AUDIT", true, 5, VIEW_TABLE | VIEW_DATA },
	[E_ID] = { "id", "ID", false, 16, VIEW_DATA },
	[E_MESSAGE] = { "message", "WHY", false, 8, VIEW_WIDE | VIEW_DATA },
};
/* clang-format on */

static void row(const struct view_list *list, size_t i, struct arena *a,
		struct cell *cells)
{
	const struct edit *e = list->of;
	const struct edit_row *r = &e->rows[i];
	struct protocol already = { .outcome = OUTCOME_ALREADY };

	(void)a;
	cells[E_SOURCE] = cell_text(e->source);
	cells[E_RUN] = cell_text(r->edit.run_id);
	cells[E_NAME] = cell_text(r->name);
	cells[E_KIND] = cell_text(edit_kind_name(e->kind));
	cells[E_KEY] = cell_text(r->edit.key);
	cells[E_PREVIOUS] = cell_text(r->edit.was);
	cells[E_VALUE] = cell_text(r->edit.then);
	cells[E_OUTCOME] =
		promote_outcome_cell(r->is_already ? &already : &e->act);
	cells[E_AUDIT_ID] = e->act.audit_id && !r->is_already
				    ? cell_int(e->act.audit_id)
				    : (struct cell){ 0 };
	cells[E_ID] = cell_text(e->act.id);
	cells[E_MESSAGE] = cell_text(e->act.err.code ? e->act.err.msg : NULL);
}

void edit_print_outcome(struct cli *cli, const struct edit *e)
{
	struct view_list list = { .ctx = cli_ctx(cli),
				  .columns = columns,
				  .n_columns = N_E,
				  .n_rows = e->n_rows,
				  .row = row,
				  .of = e };

	view_print(&list, &cli->style, cli_sink, NULL);
	view_list_release(&list);
}
