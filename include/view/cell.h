/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_VIEW_CELL_H
#define MLTOWER_VIEW_CELL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/role.h"
#include "base/text.h"
#include "model/batch.h"

/* A value in a list, with what is known of how it should look. The screen, the
 * table, JSON and CSV are all made from the same cells. Text in a cell is as
 * it was stored; only cell_shown() makes it fit for the eye. */

/* The sign before the text: never colour alone. */
enum cell_mark {
	MARK_NONE,
	MARK_RUNNING,    /* ● */
	MARK_SILENT,     /* ◌ silent, slow */
	MARK_FINISHED,   /* ✓ finished, passed */
	MARK_FAILED,     /* ✗ */
	MARK_KILLED,     /* ■ killed, acknowledged */
	MARK_FIRING,     /* ▲ */
	MARK_PENDING,    /* △ */
	MARK_DIFFERS,    /* ≠ */
	MARK_UNKNOWN,    /* ? */
	MARK_LATE,       /* ! */
	MARK_SET,        /* ◆ registered, configured */
	MARK_UNDERWAY,   /* → */
	MARK_SUPERSEDED, /* » another took its place */
};

enum cell_kind {
	CELL_NONE, /* not known: a dash, null */
	CELL_TEXT,
	CELL_INT,      /* with thousands for people */
	CELL_NUMBER,   /* with `decimals` for people, all digits in data */
	CELL_DELTA,    /* the same with its sign */
	CELL_TIME,     /* UTC ms: date and time for people, integer in data */
	CELL_AGE,      /* UTC ms: how long ago */
	CELL_DURATION, /* ms */
	CELL_FRESH,    /* ms since it was read: "live", "20s", in steps */
	CELL_BOOL,     /* yes, no */
	CELL_STATUS,   /* n: enum run_status; "running", "RUNNING" in data */
	CELL_MAP,      /* names and values: params, metrics, tags */
	CELL_LIST,     /* cells */
	CELL_POINTS,   /* of a history; in data only */
};

struct cell_item;

struct cell {
	enum cell_kind kind;
	enum role role;
	enum cell_mark mark;
	uint8_t decimals;
	uint8_t indent; /* blanks before it, for the eye */
	union {
		const char *text;
		int64_t n; /* CELL_INT, times, durations, status */
		double number;
		bool is_true;
		struct {
			const struct cell_item *items;
			size_t n_items; /* of a map or a list */
		};
		struct {
			const struct point *points;
			size_t n_points;
		};
	};
};

struct cell_item {
	const char *name; /* NULL in a list */
	struct cell value;
};

/* NULL text and TIME_NONE give CELL_NONE. */
struct cell cell_text(const char *text);
struct cell cell_text_or_none(const char *text); /* "" is none, too */
struct cell cell_int(int64_t n);
struct cell cell_number(double v, int decimals);
struct cell cell_time(int64_t utc_ms);
struct cell cell_age(int64_t utc_ms);
struct cell cell_duration(int64_t ms); /* negative: none */
struct cell cell_fresh(int64_t ms);    /* the same */
struct cell cell_bool(bool v);
struct cell cell_status(enum run_status status); /* with its mark and role */
/* Of a RUNNING run that says nothing; in data still "RUNNING". */
struct cell cell_silent(void);
struct cell cell_delta(double v, int decimals); /* not finite: none */
/* The same cell with a role or a mark, to be chained. */
struct cell cell_as(struct cell c, enum role role);
struct cell cell_marked(struct cell c, enum cell_mark mark);

/* For the eye, one line: the mark and the text. NaN has ROLE_ALARM already.
 * The text lives in the arena or is a literal. */
struct cell_look {
	int64_t now_ms; /* what ages are told from */
	bool is_ascii;  /* marks and dashes without UTF-8 */
};
struct shown cell_shown(struct arena *a, const struct cell *c,
			const struct cell_look *look);
/* "●" or "*"; "" for none. */
struct shown cell_mark_glyph(enum cell_mark mark, bool is_ascii);

#endif
