/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/filter_complete.h"
#include "model/group.h"
#include "run_table.h"
#include "ui_internal.h"

/* What Tab offers in the prompts: commands, then what the command takes. */
struct words {
	const char **all;
	size_t n, cap;
	const char *prefix;
	size_t prefix_len;
	struct arena *a;
};

#define MAX_WORDS 64

static void offer(struct words *w, const char *before, const char *word)
{
	const char *whole =
		*before ? arena_printf(w->a, "%s%s", before, word) : word;

	if (w->n >= MAX_WORDS || strncmp(whole, w->prefix, w->prefix_len))
		return;
	for (size_t i = 0; i < w->n; i++)
		if (!strcmp(w->all[i], whole))
			return;
	w->all = xgrow(w->all, &w->cap, w->n + 1, sizeof(*w->all));
	w->all[w->n++] = arena_strdup(w->a, whole);
}

static void offer_commands(struct words *w)
{
	for (size_t i = 1; i < N_COMMANDS; i++)
		offer(w, "",
		      arena_printf(w->a, "%s%s", ui_commands[i].name,
				   ui_commands[i].arg ? " " : ""));
}

static void offer_experiments(struct words *w, const struct model *m)
{
	for (uint32_t i = 0; i < run_set_experiments(m->runs); i++)
		offer(w, "",
		      intern_str(m->strings,
				 run_set_experiment(m->runs, i)->name));
}

static void offer_names(struct words *w, const struct model *m,
			enum value_kind kind, const char *before)
{
	for (size_t s = 0; s < m->n_sources; s++) {
		const struct model_names *names = &m->sources[s].names[kind];

		for (size_t i = 0; i < names->n; i++)
			offer(w, before, intern_str(m->strings, names->all[i]));
	}
}

/* What groups are made by. */
static void offer_keys(struct words *w, const struct model *m)
{
	static const char *const others[] = { "repeats",   "experiment",
					      "status",    "user",
					      "source",    "name",
					      GROUP_DIGEST };

	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		offer(w, "", others[i]);
	offer_names(w, m, VALUE_PARAM, "params.");
	offer_names(w, m, VALUE_TAG, "tags.");
}

/* What groups are ordered by; runs by metrics alone. */
static void offer_orders(struct words *w, const struct model *m, const char *by)
{
	static const char *const others[] = { "count", "mean", "sd",
					      "min",   "max",  "best" };
	size_t len;

	for (size_t i = 0; *by && i < ARRAY_LEN(others); i++)
		offer(w, "", others[i]);
	for (; *by; by += len + (by[len] == ',')) {
		len = strcspn(by, ",");
		offer(w, "", arena_printf(w->a, "%.*s", (int)len, by));
	}
	offer_names(w, m, VALUE_METRIC, "metrics.");
}

/* What can be columns; a comma would end the name. */
static void offer_columns(struct words *w, const struct model *m)
{
	for (size_t i = 0; run_table_attributes[i]; i++)
		offer(w, "", run_table_attributes[i]);
	offer_names(w, m, VALUE_METRIC, "metrics.");
	offer_names(w, m, VALUE_PARAM, "params.");
	offer_names(w, m, VALUE_TAG, "tags.");
}

/* The forms of a file, by its ending; names of files lie where this thread does
 * not look. */
static void offer_forms(struct words *w)
{
	static const char *const forms[] = { ".csv", ".json", ".jsonl", ".md" };
	const char *name = arena_strndup(w->a, w->prefix, w->prefix_len);
	const char *slash = strrchr(name, '/');
	const char *base = slash ? slash + 1 : name, *dot = strrchr(base, '.');
	size_t len = dot && dot > base ? (size_t)(dot - name) : w->prefix_len;

	for (size_t i = 0; i < ARRAY_LEN(forms); i++)
		offer(w, "",
		      arena_printf(w->a, "%.*s%s%s", (int)len, name,
				   *base ? "" : "runs", forms[i]));
}

/* Each with its key behind it, as it is saved. */
static void offer_views(struct words *w, const struct ui *ui)
{
	size_t n;
	const struct run_view *all = app_views(ui->app, &n);

	for (size_t i = 0; i < n; i++)
		offer(w, "",
		      all[i].key ? arena_printf(w->a, "%s %d", all[i].name,
						all[i].key)
				 : all[i].name);
}

static void offer_kinds(struct words *w)
{
	for (size_t i = 0; i < N_EVENT_KINDS; i++)
		offer(w, "", event_kind_name((enum event_kind)i));
}

static bool has_name(const struct ui *ui, enum value_kind kind,
		     const char *name, size_t len)
{
	const struct model *m = app_model(ui->app);

	for (size_t s = 0; s < m->n_sources; s++) {
		const struct model_names *names = &m->sources[s].names[kind];

		for (size_t i = 0; i < names->n; i++) {
			const char *had = intern_str(m->strings, names->all[i]);

			if (!strncmp(had, name, len) && !had[len])
				return true;
		}
	}
	return false;
}

bool ui_has_metric(const struct ui *ui, const char *name)
{
	return has_name(ui, VALUE_METRIC, name, strlen(name));
}

bool ui_may_have(const struct ui *ui, struct value_key key)
{
	const struct model *m = app_model(ui->app);
	const char *dot = strrchr(key.name, '.');

	for (size_t s = 0; s < m->n_sources; s++)
		if (!m->sources[s].is_complete)
			return true; /* its names may be to come */
	return key.kind >= N_NAMED_KINDS ||
	       has_name(ui, key.kind, key.name, strlen(key.name)) ||
	       (key.kind == VALUE_METRIC && dot && /* auc.max */
		has_name(ui, key.kind, key.name, (size_t)(dot - key.name)));
}

/* The sources bring what is to be offered of values. */
static struct filter_offers complete_filter(struct ui *ui, const char *text,
					    size_t cursor, struct arena *a)
{
	struct filter_offers o =
		filter_complete(app_model(ui->app), text, cursor, a);

	if (o.has_column)
		app_want_columns(ui->app, APP_WHO_PROMPT, &o.column, 1);
	return o;
}

void ui_complete_ahead(struct ui *ui)
{
	complete_filter(ui, prompt_text(&ui->prompt), ui->prompt.cursor,
			&ui->frame);
}

const char *ui_unknown_metric(const struct ui *ui, const struct order_key *keys,
			      size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (keys[i].by == ORDER_VALUE &&
		    keys[i].column.kind == VALUE_METRIC &&
		    !ui_has_metric(ui, keys[i].column.name))
			return keys[i].column.name;
	return NULL;
}

static void offer_filter(struct ui *ui, struct words *w, const char *text,
			 size_t cursor, size_t *start)
{
	struct filter_offers o = complete_filter(ui, text, cursor, w->a);

	*start += o.start;
	w->all = xreallocarray(NULL, o.n + 1, sizeof(*w->all));
	memcpy(w->all, o.words, o.n * sizeof(*w->all));
	w->n = o.n;
}

static enum command_id command_of(struct ui *ui, const char *text,
				  size_t cursor, size_t *arg_at)
{
	size_t len = strcspn(text, " ");
	enum command_id cmd;
	char *name;

	*arg_at = 0;
	if (ui->prompt_command != CMD_PROMPT)
		return ui->prompt_command;
	if (cursor <= len)
		return CMD_NONE;
	name = xstrndup(text, len);
	cmd = ui_command_find(name);
	free(name);
	*arg_at = len + strspn(text + len, " ");
	return cmd;
}

size_t ui_complete(void *ctx, const char *text, size_t cursor, size_t *start,
		   struct arena *a, const char ***words)
{
	struct ui *ui = ctx;
	const struct model *m = app_model(ui->app);
	struct words w = { .a = a };
	size_t arg_at;
	enum command_id cmd = command_of(ui, text, cursor, &arg_at);

	*start = MIN(arg_at, cursor);
	if (cmd == CMD_SORT || cmd == CMD_GROUP || cmd == CMD_COLUMNS) {
		*start = cursor;
		while (*start > arg_at && text[*start - 1] != ',' &&
		       (text[*start - 1] != ' ' || cmd == CMD_COLUMNS))
			(*start)--;
		*start += strspn(text + *start, " ");
		*start = MIN(*start, cursor);
	}
	w.prefix = text + *start;
	w.prefix_len = cursor - *start;
	if (!cmd)
		offer_commands(&w);
	else if (cmd == CMD_EXPERIMENT)
		offer_experiments(&w, m);
	else if (cmd == CMD_METRIC)
		offer_names(&w, m, VALUE_METRIC, "");
	else if (cmd == CMD_FILTER && !ui->top->below)
		offer_filter(ui, &w, text + *start, cursor - *start, start);
	else if (cmd == CMD_SORT)
		offer_orders(&w, m, page_tower_groups(ui));
	else if (cmd == CMD_GROUP)
		offer_keys(&w, m);
	else if (cmd == CMD_COLUMNS)
		offer_columns(&w, m);
	else if (cmd == CMD_EXPORT || cmd == CMD_EXPORT_OVER)
		offer_forms(&w);
	else if (cmd == CMD_VIEW || cmd == CMD_SAVE || cmd == CMD_FORGET)
		offer_views(&w, ui);
	else if (cmd == CMD_KIND)
		offer_kinds(&w);
	else if (cmd == CMD_COPY) {
		offer(&w, "", "id");
		offer(&w, "", "row");
		offer(&w, "", "table");
	} else if (cmd == CMD_THEME) {
		offer(&w, "", "dark");
		offer(&w, "", "light");
		offer(&w, "", "mono");
	}
	*words = arena_alloc(a, (w.n + 1) * sizeof(**words));
	if (w.n)
		memcpy(*words, w.all, w.n * sizeof(**words));
	free(w.all);
	return w.n;
}
