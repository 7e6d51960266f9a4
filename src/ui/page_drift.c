/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/unwatched.h"
#include "base/human.h"
#include "base/mem.h"
#include "draw/chart.h"
#include "list.h"
#include "ui_internal.h"
#include "view/tower.h"

/* One monitor: its columns worst first on the left; of the one under the
 * cursor, both histograms, the statistic over time, and what else moved. */
struct page_drift {
	struct page page;
	int64_t alert_id; /* the alert one came from; 0: none */
	char monitor[128];
	struct list list;
};

static unsigned drift_scope(const struct page *p)
{
	(void)p;
	return SCOPE_DRIFT;
}

static const struct drift_report *report_of(const struct page_drift *g,
					    struct ui *ui)
{
	const struct model *m = app_model(ui->app);

	for (size_t i = 0; i < m->n_reports; i++)
		if (!strcmp(m->reports[i]->monitor, g->monitor))
			return m->reports[i];
	return NULL;
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

static void drift_update(struct page *p, struct ui *ui)
{
	struct page_drift *g = (struct page_drift *)p;
	const struct drift_report *r = report_of(g, ui);
	struct rect body = ui_body(ui);

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

static struct shown stat_text(struct ui *ui, const struct drift_column *c)
{
	if (c->verdict == DRIFT_TOO_FEW)
		return SHOWN("too few");
	if (c->verdict == DRIFT_EMPTY)
		return SHOWN("empty");
	return shown_fmt(&ui->frame, "%s %.2f", c->statistic, c->value);
}

/* ---- left: the alert and the columns ---- */

static void draw_alert_head(struct page_drift *g, struct ui *ui,
			    struct surface *s, struct rect r,
			    const struct drift_report *report)
{
	const struct alert *al = alert_of(g, ui);
	struct arena *a = &ui->frame;
	struct alert_line l = { .word = SHOWN("quiet"),
				.age = SHOWN(""),
				.mark = MARK_FINISHED,
				.role = ROLE_DIM };
	int x, room;

	if (al)
		alert_line_make(ui->app, al, ui->now_utc_ms, a, &l);
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
		surface_put(s, x, r.y + 1,
			    shown_fmt(a, "%zu of %zu features",
				      report->n_drifted, report->n_columns),
			    r.x + r.w - 1 - x, ROLE_DIM);
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
		stat = stat_text(ui, c);
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

/* ---- right ---- */

/* A column that was not tested has no statistic. */
static const char *name_of(const char *statistic)
{
	return statistic && *statistic ? statistic : "not tested";
}

/* Parts stand beside each other where they fit, whole. */
struct flow {
	struct surface *s;
	struct rect r;
	int x, y;
};

static void flow_part(struct flow *f, struct shown part, enum role role,
		      int gap)
{
	if (f->x > f->r.x && f->x + gap + (int)part.width > f->r.x + f->r.w) {
		f->x = f->r.x;
		f->y++;
	}
	if (f->x > f->r.x)
		f->x += gap;
	f->x += surface_put(f->s, f->x, f->y, part, f->r.x + f->r.w - f->x,
			    role);
}

static void flow_since(struct flow *f, struct ui *ui,
		       const struct drift_column *c)
{
	struct arena *a = &ui->frame;
	char since[8], fired[8];

	if (c->since_ms == TIME_NONE)
		return;
	clock_format_hhmm(c->since_ms, since);
	if (c->fired_ms == TIME_NONE) {
		flow_part(f, shown_fmt(a, "pending since %s", since), ROLE_WARN,
			  4);
		return;
	}
	clock_format_hhmm(c->fired_ms, fired);
	flow_part(f, shown_fmt(a, "firing since %s", fired), ROLE_TEXT, 4);
	flow_part(f, shown_fmt(a, "pending %s", since), ROLE_DIM, 2);
}

static void flow_words(struct flow *f, struct ui *ui, const char *text,
		       enum role role)
{
	flow_part(f,
		  shown_cut(&ui->frame, shown_text(&ui->frame, text),
			    (unsigned)MAX(1, f->r.w), ui->glyphs->is_ascii),
		  role, 4);
}

/* Two versions share the log. */
static void flow_left_out(struct flow *f, struct ui *ui,
			  const struct drift_report *r)
{
	char n[HUMAN_MAX];

	human_count(n, r->n_left_out);
	flow_part(f,
		  *r->left_out ? shown_fmt(&ui->frame, "%s of v%s left out", n,
					   r->left_out)
			       : shown_fmt(&ui->frame,
					   "%s of other versions left out", n),
		  ROLE_WARN, 2);
}

/* Returns the rows it took. */
static int draw_numbers(struct ui *ui, struct surface *s, struct rect r,
			const struct drift_report *report,
			const struct drift_column *c)
{
	struct flow f = { s, { r.x + 1, r.y, r.w - 2, r.h }, r.x + 1, r.y };
	struct drift_test told = drift_told_test(c);
	struct arena *a = &ui->frame;
	char v[HUMAN_MAX], n[HUMAN_MAX];

	flow_part(&f, shown_fmt(a, "%s", name_of(c->statistic)), ROLE_DIM, 0);
	flow_part(&f, shown_text(a, human_number(v, c->value, 2)),
		  c->verdict == DRIFT_YES ? ROLE_ALARM : ROLE_STRONG, 1);
	flow_part(&f,
		  shown_fmt(a, "limit %s for n %s",
			    human_number(v, c->limit, 2),
			    human_count(n, c->n_window + c->n_null_window)),
		  ROLE_DIM, 2);
	if (report->n_left_out)
		flow_left_out(&f, ui, report);
	if (!c->missing.is_cause)
		flow_part(&f,
			  shown_fmt(a, "%s %s", name_of(told.name),
				    human_number(v, told.value, 3)),
			  ROLE_DIM, 4);
	flow_part(&f,
		  shown_fmt(a, "p %s corrected%s", human_p(v, c->q_value),
			    c->missing.is_cause ? ", of missing values" : ""),
		  ROLE_DIM, 2);
	flow_since(&f, ui, c);
	if (c->change && *c->change)
		flow_words(&f, ui, c->change, ROLE_TEXT);
	else if (c->reason && *c->reason)
		flow_words(&f, ui, c->reason, ROLE_DIM);
	return f.y + 1 - r.y;
}

/* Whose shares are drawn, and when the window was: what fits, whole. */
static void draw_hist_heads(struct ui *ui, struct surface *s, struct rect r,
			    const struct drift_report *report,
			    const struct drift_column *c)
{
	struct flow f = { s, { r.x + 1, r.y, r.w - 2, 1 }, r.x + 1, r.y };
	struct arena *a = &ui->frame;
	char n[HUMAN_MAX], from[8], to[8];
	struct shown when;

	clock_format_hhmm(report->window_from_ms, from);
	clock_format_hhmm(report->window_to_ms, to);
	flow_part(&f,
		  shown_fmt(a, "baseline n %s", human_count(n, c->n_baseline)),
		  ROLE_BASELINE, 0);
	flow_part(&f, shown_fmt(a, "window n %s", human_count(n, c->n_window)),
		  ROLE_WINDOW, 3);
	when = shown_fmt(a, "%s to %s", from, to);
	if (f.x + 2 + (int)when.width <= f.r.x + f.r.w)
		flow_part(&f, when, ROLE_WINDOW, 2);
}

static void draw_hist(struct ui *ui, struct surface *s, struct rect r,
		      const struct drift_report *report,
		      const struct drift_column *c)
{
	struct chart_hist h = { .n_bins = c->hist.n_bins,
				.baseline = c->hist.baseline,
				.window = c->hist.window,
				.edges = c->hist.edges,
				.has_missing = c->n_null_baseline ||
					       c->n_null_window };
	struct arena *a = &ui->frame;
	struct shown *labels;

	if (!h.n_bins || c->is_hidden) {
		surface_put(s, r.x + 1, r.y,
			    c->is_hidden
				    ? SHOWN("tested, never shown (never_show)")
				    : SHOWN("no values to draw"),
			    r.w - 2, ROLE_DIM);
		return;
	}
	if (c->hist.labels && !c->hist.edges) {
		labels = arena_alloc(a, h.n_bins * sizeof(*labels));
		for (size_t i = 0; i < h.n_bins; i++)
			labels[i] = shown_text(a, c->hist.labels[i]);
		h.labels = labels;
	}
	h.missing_baseline =
		drift_missing_share(c->n_null_baseline, c->n_baseline);
	h.missing_window = drift_missing_share(c->n_null_window, c->n_window);
	draw_hist_heads(ui, s, r, report, c);
	chart_histogram(s, (struct rect){ r.x, r.y + 1, r.w - 1, r.h - 1 }, &h,
			ui->glyphs);
}

/* On the time axis: since when it drifts, and fires. */
static size_t since_marks(const struct ui *ui, const struct drift_column *c,
			  struct chart_mark marks[2])
{
	size_t n = 0;

	if (c->since_ms != TIME_NONE)
		marks[n++] =
			(struct chart_mark){ (double)c->since_ms,
					     ui->glyphs->pending, ROLE_WARN };
	if (c->fired_ms != TIME_NONE)
		marks[n++] =
			(struct chart_mark){ (double)c->fired_ms,
					     ui->glyphs->firing, ROLE_ALARM };
	return n;
}

/* To now where nobody evaluates any more, by the minute; else to the last. */
static double history_end(const struct ui *ui, const struct point *points,
			  size_t n, int64_t gap_ms)
{
	if (!n || ui->now_utc_ms - points[n - 1].time_ms <= gap_ms)
		return NAN;
	return (double)(ui->now_utc_ms - ui->now_utc_ms % 60000);
}

static void draw_history(struct page_drift *g, struct ui *ui, struct surface *s,
			 struct rect r, const struct drift_column *c)
{
	struct chart_mark marks[2];
	size_t n = 0;
	int64_t gap_ms = unwatched_gap_ms(app_config(ui->app), g->monitor);
	double limit = c->limit;
	char v[HUMAN_MAX];
	const struct point *points =
		app_stat_history(ui->app, g->monitor, c->name, &n, &limit);
	struct chart_series series = { .points = points,
				       .n = n,
				       .role = ROLE_WINDOW };
	struct chart_spec spec = {
		.series = &series,
		.n_series = 1,
		.x = CHART_TIME,
		.has_x_labels = true,
		.x_to = history_end(ui, points, n, gap_ms),
		.gap = (double)gap_ms,
		.gap_label = SHOWN("not evaluated"),
		.has_threshold = isfinite(limit),
		.threshold = limit,
		.threshold_label = shown_fmt(&ui->frame, "limit %s",
					     human_number(v, limit, 2)),
		.marks = marks,
	};

	surface_title(
		s, (struct rect){ r.x, r.y, r.w, 1 }, SHOWN(""),
		shown_fmt(&ui->frame, "%s over time", name_of(c->statistic)),
		SHOWN(""), SHOWN(""), false, ui->glyphs);
	spec.n_marks = since_marks(ui, c, marks);
	if (n < 2)
		surface_put(s, r.x + 1, r.y + 1,
			    SHOWN("the next windows draw it"), r.w - 2,
			    ROLE_DIM);
	else
		chart_draw(s, (struct rect){ r.x, r.y + 1, r.w - 1, r.h - 1 },
			   &spec, ui->glyphs);
}

/* Columns that drifted as well: name, statistic, since when, what changed. */
static void draw_other(struct ui *ui, struct surface *s, struct rect row,
		       const struct drift_column *c)
{
	int name_w = MIN(20, row.w / 3), x = row.x + 1 + name_w + 2;
	struct arena *a = &ui->frame;
	bool ascii = ui->glyphs->is_ascii;
	char since[8] = "";

	if (c->since_ms != TIME_NONE)
		clock_format_hhmm(c->since_ms, since);
	surface_put(
		s, row.x + 1, row.y,
		shown_cut(a, shown_text(a, c->name), (unsigned)name_w, ascii),
		name_w, ROLE_TEXT);
	x += MAX(9, surface_put(s, x, row.y, stat_text(ui, c), 12, ROLE_DIM));
	x += 2;
	surface_put(s, x, row.y, shown_text(a, since), 5, ROLE_DIM);
	x += 7;
	if (c->change && row.x + row.w - x > 12)
		surface_put(s, x, row.y,
			    shown_cut(a, shown_text(a, c->change),
				      (unsigned)(row.x + row.w - 1 - x), ascii),
			    row.x + row.w - 1 - x, ROLE_DIM);
}

static void draw_others(struct page_drift *g, struct ui *ui, struct surface *s,
			struct rect r, const struct drift_report *report)
{
	struct rect row = { r.x, r.y, r.w, 1 };

	surface_title(s, row, SHOWN(""), SHOWN("Moved at the same time"),
		      SHOWN(""), SHOWN(""), false, ui->glyphs);
	row.y++;
	for (size_t i = 0; i < report->n_columns && row.y < r.y + r.h; i++) {
		const struct drift_column *c = &report->columns[i];

		if (i == g->list.cursor || c->verdict != DRIFT_YES)
			continue;
		draw_other(ui, s, row, c);
		row.y++;
	}
	if (row.y == r.y + 1)
		surface_put(s, row.x + 1, row.y, SHOWN("nothing else"), r.w - 2,
			    ROLE_DIM);
}

/* A version that the window does not surprise, and the key that helps. */
static void draw_way_out(struct ui *ui, struct surface *s, struct rect row,
			 const struct drift_report *report)
{
	const struct drift_newer *n = &report->newer;
	struct flow f = {
		s, { row.x + 1, row.y, row.w - 2, 1 }, row.x + 1, row.y
	};
	struct arena *a = &ui->frame;
	char v[HUMAN_MAX];
	struct shown key = SHOWN("P promotes it");

	if (n->n_drifted)
		flow_part(&f,
			  shown_fmt(a, "v%s fits better: %zu drift", n->version,
				    n->n_drifted),
			  ROLE_ACCENT, 0);
	else
		flow_part(&f, shown_fmt(a, "v%s knows this", n->version),
			  ROLE_ACCENT, 0);
	flow_part(&f,
		  shown_fmt(a, "worst %s %s", n->statistic,
			    human_number(v, n->value, 2)),
		  ROLE_TEXT, 2);
	if (f.x + 2 + (int)key.width <= f.r.x + f.r.w)
		flow_part(&f, key, ROLE_DIM, 2);
}

static int count_others(const struct page_drift *g,
			const struct drift_report *report)
{
	int n = 0;

	for (size_t i = 0; i < report->n_columns; i++)
		n += i != g->list.cursor &&
		     report->columns[i].verdict == DRIFT_YES;
	return n;
}

static void draw_column(struct page_drift *g, struct ui *ui, struct surface *s,
			struct rect r, const struct drift_report *report,
			const struct drift_column *c)
{
	int others =
		r.h >= 24 ? 1 + MIN(MAX(1, count_others(g, report)), 4) : 0;
	int numbers, over;
	char n[HUMAN_MAX];

	surface_title(s, (struct rect){ r.x, r.y, r.w, 1 }, SHOWN(""),
		      shown_text(&ui->frame, c->name), SHOWN(""),
		      shown_fmt(&ui->frame, "feature %zu of %s",
				g->list.cursor + 1,
				human_count(n, (int64_t)report->n_columns)),
		      false, ui->glyphs);
	r.y++;
	r.h--;
	numbers = draw_numbers(ui, s, r, report, c);
	r.y += numbers;
	r.h -= numbers + others;
	over = r.h >= 16 ? MAX(8, r.h * 2 / 5) : 0;
	draw_hist(ui, s, (struct rect){ r.x, r.y, r.w, r.h - over }, report, c);
	if (over)
		draw_history(g, ui, s,
			     (struct rect){ r.x, r.y + r.h - over, r.w, over },
			     c);
	if (others)
		draw_others(g, ui, s,
			    (struct rect){ r.x, r.y + r.h, r.w, others },
			    report);
}

static void draw_nothing(struct page_drift *g, struct ui *ui, struct surface *s,
			 struct rect body)
{
	const struct alert *al = alert_of(g, ui);

	surface_put(s, body.x + 1, body.y + 1,
		    al && *al->text ? shown_text(&ui->frame, al->text)
				    : SHOWN("This monitor has not evaluated a "
					    "window yet."),
		    body.w - 2, ROLE_DIM);
}

static void drift_draw(struct page *p, struct ui *ui, struct surface *s,
		       struct rect body)
{
	struct page_drift *g = (struct page_drift *)p;
	const struct drift_report *report = report_of(g, ui);
	const struct drift_column *c = column_of(g, report);
	int left = body.w < 60 ? body.w : body.w * 37 / 120;
	struct rect right;

	if (!report) {
		draw_nothing(g, ui, s, body);
		return;
	}
	if (body.w >= 60 && left < 30)
		left = 30;
	surface_title(s, (struct rect){ body.x, body.y, left, 1 }, SHOWN(""),
		      SHOWN("Features"), SHOWN("worst first"), SHOWN(""), true,
		      ui->glyphs);
	draw_alert_head(g, ui, s, (struct rect){ body.x, body.y + 1, left, 2 },
			report);
	draw_columns(g, ui, s,
		     (struct rect){ body.x, body.y + 3, left, body.h - 3 },
		     report);
	right = left < body.w ? (struct rect){ body.x + left + 1, body.y,
					       body.w - left - 1, body.h }
			      : body;
	if (*report->newer.version && body.h > 4) {
		right.h--;
		draw_way_out(
			ui, s,
			(struct rect){ right.x, right.y + right.h, right.w, 1 },
			report);
	}
	if (left >= body.w)
		return;
	if (c)
		draw_column(g, ui, s, right, report, c);
	surface_vline(s, body.x + left, body.y, body.h, ui->glyphs);
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

static bool drift_command(struct page *p, struct ui *ui, enum command_id cmd,
			  const char *arg)
{
	struct page_drift *g = (struct page_drift *)p;

	(void)arg;
	if (list_command(&g->list, cmd))
		return true;
	switch (cmd) {
	case CMD_FEATURE_PREV:
		return list_command(&g->list, CMD_UP);
	case CMD_FEATURE_NEXT:
		return list_command(&g->list, CMD_DOWN);
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
		CMD_ACK,    CMD_PROMOTE, CMD_ROLLBACK, CMD_FEATURE_NEXT,
		CMD_PROMPT, CMD_HELP,    CMD_BACK,     CMD_NONE
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
