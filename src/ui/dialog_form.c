/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "dialog_form.h"

#include <limits.h>
#include <string.h>

#include "base/mem.h"
#include "io/gate.h"
#include "ui/keys.h"

enum { MIN_WIDTH = 36, MIN_ROWS = 2, MIN_FIELD = 8 };

void dialog_form_clear(struct dialog_form *f, bool has_list,
		       enum dialog_field field)
{
	*f->typed = 0;
	f->has_list = has_list;
	f->field = field;
	f->is_wrong = f->is_painted = false;
	f->is_followed = true;
	f->top = f->n_lines = f->n_seen = 0;
}

static bool is_seen(const struct dialog_form *f)
{
	return f->n_seen >= f->n_must;
}

/* ---- the fields ---- */

static int field_x(const struct dialog *d)
{
	return d->r.x + (dialog_is_narrow(d) ? 10 : 16);
}

static int field_room(const struct dialog *d)
{
	return d->r.x + d->r.w - 2 - field_x(d);
}

/* The end of what is typed, where the cursor is, stays in sight. */
static void draw_field(struct dialog *d, int x, int width, const char *value,
		       bool has_cursor)
{
	struct shown t = shown_text(&d->ui->frame, value);
	int used;

	while ((int)text_width(t.s, t.len) >= width) {
		unsigned cells;
		size_t n = text_next(t.s, t.len, &cells);

		t.s += n;
		t.len -= (uint32_t)n;
	}
	surface_fill(d->s, (struct rect){ x, d->y, width, 1 }, ROLE_FIELD);
	used = surface_put(d->s, x, d->y, t, width, ROLE_FIELD);
	if (has_cursor)
		surface_set_cursor(d->s, x + used, d->y);
}

/* What is to be typed stands before the field, or above it. */
static bool is_beside(const struct dialog *d, const char *confirm)
{
	return (int)strlen(confirm) + 3 + MIN_FIELD <= field_room(d);
}

static int type_rows(struct dialog *d, const char *confirm)
{
	struct shown t = shown_text(&d->ui->frame, confirm);
	int room = field_room(d);

	return is_beside(d, confirm) ? 1 : 1 + ((int)t.width + room - 1) / room;
}

static void draw_type(const struct dialog_form *f, struct dialog *d,
		      const char *confirm)
{
	int x = field_x(d), room = field_room(d);
	int rows = dialog_cell(d, x, room, confirm, ROLE_STRONG);

	dialog_cell(d, d->r.x + 2, 12, "Type", ROLE_DIM);
	if (is_beside(d, confirm)) {
		x += (int)strlen(confirm) + 3;
		room -= (int)strlen(confirm) + 3;
	} else {
		d->y += rows;
	}
	draw_field(d, x, MIN(40, room), f->typed, f->field == DIALOG_TYPE);
	d->y++;
}

/* ---- the whole ---- */

static struct shown more(const struct dialog_form *f, struct arena *a)
{
	int below = f->n_lines - f->top - f->rows;

	if (f->top && below > 0)
		return shown_fmt(a, "%d more above, %d below", f->top, below);
	if (below > 0)
		return shown_fmt(a, "%d more below, PgDn", below);
	return f->top ? shown_fmt(a, "%d more above, PgUp", f->top) : SHOWN("");
}

static void draw_confirmation(const struct dialog_form *f, struct dialog *d,
			      const char *confirm, struct dialog_way way)
{
	dialog_section(d, "Confirm", more(f, &d->ui->frame));
	dialog_cell(d, d->r.x + 2, 12, "Reason", ROLE_DIM);
	draw_field(d, field_x(d), MIN(60, field_room(d)), f->reason,
		   f->field == DIALOG_REASON);
	d->y++;
	draw_type(f, d, confirm);
	dialog_last(d, way.text, way.role);
}

static void draw_too_small(struct dialog *d, int rows, const char *verb)
{
	const char *texts[] = {
		arena_printf(&d->ui->frame, "Needs %dx%d cells,",
			     MAX(d->r.w, MIN_WIDTH) + 2, rows + 2),
		arena_printf(&d->ui->frame, "or %s.", verb),
		"Esc back",
	};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		d->y += dialog_cell(d, d->r.x, d->r.w, texts[i],
				    i ? ROLE_TEXT : ROLE_WARN);
}

/* Draws all of it to nowhere. */
static int count_lines(struct dialog_form *f, const struct dialog_plan *plan,
		       struct dialog *d)
{
	surface_clip(d->s, (struct rect){ 0, 0, 0, 0 });
	d->y = d->y0 = 0;
	f->n_must = INT_MAX;
	plan->draw(plan->page, d);
	f->n_must = MIN(f->n_must, d->y);
	surface_unclip(d->s);
	return d->y;
}

/* Other lines than before, as after a resize: those of a plan that was seen to
 * its end were seen. */
static void take_lines(struct dialog_form *f, int n_lines, int rows)
{
	if (n_lines != f->n_lines)
		f->n_seen = f->n_lines && is_seen(f) ? n_lines : 0;
	f->n_lines = n_lines;
	f->rows = MIN(rows, n_lines);
	if (f->is_followed && f->field == DIALOG_LIST) {
		f->top = MAX(f->top, f->cursor + f->n_cursor - f->rows);
		f->top = MIN(f->top, f->cursor);
	}
	f->top = MAX(0, MIN(f->top, n_lines - f->rows));
	if (f->top <= f->n_seen)
		f->n_seen = MAX(f->n_seen, f->top + f->rows);
}

static void draw_lines(const struct dialog_form *f,
		       const struct dialog_plan *plan, struct dialog *d)
{
	surface_clip(d->s, (struct rect){ d->r.x, d->r.y, d->r.w, f->rows });
	d->y = d->y0 = d->r.y - f->top;
	plan->draw(plan->page, d);
	surface_unclip(d->s);
	d->y = d->r.y + f->rows;
}

void dialog_form_draw(struct dialog_form *f, const struct dialog_plan *plan,
		      struct ui *ui, struct surface *s, struct rect body)
{
	int w = MAX(MIN_WIDTH, dialog_width(body, plan->width));
	struct dialog d = { .ui = ui, .s = s, .r = { .w = w } };
	int n_lines = count_lines(f, plan, &d);
	int n_last = dialog_rows(&d, plan->way(plan->page, &d).text);
	int foot = 2 + type_rows(&d, plan->confirm) + n_last;

	d = dialog_open(ui, s, body, plan->width, n_lines + foot + 1,
			plan->title, plan->conf);
	f->is_painted = d.r.w >= MIN_WIDTH && d.r.h >= foot + MIN_ROWS;
	if (!f->is_painted) {
		draw_too_small(&d, foot + MIN_ROWS, plan->verb);
		return;
	}
	take_lines(f, n_lines, d.r.h - foot);
	draw_lines(f, plan, &d);
	draw_confirmation(f, &d, plan->confirm, plan->way(plan->page, &d));
}

/* ---- keys ---- */

static void type(char field[DIALOG_FIELD], int key)
{
	size_t len = strlen(field), n;
	char utf8[8];

	if (key == UI_KEY_BACKSPACE) {
		while (len && ((unsigned char)field[len - 1] & 0xc0) == 0x80)
			len--;
		field[len ? len - 1 : 0] = 0;
		return;
	}
	if (key == KEY_CTRL('u')) {
		*field = 0;
		return;
	}
	n = key_utf8(key, utf8);
	if (n && len + n < DIALOG_FIELD)
		memcpy(field + len, utf8, n + 1);
}

static void next_field(struct dialog_form *f, int by)
{
	int field = (int)f->field;

	do
		field = (field + by + N_DIALOG_FIELDS) % N_DIALOG_FIELDS;
	while (field == DIALOG_LIST && !f->has_list);
	f->field = (enum dialog_field)field;
}

/* However many keys come before the next frame: nothing is passed over. */
static void scroll_to(struct dialog_form *f, int top)
{
	f->top = f->top <= f->n_seen ? MIN(top, f->n_seen) : top;
	f->is_followed = false;
}

/* Nothing is confirmed that was not on the screen: Enter shows it first. */
static bool enter(struct dialog_form *f, const char *confirm)
{
	if (f->field == DIALOG_REASON) {
		f->field = DIALOG_TYPE;
		return false;
	}
	f->is_wrong = f->field == DIALOG_TYPE && strcmp(f->typed, confirm);
	if (f->is_wrong)
		return false;
	if (!is_seen(f)) {
		scroll_to(f, f->n_seen);
		f->is_painted = false;
		return false;
	}
	return !strcmp(f->typed, confirm);
}

bool dialog_form_key(struct dialog_form *f, int key, const char *confirm)
{
	if (key == UI_KEY_ENTER)
		return enter(f, confirm);
	f->is_wrong = false;
	switch (key) {
	case UI_KEY_TAB:
	case UI_KEY_BACKTAB:
		next_field(f, key == UI_KEY_TAB ? 1 : -1);
		break;
	case UI_KEY_UP:
	case UI_KEY_DOWN:
		scroll_to(f, f->top + (key == UI_KEY_UP ? -1 : 1));
		break;
	case UI_KEY_PGUP:
	case UI_KEY_PGDN:
		scroll_to(f,
			  f->top + (key == UI_KEY_PGUP ? -f->rows : f->rows));
		break;
	default:
		if (f->field != DIALOG_LIST)
			type(f->field == DIALOG_TYPE ? f->typed : f->reason,
			     key);
	}
	return false;
}

/* ---- the way on ---- */

bool dialog_is_closed(const struct dialog *d, const char *source,
		      const char *what, struct dialog_way *way)
{
	struct arena *a = &d->ui->frame;
	bool is_narrow = dialog_is_narrow(d);

	way->role = ROLE_WARN;
	if (gate_is_closed(GATE_SYSTEMS))
		way->text = arena_printf(
			a, "Read-only by %s%s.   Esc back",
			gate_why(GATE_SYSTEMS),
			is_narrow ? ""
				  : arena_printf(a, ": nothing can be %s here",
						 what));
	else if (!gate_source_is_writable(source))
		way->text = is_narrow ? "Read-only; --write opens it.   Esc"
				      : "This source is read-only: write: yes "
					"in the config or --write opens it.   "
					"Esc back";
	else
		return false;
	return true;
}

/* The field that has the cursor says what it wants. */
static struct dialog_way way_to_type(const struct dialog_form *f,
				     const struct dialog *d,
				     const char *confirm, const char *esc)
{
	struct arena *a = &d->ui->frame;
	bool is_reason = f->field == DIALOG_REASON;
	const char *text;

	if (!strcmp(f->reason, confirm))
		return (struct dialog_way){
			ROLE_WARN,
			arena_printf(a,
				     "That stands as the reason: type it "
				     "below.   %s",
				     esc)
		};
	if (dialog_is_narrow(d))
		text = is_reason ? "Reason, then Enter.   Esc cancel"
				 : "Type it, then Enter.   Esc cancel";
	else
		text = arena_printf(a, "%s, then Enter.   Tab field   %s",
				    is_reason ? "A reason, if there is one"
					      : "Type what is shown",
				    esc);
	return (struct dialog_way){ ROLE_DIM, text };
}

struct dialog_way dialog_form_way(const struct dialog_form *f,
				  const struct dialog *d, const char *confirm,
				  const char *does)
{
	struct arena *a = &d->ui->frame;
	const char *esc = dialog_is_narrow(d) ? "Esc cancel"
					      : "Esc cancel, nothing is sent";

	if (f->is_wrong)
		return (struct dialog_way){
			ROLE_WARN,
			arena_printf(a, "That is not what is shown.   %s", esc)
		};
	if (strcmp(f->typed, confirm))
		return way_to_type(f, d, confirm, esc);
	if (!is_seen(f))
		return (struct dialog_way){
			ROLE_WARN,
			arena_printf(a, "Enter shows the rest.  %s", esc)
		};
	return (struct dialog_way){
		ROLE_ACCENT, arena_printf(a, "Enter %s   %s", does, esc)
	};
}
