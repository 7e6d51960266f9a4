/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "view/cell.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

#include "base/human.h"
#include "base/mem.h"

struct cell cell_text(const char *text)
{
	return (struct cell){ .kind = text ? CELL_TEXT : CELL_NONE,
			      .text = text };
}

struct cell cell_text_or_none(const char *text)
{
	return cell_text(text && *text ? text : NULL);
}

struct cell cell_int(int64_t n)
{
	return (struct cell){ .kind = CELL_INT, .n = n };
}

struct cell cell_number(double v, int decimals)
{
	return (struct cell){ .kind = CELL_NUMBER,
			      .role = isnan(v) ? ROLE_ALARM : ROLE_TEXT,
			      .decimals = (uint8_t)decimals,
			      .number = v };
}

static struct cell cell_ms(enum cell_kind kind, int64_t ms)
{
	return (struct cell){ .kind = ms == TIME_NONE ? CELL_NONE : kind,
			      .n = ms };
}

struct cell cell_time(int64_t utc_ms)
{
	return cell_ms(CELL_TIME, utc_ms);
}

struct cell cell_age(int64_t utc_ms)
{
	return cell_ms(CELL_AGE, utc_ms);
}

struct cell cell_duration(int64_t ms)
{
	return cell_ms(CELL_DURATION, ms < 0 ? TIME_NONE : ms);
}

struct cell cell_fresh(int64_t ms)
{
	return cell_ms(CELL_FRESH, ms < 0 ? TIME_NONE : ms);
}

struct cell cell_bool(bool v)
{
	return (struct cell){ .kind = CELL_BOOL, .is_true = v };
}

struct cell cell_delta(double v, int decimals)
{
	struct cell c = cell_number(v, decimals);

	if (!isfinite(v))
		return (struct cell){ 0 };
	c.kind = CELL_DELTA;
	return c;
}

struct cell cell_status(enum run_status status)
{
	static const struct {
		enum cell_mark mark;
		enum role role;
	} looks[] = {
		[RUN_UNKNOWN] = { MARK_UNKNOWN, ROLE_DIM },
		[RUN_SCHEDULED] = { MARK_UNDERWAY, ROLE_TEXT },
		[RUN_RUNNING] = { MARK_RUNNING, ROLE_TEXT },
		[RUN_FINISHED] = { MARK_FINISHED, ROLE_DIM },
		[RUN_FAILED] = { MARK_FAILED, ROLE_DIM },
		[RUN_KILLED] = { MARK_KILLED, ROLE_DIM },
	};

	return (struct cell){ .kind = CELL_STATUS,
			      .role = looks[status].role,
			      .mark = looks[status].mark,
			      .n = status };
}

struct cell cell_silent(void)
{
	return cell_as(cell_marked(cell_status(RUN_RUNNING), MARK_SILENT),
		       ROLE_WARN);
}

struct cell cell_as(struct cell c, enum role role)
{
	c.role = role;
	return c;
}

struct cell cell_marked(struct cell c, enum cell_mark mark)
{
	c.mark = mark;
	return c;
}

struct shown cell_mark_glyph(enum cell_mark mark, bool is_ascii)
{
	/* clang-format off */
	static const struct { const char *utf8, *ascii; } glyphs[] = {
		[MARK_NONE] = { "", "" },
		[MARK_RUNNING] = { "●", "*" },
		[MARK_SILENT] = { "◌", "o" },
		[MARK_FINISHED] = { "✓", "+" },
		[MARK_FAILED] = { "✗", "x" },
		[MARK_KILLED] = { "■", "#" },
		[MARK_FIRING] = { "▲", "!" },
		[MARK_PENDING] = { "△", "^" },
		[MARK_DIFFERS] = { "≠", "!" },
		[MARK_UNKNOWN] = { "?", "?" },
		[MARK_LATE] = { "!", "!" },
		[MARK_SET] = { "◆", "*" },
		[MARK_UNDERWAY] = { "→", ">" },
		[MARK_SUPERSEDED] = { "»", "/" },
	};
	/* clang-format on */
	const char *s = is_ascii ? glyphs[mark].ascii : glyphs[mark].utf8;

	return shown_literal(s, strlen(s));
}

/* Items as "a=1 b=2", or "a, b" of a list. */
static struct shown items_shown(struct arena *a, const struct cell *c,
				const struct cell_look *look)
{
	bool is_map = c->kind == CELL_MAP;
	const char *all = "";
	struct shown v;
	size_t i;

	for (i = 0; i < c->n_items; i++) {
		v = cell_shown(a, &c->items[i].value, look);
		all = arena_printf(a, "%s%s%s%s%s", all,
				   !i       ? ""
				   : is_map ? " "
					    : ", ",
				   is_map ? shown_text(a, c->items[i].name).s
					  : "",
				   is_map ? "=" : "", v.s);
	}
	return shown_text(a, all);
}

static struct shown status_shown(struct arena *a, const struct cell *c)
{
	const char *name = run_status_name((enum run_status)c->n);
	char lower[16] = "silent";
	size_t i;

	if (c->mark != MARK_SILENT)
		for (i = 0; i <= strlen(name); i++)
			lower[i] = (char)tolower((unsigned char)name[i]);
	return shown_text(a, lower);
}

static struct shown plain_shown(struct arena *a, const struct cell *c,
				const struct cell_look *look)
{
	char out[HUMAN_MAX + 1] = "";

	switch (c->kind) {
	case CELL_NONE:
		return look->is_ascii ? SHOWN("-") : SHOWN("–");
	case CELL_TEXT:
		return shown_text(a, c->text);
	case CELL_INT:
		human_count(out, c->n);
		break;
	case CELL_NUMBER:
		human_number(out, c->number, c->decimals);
		break;
	case CELL_DELTA:
		*out = c->number >= 0 ? '+' : '\0';
		human_number(out + (*out == '+'), c->number, c->decimals);
		break;
	case CELL_TIME:
		clock_format_local(c->n, out);
		break;
	case CELL_AGE:
		human_age(out, MAX(look->now_ms - c->n, (int64_t)0));
		break;
	case CELL_DURATION:
		human_duration(out, c->n);
		break;
	case CELL_FRESH:
		human_fresh(out, c->n);
		break;
	case CELL_BOOL:
		return c->is_true ? SHOWN("yes") : SHOWN("no");
	case CELL_STATUS:
		return status_shown(a, c);
	case CELL_POINTS:
		return shown_fmt(a, "%zu points", c->n_points);
	case CELL_MAP:
	case CELL_LIST:
		return items_shown(a, c, look);
	}
	return shown_text(a, out);
}

struct shown cell_shown(struct arena *a, const struct cell *c,
			const struct cell_look *look)
{
	struct shown text = plain_shown(a, c, look), mark;

	if (c->indent)
		text = shown_fmt(a, "%*s%s", c->indent, "", text.s);
	if (c->mark == MARK_NONE)
		return text;
	mark = cell_mark_glyph(c->mark, look->is_ascii);
	return shown_fmt(a, "%s %s", mark.s, text.s);
}
