/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "promote_print.h"

#include <stdio.h>

#include "act.h"
#include "cli_parts.h"

/* ---- the plan ------------------------------------------------------------ */

static void add_rows(const struct promotion *p, struct lines *out)
{
	size_t i;

	lines_cell(out, "", 12);
	lines_cell(out, "NOW", 20);
	lines_cell(out, "THEN", 20);
	lines_end(out);
	for (i = 0; i < p->n_rows; i++) {
		lines_cell(out, p->rows[i].name, 12);
		lines_cell(out, p->rows[i].now, 20);
		lines_cell(out, p->rows[i].then, 20);
		lines_cell(out, p->rows[i].change, 0);
		lines_end(out);
	}
}

static void add_gates(const struct promotion *p, struct lines *out)
{
	size_t i;

	if (!p->n_results)
		buf_adds(&out->text, "no gate guards this\n");
	for (i = 0; i < p->n_results; i++) {
		const struct gate_result *g = &p->results[i];

		lines_cell(out,
			   g->is_passed   ? "passed"
			   : g->is_waived ? "waived"
					  : "FAILED",
			   6);
		lines_cell(out, g->name, 16);
		lines_cell(out, g->asks, 30);
		lines_cell(out, g->evidence, 0);
		if (g->is_waived)
			lines_cell(out, g->waiver, 0);
		lines_end(out);
	}
}

void promote_print_plan(const struct promotion *p,
			const struct registry_ops *ops,
			const struct source_conf *conf)
{
	const char *holder = promotion_holder(p);
	struct lines out = { .text = BUF_INIT(1 << 16) };
	struct buf sent = BUF_INIT(1 << 14), head = BUF_INIT(1 << 10);

	buf_addf(&head, "%s %s: %s %s%s -> v%s", p->ask.source, p->ask.model,
		 p->ask.alias ? p->ask.alias : p->ask.stage,
		 *holder ? "v" : "nobody", holder, p->ask.version);
	lines_cell(&out, buf_str(&head), 0);
	lines_end(&out);
	add_rows(p, &out);
	buf_adds(&out.text, "\nGates\n");
	add_gates(p, &out);
	if (!strcmp(holder, p->ask.version)) {
		buf_adds(&out.text, "\nNothing to send: it is so already\n");
	} else {
		promotion_describe(p, ops, conf, &sent);
		lines_sent(&out, buf_str(&sent));
	}
	fputs(buf_str(&out.text), stderr);
	buf_release(&head);
	buf_release(&sent);
	buf_release(&out.text);
}

/* ---- the outcome --------------------------------------------------------- */

enum {
	P_SOURCE,
	P_MODEL,
	P_VERSION,
	P_ALIAS,
	P_STAGE,
	P_PREVIOUS,
	P_GATES,
	P_OUTCOME,
	P_CAME,
	P_AUDIT_ID,
	P_ID,
	P_MESSAGE,
	N_P
};

/* clang-format off */
static const struct view_column columns[N_P] = {
	[P_SOURCE] = { "source", "SOURCE", false, 4, VIEW_TABLE | VIEW_DATA },
	[P_MODEL] = { "model", "MODEL", false, 8, VIEW_TABLE | VIEW_DATA | VIEW_NAME },
	[P_VERSION] = { "version", "VERSION", true, 3, VIEW_TABLE | VIEW_DATA },
	[P_ALIAS] = { "alias", "ALIAS", false, 8, VIEW_TABLE | VIEW_DATA },
	[P_STAGE] = { "stage", "STAGE", false, 5, VIEW_TABLE | VIEW_DATA },
	[P_PREVIOUS] = { "previous_version", "BEFORE", true, 3, VIEW_TABLE | VIEW_DATA },
	[P_GATES] = { "gates", "GATES", false, 8, VIEW_DATA },
	[P_OUTCOME] = { "outcome", "OUTCOME", false, 8, VIEW_DATA },
	[P_CAME] = { "came", "OUTCOME", false, 8, VIEW_TABLE },
	[P_AUDIT_ID] = { "audit_id", "AUDIT", true, 5, VIEW_TABLE | VIEW_DATA },
	[P_ID] = { "id", "ID", false, 16, VIEW_WIDE | VIEW_DATA },
	[P_MESSAGE] = { "message", "WHY", false, 8, VIEW_WIDE | VIEW_DATA },
};
/* clang-format on */

static struct cell gate_cell(const struct gate_result *g, struct arena *a)
{
	struct cell_item *items = arena_alloc(a, 4 * sizeof(*items));

	items[0] = (struct cell_item){ "gate", cell_text(g->name) };
	items[1] = (struct cell_item){ "passed", cell_bool(g->is_passed) };
	items[2] = (struct cell_item){ "waived", cell_bool(g->is_waived) };
	items[3] = (struct cell_item){ "evidence", cell_text(g->evidence) };
	return (struct cell){ .kind = CELL_MAP, .items = items, .n_items = 4 };
}

static struct cell gates_cell(const struct promotion *p, struct arena *a)
{
	struct cell_item *items =
		arena_alloc(a, (p->n_results + 1) * sizeof(*items));
	size_t i;

	for (i = 0; i < p->n_results; i++)
		items[i] = (struct cell_item){ NULL,
					       gate_cell(&p->results[i], a) };
	return (struct cell){ .kind = CELL_LIST,
			      .items = items,
			      .n_items = p->n_results };
}

struct cell promote_outcome_cell(const struct protocol *act)
{
	struct cell c = cell_text(protocol_outcome_name(act));

	switch (act->outcome) {
	case OUTCOME_WRITTEN:
	case OUTCOME_ALREADY:
		return cell_marked(cell_as(c, ROLE_OK), MARK_FINISHED);
	case OUTCOME_DRY_RUN:
		return c;
	case OUTCOME_UNKNOWN:
		return cell_marked(cell_as(c, ROLE_ALARM), MARK_UNKNOWN);
	default:
		return cell_marked(cell_as(c, ROLE_ALARM), MARK_FAILED);
	}
}

static void row(const struct view_list *list, size_t i, struct arena *a,
		struct cell *cells)
{
	const struct promotion *p = list->of;

	(void)i;
	cells[P_SOURCE] = cell_text(p->ask.source);
	cells[P_MODEL] = cell_text(p->ask.model);
	cells[P_VERSION] = cell_text(p->ask.version);
	cells[P_ALIAS] = cell_text(p->ask.alias);
	cells[P_STAGE] = cell_text(p->ask.stage);
	cells[P_PREVIOUS] = cell_text_or_none(promotion_holder(p));
	cells[P_GATES] = gates_cell(p, a);
	cells[P_OUTCOME] = promote_outcome_cell(&p->act);
	cells[P_CAME] = cells[P_OUTCOME];
	if (p->ask.is_rollback && p->act.outcome == OUTCOME_WRITTEN)
		cells[P_CAME].text = "rolled back";
	cells[P_AUDIT_ID] = p->act.audit_id ? cell_int(p->act.audit_id)
					    : (struct cell){ 0 };
	cells[P_ID] = cell_text(p->act.id);
	cells[P_MESSAGE] = cell_text(p->act.err.code ? p->act.err.msg : NULL);
}

void promote_print_outcome(struct cli *cli, const struct promotion *p)
{
	struct view_list list = { .ctx = cli_ctx(cli),
				  .columns = columns,
				  .n_columns = N_P,
				  .n_rows = 1,
				  .is_single = true,
				  .row = row,
				  .of = p };

	view_print(&list, &cli->style, cli_sink, NULL);
	view_list_release(&list);
}
