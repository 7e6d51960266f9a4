/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/human.h"
#include "base/mem.h"
#include "page_list.h"
#include "view/tower.h"

/* A registered model: its versions, who holds which alias, and the version
 * under the cursor in full. */
struct page_model {
	struct page page;
	uint16_t source;
	char *name;
	struct list_pane pane;
};

static unsigned model_scope(const struct page *p)
{
	(void)p;
	return SCOPE_REGISTRY;
}

static struct shown model_crumbs(const struct page *p, struct ui *ui,
				 struct arena *a)
{
	const struct page_model *g = (const struct page_model *)p;

	return shown_fmt(a, "%s / %s",
			 app_model(ui->app)->sources[g->source].name, g->name);
}

static const struct reg_entry *entry_of(const struct page_model *g,
					struct ui *ui)
{
	const struct reg_entry *entry = NULL;
	struct err err = { 0 };

	if (registry_find(app_model(ui->app)->registry, g->source, g->name,
			  &entry, &err))
		return NULL;
	return entry;
}

static const struct version_facts *version_of(const struct page_model *g,
					      struct ui *ui)
{
	const struct reg_entry *entry = entry_of(g, ui);

	if (!entry || g->pane.list.cursor >= entry->model->n_versions)
		return NULL;
	return &entry->model->versions[g->pane.list.cursor];
}

static int rows_height(const struct page_model *g, struct rect body)
{
	int all = (int)g->pane.view.n_rows + 1;

	return MAX(3, MIN(all, body.h / 2));
}

static void model_update(struct page *p, struct ui *ui)
{
	struct page_model *g = (struct page_model *)p;
	const struct reg_entry *entry = entry_of(g, ui);
	struct view_ctx ctx = ui_view_ctx(ui);
	struct rect body = ui_body(ui);
	struct view_list view;

	if (!entry)
		return;
	view_versions(&view, &ctx, entry);
	list_pane_set(&g->pane, &view);
	list_pane_update(&g->pane, ui, body.w, rows_height(g, body));
}

/* Names in one column, as wide as the widest of them needs, up to a third. */
struct facts {
	struct ui *ui;
	struct surface *s; /* NULL: only the names are measured */
	struct rect r;
	int y, name_w;
};

static void fact(struct facts *f, const char *name, struct shown value,
		 enum role role)
{
	bool ascii = f->ui->glyphs->is_ascii;
	struct shown label = shown_text(&f->ui->frame, name);
	int x = f->r.x + 3 + f->name_w + 2, room = f->r.x + f->r.w - 1 - x;

	if (!f->s) {
		f->name_w = MAX(f->name_w, MIN((int)label.width, f->r.w / 3));
		return;
	}
	if (f->y >= f->r.y + f->r.h || room < 1)
		return;
	surface_put(f->s, f->r.x + 3, f->y,
		    shown_cut_middle(&f->ui->frame, label, (unsigned)f->name_w,
				     ascii),
		    f->name_w, ROLE_DIM);
	surface_put(f->s, x, f->y,
		    shown_cut(&f->ui->frame, value, (unsigned)room, ascii),
		    room, role);
	f->y++;
}

static void text_fact(struct facts *f, const char *name, const char *value)
{
	if (value && *value)
		fact(f, name, shown_text(&f->ui->frame, value), ROLE_TEXT);
}

/* Where the version came from: its run, and the data and code of that. */
static void lineage_facts(struct page_model *g, struct facts *f,
			  const struct version_facts *v)
{
	struct arena *a = &f->ui->frame;
	const struct run_detail *d;
	struct err err = { 0 };
	char n[HUMAN_MAX];

	if (!v->run_id || !*v->run_id) {
		fact(f, "run", SHOWN("none: it was registered without one"),
		     ROLE_DIM);
		return;
	}
	d = app_detail(f->ui->app, g->source, v->run_id, &err);
	if (!d) {
		fact(f, "run",
		     err.code ? shown_fmt(a, "%s: %s", v->run_id, err.msg)
			      : SHOWN("reading ..."),
		     err.code ? ROLE_WARN : ROLE_DIM);
		return;
	}
	fact(f, "run", shown_fmt(a, "%s  %s", d->run.name, d->run.id),
	     ROLE_TEXT);
	text_fact(f, "experiment", d->experiment_name);
	for (size_t i = 0; i < d->n_datasets; i++)
		fact(f,
		     *d->datasets[i].context ? d->datasets[i].context : "data",
		     shown_fmt(a, "%s #%.8s", d->datasets[i].name,
			       d->datasets[i].digest),
		     ROLE_TEXT);
	for (size_t i = 0; i < d->n_tags; i++)
		if (!strcmp(d->tags[i].name, "mlflow.source.git.commit"))
			text_fact(f, "code", d->tags[i].value);
	for (size_t i = 0; i < d->n_metrics && i < 8; i++)
		fact(f, d->metrics[i].name,
		     shown_text(a, human_number(n, d->metrics[i].value, 4)),
		     ROLE_TEXT);
}

static void all_facts(struct page_model *g, struct facts *f,
		      const struct version_facts *v)
{
	char when[32];

	text_fact(f, "description", v->description);
	clock_format_local(v->created_ms, when);
	text_fact(f, "created", when);
	text_fact(f, "status", v->status);
	if (strcmp(v->stage, "None"))
		text_fact(f, "stage", v->stage);
	text_fact(f, "artifact", v->source_uri);
	lineage_facts(g, f, v);
	for (size_t i = 0; i < v->n_tags; i++)
		text_fact(f, v->tags[i].name, v->tags[i].value);
}

static void draw_version(struct page_model *g, struct ui *ui, struct surface *s,
			 struct rect r, const struct version_facts *v)
{
	struct facts f = { .ui = ui, .r = r, .y = r.y };

	all_facts(g, &f, v);
	f.s = s;
	all_facts(g, &f, v);
}

static void model_draw(struct page *p, struct ui *ui, struct surface *s,
		       struct rect body)
{
	struct page_model *g = (struct page_model *)p;
	const struct reg_entry *entry = entry_of(g, ui);
	const struct version_facts *v = version_of(g, ui);
	int rows = rows_height(g, body);
	char n[HUMAN_MAX];

	if (!entry) {
		surface_put(s, body.x + 1, body.y,
			    SHOWN("This model is no longer in the registry."),
			    body.w - 2, ROLE_WARN);
		return;
	}
	surface_title(
		s, (struct rect){ body.x, body.y, body.w, 1 }, SHOWN("1"),
		SHOWN("Versions"),
		shown_text(&ui->frame, entry->model->description),
		shown_text(&ui->frame,
			   human_count(n, (int64_t)entry->model->n_versions)),
		true, ui->glyphs);
	list_pane_draw(&g->pane, ui, s,
		       (struct rect){ body.x, body.y + 1, body.w, rows }, true,
		       SHOWN("No versions yet."));
	if (!v)
		return;
	surface_title(s, (struct rect){ body.x, body.y + rows + 1, body.w, 1 },
		      SHOWN("2"), shown_fmt(&ui->frame, "v%s", v->version),
		      SHOWN("where it came from"), SHOWN(""), false,
		      ui->glyphs);
	draw_version(g, ui, s,
		     (struct rect){ body.x, body.y + rows + 2, body.w,
				    body.h - rows - 2 },
		     v);
}

static const char *serving_of(const struct page_model *g, struct ui *ui)
{
	return config_model(app_config(ui->app),
			    app_model(ui->app)->sources[g->source].name,
			    g->name)
		->serving;
}

static void promote(struct page_model *g, struct ui *ui)
{
	const struct version_facts *v = version_of(g, ui);

	if (v)
		ui_push(ui, page_promote_new(ui, g->source, g->name, v->version,
					     serving_of(g, ui), false));
}

/* To the version under the cursor where it is older than the one that serves,
 * else to the one that the record knows. */
static void roll_back(struct page_model *g, struct ui *ui)
{
	const struct reg_entry *entry = entry_of(g, ui);
	const struct version_facts *v = version_of(g, ui);
	const char *alias = serving_of(g, ui);
	const struct version_facts *holder =
		entry ? registry_holder(entry->model, alias) : NULL;

	ui_push(ui,
		page_promote_new(ui, g->source, g->name,
				 v && holder && v > holder ? v->version : "",
				 alias, true));
}

static bool model_command(struct page *p, struct ui *ui, enum command_id cmd,
			  const char *arg)
{
	struct page_model *g = (struct page_model *)p;
	const struct version_facts *v = version_of(g, ui);

	(void)arg;
	if (list_command(&g->pane.list, cmd))
		return true;
	switch (cmd) {
	case CMD_OPEN:
		if (v && v->run_id && *v->run_id)
			ui_push(ui, page_run_new(ui, g->source, v->run_id));
		return true;
	case CMD_PROMOTE:
		promote(g, ui);
		return true;
	case CMD_ROLLBACK:
		roll_back(g, ui);
		return true;
	case CMD_COPY:
		ui_copy(ui, g->name, NULL);
		return true;
	default:
		return false;
	}
}

static void model_free(struct page *p)
{
	struct page_model *g = (struct page_model *)p;

	list_pane_release(&g->pane);
	free(g->name);
	free(g);
}

struct page *page_model_new(struct ui *ui, uint16_t source, const char *model)
{
	static const enum command_id footer[] = { CMD_OPEN,     CMD_PROMOTE,
						  CMD_ROLLBACK, CMD_COPY,
						  CMD_PROMPT,   CMD_HELP,
						  CMD_BACK,     CMD_NONE };
	static const struct page_ops ops = {
		.title = "Model",
		.scope = model_scope,
		.crumbs = model_crumbs,
		.update = model_update,
		.draw = model_draw,
		.command = model_command,
		.footer = footer,
		.free = model_free,
	};
	struct page_model *g = xcalloc(1, sizeof(*g));

	(void)ui;
	g->page.ops = &ops;
	g->page.update_at_ms = -1;
	g->source = source;
	g->name = xstrdup(model);
	return &g->page;
}
