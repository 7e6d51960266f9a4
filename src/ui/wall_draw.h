/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_UI_WALL_DRAW_H
#define MLTOWER_UI_WALL_DRAW_H

#include <stdbool.h>
#include <stddef.h>

#include "base/point.h"
#include "base/text.h"
#include "draw/surface.h"

/* What the wall says, as plain values, and how it is laid out. Read from four
 * metres: counts, names, versions and values are dot letters wherever they
 * fit, plain text may be lost. */

/* In the order of config_wall_pages; then the pages that views are. */
enum wall_page { WALL_TOWER, WALL_ALERTS, WALL_NIGHT, WALL_RUNS };

struct wall_count {
	size_t n;
	struct shown label, note;
	enum role role; /* of the digits: dim for a zero */
};

/* A name in dot letters, a version before the right edge, a value at it; notes
 * in plain text below. */
struct wall_line {
	struct shown name, mid, value;
	enum role name_role, mid_role, value_role;
	struct shown note, value_note;
	/* "drift 24h", its sparkline, "PSI 0.06"; n_spark 0: none */
	struct shown spark_label, spark_text;
	const double *spark;
	size_t n_spark;
	enum role spark_role;
};

struct wall_alert {
	struct shown model, version; /* "fraud-detector", "v12" or "" */
	struct shown what, limit;    /* "amount PSI 0.41", "limit 0.25" */
	struct shown value;          /* "0.41": of those that come next */
	struct shown note, age;
	const struct point *history; /* by time; n_history 0: none */
	size_t n_history;
	int64_t gap_ms; /* farther apart: not evaluated between */
	bool has_limit;
	double threshold;
	enum role role; /* alarm firing, warn pending, dim acknowledged */
};

/* The first column is the name. */
struct wall_column {
	struct shown title;
	bool is_right;
};

struct wall_cell {
	struct shown text;
	enum role role;
};

struct wall_source {
	struct shown name, state;
	enum role role;
};

#define WALL_COUNTS 4

struct wall_facts {
	const struct shown *pages; /* their names; page is the one shown */
	size_t n_pages, page;
	enum wall_page kind;
	bool is_held;
	struct shown turn; /* "every 20s", "held while firing" */
	struct shown clock;
	struct wall_count counts[WALL_COUNTS];
	/* Models on the tower's page and below the alerts, what happened on the
	 * night's. Where they do not all fit, those from `first` on are shown.
	 */
	struct shown lines_title, lines_none;
	const struct wall_line *lines;
	size_t n_lines, first;
	/* Of a view, under lines_title and with lines_none. */
	const struct wall_column *columns;
	const struct wall_cell *cells; /* n_rows times n_columns */
	size_t n_columns, n_rows;
	/* Worst first. */
	const struct wall_alert *alerts;
	size_t n_alerts;
	struct shown firing, longest; /* "2 firing", "2h 10m" */
	bool is_firing;
	const struct wall_source *sources;
	size_t n_sources;
	struct shown watch;
	enum role watch_role;
	bool is_demo;
	unsigned shift; /* counts up slowly: moves all by a cell */
};

/* Fills the surface; returns how many lines or rows are shown, so that the next
 * turn goes on after them. */
size_t wall_draw(struct surface *s, const struct wall_facts *f,
		 const struct glyphs *g);

#endif
