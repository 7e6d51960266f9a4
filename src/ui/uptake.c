/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "uptake.h"

#include <stdlib.h>
#include <string.h>

#include "base/human.h"
#include "base/mem.h"
#include "draw/bigfont.h"
#include "view/tower.h"

struct uptake *uptake_new(struct promotion *p, uint16_t source,
			  const char *alias)
{
	struct uptake *f = xcalloc(1, sizeof(*f));

	f->p = p;
	f->source = source;
	f->alias = xstrdup(alias);
	return f;
}

void uptake_free(struct uptake *f)
{
	if (!f)
		return;
	promotion_free(f->p);
	free(f->alias);
	free(f);
}

static void put(struct ui *ui, struct surface *s, int x, int y, int end,
		struct shown text, enum role role)
{
	if (x < end)
		surface_put(s, x, y,
			    shown_cut(&ui->frame, text, (unsigned)(end - x),
				      ui->glyphs->is_ascii),
			    end - x, role);
}

static void put_right(struct surface *s, struct rect row, struct shown text,
		      enum role role)
{
	surface_put(s, row.x + row.w - 1 - (int)text.width, row.y, text,
		    (int)text.width, role);
}

int uptake_steps_draw(const struct protocol *p, struct ui *ui,
		      struct surface *s, struct rect r)
{
	struct arena *a = &ui->frame;
	int y = r.y;

	for (size_t i = 0; i < STEP_DONE && y < r.y + r.h; i++) {
		const char *name = protocol_step_name((enum protocol_step)i);
		bool has_moved =
			i == STEP_COMPARE && p->outcome == OUTCOME_CONFLICT;
		char when[32];
		struct shown at;

		if (p->step_ms[i] == TIME_NONE)
			continue;
		clock_format_local(p->step_ms[i], when);
		at = shown_text(a, when + 11);
		surface_put(s, r.x + 1, y,
			    has_moved ? ui->glyphs->failed
				      : ui->glyphs->finished,
			    1, has_moved ? ROLE_ALARM : ROLE_OK);
		put(ui, s, r.x + 3, y, r.x + r.w - 2 - (int)at.width,
		    i == STEP_RECORD ? shown_fmt(a, "%s, %.4s", name, p->head)
				     : shown_text(a, name),
		    ROLE_TEXT);
		put_right(s, (struct rect){ r.x, y, r.w, 1 }, at, ROLE_DIM);
		y++;
	}
	return y - r.y;
}

/* ---- is it served? ---- */

static const char *source_name(const struct uptake *f, struct ui *ui)
{
	return app_source_conf(ui->app, f->source)->name;
}

static int64_t written_ms(const struct uptake *f)
{
	return f->p->act.step_ms[STEP_WRITE];
}

bool uptake_is_served(const struct uptake *f, struct ui *ui, int64_t *served_ms)
{
	const struct promotion_ask *ask = &f->p->ask;
	const struct drift_report *r =
		tower_model_report(ui->app, source_name(f, ui), ask->model);

	*served_ms = TIME_NONE;
	for (size_t i = 0; i < app_audit_count(ui->app); i++) {
		const struct audit_entry *e = app_audit_at(ui->app, i);

		if (!strcmp(e->id, f->p->act.id) && e->kind &&
		    !strcmp(e->kind, "served")) {
			*served_ms = e->time_ms;
			return true;
		}
	}
	return r && r->version && !strcmp(r->version, ask->version);
}

static struct shown after_text(struct arena *a, int64_t took_ms)
{
	char took[HUMAN_MAX];

	if (took_ms < 1000)
		return SHOWN("at once");
	return shown_fmt(a, "after %s", human_duration(took, took_ms));
}

/* ● endpoint takes it up    3m 20s of 10m */
static void draw_serving(const struct uptake *f, struct ui *ui,
			 struct surface *s, struct rect r)
{
	const struct promotion_ask *ask = &f->p->ask;
	const struct config_model *conf = config_model(
		app_config(ui->app), source_name(f, ui), ask->model);
	const struct drift_report *report =
		tower_model_report(ui->app, source_name(f, ui), ask->model);
	int64_t waited_ms = MAX(0, ui->now_utc_ms - written_ms(f)), served_ms;
	bool is_served = uptake_is_served(f, ui, &served_ms);
	bool is_late = waited_ms > conf->serves_within_ms;
	char waited[HUMAN_MAX], within[HUMAN_MAX];
	struct arena *a = &ui->frame;
	struct shown at = SHOWN(""), what;
	enum role role = ROLE_TEXT;

	if (!report || !report->version || !*report->version) {
		put(ui, s, r.x + 1, r.y, r.x + r.w - 1,
		    SHOWN("No monitor's log tells what the endpoint serves."),
		    ROLE_DIM);
		return;
	}
	human_duration(within, conf->serves_within_ms);
	if (is_served) {
		what = SHOWN("endpoint serves it");
		surface_put(s, r.x + 1, r.y, ui->glyphs->finished, 1, ROLE_OK);
		if (served_ms != TIME_NONE)
			at = after_text(a, served_ms - written_ms(f));
	} else {
		what = is_late ? shown_fmt(a, "the log still shows v%s",
					   report->version)
			       : SHOWN("endpoint takes it up");
		role = is_late ? ROLE_WARN : ROLE_STRONG;
		surface_put(s, r.x + 1, r.y, ui->glyphs->running, 1,
			    is_late ? ROLE_WARN : ROLE_ACCENT);
		/* In steps: a figure that ticks draws the eye for nothing. */
		human_duration(waited, human_steady_ms(waited_ms));
		at = shown_fmt(a, "%s of %s", waited, within);
	}
	put(ui, s, r.x + 3, r.y, r.x + r.w - 2 - (int)at.width, what, role);
	put_right(s, r, at, is_late && !is_served ? ROLE_WARN : ROLE_DIM);
}

/* v12 ──▸ v14 */
static int draw_versions(const struct uptake *f, struct ui *ui,
			 struct surface *s, struct rect r)
{
	const char *before = promotion_holder(f->p);
	struct arena *a = &ui->frame;
	struct shown from =
		*before ? shown_fmt(a, "v%s", before) : SHOWN("none");
	struct shown to = shown_fmt(a, "v%s", f->p->ask.version);
	int arrow = 5, x = r.x + 1, rows = big_rows(BIG_S);
	int width = big_width(from, BIG_S) + arrow + big_width(to, BIG_S);

	if (width > r.w - 2 || r.h < rows + 8) {
		put(ui, s, x, r.y, r.x + r.w - 1,
		    shown_fmt(a, "%s %s to %s", f->p->ask.model, from.s, to.s),
		    ROLE_STRONG);
		return 1;
	}
	x += big_put(s, x, r.y, from, r.w, BIG_S, ROLE_DIM, ui->glyphs);
	for (int i = 0; i < 3; i++)
		surface_put(s, x + 1 + i, r.y + 2, ui->glyphs->rule, 1,
			    ROLE_ACCENT);
	surface_put(s, x + 4, r.y + 2, ui->glyphs->cursor, 1, ROLE_ACCENT);
	big_put(s, x + arrow + 1, r.y, to, r.w, BIG_S, ROLE_ACCENT, ui->glyphs);
	return rows;
}

void uptake_draw(const struct uptake *f, struct ui *ui, struct surface *s,
		 struct rect r, bool has_focus, bool has_tabs)
{
	const struct promotion_ask *ask = &f->p->ask;
	struct arena *a = &ui->frame;
	struct rect in = { r.x, r.y + 1, r.w, r.h - 1 };

	surface_title(s, (struct rect){ r.x, r.y, r.w, 1 },
		      has_tabs ? SHOWN("") : SHOWN("2"),
		      ask->is_rollback ? SHOWN("Rollback") : SHOWN("Promotion"),
		      shown_fmt(a, "@%s on %s", f->alias, source_name(f, ui)),
		      shown_fmt(a, "#%lld", (long long)f->p->act.audit_id),
		      has_focus, ui->glyphs);
	in.y += draw_versions(f, ui, s, in) + (r.h >= 12);
	in.h = r.y + r.h - in.y;
	in.y += uptake_steps_draw(&f->p->act, ui, s, in);
	if (in.y < r.y + r.h)
		draw_serving(f, ui, s, (struct rect){ r.x, in.y, r.w, 1 });
	in.y += 2;
	if (in.y < r.y + r.h)
		put(ui, s, r.x + 1, in.y, r.x + r.w - 1,
		    SHOWN("Esc back to the metrics"), ROLE_DIM);
}
