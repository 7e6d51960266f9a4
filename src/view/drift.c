/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "view/lists.h"
#include "view_list.h"

enum {
	D_COLUMN,
	D_TYPE,
	D_TEST,
	D_STATISTIC,
	D_THRESHOLD,
	D_SECOND,
	D_EFFECT,
	D_P,
	D_DRIFTED,
	D_N_BASE,
	D_N_CURRENT,
	D_CHANGE,
	D_REASON,
	N_D
};

/* clang-format off */
static const struct view_column drift_columns[N_D] = {
	[D_COLUMN] = { "column", "COLUMN", false, 8, VIEW_TABLE | VIEW_DATA | VIEW_NAME },
	[D_TYPE] = { "type", "TYPE", false, 4, VIEW_WIDE | VIEW_DATA },
	[D_TEST] = { "test", "TEST", false, 3, VIEW_TABLE | VIEW_DATA },
	[D_STATISTIC] = { "statistic", "VALUE", true, 4, VIEW_TABLE | VIEW_DATA },
	[D_THRESHOLD] = { "threshold", "LIMIT", true, 4, VIEW_TABLE | VIEW_DATA },
	[D_SECOND] = { "p_test", "AND", false, 4, VIEW_TABLE | VIEW_DATA },
	[D_EFFECT] = { "effect", "EFFECT", true, 5, VIEW_TABLE | VIEW_DATA },
	[D_P] = { "p_value", "P", true, 6, VIEW_TABLE | VIEW_DATA },
	[D_DRIFTED] = { "drifted", "DRIFTED", false, 3, VIEW_TABLE | VIEW_DATA },
	[D_N_BASE] = { "n_baseline", "N BASE", true, 5, VIEW_WIDE | VIEW_DATA },
	[D_N_CURRENT] = { "n_current", "N", true, 5, VIEW_TABLE | VIEW_DATA },
	[D_CHANGE] = { "change", "CHANGE", false, 8, VIEW_TABLE | VIEW_DATA },
	[D_REASON] = { "reason", "WHY", false, 8, VIEW_WIDE | VIEW_DATA },
};
/* clang-format on */

static void drift_row(const struct view_list *list, size_t i, struct arena *a,
		      struct cell *cells)
{
	const struct drift_report *r = list->of;
	const struct drift_column *c = &r->columns[i];
	bool is_drifted = c->verdict == DRIFT_YES;
	bool is_told = c->statistic != NULL && *c->statistic;
	struct drift_test told = drift_told_test(c);

	(void)a;
	cells[D_COLUMN] = cell_text(c->name);
	cells[D_TYPE] =
		cell_text(c->type == COLUMN_NUMBER ? "number" : "category");
	cells[D_TEST] = cell_text(is_told ? "psi" : NULL);
	cells[D_STATISTIC] =
		is_told ? cell_number(c->value, 2) : cell_text(NULL);
	cells[D_THRESHOLD] =
		is_told ? cell_number(c->limit, 2) : cell_text(NULL);
	cells[D_SECOND] = cell_text(!is_told                   ? NULL
				    : c->missing.is_cause      ? "missing"
				    : c->type == COLUMN_NUMBER ? "ks"
							       : "chi2");
	cells[D_EFFECT] =
		is_told ? cell_number(told.effect, 3) : cell_text(NULL);
	cells[D_P] = is_told ? cell_number(told.p_value, 4) : cell_text(NULL);
	if (is_drifted || c->verdict == DRIFT_NO)
		cells[D_DRIFTED] = cell_as(cell_bool(is_drifted),
					   is_drifted ? ROLE_WARN : ROLE_TEXT);
	cells[D_N_BASE] = cell_int(c->n_baseline);
	cells[D_N_CURRENT] = cell_int(c->n_window);
	cells[D_CHANGE] = cell_text_or_none(c->change ? c->change : "");
	cells[D_REASON] = cell_text_or_none(c->reason ? c->reason : "");
}

void view_drift(struct view_list *list, const struct view_ctx *ctx,
		const struct drift_report *r)
{
	view_list_start(list, ctx, drift_columns, N_D);
	list->n_rows = r->n_columns;
	list->row = drift_row;
	list->of = r;
}
