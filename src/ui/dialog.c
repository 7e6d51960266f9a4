/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "dialog.h"

#include <string.h>

#include "base/mem.h"
#include "uptake.h"

int dialog_width(struct rect body, int width)
{
	return MIN(body.w, width) - 2;
}

/* As many words as there is room for. */
static struct shown fitting(struct ui *ui, const char *title, int room)
{
	struct shown t = shown_text(&ui->frame, title);

	return shown_textn(&ui->frame, t.s,
			   shown_line(t, (unsigned)MAX(1, room)));
}

struct dialog dialog_open(struct ui *ui, struct surface *s, struct rect body,
			  int width, int rows, const char *title,
			  const struct source_conf *conf)
{
	int w = MIN(body.w, width), h = MIN(body.h, rows + 2);
	struct rect r = { body.x + (body.w - w) / 2, body.y + (body.h - h) / 2,
			  w, h };

	/* Letters beside the frame would read as part of it. */
	surface_fill(s, (struct rect){ 0, r.y, s->w, r.h }, ROLE_SCRIM);
	surface_frame(s, r, fitting(ui, title, w - 4),
		      shown_fmt(&ui->frame, "%s  %s", conf->name, conf->where),
		      ui->glyphs);
	return (struct dialog){ .ui = ui,
				.s = s,
				.r = { r.x + 1, r.y + 1, r.w - 2, r.h - 2 },
				.y = r.y + 1 };
}

bool dialog_is_narrow(const struct dialog *d)
{
	return d->r.w < 60;
}

int dialog_cell(struct dialog *d, int x, int w, const char *text,
		enum role role)
{
	return surface_wrap(d->s, x, d->y, w, 0,
			    shown_text(&d->ui->frame, text), role);
}

void dialog_wrap(struct dialog *d, const char *text, enum role role)
{
	d->y += surface_wrap(d->s, d->r.x + 2, d->y, d->r.w - 3, 2,
			     shown_text(&d->ui->frame, text), role);
}

int dialog_rows(struct dialog *d, const char *text)
{
	struct dialog unseen = *d;

	surface_clip(d->s, (struct rect){ 0, 0, 0, 0 });
	unseen.y = 0;
	dialog_wrap(&unseen, text, ROLE_TEXT);
	surface_unclip(d->s);
	return unseen.y;
}

void dialog_title(struct dialog *d, const char *title)
{
	if ((int)shown_text(&d->ui->frame, title).width > d->r.w - 2)
		dialog_wrap(d, title, ROLE_STRONG);
}

void dialog_section(struct dialog *d, const char *title, struct shown right)
{
	surface_section(d->s, (struct rect){ d->r.x, d->y, d->r.w, 1 },
			shown_text(&d->ui->frame, title), right, d->ui->glyphs);
	d->y++;
}

void dialog_sends(struct dialog *d, const char *lines, const char *source)
{
	dialog_section(d, "Will send",
		       shown_fmt(&d->ui->frame, "to %s", source));
	while (*lines) {
		size_t len = strcspn(lines, "\n");

		dialog_wrap(d, arena_strndup(&d->ui->frame, lines, len),
			    ROLE_DIM);
		lines += len + (lines[len] == '\n');
	}
}

void dialog_outcome(struct dialog *d, const struct protocol *act,
		    const char *what)
{
	struct arena *a = &d->ui->frame;
	bool ok = act->outcome == OUTCOME_WRITTEN ||
		  act->outcome == OUTCOME_ALREADY;

	d->y += uptake_steps_draw(act, d->ui, d->s,
				  (struct rect){ d->r.x + 1, d->y,
						 MIN(d->r.w - 2, 50),
						 d->r.h - 5 }) +
		1;
	dialog_wrap(d,
		    arena_printf(a, "%s  %s", what, protocol_outcome_name(act)),
		    ok ? ROLE_OK : ROLE_ALARM);
	if (act->err.code)
		dialog_wrap(d, act->err.msg, ROLE_WARN);
	else if (act->audit_id)
		dialog_wrap(d,
			    arena_printf(a,
					 "on record as %lld, chain head %.12s",
					 (long long)act->audit_id, act->head),
			    ROLE_DIM);
	dialog_last(d,
		    act->outcome == OUTCOME_CONFLICT ? "r look again   Esc back"
						     : "Esc back to the Tower",
		    ROLE_DIM);
}

void dialog_waiting(struct dialog *d, bool is_writing, const struct err *err)
{
	if (err->code)
		dialog_wrap(d, err->msg, ROLE_WARN);
	else if (is_writing)
		dialog_wrap(d, "writing, step by step ...", ROLE_DIM);
	else
		dialog_wrap(d, "reading what stands there now ...", ROLE_DIM);
}

void dialog_last(struct dialog *d, const char *text, enum role role)
{
	d->y = d->r.y + d->r.h - dialog_rows(d, text);
	dialog_wrap(d, text, role);
}
