/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "wall_draw.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "draw/bigfont.h"
#include "draw/chart.h"

#define S_ROWS         4
#define L_ROWS         7 /* digits hang nothing below the line */
#define LINE_ROWS      5 /* dot letters and the note below them */
#define BAND_ROWS      6
#define CHART_ROWS     8
#define CHART_MIN_ROWS 5
#define SPARK_WIDTH    44
#define SMALL_SPARK    16

struct wall {
	struct surface *s;
	const struct wall_facts *f;
	const struct glyphs *g;
	struct rect r;       /* of all, moved against burn-in */
	int left, right;     /* text stands in [left, right) */
	int y, end;          /* free rows: [y, end) */
	bool has_big_values; /* of the lines: else they stand with the notes */
};

static int put(struct wall *w, int x, int y, struct shown text, enum role role)
{
	return surface_put(w->s, x, y, text, MAX(0, w->right - x), role);
}

/* Ends at `end`; returns its first column. */
static int put_right(struct wall *w, int end, int y, struct shown text,
		     enum role role)
{
	int x = end - (int)text.width;

	if (x < w->left)
		return end;
	surface_put(w->s, x, y, text, (int)text.width, role);
	return x;
}

static void big(struct wall *w, int x, int y, struct shown text,
		enum big_size size, enum role role)
{
	big_put(w->s, x, y, text, w->right - x, size, role, w->g);
}

static int big_right(struct wall *w, int end, int y, struct shown text,
		     enum big_size size, enum role role)
{
	int x = end - big_width(text, size);

	big_put(w->s, x, y, text, end - x, size, role, w->g);
	return x;
}

static void rule(struct wall *w, int y, struct shown name)
{
	for (int x = w->left - 1; x < w->right + 1; x++)
		surface_put(w->s, x, y, w->g->rule, 1, ROLE_RULE);
	if (!name.len)
		return;
	surface_put(w->s, w->left, y, SHOWN(" "), 1, ROLE_RULE);
	put(w, w->left + 1, y, name, ROLE_STRONG);
	put(w, w->left + 1 + (int)name.width, y, SHOWN(" "), ROLE_RULE);
	if (w->left + 1 + (int)name.width > w->right)
		put(w, w->right - 1, y,
		    w->g->is_ascii ? SHOWN("~") : SHOWN("…"), ROLE_STRONG);
}

/* ---- head and foot ---- */

/* Their names, the one shown as a badge; it alone where room is short. */
static int draw_pages(struct wall *w, int x, int end, int y)
{
	const struct wall_facts *f = w->f;
	enum role role = f->is_held ? ROLE_BADGE_ALARM : ROLE_BADGE;
	int width = 0;
	bool has_room;

	for (size_t i = 0; i < f->n_pages; i++)
		width += (int)f->pages[i].width + 3;
	has_room = width <= end - x;
	for (size_t i = 0; i < f->n_pages; i++) {
		int n = (int)f->pages[i].width + 2;

		if (i != f->page && !has_room)
			continue;
		if (x + n > end)
			break;
		if (i == f->page) {
			surface_fill(w->s, (struct rect){ x, y, n, 1 }, role);
			surface_put(w->s, x + 1, y, f->pages[i], n, role);
		} else {
			put(w, x + 1, y, f->pages[i], ROLE_DIM);
		}
		x += n + 1;
	}
	return x + 1;
}

static void draw_head(struct wall *w)
{
	const struct wall_facts *f = w->f;
	bool is_tall = w->r.h >= 30 && w->right - w->left >= 90;
	int y = w->y + (is_tall ? 2 : 0), x = w->left;
	int clock = w->right - (int)f->clock.width;

	put(w, x, w->y, SHOWN("mltower"), ROLE_ACCENT);
	if (is_tall) {
		clock = big_right(w, w->right, w->y, f->clock, BIG_S,
				  ROLE_TEXT);
		x = draw_pages(w, x - 1, clock - 1, y);
	} else {
		put_right(w, w->right, w->y, f->clock, ROLE_TEXT);
		x = draw_pages(w, x + 9, clock - 1, y);
	}
	if (x + (int)f->turn.width < clock)
		put(w, x, y, f->turn, f->is_held ? ROLE_ALARM : ROLE_DIM);
	w->y += is_tall ? 5 : w->r.h >= 16 ? 2 : 1;
}

static int draw_sources(struct wall *w, int x, int end, int y)
{
	const struct wall_facts *f = w->f;

	for (size_t i = 0; i < f->n_sources; i++) {
		const struct wall_source *src = &f->sources[i];

		if (x + (int)(src->name.width + 1 + src->state.width) > end)
			return x;
		x += put(w, x, y, src->name, ROLE_DIM) + 1;
		x += put(w, x, y, src->state, src->role) + 4;
	}
	return x;
}

static void draw_foot(struct wall *w)
{
	const struct wall_facts *f = w->f;
	int y = w->r.y + w->r.h - 1, end = w->right;

	if (w->right - w->left >= 60) {
		if (f->is_demo)
			end = put_right(w, end, y, SHOWN("synthetic"),
					ROLE_DIM) -
			      4;
		end = put_right(w, end, y, SHOWN("read-only"), ROLE_DIM) - 4;
		end = put_right(w, end, y, f->watch, f->watch_role) - 1;
		end = put_right(w, end, y, SHOWN("watch"), ROLE_DIM) - 4;
	}
	draw_sources(w, w->left, end, y);
	w->end = y;
	if (w->r.h < 10)
		return;
	w->end--;
	rule(w, w->end, SHOWN(""));
}

/* ---- counts ---- */

static struct shown number(size_t n, char out[24])
{
	int len = snprintf(out, 24, "%zu", n);

	return (struct shown){ out, (uint32_t)len, (uint32_t)len };
}

enum counts_form {
	COUNTS_LARGE,  /* digits L, labels S, notes */
	COUNTS_MIDDLE, /* digits L, labels plain, notes */
	COUNTS_SMALL,  /* digits S, labels plain */
	COUNTS_PLAIN,  /* a line */
	N_COUNTS_FORMS,
};

static const int counts_rows[N_COUNTS_FORMS] = { 15, 10, 6, 2 };

static int count_width(const struct wall_count *c, enum counts_form form)
{
	char out[24];
	struct shown digits = number(c->n, out);
	int label = (int)c->label.width;

	switch (form) {
	case COUNTS_LARGE:
		return MAX(big_width(digits, BIG_L),
			   big_width(c->label, BIG_S));
	case COUNTS_MIDDLE:
		return MAX(big_width(digits, BIG_L), label);
	case COUNTS_SMALL:
		return MAX(big_width(digits, BIG_S), label);
	default:
		return (int)digits.width + 1 + label;
	}
}

static int counts_width(const struct wall *w, enum counts_form form)
{
	int width = 0;

	for (size_t i = 0; i < WALL_COUNTS; i++)
		width += count_width(&w->f->counts[i], form);
	return width;
}

static bool do_counts_fit(const struct wall *w, enum counts_form form)
{
	int gap = form == COUNTS_PLAIN ? 2 : 4;

	return counts_width(w, form) + gap * (WALL_COUNTS - 1) <=
	       w->right - w->left;
}

static void draw_note(struct wall *w, int x, int end, int y, struct shown note)
{
	if (end > x)
		surface_put(w->s, x, y, note, end - x, ROLE_DIM);
}

static void draw_count(struct wall *w, const struct wall_count *c, int x,
		       int end, enum counts_form form)
{
	char out[24];
	struct shown digits = number(c->n, out);
	enum role label = c->role == ROLE_WARN || c->role == ROLE_ALARM
				  ? c->role
				  : ROLE_DIM;
	int y = w->y;

	switch (form) {
	case COUNTS_LARGE:
		big(w, x, y, digits, BIG_L, c->role);
		big(w, x, y + L_ROWS + 1, c->label, BIG_S, label);
		draw_note(w, x, end, y + L_ROWS + 1 + S_ROWS + 1, c->note);
		break;
	case COUNTS_MIDDLE:
		big(w, x, y, digits, BIG_L, c->role);
		put(w, x, y + L_ROWS, c->label, label);
		draw_note(w, x, end, y + L_ROWS + 1, c->note);
		break;
	case COUNTS_SMALL:
		big(w, x, y, digits, BIG_S, c->role);
		put(w, x, y + S_ROWS, c->label, label);
		break;
	default:
		x += put(w, x, y, digits, c->role) + 1;
		put(w, x, y, c->label, label);
		break;
	}
}

static void draw_counts(struct wall *w, enum counts_form form)
{
	int free_width = w->right - w->left - counts_width(w, form);
	int gap = free_width / (WALL_COUNTS - 1), x = w->left;

	if (form == COUNTS_PLAIN)
		gap = MAX(1, MIN(gap, 3));
	for (size_t i = 0; i < WALL_COUNTS; i++) {
		const struct wall_count *c = &w->f->counts[i];
		int next = x + count_width(c, form) + gap;

		if (next - gap > w->right)
			break;

		draw_count(w, c, x, i + 1 < WALL_COUNTS ? next - 2 : w->right,
			   form);
		x = next;
	}
	w->y += counts_rows[form];
}

/* ---- lines ---- */

struct line_form {
	bool is_big;
	int rows; /* of a line, with what is free below it */
};

/* Do name and version, and the value too, fit in one row of dot letters? */
static bool do_lines_fit(const struct wall *w, bool with_values)
{
	for (size_t i = 0; i < w->f->n_lines; i++) {
		const struct wall_line *l = &w->f->lines[i];
		int width = big_width(l->name, BIG_S);

		if (l->mid.len)
			width += 4 + big_width(l->mid, BIG_S);
		if (with_values && l->value.len)
			width += 4 + big_width(l->value, BIG_S);
		if (width > w->right - w->left)
			return false;
	}
	return true;
}

/* Values stand in one column, versions end before the widest of them. */
static int value_column(const struct wall *w)
{
	int width = 0;

	for (size_t i = 0; i < w->f->n_lines && w->has_big_values; i++)
		width = MAX(width, big_width(w->f->lines[i].value, BIG_S));
	return width ? w->right - width - 4 : w->right;
}

static void draw_spark(struct wall *w, int x, int y, int room,
		       const struct wall_line *l)
{
	int width = room >= 90 ? SPARK_WIDTH : SMALL_SPARK;

	if (!l->n_spark ||
	    room < (int)(l->spark_label.width + l->spark_text.width) + 4 +
			    width)
		return;
	x += put(w, x, y, l->spark_label, ROLE_DIM) + 2;
	chart_sparkline(w->s, (struct rect){ x, y, width, 1 }, l->spark,
			l->n_spark, l->spark_role, w->g);
	put(w, x + width + 2, y, l->spark_text, ROLE_TEXT);
}

static void draw_big_line(struct wall *w, const struct wall_line *l, int y,
			  int mid_end)
{
	int note = y + S_ROWS, x = w->left, end;

	big(w, x, y, l->name, BIG_S, l->name_role);
	if (w->has_big_values)
		big_right(w, w->right, y, l->value, BIG_S, l->value_role);
	big_right(w, mid_end, y, l->mid, BIG_S, l->mid_role);
	if (note >= w->end)
		return;
	end = put_right(w, w->right, note, l->value_note, ROLE_DIM);
	if (!w->has_big_values && l->value.len)
		end = put_right(w, end - 1, note, l->value, l->value_role);
	draw_note(w, x, end - 2, note, l->note);
	x += MAX((int)l->note.width + 4, 26);
	draw_spark(w, x, note, end - 2 - x, l);
}

static void draw_plain_line(struct wall *w, const struct wall_line *l, int y,
			    int note_x)
{
	int value = MAX(8, (int)l->value.width);
	int end = w->right - value - 2 - (int)l->mid.width;

	put_right(w, w->right, y, l->value, l->value_role);
	put_right(w, w->right - value - 2, y, l->mid, l->mid_role);
	surface_put(w->s, w->left, y, l->name, end - 1 - w->left, l->name_role);
	if (note_x + (int)l->note.width < end)
		draw_note(w, note_x, end - 2, y, l->note);
}

static int note_column(const struct wall *w)
{
	unsigned width = 0;

	for (size_t i = 0; i < w->f->n_lines; i++)
		width = MAX(width, w->f->lines[i].name.width);
	return w->left + (int)width + 3;
}

static size_t draw_lines(struct wall *w, struct line_form form)
{
	const struct wall_facts *f = w->f;
	int mid_end = value_column(w), note_x = note_column(w);
	size_t n = 0;

	if (!f->n_lines)
		put(w, w->left, w->y, f->lines_none, ROLE_DIM);
	while (n < f->n_lines) {
		const struct wall_line *l =
			&f->lines[(f->first + n) % f->n_lines];

		/* The last one may do without what is free below it. */
		if (w->y + (form.is_big ? S_ROWS : 1) > w->end)
			break;
		if (form.is_big)
			draw_big_line(w, l, w->y, mid_end);
		else
			draw_plain_line(w, l, w->y, note_x);
		w->y += form.rows;
		n++;
	}
	return n;
}

static int lines_rows(const struct wall *w, struct line_form form)
{
	int n = (int)MIN(w->f->n_lines, 1000);

	return MAX(1, n * form.rows);
}

/* ---- pages ---- */

/* From large to small. */
static const struct line_form line_forms[] = { { true, LINE_ROWS + 1 },
					       { true, LINE_ROWS },
					       { true, S_ROWS },
					       { false, 2 },
					       { false, 1 } };

/* Do all lines fit in this form? The last one may do without what is free below
 * it. */
static bool do_lines_fit_as(const struct wall *w, struct line_form form,
			    int room)
{
	return (!form.is_big || do_lines_fit(w, false)) &&
	       lines_rows(w, form) - 1 <= room;
}

/* The largest counts under which all lines still fit, dot letters before
 * plain ones. A title above the lines takes two rows where there is room. */
static void choose(const struct wall *w, enum counts_form *counts,
		   struct line_form *lines, int *title)
{
	int room = w->end - w->y;

	*title = room >= 16 ? 2 : 0;
	for (size_t l = 0; l < ARRAY_LEN(line_forms); l++) {
		for (int c = 0; c < N_COUNTS_FORMS; c++) {
			if ((!do_counts_fit(w, (enum counts_form)c) &&
			     c != COUNTS_PLAIN) ||
			    !do_lines_fit_as(w, line_forms[l],
					     room - counts_rows[c] - *title))
				continue;
			*counts = (enum counts_form)c;
			*lines = line_forms[l];
			return;
		}
	}
	/* They do not: as many as there is room for, in turns. */
	*counts = room >= 16 && do_counts_fit(w, COUNTS_SMALL) ? COUNTS_SMALL
							       : COUNTS_PLAIN;
	*lines = line_forms[do_lines_fit(w, false) && room >= 24 ? 1 : 4];
}

static size_t draw_tower(struct wall *w)
{
	enum counts_form counts;
	struct line_form lines;
	int title;

	w->has_big_values = do_lines_fit(w, true);
	choose(w, &counts, &lines, &title);
	draw_counts(w, counts);
	if (title) {
		rule(w, w->y, w->f->lines_title);
		w->y += title;
	}
	return draw_lines(w, lines);
}

static size_t draw_night(struct wall *w)
{
	struct line_form lines = { do_lines_fit(w, true) && w->r.h >= 24,
				   LINE_ROWS + 1 };

	w->has_big_values = lines.is_big;
	if (!lines.is_big)
		lines.rows = 1;
	rule(w, w->y, w->f->lines_title);
	w->y += 2;
	return draw_lines(w, lines);
}

/* ---- runs of a view ---- */

#define TABLE_GAP   3
#define TABLE_MOST  16 /* columns */
#define NAME_LEAST  12
#define TABLE_NOTES 3 /* cells between what stands below a row */

struct table {
	bool is_big;
	size_t n; /* columns that fit, the name among them; 0: not even it */
	int gap, width; /* of those beside the name */
	int widths[TABLE_MOST];
};

static const struct wall_cell *cells_of(const struct wall *w, size_t row)
{
	return &w->f->cells[row * w->f->n_columns];
}

static int text_cells(struct shown text, bool is_big)
{
	return is_big ? big_width(text, BIG_S) : (int)text.width;
}

static int column_width(const struct wall *w, size_t col, bool is_big)
{
	int width = (int)w->f->columns[col].title.width;

	for (size_t i = 0; i < w->f->n_rows; i++)
		width = MAX(width,
			    text_cells(cells_of(w, i)[col].text, is_big));
	return width;
}

/* As many columns as fit whole beside the name, in their order. Plain names
 * are cut for them. */
static struct table fit_table(const struct wall *w, bool is_big)
{
	struct table t = { .is_big = is_big, .gap = is_big ? 6 : TABLE_GAP };
	int name = column_width(w, 0, is_big);
	int room = w->right - w->left - (is_big ? name : MIN(name, NAME_LEAST));

	if (is_big && room < 0)
		return t;
	for (t.n = 1; t.n < MIN(w->f->n_columns, TABLE_MOST); t.n++) {
		t.widths[t.n] = column_width(w, t.n, is_big);
		if (t.width + t.gap + t.widths[t.n] > room)
			break;
		t.width += t.gap + t.widths[t.n];
	}
	t.widths[0] = w->right - w->left - t.width;
	return t;
}

static void put_cell(struct wall *w, int x, int width, struct shown text,
		     bool is_right, bool is_big, enum role role)
{
	if (is_right)
		x += MAX(0, width - text_cells(text, is_big));
	if (is_big)
		big_put(w->s, x, w->y, text, width, BIG_S, role, w->g);
	else
		surface_put(w->s, x, w->y, text, width, role);
}

/* The heads where there are no cells; they are never big. */
static void draw_table_row(struct wall *w, const struct table *t,
			   const struct wall_cell *cells)
{
	const struct wall_column *columns = w->f->columns;
	int x = w->left;

	for (size_t c = 0; c < t->n; c++) {
		put_cell(w, x, t->widths[c],
			 cells ? cells[c].text : columns[c].title,
			 columns[c].is_right, cells && t->is_big,
			 cells ? cells[c].role : ROLE_DIM);
		x += t->widths[c] + t->gap;
	}
}

/* What did not fit beside the dot letters stands below them. */
static void draw_table_note(struct wall *w, const struct table *t,
			    const struct wall_cell *cells, int y)
{
	int x = w->left;

	for (size_t c = t->n; c < w->f->n_columns; c++) {
		struct shown title = w->f->columns[c].title;
		int width = (int)(title.width + 1 + cells[c].text.width);

		if (x + width > w->right)
			break;
		x += put(w, x, y, title, ROLE_DIM) + 1;
		x += put(w, x, y, cells[c].text, cells[c].role) + TABLE_NOTES;
	}
}

static size_t draw_table(struct wall *w, const struct table *t)
{
	int text = t->is_big ? S_ROWS : 1;
	bool has_notes = t->is_big && t->n < w->f->n_columns;
	int rows = text + (t->is_big ? 1 + has_notes : 0);
	size_t n = 0;

	for (; n < w->f->n_rows && w->y + text + has_notes <= w->end; n++) {
		draw_table_row(w, t, cells_of(w, n));
		if (has_notes)
			draw_table_note(w, t, cells_of(w, n), w->y + text);
		w->y += rows;
	}
	return n;
}

/* In dot letters where there is room for some rows of them. */
static size_t draw_runs(struct wall *w)
{
	bool has_room = w->r.h >= 24;
	struct table t;

	rule(w, w->y++, w->f->lines_title);
	if (!w->f->n_rows) {
		w->y += has_room;
		put(w, w->left, w->y, w->f->lines_none, ROLE_DIM);
		return 0;
	}
	t = fit_table(w, has_room);
	if (!t.n)
		t = fit_table(w, false);
	if (w->r.h >= 10) {
		draw_table_row(w, &t, NULL);
		w->y++;
	}
	return draw_table(w, &t);
}

/* Blank rows are for those who have rows. */
static bool is_roomy(const struct wall *w)
{
	return w->r.h >= 40;
}

/* The band: how many, and for how long. */
static void draw_band(struct wall *w)
{
	const struct wall_facts *f = w->f;
	bool is_big = w->end - w->y >= 14 &&
		      big_width(f->firing, BIG_S) +
				      big_width(f->longest, BIG_S) + 8 <=
			      w->right - w->left;
	enum role role = f->is_firing ? ROLE_BADGE_ALARM : ROLE_TEXT;
	int rows = is_big ? BAND_ROWS : 1;

	surface_fill(w->s,
		     (struct rect){ w->left - 1, w->y, w->right - w->left + 2,
				    rows },
		     role);
	if (is_big) {
		big(w, w->left + 1, w->y + 1, f->firing, BIG_S, role);
		big_right(w, w->right - 2, w->y + 1, f->longest, BIG_S, role);
	} else {
		put(w, w->left, w->y, f->firing, role);
		put_right(w, w->right, w->y, f->longest, role);
	}
	w->y += rows + (is_roomy(w) ? 2 : w->r.h >= 16 ? 1 : 0);
}

/* The next one has its place first, in dot letters if that leaves a chart
 * worth the name; many share what there is with the chart. */
static int chart_rows(const struct wall *w)
{
	int room = w->end - w->y;

	if (w->f->n_alerts > 1)
		room -= room >= CHART_ROWS + LINE_ROWS + 2 ? LINE_ROWS + 2
			: is_roomy(w)                      ? 2
							   : 1;
	return w->f->n_alerts > 2 ? MIN(room, MAX(CHART_ROWS + 3, room * 2 / 3))
				  : room;
}

static void draw_chart(struct wall *w, const struct wall_alert *al)
{
	struct chart_series series = {
		.curve = { .points = al->history,
			   .n = al->n_history,
			   .x = CURVE_TIME },
		.role = ROLE_SERIES_A,
		.label = SHOWN(""),
	};
	struct chart_spec spec = { .series = &series,
				   .n_series = 1,
				   .has_x_labels = true,
				   .gap = (double)al->gap_ms,
				   .gap_label = SHOWN("not evaluated"),
				   .has_threshold = al->has_limit,
				   .threshold = al->threshold,
				   .threshold_label = SHOWN("") };
	int rows = chart_rows(w);

	if (!al->n_history || rows < CHART_MIN_ROWS)
		return;
	spec.x_to = (double)al->history[al->n_history - 1].time_ms;
	chart_draw(w->s,
		   (struct rect){ w->left, w->y, w->right - w->left, rows },
		   &spec, w->g);
	w->y += rows;
}

static int pair_width(struct shown a, struct shown b)
{
	return big_width(a, BIG_S) + 4 + big_width(b, BIG_S);
}

/* As many of its parts, "a, b, c", as fit as a whole. */
static struct shown parts_of(struct shown text, int room)
{
	while (room > 0 && (int)text.width > room) {
		uint32_t len = text.len;

		while (len > 0 && text.s[len - 1] != ',')
			len--;
		if (!len)
			return SHOWN("");
		text.len = len - 1;
		text.width = (uint32_t)text_width(text.s, text.len);
	}
	return text;
}

/* A text at the left, as much as fits before the one at the right. */
static void put_pair(struct wall *w, struct shown left, enum role left_role,
		     struct shown right, enum role right_role)
{
	int end = put_right(w, w->right, w->y, right, right_role);
	int room = end - w->left - (right.len ? 2 : 0);

	put(w, w->left, w->y, parts_of(left, room), left_role);
	w->y++;
}

static void put_named(struct wall *w, const struct wall_alert *al,
		      enum role role)
{
	int end = put_right(w, w->right, w->y, al->age, ROLE_DIM) - 1;

	surface_put(w->s, w->left, w->y, al->model, MAX(0, end - w->left),
		    role);
	if ((int)al->model.width > end - w->left && end > w->left)
		surface_put(w->s, end - 1, w->y,
			    w->g->is_ascii ? SHOWN("~") : SHOWN("…"), 1, role);
}

static void draw_worst_plain(struct wall *w, const struct wall_alert *al)
{
	int room = w->right - w->left;

	put_named(w, al, ROLE_STRONG);
	w->y++;
	put(w, w->left, w->y, al->what, al->role);
	if ((int)(al->what.width + 2 + al->limit.width) <= room)
		put(w, w->left + (int)al->what.width + 2, w->y, al->limit,
		    ROLE_DIM);
	w->y++;
	if (w->end - w->y >= 4)
		put_pair(w, al->note, ROLE_DIM, SHOWN(""), ROLE_DIM);
	if (w->end - w->y >= 4)
		w->y++;
}

/* The worst: who, what and how far over, in dot letters where they fit. */
static void draw_worst(struct wall *w, const struct wall_alert *al)
{
	int room = w->right - w->left;
	bool has_big_limit = pair_width(al->what, al->limit) <= room;

	if (w->end - w->y < 2 * S_ROWS + 3 ||
	    pair_width(al->model, al->version) > room ||
	    big_width(al->what, BIG_S) > room) {
		draw_worst_plain(w, al);
		return;
	}
	big(w, w->left, w->y, al->model, BIG_S, ROLE_STRONG);
	big_right(w, w->right, w->y, al->version, BIG_S, ROLE_STRONG);
	w->y += S_ROWS + 1;
	big(w, w->left, w->y, al->what, BIG_S, al->role);
	if (has_big_limit)
		big_right(w, w->right, w->y, al->limit, BIG_S, ROLE_DIM);
	w->y += S_ROWS + is_roomy(w);
	put_pair(w, al->note, ROLE_DIM, has_big_limit ? SHOWN("") : al->limit,
		 ROLE_DIM);
	w->y += is_roomy(w);
}

static void draw_next(struct wall *w, const struct wall_alert *al)
{
	int room = w->right - w->left, x;

	if (w->end - w->y >= LINE_ROWS && al->value.len &&
	    pair_width(al->model, al->value) <= room) {
		big(w, w->left, w->y, al->model, BIG_S, ROLE_TEXT);
		big_right(w, w->right, w->y, al->value, BIG_S, al->role);
		w->y += S_ROWS;
		x = put_right(w, w->right, w->y, al->limit, ROLE_DIM);
		x = put_right(w, x - 2, w->y, al->what, ROLE_DIM);
		put(w, w->left, w->y, parts_of(al->note, x - 2 - w->left),
		    ROLE_DIM);
		w->y += 2;
		return;
	}
	put_named(w, al, ROLE_TEXT);
	if ((int)(al->model.width + al->what.width + al->age.width) + 6 < room)
		put(w, w->left + (int)al->model.width + 3, w->y, al->what,
		    al->role);
	w->y++;
}

/* Below the alerts, where they leave room: what serves now. Lines that do not
 * all fit in any form are plain ones, as many as there is room for. */
static size_t draw_serving(struct wall *w)
{
	size_t form = 0, last = ARRAY_LEN(line_forms) - 1;
	int title = is_roomy(w) ? 2 : 1;

	w->y++;
	if (!w->f->n_lines || w->end - w->y <= title)
		return 0;
	rule(w, w->y, w->f->lines_title);
	w->y += title;
	w->has_big_values = do_lines_fit(w, true);
	while (form < last &&
	       !do_lines_fit_as(w, line_forms[form], w->end - w->y))
		form++;
	return draw_lines(w, line_forms[form]);
}

static size_t draw_alerts(struct wall *w)
{
	const struct wall_facts *f = w->f;

	draw_band(w);
	if (!f->n_alerts) {
		put(w, w->left, w->y++, SHOWN("No alert fires or is pending."),
		    ROLE_DIM);
		return draw_serving(w);
	}
	if (w->end - w->y < 3) {
		put_named(w, &f->alerts[0], ROLE_STRONG);
		return 0;
	}
	draw_worst(w, &f->alerts[0]);
	draw_chart(w, &f->alerts[0]);
	for (size_t i = 1; i < f->n_alerts && w->y < w->end; i++) {
		if (i == 1 && w->end - w->y > LINE_ROWS)
			rule(w, w->y++, SHOWN(""));
		draw_next(w, &f->alerts[i]);
	}
	return draw_serving(w);
}

/* Everything moves by a cell now and then: right, down, left, up. */
static struct rect shifted(const struct surface *s, unsigned shift)
{
	int dx = shift % 4 == 1 || shift % 4 == 2, dy = shift % 4 >= 2;

	if (s->w < 30 || s->h < 10)
		return (struct rect){ 0, 0, s->w, s->h };
	return (struct rect){ dx, dy, s->w - 1, s->h - 1 };
}

size_t wall_draw(struct surface *s, const struct wall_facts *f,
		 const struct glyphs *g)
{
	struct wall w = { .s = s, .f = f, .g = g, .r = shifted(s, f->shift) };
	int margin = w.r.w >= 100 ? 4 : 1;

	surface_clear(s);
	w.left = w.r.x + margin;
	w.right = w.r.x + w.r.w - margin;
	w.y = w.r.y + (w.r.h >= 30 ? 1 : 0);
	draw_foot(&w);
	draw_head(&w);
	switch (f->kind) {
	case WALL_ALERTS:
		return draw_alerts(&w);
	case WALL_NIGHT:
		return draw_night(&w);
	case WALL_RUNS:
		return draw_runs(&w);
	default:
		return draw_tower(&w);
	}
}
