/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "drift_detail.h"

#include <math.h>
#include <string.h>

#include "app/unwatched.h"
#include "base/human.h"
#include "base/mem.h"
#include "draw/chart.h"

struct shown drift_stat(struct ui *ui, const struct drift_column *c)
{
	if (c->verdict == DRIFT_TOO_FEW)
		return SHOWN("too few");
	if (c->verdict == DRIFT_EMPTY)
		return SHOWN("empty");
	return shown_fmt(&ui->frame, "%s %.2f", c->statistic, c->value);
}

/* A column that was not tested has no statistic. */
static const char *name_of(const char *statistic)
{
	return statistic && *statistic ? statistic : "not tested";
}

/* Parts stand beside each other where they fit, whole. */
struct flow {
	struct surface *s; /* NULL: only counted */
	struct rect r;
	int x, y;
};

static void flow_part(struct flow *f, struct shown part, enum role role,
		      int gap)
{
	int end = f->r.x + f->r.w;

	if (f->x > f->r.x && f->x + gap + (int)part.width > end) {
		f->x = f->r.x;
		f->y++;
	}
	if (f->x > f->r.x)
		f->x += gap;
	if (f->s)
		surface_put(f->s, f->x, f->y, part, end - f->x, role);
	f->x = MIN(end, f->x + (int)part.width);
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

/* Those that fit into no line are broken at blanks. */
static void flow_words(struct flow *f, struct ui *ui, const char *text,
		       enum role role)
{
	struct shown all = shown_text(&ui->frame, text);
	size_t len;

	for (; all.len; all.s += len, all.len -= (uint32_t)len) {
		len = shown_line(all, (unsigned)MAX(1, f->r.w));
		flow_part(f, shown_textn(&ui->frame, all.s, len), role, 4);
		len += strspn(all.s + len, " ");
	}
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

/* Returns the rows it took. s: NULL: they are only counted. */
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

static void draw_history(const struct drift_detail *d, struct surface *s,
			 struct rect r, const struct drift_column *c)
{
	struct ui *ui = d->ui;
	struct chart_mark marks[2];
	size_t n = 0;
	int64_t gap_ms = unwatched_gap_ms(app_config(ui->app), d->monitor);
	double limit = c->limit;
	char v[HUMAN_MAX];
	const struct point *points =
		app_stat_history(ui->app, d->monitor, c->name, &n, &limit);
	struct chart_series series = {
		.curve = { .points = points, .n = n, .x = CURVE_TIME },
		.role = ROLE_WINDOW,
	};
	struct chart_spec spec = {
		.series = &series,
		.n_series = 1,
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
	x += MAX(9, surface_put(s, x, row.y, drift_stat(ui, c), 12, ROLE_DIM));
	x += 2;
	surface_put(s, x, row.y, shown_text(a, since), 5, ROLE_DIM);
	x += 7;
	if (c->change && row.x + row.w - x > 12)
		surface_put(s, x, row.y,
			    shown_cut(a, shown_text(a, c->change),
				      (unsigned)(row.x + row.w - 1 - x), ascii),
			    row.x + row.w - 1 - x, ROLE_DIM);
}

static size_t count_others(const struct drift_detail *d)
{
	size_t n = 0;

	for (size_t i = 0; i < d->report->n_columns; i++)
		n += i != d->column &&
		     d->report->columns[i].verdict == DRIFT_YES;
	return n;
}

static void draw_others(const struct drift_detail *d, struct surface *s,
			struct rect r)
{
	struct rect row = { r.x, r.y, r.w, 1 };

	surface_title(s, row, SHOWN(""), SHOWN("Moved at the same time"),
		      SHOWN(""), SHOWN(""), false, d->ui->glyphs);
	row.y++;
	for (size_t i = 0; i < d->report->n_columns && row.y < r.y + r.h; i++) {
		const struct drift_column *c = &d->report->columns[i];

		if (i == d->column || c->verdict != DRIFT_YES)
			continue;
		draw_other(d->ui, s, row, c);
		row.y++;
	}
	if (row.y == r.y + 1)
		surface_put(s, row.x + 1, row.y, SHOWN("nothing else"), r.w - 2,
			    ROLE_DIM);
}

/* ---- onto pages ---- */

enum part { PART_NUMBERS, PART_HIST, PART_HISTORY, PART_OTHERS, N_PARTS };

/* Rows without which it is not worth drawing. */
static int part_rows(const struct drift_detail *d, struct rect r, int part)
{
	switch (part) {
	case PART_NUMBERS:
		return draw_numbers(d->ui, NULL, r, d->report,
				    &d->report->columns[d->column]);
	case PART_HIST:
		return 5;
	case PART_HISTORY:
		return 8;
	default:
		return 1 + (int)MIN(MAX(1, count_others(d)), 4);
	}
}

/* Where the page ends that begins with this part: one at least. */
static int page_end(const struct drift_detail *d, struct rect r, int part)
{
	int room = r.h;

	do
		room -= part_rows(d, r, part++);
	while (part < N_PARTS && part_rows(d, r, part) <= room);
	return part;
}

/* The last part of a page takes what is left of r; the charts share what the
 * others leave. */
static int rows_given(const struct drift_detail *d, struct rect r, int part,
		      int end)
{
	int room = r.h;

	if (part + 1 == end)
		return room;
	if (part == PART_NUMBERS)
		return part_rows(d, r, part);
	if (end > PART_OTHERS)
		room -= part_rows(d, r, PART_OTHERS);
	if (part == PART_HIST)
		room -= MAX(MIN(8, room / 2), room * 2 / 5);
	return room;
}

static void draw_part(const struct drift_detail *d, struct surface *s,
		      struct rect r, int part)
{
	const struct drift_column *c = &d->report->columns[d->column];

	switch (part) {
	case PART_NUMBERS:
		draw_numbers(d->ui, s, r, d->report, c);
		break;
	case PART_HIST:
		draw_hist(d->ui, s, r, d->report, c);
		break;
	case PART_HISTORY:
		draw_history(d, s, r, c);
		break;
	default:
		draw_others(d, s, r);
	}
}

static struct rect below_title(struct rect r)
{
	return (struct rect){ r.x, r.y + 1, r.w, r.h - 1 };
}

size_t drift_detail_pages(const struct drift_detail *d, struct rect r)
{
	size_t n = 0;

	for (int part = 0; part < N_PARTS; n++)
		part = page_end(d, below_title(r), part);
	return n;
}

/* Which page, where there are several, and which feature. */
static void draw_title(const struct drift_detail *d, struct surface *s,
		       struct rect row, size_t page, size_t n_pages)
{
	struct arena *a = &d->ui->frame;
	const struct drift_report *r = d->report;
	char n[HUMAN_MAX];
	struct shown feature = shown_fmt(a, "feature %zu of %s", d->column + 1,
					 human_count(n, (int64_t)r->n_columns));
	struct shown note =
		n_pages > 1 ? shown_fmt(a, "page %zu of %zu", page + 1, n_pages)
			    : feature;
	struct shown name =
		shown_cut(a, shown_text(a, r->columns[d->column].name),
			  (unsigned)MAX(1, row.w - (int)note.width - 8),
			  d->ui->glyphs->is_ascii);
	bool has_both =
		n_pages > 1 &&
		(int)(name.width + feature.width + note.width) + 12 <= row.w;

	surface_title(s, row, SHOWN(""), name, has_both ? feature : SHOWN(""),
		      note, d->has_focus, d->ui->glyphs);
}

void drift_detail_draw(const struct drift_detail *d, struct surface *s,
		       struct rect r)
{
	size_t n_pages = drift_detail_pages(d, r);
	size_t page = MIN(d->page, n_pages - 1);
	struct rect at = below_title(r);
	int part = 0, end;

	draw_title(d, s, (struct rect){ r.x, r.y, r.w, 1 }, page, n_pages);
	for (size_t i = 0; i < page; i++)
		part = page_end(d, at, part);
	for (end = page_end(d, at, part); part < end; part++) {
		int rows = rows_given(d, at, part, end);

		draw_part(d, s, (struct rect){ at.x, at.y, at.w, rows }, part);
		at.y += rows;
		at.h -= rows;
	}
}

void drift_way_out(struct ui *ui, struct surface *s, struct rect row,
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
