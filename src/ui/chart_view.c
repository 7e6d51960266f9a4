/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "chart_view.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/human.h"
#include "base/mem.h"

#define CROSSHAIR_STEPS 60
#define MOST_ACROSS     6
#define TAIL            4 /* that part of all is followed at first */

static const double smoothings[] = { 0, .6, .9, .97, .99 };

void chart_view_begin(struct chart_view *v)
{
	v->has_span = v->has_range = false;
}

static void widen(bool *has, double *lo, double *hi, double a, double b)
{
	*lo = *has ? fmin(*lo, a) : a;
	*hi = *has ? fmax(*hi, b) : b;
	*has = true;
}

void chart_view_add_span(struct chart_view *v, double first, double last)
{
	widen(&v->has_span, &v->first, &v->last, first, last);
}

void chart_view_add_range(struct chart_view *v, double low, double high)
{
	widen(&v->has_range, &v->low, &v->high, low, high);
}

bool chart_view_window(const struct chart_view *v, double *from, double *to)
{
	double width = v->to - v->from;

	*to = v->is_following ? v->last : v->to;
	*from = *to - width;
	return v->has_window && (!v->is_following || v->has_span);
}

double chart_view_smooth(const struct chart_view *v)
{
	return smoothings[v->smoothing];
}

/* ---- what is told of it ---- */

static void add_x(const struct chart_view *v, double x, struct buf *out)
{
	char text[HUMAN_MAX];

	if (v->x == CURVE_TIME)
		clock_format_local((int64_t)x, text);
	else if (v->x == CURVE_AGE)
		human_duration(text, (int64_t)x);
	else if (v->x == CURVE_STEP)
		human_count(text, (int64_t)x);
	else
		human_number(text, x, 4);
	buf_adds(out, text);
}

static void add_part(struct buf *out, const char *text)
{
	buf_addf(out, "%s%s", out->len ? ", " : "", text);
}

struct shown chart_view_text(const struct chart_view *v, struct arena *a)
{
	static const char *const xs[] = { NULL, "by time", "by age", "by " };
	struct buf out = BUF_INIT(512);
	struct shown text;

	if (xs[v->x])
		add_part(&out, xs[v->x]);
	if (v->x == CURVE_VALUE)
		buf_adds(&out, v->by);
	if (v->smoothing) {
		add_part(&out, "smooth ");
		buf_addf(&out, "%g", chart_view_smooth(v));
	}
	if (v->has_window && v->is_following)
		add_part(&out, "follows");
	if (v->has_crosshair) {
		add_part(&out, "at ");
		add_x(v, v->crosshair, &out);
	}
	text = shown_text(a, buf_str(&out));
	buf_release(&out);
	return text;
}

struct shown chart_view_scale(const struct chart_view *v)
{
	return v->scale == SCALE_LOG      ? SHOWN("log")
	       : v->scale == SCALE_SYMLOG ? SHOWN("symlog")
					  : SHOWN("");
}

/* ---- moving about ---- */

/* Less than this nobody can look at. */
static double least_width(const struct chart_view *v)
{
	if (v->x == CURVE_STEP)
		return 2;
	return v->x == CURVE_VALUE ? (v->last - v->first) * 1e-6 : 1000;
}

static void show_all(struct chart_view *v)
{
	v->has_window = v->is_following = false;
}

static void set_window(struct chart_view *v, double from, double width)
{
	double most = v->last - v->first;

	if (width >= most) {
		show_all(v);
		return;
	}
	v->from = fmax(v->first, fmin(v->last - width, from));
	v->to = v->from + width;
	v->has_window = true;
}

/* What is seen now. */
static void current(const struct chart_view *v, double *from, double *to)
{
	if (chart_view_window(v, from, to))
		return;
	*from = v->first;
	*to = v->last;
}

/* Around the crosshair, else the middle; when following, at the end. */
static void zoom(struct chart_view *v, double by)
{
	double from, to, width, share = .5;

	current(v, &from, &to);
	if (v->is_following)
		share = 1;
	else if (v->has_crosshair && v->crosshair >= from &&
		 v->crosshair <= to && to > from)
		share = (v->crosshair - from) / (to - from);
	width = fmax((to - from) * by, least_width(v));
	set_window(v, from + share * (to - from) - share * width, width);
}

static void pan(struct chart_view *v, struct ui *ui, double by)
{
	double from, to;

	if (!v->has_window) {
		ui_say(ui, "all is shown: + zooms in");
		return;
	}
	current(v, &from, &to);
	v->is_following = false;
	set_window(v, from + by * (to - from), to - from);
}

static void move_crosshair(struct chart_view *v, int by)
{
	double from, to, step;

	current(v, &from, &to);
	step = (to - from) / CROSSHAIR_STEPS;
	if (v->x == CURVE_STEP)
		step = fmax(1, floor(step));
	if (!v->has_crosshair)
		v->crosshair = by < 0 ? to : from;
	else
		v->crosshair += by * step;
	v->crosshair = fmax(v->first, fmin(v->last, v->crosshair));
	v->has_crosshair = true;
	/* The window goes along. */
	if (v->has_window && v->crosshair < from)
		set_window(v, v->crosshair, to - from);
	else if (v->has_window && v->crosshair > to)
		set_window(v, v->crosshair - (to - from), to - from);
}

static void follow(struct chart_view *v)
{
	double from, to;

	if (v->is_following) {
		current(v, &v->from, &v->to);
		v->is_following = false;
		return;
	}
	current(v, &from, &to);
	if (!v->has_window)
		set_window(v, from, (to - from) / TAIL);
	v->is_following = v->has_window;
}

/* ---- choosing ---- */

static void set_x(struct chart_view *v, enum curve_x x, const char *by)
{
	v->x = x;
	snprintf(v->by, sizeof(v->by), "%s", by);
	show_all(v);
	v->has_crosshair = false;
}

/* The next one, or the one that is named; any other name is a metric's. */
static void choose_x(struct chart_view *v, struct ui *ui, const char *name)
{
	static const char *const names[] = { "step", "time", "age" };

	if (!name || !*name) {
		set_x(v, v->x < CURVE_AGE ? v->x + 1 : CURVE_STEP, "");
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (strcmp(names[i], name))
			continue;
		set_x(v, (enum curve_x)i, "");
		return;
	}
	if (ui_has_metric(ui, name))
		set_x(v, CURVE_VALUE, name);
	else
		ui_complain(ui,
			    "x-axis: step, time, age, or a metric; none is "
			    "called %s",
			    name);
}

static void choose_across(struct chart_view *v, struct ui *ui, const char *arg)
{
	char *end;
	long n;

	if (!arg || !*arg) {
		v->across = v->across % MOST_ACROSS + 1;
		return;
	}
	n = strtol(arg, &end, 10);
	if (*end || n < 1 || n > MOST_ACROSS)
		ui_complain(ui, "across: expected a number from 1 to %d",
			    MOST_ACROSS);
	else
		v->across = (int)n;
}

static bool look_command(struct chart_view *v, struct ui *ui,
			 enum command_id cmd, const char *arg)
{
	switch (cmd) {
	case CMD_SCALE:
		v->scale = (v->scale + 1) % (SCALE_SYMLOG + 1);
		return true;
	case CMD_SMOOTH:
		v->smoothing = (v->smoothing + 1) % ARRAY_LEN(smoothings);
		return true;
	case CMD_X_AXIS:
		choose_x(v, ui, arg);
		return true;
	case CMD_SHARE_AXIS:
		v->is_shared = !v->is_shared;
		return true;
	case CMD_ACROSS:
		choose_across(v, ui, arg);
		return true;
	default:
		return false;
	}
}

bool chart_view_command(struct chart_view *v, struct ui *ui,
			enum command_id cmd, const char *arg)
{
	if (look_command(v, ui, cmd, arg))
		return true;
	if (cmd < CMD_LEFT || cmd > CMD_FOLLOW)
		return false;
	if (!v->has_span)
		return true; /* nothing to move about in */
	switch (cmd) {
	case CMD_LEFT:
	case CMD_RIGHT:
		move_crosshair(v, cmd == CMD_LEFT ? -1 : 1);
		break;
	case CMD_ZOOM_IN:
	case CMD_ZOOM_OUT:
		zoom(v, cmd == CMD_ZOOM_IN ? .5 : 2);
		break;
	case CMD_PAN_LEFT:
	case CMD_PAN_RIGHT:
		pan(v, ui, cmd == CMD_PAN_LEFT ? -.25 : .25);
		break;
	case CMD_ZOOM_ALL:
		show_all(v);
		break;
	default:
		follow(v);
	}
	return true;
}
