/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "axis.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/human.h"
#include "base/mem.h"

#define MOST_X_TICKS  7
#define LABEL_GAP     3
#define MOST_DECIMALS 9
#define DAY_MS        86400000.0
#define MOST_MS       9e18 /* what an int64_t holds */

static const double mantissas[] = { 1, 2, 2.5, 5, 10 };

static int decimals_of(double step)
{
	for (int d = 0; d < 12; d++) {
		double scaled = step * pow(10, d);

		if (round(scaled) >= 1 &&
		    fabs(scaled - round(scaled)) < 1e-6 * fmax(1, scaled))
			return d;
	}
	return 12;
}

/* The smallest nice step with which k intervals hold [lo, hi]. */
static struct chart_axis fit(double lo, double hi, int k)
{
	double raw = (hi - lo) / k;
	double power = pow(10, floor(log10(raw)));
	struct chart_axis axis = { .n_intervals = k };

	for (int round_up = 0; round_up < 3; round_up++, power *= 10) {
		for (size_t i = 0; i < sizeof(mantissas) / sizeof(*mantissas);
		     i++) {
			double step = mantissas[i] * power;
			double from = floor(lo / step + 1e-9) * step;

			if (step < raw * (1 - 1e-9) ||
			    from + k * step < hi - 1e-9 * step)
				continue;
			axis.step = step;
			axis.from = from;
			axis.to = from + k * step;
			axis.decimals = decimals_of(step);
			return axis;
		}
	}
	axis.step = raw;
	axis.from = lo;
	axis.to = hi;
	axis.decimals = 4;
	return axis;
}

/* A constant, or a range too small for doubles to count in. */
static void widen(double *lo, double *hi)
{
	double size = fmax(fabs(*lo), fabs(*hi));

	if (*hi - *lo > size * 1e-12 && *hi - *lo > 1e-300)
		return;
	if (size < 1e-290) {
		*lo = 0;
		*hi = 1;
		return;
	}
	*lo -= size * .05;
	*hi += size * .05;
}

struct chart_axis chart_axis_for(double lo, double hi, int *rows)
{
	struct chart_axis best = { 0 };
	int best_rows = *rows;

	/* Room for any double: a range of 1e308 - -1e308 has no size. */
	lo = fmax(lo, -1e300);
	hi = fmin(hi, 1e300);
	widen(&lo, &hi);
	for (int r = *rows; r >= 2 && r >= *rows - 2; r--) {
		for (int k = 5; k >= 1; k--) {
			struct chart_axis axis;
			double waste, best_waste;

			if ((r - 1) % k || (k == 1 && r > 4) ||
			    (k > 3 && r < 9))
				continue;
			axis = fit(lo, hi, k);
			waste = (axis.to - axis.from) * (1 + .15 * (*rows - r));
			best_waste = (best.to - best.from) *
				     (1 + .15 * (*rows - best_rows));
			if (best.n_intervals && waste >= best_waste * .999)
				continue;
			best = axis;
			best_rows = r;
		}
	}
	if (!best.n_intervals)
		best = fit(lo, hi, 1);
	*rows = best_rows;
	return best;
}

/* ---- labels ---- */

static const struct {
	double size;
	const char *name;
} units[] = { { 1e9, " G" }, { 1e6, " M" }, { 1e3, " k" }, { 1, "" } };

void axis_number(double v, double step, double most, char out[AXIS_LABEL_MAX])
{
	size_t i = 0;
	int decimals;

	if (fabs(v) < 1e-9 * step)
		v = 0;
	if (most >= 1e13 || (most && most < 1e-4)) {
		snprintf(out, AXIS_LABEL_MAX, "%.3g", v);
		return;
	}
	/* Four digits are read without a unit. */
	while (units[i].size > 1 &&
	       (most < units[i].size || (most < 1e4 && units[i].size == 1e3)))
		i++;
	decimals = decimals_of(step / units[i].size);
	if (units[i].size > 1 && decimals > 2) {
		char human[HUMAN_MAX];

		human_number(human, v, decimals_of(step));
		snprintf(out, AXIS_LABEL_MAX, "%.23s", human);
	} else if (v == 0 && units[i].size > 1) {
		strcpy(out, "0");
	} else {
		snprintf(out, AXIS_LABEL_MAX, "%.*f%s",
			 MIN(decimals, MOST_DECIMALS), v / units[i].size,
			 units[i].name);
	}
}

void axis_time(double ms, double step_ms, char out[AXIS_LABEL_MAX])
{
	char when[32] = "-";

	if (fabs(ms) < MOST_MS)
		clock_format_local((int64_t)ms, when);
	if (!when[1]) /* no year that has four digits */
		strcpy(out, when);
	else if (step_ms >= 30 * DAY_MS)
		snprintf(out, AXIS_LABEL_MAX, "%.7s", when);
	else if (step_ms >= DAY_MS)
		snprintf(out, AXIS_LABEL_MAX, "%.5s", when + 5);
	else
		snprintf(out, AXIS_LABEL_MAX, "%.*s", step_ms < 60000 ? 8 : 5,
			 when + 11);
}

void axis_x_label(enum curve_x x, double v, double step, double most,
		  char out[AXIS_LABEL_MAX])
{
	char age[HUMAN_MAX];

	if (x == CURVE_TIME)
		axis_time(v, step, out);
	else if (x == CURVE_AGE)
		snprintf(out, AXIS_LABEL_MAX, "%.23s",
			 human_duration(age, (int64_t)fmax(-MOST_MS,
							   fmin(MOST_MS, v))));
	else
		axis_number(v, step, most, out);
}

/* ---- steps along x ---- */

static double time_step(size_t i)
{
	static const double nice_s[] = {
		1,     2,     5,      10,     15,      30,      60,       120,
		300,   600,   900,    1800,   3600,    7200,    10800,    21600,
		43200, 86400, 172800, 604800, 2592000, 7776000, 31536000,
	};
	size_t last = ARRAY_LEN(nice_s) - 1;

	if (i <= last)
		return nice_s[i] * 1000;
	return nice_s[last] * 1000 * pow(2, (double)(i - last));
}

/* 1, 2, 5, 10, 20, 25, 50 ..: a step is a whole number. */
static double count_step(size_t i)
{
	static const double nice[] = { 1, 2, 2.5, 5 };

	if (i < 3)
		return i < 2 ? nice[i] : 5;
	return nice[(i - 3) % 4] * pow(10, 1 + (double)((i - 3) / 4));
}

/* 1, 2, 2.5, 5 of any power of ten, from ones that are too small. */
static double value_step(size_t i, double range)
{
	double power = floor(log10(range / 1000)) + (double)(i / 4);

	return mantissas[i % 4] * pow(10, power);
}

static bool has_room(enum curve_x x, double step, double lo, double hi,
		     int cells)
{
	double each = cells * step / (hi - lo), most = fmax(fabs(lo), fabs(hi));
	char first[AXIS_LABEL_MAX], last[AXIS_LABEL_MAX];
	size_t width;

	if (each * MOST_X_TICKS < cells)
		return false;
	axis_x_label(x, ceil(lo / step) * step, step, most, first);
	axis_x_label(x, floor(hi / step) * step, step, most, last);
	width = MAX(strlen(first), strlen(last));
	return each >= (double)(width + LABEL_GAP);
}

double axis_x_step(enum curve_x x, double lo, double hi, int cells)
{
	double step = 1;

	for (size_t i = 0; i < 100; i++) {
		step = x == CURVE_STEP    ? count_step(i)
		       : x == CURVE_VALUE ? value_step(i, hi - lo)
					  : time_step(i);
		if (step >= hi - lo || has_room(x, step, lo, hi, cells))
			break;
	}
	return step;
}
