/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/human.h"
#include "page_list.h"

/* The journal: what happened, newest first. Enter goes to the thing. */
struct page_events {
	struct page page;
	struct list_pane pane;
	char kind[32];             /* "" all */
	char text[PROMPT_MAX + 1]; /* filter: a part of any cell */
};

static unsigned events_scope(const struct page *p)
{
	(void)p;
	return SCOPE_EVENTS;
}

static struct shown events_crumbs(const struct page *p, struct ui *ui,
				  struct arena *a)
{
	const struct page_events *e = (const struct page_events *)p;

	(void)ui;
	if (!*e->kind && !*e->text)
		return SHOWN("");
	return shown_fmt(a, "%s%s%s", e->kind, *e->text ? " / " : "", e->text);
}

static void events_update(struct page *p, struct ui *ui)
{
	struct page_events *e = (struct page_events *)p;
	struct view_ctx ctx = ui_view_ctx(ui);
	struct rect body = ui_body(ui);
	struct view_events_ask ask = { .kind = e->kind, .text = e->text };
	struct view_list view;

	view_events_of(&view, &ctx, &ask);
	list_pane_set(&e->pane, &view);
	list_pane_update(&e->pane, ui, body.w, body.h - 1);
}

static void events_draw(struct page *p, struct ui *ui, struct surface *s,
			struct rect body)
{
	struct page_events *e = (struct page_events *)p;
	char n[HUMAN_MAX];

	surface_title(s, (struct rect){ body.x, body.y, body.w, 1 }, SHOWN(""),
		      SHOWN("Events"), SHOWN("newest first"),
		      shown_text(&ui->frame,
				 human_count(n, (int64_t)e->pane.list.n_rows)),
		      true, ui->glyphs);
	list_pane_draw(&e->pane, ui, s,
		       (struct rect){ body.x, body.y + 1, body.w, body.h - 1 },
		       true, SHOWN("Nothing happened yet."));
}

/* To the run, the model or the monitor that the event is about. */
static void open_subject(struct page_events *e, struct ui *ui)
{
	const struct model *m = app_model(ui->app);
	const struct cell *kind = list_pane_cell(&e->pane, "kind");
	const struct cell *source = list_pane_cell(&e->pane, "source");
	const struct cell *subject = list_pane_cell(&e->pane, "subject");
	const struct cell *ref = list_pane_cell(&e->pane, "ref");
	const struct reg_entry *entry;
	struct err err = { 0 };
	int number;

	if (!subject || subject->kind != CELL_TEXT)
		return;
	if (kind && kind->kind == CELL_TEXT &&
	    !strcmp(kind->text, event_kind_name(EVENT_ALERT)) &&
	    config_monitor(app_config(ui->app), subject->text)) {
		ui_push(ui, page_drift_new(ui, 0, subject->text));
		return;
	}
	if (!source || source->kind != CELL_TEXT)
		return;
	number = model_find_source(m, source->text);
	if (number < 0)
		return;
	if (ref && ref->kind == CELL_TEXT &&
	    run_set_find(m->runs, (uint16_t)number, ref->text) != RUN_NO_ROW)
		ui_push(ui, page_run_new(ui, (uint16_t)number, ref->text));
	else if (!registry_find(m->registry, number, subject->text, &entry,
				&err))
		ui_push(ui,
			page_model_new(ui, (uint16_t)number, subject->text));
	else
		ui_say(ui, "nothing to open here");
}

static void set_kind(struct page_events *e, struct ui *ui, const char *kind)
{
	bool is_known = !*kind;

	for (size_t i = 0; i < N_EVENT_KINDS; i++)
		is_known |= !strcmp(event_kind_name((enum event_kind)i), kind);
	if (is_known)
		snprintf(e->kind, sizeof(e->kind), "%s", kind);
	else
		ui_complain(ui, "no kind is called %s; Tab completes", kind);
}

static bool events_command(struct page *p, struct ui *ui, enum command_id cmd,
			   const char *arg)
{
	struct page_events *e = (struct page_events *)p;

	if (list_command(&e->pane.list, cmd))
		return true;
	switch (cmd) {
	case CMD_OPEN:
		open_subject(e, ui);
		return true;
	case CMD_KIND:
		set_kind(e, ui, arg ? arg : "");
		return true;
	case CMD_FILTER:
		snprintf(e->text, sizeof(e->text), "%s", arg ? arg : "");
		return true;
	default:
		return false;
	}
}

static void events_free(struct page *p)
{
	list_pane_release(&((struct page_events *)p)->pane);
	free(p);
}

struct page *page_events_new(struct ui *ui)
{
	static const enum command_id footer[] = { CMD_OPEN,   CMD_KIND,
						  CMD_FILTER, CMD_PROMPT,
						  CMD_HELP,   CMD_BACK,
						  CMD_NONE };
	static const struct page_ops ops = {
		.title = "Events",
		.scope = events_scope,
		.crumbs = events_crumbs,
		.update = events_update,
		.draw = events_draw,
		.command = events_command,
		.footer = footer,
		.free = events_free,
	};
	struct page_events *e = xcalloc(1, sizeof(*e));

	(void)ui;
	e->page.ops = &ops;
	e->pane.spare = "kind";
	e->pane.keep = "text";
	e->page.update_at_ms = -1;
	return &e->page;
}
