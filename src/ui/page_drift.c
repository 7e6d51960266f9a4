/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "drift_detail.h"
#include "list.h"
#include "ui_internal.h"
#include "view/tower.h"

#define LIST_MIN_W 30

/* One monitor: its columns worst first on the left; the one under the cursor in
 * full on the right. Where only one of them has room, and where it is asked
 * for, the column stands alone. */
struct page_drift {
	struct page page;
	int64_t alert_id; /* the alert one came from; 0: none */
	char monitor[128];
	struct list list;
	bool is_alone;
	size_t detail_page;
};

static unsigned drift_scope(const struct page *p)
{
	(void)p;
	return SCOPE_DRIFT;
}

static const struct drift_report *report_of(const struct page_drift *g,
					    struct ui *ui)
{
	return tower_monitor_report(ui->app, g->monitor);
}

/* The one that this page came from, while it is open; else another one of the
 * monitor that is. */
static const struct alert *alert_of(const struct page_drift *g,
				    const struct ui *ui)
{
	const struct alert_set *set = &app_model(ui->app)->alerts;
	const struct alert *mine = NULL, *open = NULL;

	for (size_t i = 0; i < set->n; i++) {
		const struct alert *al = &set->alerts[i];

		if (strcmp(al->monitor, g->monitor))
			continue;
		if (al->id == g->alert_id)
			mine = al;
		if (al->state <= ALERT_FIRING && (!open || mine == al))
			open = al;
	}
	return open ? open : mine;
}

static const struct drift_column *column_of(const struct page_drift *g,
					    const struct drift_report *r)
{
	return r && g->list.cursor < r->n_columns ? &r->columns[g->list.cursor]
						  : NULL;
}

static struct shown drift_crumbs(const struct page *p, struct ui *ui,
				 struct arena *a)
{
	const struct page_drift *g = (const struct page_drift *)p;
	const struct drift_report *r = report_of(g, ui);

	if (!r)
		return shown_fmt(a, "monitor %s", g->monitor);
	return shown_fmt(a, "%s v%s, monitor %s", r->model, r->version,
			 g->monitor);
}

static struct drift_detail detail_of(const struct page_drift *g, struct ui *ui,
				     const struct drift_report *report)
{
	return (struct drift_detail){ .ui = ui,
				      .monitor = g->monitor,
				      .report = report,
				      .column = g->list.cursor,
				      .page = g->detail_page,
				      .has_focus = g->is_alone };
}

static bool is_narrow(struct rect body)
{
	return body.w < 2 * LIST_MIN_W;
}

/* Cells the list takes: none of them, all, or its share. */
static int list_width(const struct page_drift *g, struct rect body)
{
	if (g->is_alone)
		return 0;
	return is_narrow(body) ? body.w : MAX(LIST_MIN_W, body.w * 37 / 120);
}

static bool has_way_out(const struct drift_report *r, struct rect body)
{
	return *r->newer.version && body.h > 4;
}

/* Where the column under the cursor is drawn; no width: nowhere. */
static struct rect detail_rect(const struct page_drift *g,
			       const struct drift_report *report,
			       struct rect body)
{
	int left = list_width(g, body);
	int x = left ? MIN(left + 1, body.w) : 0;

	return (struct rect){ body.x + x, body.y, body.w - x,
			      body.h - has_way_out(report, body) };
}

static void drift_update(struct page *p, struct ui *ui)
{
	static const enum command_id alone[] = {
		CMD_FEATURE_NEXT, CMD_PANE_NEXT, CMD_ACK,
		CMD_PROMOTE,      CMD_ROLLBACK,  CMD_PROMPT,
		CMD_HELP,         CMD_BACK,      CMD_NONE
	};
	struct page_drift *g = (struct page_drift *)p;
	const struct drift_report *r = report_of(g, ui);
	struct rect body = ui_body(ui);

	p->footer = g->is_alone ? alone : NULL;
	list_set(&g->list, r ? r->n_columns : 0, g->list.cursor);
	list_fit(&g->list, (size_t)MAX(1, body.h - 4));
}

static enum role verdict_role(const struct drift_column *c)
{
	switch (c->verdict) {
	case DRIFT_YES:
		return ROLE_WARN;
	case DRIFT_TOO_FEW:
	case DRIFT_EMPTY:
		return ROLE_DIM;
	default:
		return ROLE_TEXT;
	}
}

/* What it sees, and how many lines of the log could not be read. */
static struct shown state_text(struct arena *a, const struct drift_report *r)
{
	char why[DRIFT_WHY_MAX], skipped[48] = "";

	if (r->n_bad_rows)
		snprintf(skipped, sizeof(skipped), ", %lld lines skipped",
			 (long long)r->n_bad_rows);
	if (drift_says_nothing(r, why))
		return shown_fmt(a, "%s%s", why, skipped);
	return shown_fmt(a, "%zu of %zu features%s", r->n_drifted, r->n_columns,
			 skipped);
}

static void draw_alert_head(struct page_drift *g, struct ui *ui,
			    struct surface *s, struct rect r,
			    const struct drift_report *report)
{
	const struct alert *al = alert_of(g, ui);
	struct arena *a = &ui->frame;
	struct alert_line l;
	int x, room;

	if (al)
		alert_line_make(ui->app, al, ui->now_utc_ms, a, &l);
	else
		monitor_line_make(ui->app, g->monitor, a, &l);
	x = r.x + 3 + (int)l.word.width + 1;
	surface_put(s, r.x + 1, r.y,
		    cell_mark_glyph(l.mark, ui->glyphs->is_ascii), 1, l.role);
	surface_put(s, r.x + 3, r.y, l.word, (int)l.word.width, l.role);
	room = r.x + r.w - 1 - (int)l.age.width - x - (l.age.len ? 2 : 0);
	surface_put(s, r.x + r.w - 1 - (int)l.age.width, r.y, l.age,
		    (int)l.age.width, ROLE_DIM);
	surface_put(
		s, x, r.y,
		shown_cut(a, shown_text(a, report ? report->model : g->monitor),
			  (unsigned)MAX(1, room), ui->glyphs->is_ascii),
		MAX(1, room), ROLE_STRONG);
	if (report)
		surface_put(s, x, r.y + 1, state_text(a, report),
			    r.x + r.w - 1 - x,
			    *report->blind ? ROLE_WARN : ROLE_DIM);
}

static void draw_columns(struct page_drift *g, struct ui *ui, struct surface *s,
			 struct rect r, const struct drift_report *report)
{
	struct rect row = { r.x, r.y, r.w, 1 };

	for (size_t i = 0; i < g->list.height && row.y < r.y + r.h; i++) {
		size_t at = g->list.top + i;
		const struct drift_column *c;
		struct shown stat;

		if (at >= report->n_columns)
			break;
		c = &report->columns[at];
		stat = drift_stat(ui, c);
		if (at == g->list.cursor) {
			surface_select(s, row);
			surface_put(s, row.x + 1, row.y, ui->glyphs->cursor, 1,
				    ROLE_ACCENT);
		}
		surface_put(s, row.x + 3, row.y,
			    shown_cut(&ui->frame,
				      shown_text(&ui->frame, c->name),
				      (unsigned)MAX(1, row.w - 16),
				      ui->glyphs->is_ascii),
			    MAX(1, row.w - 16), verdict_role(c));
		surface_put(s, row.x + row.w - 1 - (int)stat.width, row.y, stat,
			    (int)stat.width, verdict_role(c));
		row.y++;
	}
}

static void draw_nothing(struct page_drift *g, struct ui *ui, struct surface *s,
			 struct rect body)
{
	const struct drift_report *report = report_of(g, ui);
	const struct alert *al = alert_of(g, ui);
	struct shown text = SHOWN("This monitor has not evaluated a window "
				  "yet.");
	char why[DRIFT_WHY_MAX];

	if (report && drift_says_nothing(report, why))
		text = shown_text(&ui->frame, why);
	else if (al && *al->text)
		text = shown_text(&ui->frame, al->text);
	surface_put(s, body.x + 1, body.y + 1, text, body.w - 2,
		    report && *report->blind ? ROLE_WARN : ROLE_DIM);
}

static void draw_list(struct page_drift *g, struct ui *ui, struct surface *s,
		      struct rect r, const struct drift_report *report)
{
	surface_title(s, (struct rect){ r.x, r.y, r.w, 1 }, SHOWN(""),
		      SHOWN("Features"), SHOWN("worst first"), SHOWN(""), true,
		      ui->glyphs);
	draw_alert_head(g, ui, s, (struct rect){ r.x, r.y + 1, r.w, 2 },
			report);
	draw_columns(g, ui, s, (struct rect){ r.x, r.y + 3, r.w, r.h - 3 },
		     report);
}

static void drift_draw(struct page *p, struct ui *ui, struct surface *s,
		       struct rect body)
{
	struct page_drift *g = (struct page_drift *)p;
	const struct drift_report *report = report_of(g, ui);
	struct drift_detail detail = detail_of(g, ui, report);
	int left = list_width(g, body);
	struct rect right;

	if (!report || !report->n_columns) {
		draw_nothing(g, ui, s, body);
		return;
	}
	right = detail_rect(g, report, body);
	if (left)
		draw_list(g, ui, s,
			  (struct rect){ body.x, body.y, left, body.h },
			  report);
	if (has_way_out(report, body))
		drift_way_out(ui, s,
			      (struct rect){ right.w ? right.x : body.x,
					     body.y + body.h - 1,
					     right.w ? right.w : body.w, 1 },
			      report);
	if (right.w && column_of(g, report))
		drift_detail_draw(&detail, s, right);
	if (left && right.w)
		surface_vline(s, body.x + left, body.y, body.h, ui->glyphs);
}

/* Of the column under the cursor; from the list it leads to the column. */
static void turn_page(struct page_drift *g, struct ui *ui, bool is_back)
{
	const struct drift_report *report = report_of(g, ui);
	struct drift_detail detail = detail_of(g, ui, report);
	struct rect body = ui_body(ui);
	size_t n, now;

	if (!column_of(g, report))
		return;
	if (is_narrow(body) && !g->is_alone) {
		g->is_alone = true;
		return;
	}
	n = drift_detail_pages(&detail, detail_rect(g, report, body));
	now = MIN(g->detail_page, n - 1);
	g->detail_page = (now + (is_back ? n - 1 : 1)) % n;
}

/* Puts back what stood before, or lets the newer version serve that knows what
 * drifted. */
static void change_server(struct page_drift *g, struct ui *ui, bool is_rollback)
{
	const struct model *m = app_model(ui->app);
	const struct drift_report *r = report_of(g, ui);
	int source = r ? model_find_source(m, r->source) : -1;
	const struct config_model *conf;

	if (source < 0) {
		ui_say(ui, "no source holds the model of this monitor");
		return;
	}
	if (!is_rollback && !*r->newer.version) {
		ui_say(ui, "no newer version knows this window better");
		return;
	}
	conf = config_model(app_config(ui->app), r->source, r->model);
	ui_push(ui, page_promote_new(ui, (uint16_t)source, r->model,
				     is_rollback ? "" : r->newer.version,
				     conf->serving, is_rollback));
}

/* Without the list, the keys that move in it turn the pages. */
static enum command_id in_place(const struct page_drift *g, enum command_id cmd)
{
	if (!g->is_alone)
		return cmd;
	switch (cmd) {
	case CMD_UP:
	case CMD_HALF_UP:
	case CMD_PAGE_UP:
		return CMD_PANE_PREV;
	case CMD_DOWN:
	case CMD_HALF_DOWN:
	case CMD_PAGE_DOWN:
		return CMD_PANE_NEXT;
	default:
		return cmd;
	}
}

static bool drift_command(struct page *p, struct ui *ui, enum command_id cmd,
			  const char *arg)
{
	struct page_drift *g = (struct page_drift *)p;

	(void)arg;
	cmd = in_place(g, cmd);
	if (list_command(&g->list, cmd))
		return true;
	switch (cmd) {
	case CMD_FEATURE_PREV:
		return list_command(&g->list, CMD_UP);
	case CMD_FEATURE_NEXT:
		return list_command(&g->list, CMD_DOWN);
	case CMD_PANE_NEXT:
	case CMD_PANE_PREV:
		turn_page(g, ui, cmd == CMD_PANE_PREV);
		return true;
	case CMD_OPEN:
		g->is_alone = column_of(g, report_of(g, ui)) != NULL;
		return true;
	case CMD_ZOOM:
		g->is_alone = !g->is_alone && column_of(g, report_of(g, ui));
		return true;
	case CMD_BACK:
		if (!g->is_alone)
			return false;
		g->is_alone = false;
		return true;
	case CMD_PROMOTE:
	case CMD_ROLLBACK:
		change_server(g, ui, cmd == CMD_ROLLBACK);
		return true;
	default:
		return false;
	}
}

static const struct alert *drift_alert(const struct page *p,
				       const struct ui *ui)
{
	return alert_of((const struct page_drift *)p, ui);
}

static void drift_free(struct page *p)
{
	free(p);
}

struct page *page_drift_new(struct ui *ui, int64_t alert_id,
			    const char *monitor)
{
	static const enum command_id footer[] = {
		CMD_OPEN,     CMD_ACK,          CMD_PROMOTE,
		CMD_ROLLBACK, CMD_FEATURE_NEXT, CMD_PROMPT,
		CMD_HELP,     CMD_BACK,         CMD_NONE
	};
	static const struct page_ops ops = {
		.title = "Drift",
		.scope = drift_scope,
		.crumbs = drift_crumbs,
		.update = drift_update,
		.draw = drift_draw,
		.command = drift_command,
		.alert = drift_alert,
		.footer = footer,
		.free = drift_free,
	};
	struct page_drift *g = xcalloc(1, sizeof(*g));

	(void)ui;
	g->page.ops = &ops;
	g->page.update_at_ms = -1;
	g->alert_id = alert_id;
	snprintf(g->monitor, sizeof(g->monitor), "%s", monitor);
	return &g->page;
}
