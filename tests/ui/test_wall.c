/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "../../src/ui/wall_draw.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/mem.h"
#include "golden.h"

#define N_STATS 288

static const struct shown pages[] = { { "tower", 5, 5 },
				      { "alerts", 6, 6 },
				      { "night", 5, 5 } };
static double drift[N_STATS];
static struct point history[N_STATS];

static struct wall_line model(struct shown name, struct shown version,
			      struct shown value)
{
	return (struct wall_line){
		.name = name,
		.mid = version,
		.value = value,
		.mid_role = ROLE_STRONG,
		.note = SHOWN("champion since 8h 12m"),
		.value_note = SHOWN("val/auc"),
		.spark_label = SHOWN("drift 24h"),
		.spark_text = SHOWN("PSI 0.06"),
		.spark = drift,
		.n_spark = N_STATS,
		.spark_role = ROLE_SERIES_A,
	};
}

static void fill(struct wall_facts *f, struct wall_line lines[3],
		 struct wall_alert alerts[2], struct wall_source sources[2])
{
	lines[0] =
		model(SHOWN("fraud-detector"), SHOWN("v14"), SHOWN("0.9812"));
	lines[1] = model(SHOWN("solar-forecast"), SHOWN("v7"), SHOWN("0.0884"));
	lines[2] =
		model(SHOWN("icu-deterioration"), SHOWN("v5"), SHOWN("0.7614"));
	alerts[0] = (struct wall_alert){
		.model = SHOWN("fraud-detector"),
		.version = SHOWN("v12"),
		.what = SHOWN("amount PSI 0.41"),
		.limit = SHOWN("limit 0.25"),
		.value = SHOWN("0.41"),
		.note = SHOWN("37 of 200 features, not acknowledged"),
		.age = SHOWN("2h 10m"),
		.history = history,
		.n_history = N_STATS,
		.has_limit = true,
		.threshold = .25,
		.role = ROLE_ALARM,
	};
	alerts[1] = alerts[0];
	alerts[1].model = SHOWN("icu-deterioration");
	alerts[1].what = SHOWN("live accuracy 0.71");
	alerts[1].limit = SHOWN("limit 0.78");
	alerts[1].value = SHOWN("0.71");
	alerts[1].age = SHOWN("41m");
	sources[0] =
		(struct wall_source){ SHOWN("prod"), SHOWN("live"), ROLE_TEXT };
	sources[1] = (struct wall_source){ SHOWN("sagemaker"),
					   SHOWN("! lost 02:58"), ROLE_WARN };
	*f = (struct wall_facts){
		.pages = pages,
		.n_pages = 3,
		.turn = SHOWN("every 20s"),
		.clock = SHOWN("11:26"),
		.counts = { { 4, SHOWN("running"), SHOWN("newest gbt, 26m"),
			      ROLE_STRONG },
			    { 0, SHOWN("firing"), SHOWN("quiet for 3h 50m"),
			      ROLE_DIM },
			    { 1, SHOWN("silent"), SHOWN("gbt-night, 11h"),
			      ROLE_WARN },
			    { 2, SHOWN("failed"), SHOWN("in 24h, cnn-17"),
			      ROLE_TEXT } },
		.lines_title = SHOWN("serving now"),
		.lines_none = SHOWN("No registered models in these sources."),
		.lines = lines,
		.n_lines = 3,
		.alerts = alerts,
		.n_alerts = 2,
		.firing = SHOWN("2 firing"),
		.longest = SHOWN("2h 10m"),
		.sources = sources,
		.n_sources = 2,
		.watch = SHOWN("●"),
		.is_demo = true,
	};
}

struct fixture {
	struct wall_facts f;
	struct wall_line lines[3];
	struct wall_alert alerts[2];
	struct wall_source sources[2];
};

static void hold(struct wall_facts *f)
{
	f->kind = WALL_ALERTS;
	f->page = 1;
	f->is_held = f->is_firing = true;
	f->turn = SHOWN("held while firing");
}

/* A view's page: its runs as a table. */
static void fill_runs(struct wall_facts *f)
{
	static struct wall_column columns[3];
	static struct wall_cell cells[9];
	const struct wall_column the_columns[] = {
		{ SHOWN("NAME"), false },
		{ SHOWN("STATUS"), false },
		{ SHOWN("val/auc"), true },
	};
	const struct wall_cell the_cells[] = {
		{ SHOWN("gbt-night"), ROLE_TEXT },
		{ SHOWN("running"), ROLE_TEXT },
		{ SHOWN("0.9812"), ROLE_TEXT },
		{ SHOWN("cnn-17"), ROLE_TEXT },
		{ SHOWN("failed"), ROLE_WARN },
		{ SHOWN("NaN"), ROLE_ALARM },
		{ SHOWN("rf-depth12-s1"), ROLE_TEXT },
		{ SHOWN("finished"), ROLE_DIM },
		{ SHOWN("0.9"), ROLE_TEXT },
	};

	memcpy(columns, the_columns, sizeof(columns));
	memcpy(cells, the_cells, sizeof(cells));
	f->kind = WALL_RUNS;
	f->page = 2;
	f->lines_title = SHOWN("3 of 35 runs  / age < 1d");
	f->lines_none = SHOWN("No run matches.");
	f->columns = columns;
	f->n_columns = ARRAY_LEN(columns);
	f->cells = cells;
	f->n_rows = ARRAY_LEN(cells) / ARRAY_LEN(columns);
}

static void test_every_size_of_the_pages(void **state)
{
	static const int sizes[][2] = {
		{ 160, 45 }, { 120, 36 }, { 80, 24 }, { 40, 12 }, { 20, 5 }
	};
	const struct glyphs *g = glyphs_get(LINES_BRAILLE);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		int w = sizes[i][0], h = sizes[i][1];
		struct surface *s = surface_new(w, h);
		struct fixture x;
		char name[64];

		fill(&x.f, x.lines, x.alerts, x.sources);
		wall_draw(s, &x.f, g);
		snprintf(name, sizeof(name), "wall-%dx%d", w, h);
		assert_golden(s, "ui", name);
		hold(&x.f);
		wall_draw(s, &x.f, g);
		snprintf(name, sizeof(name), "wall-held-%dx%d", w, h);
		assert_golden(s, "ui", name);
		fill(&x.f, x.lines, x.alerts, x.sources);
		fill_runs(&x.f);
		wall_draw(s, &x.f, g);
		snprintf(name, sizeof(name), "wall-runs-%dx%d", w, h);
		assert_golden(s, "ui", name);
		surface_free(s);
	}
}

/* An alert without a chart leaves room: the next one, and what serves now. */
static void test_held_without_a_chart(void **state)
{
	static const int sizes[][2] = {
		{ 160, 45 }, { 120, 36 }, { 80, 24 }, { 40, 12 }
	};
	const struct glyphs *g = glyphs_get(LINES_BRAILLE);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		int w = sizes[i][0], h = sizes[i][1];
		struct surface *s = surface_new(w, h);
		struct fixture x;
		char name[64];

		fill(&x.f, x.lines, x.alerts, x.sources);
		hold(&x.f);
		x.alerts[0] = (struct wall_alert){
			.model = SHOWN("monitors"),
			.what = SHOWN("nobody watches"),
			.version = SHOWN(""),
			.limit = SHOWN(""),
			.value = SHOWN(""),
			.note = SHOWN("firing for 2h 10m since 16:14"),
			.age = SHOWN("2h 10m"),
			.role = ROLE_ALARM,
		};
		wall_draw(s, &x.f, g);
		snprintf(name, sizeof(name), "wall-no-chart-%dx%d", w, h);
		assert_golden(s, "ui", name);
		surface_free(s);
	}
}

static void test_in_ascii(void **state)
{
	struct surface *s = surface_new(80, 24);
	struct fixture x;

	(void)state;
	fill(&x.f, x.lines, x.alerts, x.sources);
	hold(&x.f);
	wall_draw(s, &x.f, glyphs_get(LINES_ASCII));
	surface_to_ascii(s);
	assert_golden(s, "ui", "wall-held-ascii");
	surface_free(s);
}

/* The same picture, moved: no cell is lit for ever. */
static void test_everything_moves_by_a_cell(void **state)
{
	struct surface *a = surface_new(120, 36), *b = surface_new(120, 36);
	const struct glyphs *g = glyphs_get(LINES_BRAILLE);
	struct fixture x;

	(void)state;
	fill(&x.f, x.lines, x.alerts, x.sources);
	wall_draw(a, &x.f, g);
	x.f.shift = 2;
	wall_draw(b, &x.f, g);
	for (int y = 0; y < 35; y++)
		for (int c = 0; c < 119; c++)
			assert_memory_equal(surface_at(a, c, y),
					    surface_at(b, c + 1, y + 1),
					    sizeof(struct surface_cell));
	surface_free(a);
	surface_free(b);
}

/* More models than there is room for are shown in turns, every one of them. */
static void test_lines_that_do_not_fit_take_turns(void **state)
{
	enum { N = 40 };
	struct surface *s = surface_new(80, 24);
	const struct glyphs *g = glyphs_get(LINES_BRAILLE);
	static char names[N][8];
	struct wall_line many[N];
	bool seen[N] = { false };
	struct fixture x;

	(void)state;
	fill(&x.f, x.lines, x.alerts, x.sources);
	for (int i = 0; i < N; i++) {
		snprintf(names[i], sizeof(names[i]), "m-%02d-m", i);
		many[i] = model((struct shown){ names[i], 6, 6 }, SHOWN("v1"),
				SHOWN("0.5"));
	}
	x.f.lines = many;
	x.f.n_lines = N;
	for (int round = 0; round < 10; round++) {
		struct buf text = BUF_INIT(100000);
		size_t n = wall_draw(s, &x.f, g);

		assert_in_range(n, 5, N);
		surface_text(s, &text);
		for (int i = 0; i < N; i++)
			if (strstr(buf_str(&text), names[i]))
				seen[i] = true;
		x.f.first += n;
		buf_release(&text);
	}
	for (int i = 0; i < N; i++)
		assert_true(seen[i]);
	surface_free(s);
}

static void test_nothing_there_is_said(void **state)
{
	struct surface *s = surface_new(120, 36);
	struct buf text = BUF_INIT(100000);
	struct fixture x;

	(void)state;
	fill(&x.f, x.lines, x.alerts, x.sources);
	x.f.n_lines = x.f.n_alerts = 0;
	wall_draw(s, &x.f, glyphs_get(LINES_BRAILLE));
	surface_text(s, &text);
	assert_non_null(strstr(buf_str(&text), "No registered models"));
	buf_clear(&text);
	x.f.kind = WALL_ALERTS;
	wall_draw(s, &x.f, glyphs_get(LINES_BRAILLE));
	surface_text(s, &text);
	assert_non_null(strstr(buf_str(&text), "No alert fires"));
	buf_clear(&text);
	fill_runs(&x.f);
	x.f.n_rows = 0;
	wall_draw(s, &x.f, glyphs_get(LINES_BRAILLE));
	surface_text(s, &text);
	assert_non_null(strstr(buf_str(&text), "No run matches"));
	buf_release(&text);
	surface_free(s);
}

/* Whatever the size, nothing may be drawn outside or crash. */
static void test_all_sizes_survive(void **state)
{
	const struct glyphs *g = glyphs_get(LINES_BRAILLE);

	(void)state;
	for (int w = 1; w < 170; w += 7) {
		for (int h = 1; h < 50; h += 3) {
			struct surface *s = surface_new(w, h);
			struct fixture x;

			fill(&x.f, x.lines, x.alerts, x.sources);
			wall_draw(s, &x.f, g);
			x.f.kind = WALL_NIGHT;
			wall_draw(s, &x.f, g);
			hold(&x.f);
			wall_draw(s, &x.f, g);
			fill_runs(&x.f);
			wall_draw(s, &x.f, g);
			assert_int_equal(s->w, w);
			surface_free(s);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_size_of_the_pages),
		cmocka_unit_test(test_held_without_a_chart),
		cmocka_unit_test(test_in_ascii),
		cmocka_unit_test(test_everything_moves_by_a_cell),
		cmocka_unit_test(test_lines_that_do_not_fit_take_turns),
		cmocka_unit_test(test_nothing_there_is_said),
		cmocka_unit_test(test_all_sizes_survive),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	for (int i = 0; i < N_STATS; i++) {
		drift[i] = .05 + (i > 40 && i < 140 ? .1 : 0);
		history[i].time_ms = 1764000000000 + i * (int64_t)60000;
		history[i].value = .05 + (i < 200 ? 0 : .36);
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
