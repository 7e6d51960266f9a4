/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "tower.h"

#include <string.h>

#include "columns.h"
#include "draw/chart.h"

#define WORD_WIDTH 11 /* " ✓ resolved"; where "superseded" stands, more */

/* Lines an alert takes: one, two with its numbers, three with a sparkline. */
static int lines_each(const struct tower *t)
{
	struct rect r = t->rects[PANE_ALERTS];
	int room = r.h - 1;
	int n = (int)t->n_alerts;

	if (r.w < 40 || r.h < 6)
		return 1;
	if (n * 3 <= room || n == 0)
		return 3;
	return n * 2 <= room ? 2 : 1;
}

void tower_alerts_update(struct tower *t, struct ui *ui)
{
	struct rect r = t->rects[PANE_ALERTS];

	t->n_alerts = watch_lines_make(ui->app, ui->now_utc_ms, &t->arena,
				       &t->alerts);
	list_set(&t->alert_list, t->n_alerts, t->alert_list.cursor);
	list_fit(&t->alert_list,
		 r.w ? (size_t)MAX(1, (r.h - 1) / lines_each(t)) : 1);
}

static struct shown glyph_of(const struct glyphs *g, const struct alert_line *l)
{
	return cell_mark_glyph(l->mark, g->is_ascii);
}

static void put_right(struct surface *s, struct rect row, struct shown text,
		      enum role role)
{
	surface_put(s, row.x + row.w - 1 - (int)text.width, row.y, text,
		    (int)text.width, role);
}

/* ▲ fraud-detector  amount PSI 0.41   2h 10m */
static void draw_short(struct ui *ui, struct surface *s, struct rect row,
		       const struct alert_line *l)
{
	int room = row.w - 5 - (int)l->age.width;
	int name = MIN((int)l->model.width, room / 2);
	struct arena *a = &ui->frame;
	bool ascii = ui->glyphs->is_ascii;

	surface_put(s, row.x + 1, row.y, glyph_of(ui->glyphs, l), 1, l->role);
	if (room < 4)
		return;
	surface_put(s, row.x + 3, row.y,
		    shown_cut(a, l->model, (unsigned)name, ascii), name,
		    l->role == ROLE_DIM ? ROLE_DIM : ROLE_TEXT);
	surface_put(
		s, row.x + 5 + name, row.y,
		shown_cut(a, l->what, (unsigned)MAX(1, room - name - 2), ascii),
		MAX(1, room - name - 2), ROLE_DIM);
	put_right(s, row, l->age, ROLE_DIM);
}

static void draw_history(struct ui *ui, struct surface *s, struct rect at,
			 const struct alert_line *l)
{
	double values[2 * WORD_WIDTH];
	size_t n = 0, skip;

	if (!l->n_history)
		return;
	skip = l->n_history > 2 * (size_t)at.w ? l->n_history - 2 * (size_t)at.w
					       : 0;
	for (size_t i = skip; i < l->n_history; i++)
		values[n++] = l->history[i].value;
	chart_sparkline(s, at, values, n, l->role, ui->glyphs);
}

/* Of the longest state on record, that names stand below one another. */
static int word_width(const struct tower *t)
{
	int width = WORD_WIDTH;

	for (size_t i = 0; i < t->n_alerts; i++)
		width = MAX(width, 3 + (int)t->alerts[i].word.width);
	return width;
}

static void draw_long(struct ui *ui, struct surface *s, struct rect row,
		      const struct alert_line *l, int each, int word_w)
{
	struct arena *a = &ui->frame;
	bool ascii = ui->glyphs->is_ascii;
	int x = row.x + word_w + 1;
	int room = row.x + row.w - 1 - x;
	int name_room = room - (int)l->age.width - 2;
	int what;

	surface_put(s, row.x + 1, row.y, glyph_of(ui->glyphs, l), 1, l->role);
	surface_put(s, row.x + 3, row.y, l->word, (int)l->word.width, l->role);
	surface_put(s, x, row.y,
		    shown_cut(a, l->model, (unsigned)MAX(1, name_room), ascii),
		    MAX(1, name_room),
		    l->role == ROLE_DIM ? ROLE_DIM : ROLE_STRONG);
	put_right(s, row, l->age, ROLE_DIM);
	row.y++;
	what = MIN((int)l->what.width, room);
	surface_put(s, x, row.y, shown_cut(a, l->what, (unsigned)room, ascii),
		    room, l->role == ROLE_DIM ? ROLE_DIM : ROLE_TEXT);
	if (what + 2 + (int)l->limit.width <= room)
		surface_put(s, x + what + 2, row.y, l->limit,
			    (int)l->limit.width, ROLE_DIM);
	if (each < 3)
		return;
	row.y++;
	draw_history(ui, s,
		     (struct rect){ row.x + 1, row.y, WORD_WIDTH - 2, 1 }, l);
	surface_put(s, x, row.y,
		    shown_cut(a,
			      l->is_acked ? shown_fmt(a, "%s: %s",
						      l->alert->acked_by,
						      l->alert->note)
					  : l->more,
			      (unsigned)room, ascii),
		    room, ROLE_DIM);
}

static struct shown count_text(struct tower *t, struct ui *ui)
{
	size_t firing = 0, pending = 0, blind = 0;

	for (size_t i = 0; i < t->n_alerts; i++) {
		const struct alert *al = t->alerts[i].alert;

		firing += al && al->state == ALERT_FIRING &&
			  !t->alerts[i].is_acked;
		pending += al && al->state == ALERT_PENDING;
		blind += !al && t->alerts[i].mark == MARK_LATE;
	}
	if (!firing && !pending)
		return blind ? shown_fmt(&ui->frame, "%zu blind", blind)
			     : SHOWN("quiet");
	if (!pending)
		return shown_fmt(&ui->frame, "%zu firing", firing);
	return shown_fmt(&ui->frame, "%zu firing, %zu pending", firing,
			 pending);
}

static struct shown empty_text(struct ui *ui)
{
	const struct app_watch_state *w = app_watch(ui->app);

	if (*app_state_error(ui->app))
		return shown_text(&ui->frame, app_state_error(ui->app));
	if (!app_config(ui->app)->n_monitors)
		return SHOWN("No monitors. mltower config --init");
	if (w->is_known && !*w->holder)
		return SHOWN("Nobody watches. mltower watch");
	return SHOWN("Nothing fires.");
}

void tower_alerts_draw(struct tower *t, struct ui *ui, struct surface *s,
		       struct rect r)
{
	int each = lines_each(t);
	struct rect row = { r.x, r.y + 1, r.w, each };
	size_t end = MIN(t->alert_list.top + t->alert_list.height, t->n_alerts);
	int word_w = word_width(t);

	surface_title(s, (struct rect){ r.x, r.y, r.w, 1 },
		      t->has_tabs ? SHOWN("") : SHOWN("4"), SHOWN("Alerts"),
		      SHOWN(""), count_text(t, ui), t->focus == PANE_ALERTS,
		      ui->glyphs);
	if (!t->n_alerts)
		surface_put(s, r.x + 1, r.y + 1,
			    shown_cut(&ui->frame, empty_text(ui),
				      (unsigned)MAX(1, r.w - 2),
				      ui->glyphs->is_ascii),
			    r.w - 2, ROLE_DIM);
	for (size_t i = t->alert_list.top; i < end; i++) {
		if (t->focus == PANE_ALERTS && i == t->alert_list.cursor) {
			surface_select(s, row);
			surface_put(s, row.x, row.y, ui->glyphs->cursor, 1,
				    ROLE_ACCENT);
		}
		if (each == 1)
			draw_short(ui, s, row, &t->alerts[i]);
		else
			draw_long(ui, s, row, &t->alerts[i], each, word_w);
		row.y += each;
	}
}

static bool open_monitor(struct ui *ui, const struct alert_line *l,
			 enum command_id cmd)
{
	if (cmd != CMD_OPEN)
		return false;
	ui_push(ui, page_drift_new(ui, 0, l->monitor));
	return true;
}

bool tower_alerts_command(struct tower *t, struct ui *ui, enum command_id cmd)
{
	const struct alert *al;

	if (list_command(&t->alert_list, cmd))
		return true;
	if (t->alert_list.cursor >= t->n_alerts)
		return false;
	al = t->alerts[t->alert_list.cursor].alert;
	if (!al)
		return open_monitor(ui, &t->alerts[t->alert_list.cursor], cmd);
	switch (cmd) {
	case CMD_OPEN:
		if (!alert_is_on_record(al)) {
			ui_say(ui, "%s: start mltower watch", al->text);
			return true;
		}
		ui_push(ui, page_drift_new(ui, al->id, al->monitor));
		return true;
	case CMD_ROLLBACK: {
		const struct model *m = app_model(ui->app);
		int source = model_find_source(m, al->source);
		const struct config_model *conf = config_model(
			app_config(ui->app), al->source, al->model);

		if (source >= 0)
			ui_push(ui, page_promote_new(ui, (uint16_t)source,
						     al->model, "",
						     conf->serving, true));
		return true;
	}
	default:
		return false;
	}
}
