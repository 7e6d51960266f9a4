/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "tower.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "columns.h"
#include "io/gate.h"

enum {
	COL_MODEL,
	COL_CHAMPION,
	COL_NEWEST,
	COL_METRIC,
	COL_VALUE,
	COL_DELTA,
	COL_SERVES,
	N_COLS
};

/* The metrics of the versions' runs are columns of the run set. */
static void want_columns(struct tower *t, struct ui *ui)
{
	const struct model *m = app_model(ui->app);
	size_t n = registry_count(m->registry), n_keys = 0;
	struct value_key *keys = xcalloc(n + 1, sizeof(*keys));

	(void)t;
	for (size_t i = 0; i < n; i++) {
		uint32_t metric = tower_model_metric(
			ui->app, registry_at(m->registry, i));

		if (metric)
			keys[n_keys++] = (struct value_key){
				VALUE_METRIC, intern_str(m->strings, metric)
			};
	}
	app_want_columns(ui->app, APP_WHO_REGISTRY, keys, n_keys);
	free(keys);
}

/* Rows a model takes: a second line where there is room for all of them. */
static int lines_each(const struct tower *t)
{
	struct rect r = t->rects[PANE_REGISTRY];

	if (r.w < 70)
		return 1;
	if ((int)t->n_models * 3 - 1 <= r.h - 2)
		return 3;
	return (int)t->n_models * 2 <= r.h - 2 ? 2 : 1;
}

void tower_registry_update(struct tower *t, struct ui *ui)
{
	struct rect r = t->rects[PANE_REGISTRY];

	want_columns(t, ui);
	t->n_models = model_lines_make(ui->app, ui->now_utc_ms, &t->arena,
				       &t->models);
	list_set(&t->model_list, t->n_models, t->model_list.cursor);
	list_fit(&t->model_list,
		 r.w ? (size_t)MAX(1,
				   (r.h - tower_above_list(ui)) / lines_each(t))
		     : 1);
}

static void fit(struct column *cols, int width)
{
	static const struct column all[N_COLS] = {
		[COL_MODEL] = { .title = "MODEL" },
		[COL_CHAMPION] = { .title = "CHAMPION", .width = 8 },
		[COL_NEWEST] = { .title = "NEWEST",
				 .width = 7,
				 .rank = 1,
				 .gap = 1 },
		[COL_METRIC] = { .title = "METRIC", .width = 9, .rank = 3 },
		[COL_VALUE] = { .title = "VALUE",
				.width = 7,
				.is_right = true,
				.rank = 2,
				.gap = 1 },
		[COL_DELTA] = { .title = "Δ",
				.width = 7,
				.is_right = true,
				.rank = 2,
				.gap = 1 },
		[COL_SERVES] = { .title = "SERVES", .width = 6, .rank = 1 },
	};

	memcpy(cols, all, sizeof(all));
	if (width < 60) {
		cols[COL_CHAMPION].title = "CHAMP";
		cols[COL_CHAMPION].width = 5;
		cols[COL_NEWEST].title = "NEW";
		cols[COL_NEWEST].width = 4;
	}
	columns_fit(cols, N_COLS, width, 14);
}

/* "@v12 9d": the version in its own role, the age beside it in dim. */
static void put_version(const struct column *c, struct ui *ui,
			struct surface *s, struct rect row,
			struct shown version, struct shown age, enum role role)
{
	if (c->x < 0)
		return;
	columns_put(c, ui, s, row, version, role);
	if ((int)(version.width + 1 + age.width) <= c->width)
		surface_put(s, row.x + c->x + (int)version.width + 1, row.y,
			    age, (int)age.width, ROLE_DIM);
}

static enum role serves_role(const struct model_line *l)
{
	switch (l->serves_look) {
	case SERVES_OTHER:
		return ROLE_WARN;
	case SERVES_UNDER_WAY:
		return ROLE_ACCENT;
	case SERVES_AGREES:
		return ROLE_TEXT;
	default:
		return ROLE_DIM;
	}
}

static void draw_line(struct tower *t, struct ui *ui, struct surface *s,
		      struct rect row, const struct column *cols, size_t i)
{
	const struct model_line *l = &t->models[i];
	bool has_focus = t->focus == PANE_REGISTRY;
	enum role plain = l->is_stale ? ROLE_DIM : ROLE_TEXT;

	columns_cursor(ui, s, row, i == t->model_list.cursor, has_focus);
	columns_put(&cols[COL_MODEL], ui, s, row, l->name,
		    l->looks_alike ? ROLE_WARN : plain);
	put_version(&cols[COL_CHAMPION], ui, s, row, l->champion_text,
		    l->champion_age, l->is_stale ? ROLE_DIM : ROLE_ACCENT);
	put_version(&cols[COL_NEWEST], ui, s, row, l->newest_text,
		    l->newest_age, plain);
	columns_put(&cols[COL_METRIC], ui, s, row, l->metric_name, ROLE_DIM);
	columns_put(&cols[COL_VALUE], ui, s, row, l->value, plain);
	columns_put(&cols[COL_DELTA], ui, s, row, l->delta,
		    l->delta_goal > 0 && !l->is_stale ? ROLE_OK : plain);
	columns_put(&cols[COL_SERVES], ui, s, row, l->serves, serves_role(l));
}

static void draw_why(struct tower *t, struct ui *ui, struct surface *s,
		     struct rect row, size_t i)
{
	const struct model_line *l = &t->models[i];

	if (l->looks_alike)
		surface_put(s, row.x + 5, row.y,
			    SHOWN("another model's name looks like this one"),
			    row.w - 6, ROLE_WARN);
	else
		surface_put(s, row.x + 5, row.y,
			    shown_cut(&ui->frame, l->why,
				      (unsigned)MAX(1, row.w - 6),
				      ui->glyphs->is_ascii),
			    row.w - 6, l->why_warns ? ROLE_WARN : ROLE_DIM);
}

static struct shown context_text(struct ui *ui)
{
	const struct model *m = app_model(ui->app);
	const char *name = NULL;

	for (size_t i = 0; i < registry_count(m->registry); i++) {
		const char *of =
			m->sources[registry_at(m->registry, i)->source].name;

		if (name && strcmp(name, of))
			return SHOWN("");
		name = of;
	}
	return shown_text(&ui->frame, name ? name : "");
}

void tower_registry_draw(struct tower *t, struct ui *ui, struct surface *s,
			 struct rect r)
{
	struct column cols[N_COLS];
	struct rect row = { r.x, r.y + 1, r.w, 1 };
	int each = lines_each(t);
	size_t end = MIN(t->model_list.top + t->model_list.height, t->n_models);

	surface_title(s, (struct rect){ r.x, r.y, r.w, 1 },
		      t->has_tabs ? SHOWN("") : SHOWN("3"), SHOWN("Registry"),
		      context_text(ui),
		      shown_fmt(&ui->frame, "%zu model%s", t->n_models,
				t->n_models == 1 ? "" : "s"),
		      t->focus == PANE_REGISTRY, ui->glyphs);
	if (!t->n_models) {
		surface_put(s, r.x + 3, r.y + 1,
			    shown_cut(&ui->frame, ui_no_models(ui),
				      (unsigned)MAX(1, r.w - 4),
				      ui->glyphs->is_ascii),
			    r.w - 4, ROLE_DIM);
		return;
	}
	fit(cols, r.w);
	if (!ui_is_tiny(ui))
		columns_heads(cols, N_COLS, s, row);
	row.y = r.y + tower_above_list(ui);
	for (size_t i = t->model_list.top; i < end; i++) {
		draw_line(t, ui, s, row, cols, i);
		row.y++;
		if (each > 1 && row.y < r.y + r.h)
			draw_why(t, ui, s, row, i);
		row.y += each - 1;
	}
}

static void promote(struct ui *ui, const struct model_line *l, bool is_rollback)
{
	const struct model *m = app_model(ui->app);
	const char *source = m->sources[l->source].name;
	const struct config_model *conf =
		config_model(app_config(ui->app), source, l->model->name);
	const struct version_facts *v = l->challenger;

	if (!is_rollback && !v) {
		ui_say(ui, "%s: no version waits; Enter shows them all",
		       l->model->name);
		return;
	}
	ui_push(ui, page_promote_new(ui, l->source, l->model->name,
				     is_rollback ? "" : v->version,
				     conf->serving, is_rollback));
}

bool tower_registry_command(struct tower *t, struct ui *ui, enum command_id cmd)
{
	const struct model_line *l;

	if (list_command(&t->model_list, cmd))
		return true;
	if (t->model_list.cursor >= t->n_models)
		return false;
	l = &t->models[t->model_list.cursor];
	switch (cmd) {
	case CMD_OPEN:
		ui_push(ui, page_model_new(ui, l->source, l->model->name));
		return true;
	case CMD_PROMOTE:
		promote(ui, l, false);
		return true;
	case CMD_ROLLBACK:
		promote(ui, l, true);
		return true;
	case CMD_COPY:
		ui_copy(ui, l->model->name, NULL);
		return true;
	default:
		return false;
	}
}
