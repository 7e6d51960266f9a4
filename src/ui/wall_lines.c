/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Counts, and lines of a name and a value: the tower's page and the night's. */
#include "config.h"

#include <string.h>

#include "base/human.h"
#include "base/mem.h"
#include "draw/bigfont.h"
#include "draw/chart.h"
#include "wall_parts.h"

#define L_ROWS      7 /* digits hang nothing below the line */
#define SPARK_WIDTH 44
#define SMALL_SPARK 16

/* ---- counts ---- */

static struct shown number(size_t n, char out[HUMAN_MAX])
{
	size_t len = strlen(human_count(out, (int64_t)n));

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
	char out[HUMAN_MAX];
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
	char out[HUMAN_MAX];
	struct shown digits = number(c->n, out);
	enum role label = c->role == ROLE_WARN || c->role == ROLE_ALARM
				  ? c->role
				  : ROLE_DIM;
	int y = w->y;

	switch (form) {
	case COUNTS_LARGE:
		wall_big(w, x, y, digits, BIG_L, c->role);
		wall_big(w, x, y + L_ROWS + 1, c->label, BIG_S, label);
		draw_note(w, x, end, y + L_ROWS + 1 + S_ROWS + 1, c->note);
		break;
	case COUNTS_MIDDLE:
		wall_big(w, x, y, digits, BIG_L, c->role);
		wall_put(w, x, y + L_ROWS, c->label, label);
		draw_note(w, x, end, y + L_ROWS + 1, c->note);
		break;
	case COUNTS_SMALL:
		wall_big(w, x, y, digits, BIG_S, c->role);
		wall_put(w, x, y + S_ROWS, c->label, label);
		break;
	default:
		x += wall_put(w, x, y, digits, c->role) + 1;
		wall_put(w, x, y, c->label, label);
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
	x += wall_put(w, x, y, l->spark_label, ROLE_DIM) + 2;
	chart_sparkline(w->s, (struct rect){ x, y, width, 1 }, l->spark,
			l->n_spark, l->spark_role, w->g);
	wall_put(w, x + width + 2, y, l->spark_text, ROLE_TEXT);
}

static void draw_big_line(struct wall *w, const struct wall_line *l, int y,
			  int mid_end)
{
	int note = y + S_ROWS, x = w->left, end;

	wall_big(w, x, y, l->name, BIG_S, l->name_role);
	if (w->has_big_values)
		wall_big_right(w, w->right, y, l->value, BIG_S, l->value_role);
	wall_big_right(w, mid_end, y, l->mid, BIG_S, l->mid_role);
	if (note >= w->end)
		return;
	end = wall_put_right(w, w->right, note, l->value_note, ROLE_DIM);
	if (!w->has_big_values && l->value.len)
		end = wall_put_right(w, end - 1, note, l->value, l->value_role);
	draw_note(w, x, end - 2, note, l->note);
	x += MAX((int)l->note.width + 4, 26);
	draw_spark(w, x, note, end - 2 - x, l);
}

static void draw_plain_line(struct wall *w, const struct wall_line *l, int y,
			    int note_x)
{
	int value = MAX(8, (int)l->value.width);
	int end = w->right - value - 2 - (int)l->mid.width;

	wall_put_right(w, w->right, y, l->value, l->value_role);
	wall_put_right(w, w->right - value - 2, y, l->mid, l->mid_role);
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
		wall_put(w, w->left, w->y, f->lines_none, ROLE_DIM);
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

size_t wall_draw_tower(struct wall *w)
{
	enum counts_form counts;
	struct line_form lines;
	int title;

	w->has_big_values = do_lines_fit(w, true);
	choose(w, &counts, &lines, &title);
	draw_counts(w, counts);
	if (title) {
		wall_rule(w, w->y, w->f->lines_title);
		w->y += title;
	}
	return draw_lines(w, lines);
}

size_t wall_draw_night(struct wall *w)
{
	struct line_form lines = { do_lines_fit(w, true) && w->r.h >= 24,
				   LINE_ROWS + 1 };

	w->has_big_values = lines.is_big;
	if (!lines.is_big)
		lines.rows = 1;
	wall_rule(w, w->y, w->f->lines_title);
	w->y += 2;
	return draw_lines(w, lines);
}

size_t wall_draw_lines(struct wall *w)
{
	size_t form = 0, last = ARRAY_LEN(line_forms) - 1;

	w->has_big_values = do_lines_fit(w, true);
	while (form < last &&
	       !do_lines_fit_as(w, line_forms[form], w->end - w->y))
		form++;
	return draw_lines(w, line_forms[form]);
}
