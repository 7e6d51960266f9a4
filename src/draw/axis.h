/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_DRAW_AXIS_H
#define MLTOWER_DRAW_AXIS_H

#include "draw/chart.h"

#define AXIS_LABEL_MAX 24

/* The label of a tick: digits that tell it from the next one, `step` away, in
 * the unit that the largest of its axis, `most`, is told in: "0" "25 k"
 * "50 k". */
void axis_number(double v, double step, double most, char out[AXIS_LABEL_MAX]);
/* A time on an axis of such steps: "2026-11", "11-24", "12:28",
 * "12:28:30". */
void axis_time(double ms, double step_ms, char out[AXIS_LABEL_MAX]);
/* The smallest nice step whose ticks in [lo, hi] have room for their labels in
 * so many cells: up to about seven ticks. */
double axis_x_step(enum curve_x x, double lo, double hi, int cells);
void axis_x_label(enum curve_x x, double v, double step, double most,
		  char out[AXIS_LABEL_MAX]);

#endif
