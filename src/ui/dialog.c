/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "dialog.h"

#include <string.h>

#include "base/mem.h"
#include "io/gate.h"
#include "ui/keys.h"
#include "uptake.h"

void dialog_put(struct dialog *d, int x, struct shown text, int room,
		enum role role)
{
	if (room > 0)
		surface_put(d->s, x, d->y,
			    shown_cut(&d->ui->frame, text, (unsigned)room,
				      d->ui->glyphs->is_ascii),
			    room, role);
}

struct shown dialog_text(struct dialog *d, const char *s)
{
	return shown_text(&d->ui->frame, s ? s : "");
}

void dialog_section(struct dialog *d, struct shown title, struct shown right)
{
	surface_section(d->s, (struct rect){ d->r.x, d->y, d->r.w, 1 }, title,
			right, d->ui->glyphs);
	d->y++;
}

int dialog_wrap(struct dialog *d, const char *line, size_t len, enum role role,
		bool is_drawn)
{
	int x = 0, rows = 1, room = d->r.w - 3;

	while (len) {
		size_t n = strcspn(line, " ");
		struct shown word =
			shown_textn(&d->ui->frame, line, MIN(n, len));

		if (x && x + (int)word.width > room) {
			x = 2;
			rows++;
		}
		if (is_drawn)
			surface_put(d->s, d->r.x + 2 + x, d->y + rows - 1,
				    shown_cut(&d->ui->frame, word,
					      (unsigned)(room - x),
					      d->ui->glyphs->is_ascii),
				    room - x, role);
		x += (int)word.width + 1;
		n = MIN(n + 1, len);
		line += n;
		len -= n;
	}
	return rows;
}

int dialog_sends(struct dialog *d, const char *lines, bool is_drawn)
{
	int rows = 0;

	while (*lines) {
		size_t len = strcspn(lines, "\n");
		int n = dialog_wrap(d, lines, len, ROLE_DIM, is_drawn);

		if (is_drawn)
			d->y += n;
		rows += n;
		lines += len + (lines[len] == '\n');
	}
	return rows;
}

void dialog_field(struct dialog *d, struct shown label, struct shown beside,
		  const char *value, int width, bool has_cursor)
{
	int x = d->r.x + 16;

	dialog_put(d, d->r.x + 2, label, 12, ROLE_DIM);
	if (beside.len) {
		dialog_put(d, x, beside, width, ROLE_STRONG);
		x += (int)beside.width + 3;
	}
	width = MIN(width, d->r.x + d->r.w - 2 - x);
	if (width < 1)
		return;
	surface_fill(d->s, (struct rect){ x, d->y, width, 1 }, ROLE_FIELD);
	dialog_put(d, x, dialog_text(d, value), width, ROLE_FIELD);
	if (has_cursor)
		surface_set_cursor(
			d->s,
			x + MIN(width - 1, (int)dialog_text(d, value).width),
			d->y);
}

bool dialog_closed(struct dialog *d, const char *source, const char *what)
{
	int x = d->r.x + 2, room = d->r.x + d->r.w - 1 - x;

	if (gate_is_closed(GATE_SYSTEMS))
		dialog_put(d, x,
			   shown_fmt(&d->ui->frame,
				     "Read-only by %s: nothing can be %s "
				     "here.  Esc back",
				     gate_why(GATE_SYSTEMS), what),
			   room, ROLE_WARN);
	else if (!gate_source_is_writable(source))
		dialog_put(d, x,
			   SHOWN("This source is read-only: write: yes in the "
				 "config or --write opens it.  Esc back"),
			   room, ROLE_WARN);
	else
		return false;
	return true;
}

void dialog_way_on(struct dialog *d, bool is_wrong, bool is_complete,
		   const char *does)
{
	int x = d->r.x + 2, room = d->r.x + d->r.w - 1 - x;
	bool is_narrow = room < 72;

	if (is_wrong)
		dialog_put(d, x,
			   is_narrow ? SHOWN("That is not what is shown.")
				     : SHOWN("That is not what is shown.   Esc "
					     "cancel, nothing is sent"),
			   room, ROLE_WARN);
	else if (is_complete)
		dialog_put(d, x,
			   shown_fmt(&d->ui->frame, "Enter %s   Esc cancel%s",
				     does,
				     is_narrow ? "" : ", nothing is sent"),
			   room, ROLE_ACCENT);
	else
		dialog_put(d, x,
			   is_narrow
				   ? SHOWN("Type what is shown, then Enter.")
				   : SHOWN("Type what is shown, then Enter.   "
					   "Tab field   Esc cancel, nothing is "
					   "sent"),
			   room, ROLE_DIM);
}

void dialog_too_small(struct dialog *d, int w, int h, const char *verb)
{
	dialog_put(d, d->r.x + 1, SHOWN("Too small to show all that is sent."),
		   d->r.w - 2, ROLE_WARN);
	d->y++;
	dialog_put(d, d->r.x + 1,
		   shown_fmt(&d->ui->frame, "%dx%d shows it, or %s.",
			     MAX(d->r.w, w) + 2, h + 2, verb),
		   d->r.w - 2, ROLE_TEXT);
	d->y = d->r.y + d->r.h - 1;
	dialog_put(d, d->r.x + 1, SHOWN("Esc back, nothing is sent"),
		   d->r.w - 2, ROLE_DIM);
}

void dialog_outcome(struct dialog *d, const struct protocol *act,
		    struct shown what)
{
	struct arena *a = &d->ui->frame;
	bool ok = act->outcome == OUTCOME_WRITTEN ||
		  act->outcome == OUTCOME_ALREADY;

	d->y += uptake_steps_draw(act, d->ui, d->s,
				  (struct rect){ d->r.x + 1, d->y,
						 MIN(d->r.w - 2, 50),
						 d->r.h - 5 }) +
		1;
	dialog_put(d, d->r.x + 2,
		   shown_fmt(a, "%s  %s", what.s, protocol_outcome_name(act)),
		   d->r.w - 4, ok ? ROLE_OK : ROLE_ALARM);
	d->y++;
	if (act->err.code)
		dialog_wrap(d, act->err.msg, strlen(act->err.msg), ROLE_WARN,
			    true);
	else if (act->audit_id)
		dialog_put(d, d->r.x + 2,
			   shown_fmt(a, "on record as %lld, chain head %.12s",
				     (long long)act->audit_id, act->head),
			   d->r.w - 4, ROLE_DIM);
	d->y = d->r.y + d->r.h - 1;
	dialog_put(d, d->r.x + 2,
		   act->outcome == OUTCOME_CONFLICT
			   ? SHOWN("r look again   Esc back")
			   : SHOWN("Esc back to the Tower"),
		   d->r.w - 4, ROLE_DIM);
}

void dialog_type(char field[DIALOG_FIELD], int key)
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
