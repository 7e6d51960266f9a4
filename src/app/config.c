/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/config.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "config_read.h"
#include "io/file.h"
#include "io/http.h"
#include "system/ops.h"

#define KNOWN(list) list, ARRAY_LEN(list)

static const struct config_known top_keys[] = {
	{ "state", false },  { "sources", false }, { "metrics", false },
	{ "models", false }, { "gates", false },   { "monitors", false },
	{ "notify", true },  { "triggers", true }, { "anchor", true },
	{ "views", false },  { "wall", false },    { "keys", false },
	{ "theme", false },  { "glyphs", false },
};

static void read_state(struct config_reader *r, const struct yaml *map)
{
	static const struct config_known keys[] = { { "dir", false },
						    { "group", true } };
	const char *dir = NULL;

	config_check_keys(r, map, "state", KNOWN(keys));
	config_str(r, map, "state", "dir", &dir);
	if (dir && !r->c->state_dir)
		r->c->state_dir =
			config_file_path(r, yaml_get(map, "dir"), dir);
}

/* A kind that nobody knows, or that comes later: this source fails, the others
 * are read. */
static void check_kind(struct config_reader *r, const struct yaml *map,
		       const char *at, const struct config_source *s)
{
	bool is_named = s->kind && *s->kind;
	struct err err = { 0 };

	if ((is_named || strstr(s->where, "://")) &&
	    !system_find(s->where, s->kind, &err))
		config_note(
			r,
			err.code == ERR_SCHEMA ? CONFIG_WARNING : CONFIG_FLAW,
			yaml_get(map, is_named ? "kind" : "url"), at, err.msg);
}

/* A relative token_file is meant from the config's folder. */
static void read_token(struct config_reader *r, const struct yaml *map,
		       const char *at, struct config_source *out)
{
	const char *const *words = NULL;
	const char **command;
	size_t n = 0;

	config_str(r, map, at, "token_file", &out->token_file);
	if (out->token_file)
		out->token_file = config_file_path(
			r, yaml_get(map, "token_file"), out->token_file);
	config_strings(r, map, at, "token_command", &words, &n);
	if (!n)
		return;
	command = arena_alloc(&r->c->arena, (n + 1) * sizeof(*command));
	memcpy(command, words, n * sizeof(*command));
	out->token_command = command;
}

static void read_source(struct config_reader *r, const struct yaml *map,
			struct config_source *out)
{
	static const struct config_known keys[] = {
		{ "path", false },       { "url", false },
		{ "kind", false },       { "write", false },
		{ "poll", false },       { "token_command", false },
		{ "token_file", false },
	};
	const char *at = config_path(r, "sources", out->name);
	const char *path = NULL, *url = NULL;
	struct err err = { 0 };

	config_check_keys(r, map, at, KNOWN(keys));
	config_str(r, map, at, "path", &path);
	config_str(r, map, at, "url", &url);
	config_str(r, map, at, "kind", &out->kind);
	config_bool(r, map, at, "write", &out->may_write);
	config_duration(r, map, at, "poll", &out->poll_ms);
	read_token(r, map, at, out);
	out->where =
		path ? config_file_path(r, yaml_get(map, "path"), path) : url;
	if (!path == !url)
		config_fail(r, map, at, "expected either path or url");
	else if (url && !strncmp(url, "http", 4) && http_check_url(url, &err))
		config_fail(r, yaml_get(map, "url"), at, "%s", err.msg);
	else
		check_kind(r, map, at, out);
}

static void read_sources(struct config_reader *r, const struct yaml *map)
{
	struct config *c = r->c;
	size_t n = config_entries(r, map, "sources", "NAME: {path or url}");
	struct config_source *all = arena_alloc(&c->arena, n * sizeof(*all));

	for (size_t i = 0; i < n; i++) {
		all[i].name = arena_strdup(&c->arena, yaml_key_at(map, i));
		read_source(r, yaml_at(map, i), &all[i]);
	}
	c->sources = all;
	c->n_sources = n;
}

static void read_goal(struct config_reader *r, const struct yaml *map,
		      const char *at, int8_t *goal)
{
	const char *word = NULL;

	config_str(r, map, at, "goal", &word);
	if (!word)
		return;
	if (strcmp(word, "max") && strcmp(word, "min"))
		config_fail(r, yaml_get(map, "goal"), at,
			    "goal is max or min, not \"%s\"", word);
	*goal = strcmp(word, "max") ? -1 : 1;
}

static void read_metrics(struct config_reader *r, const struct yaml *map)
{
	static const struct config_known keys[] = { { "goal", false },
						    { "unit", false } };
	struct config *c = r->c;
	size_t n = config_entries(r, map, "metrics", "PATTERN: {goal, unit}");
	struct config_metric *all = arena_alloc(&c->arena, n * sizeof(*all));

	for (size_t i = 0; i < n; i++) {
		const struct yaml *m = yaml_at(map, i);
		const char *at;

		all[i].pattern = arena_strdup(&c->arena, yaml_key_at(map, i));
		all[i].unit = "";
		at = config_path(r, "metrics", all[i].pattern);
		config_check_keys(r, m, at, KNOWN(keys));
		read_goal(r, m, at, &all[i].goal);
		config_str(r, m, at, "unit", &all[i].unit);
	}
	c->metrics = all;
	c->n_metrics = n;
}

static const struct config_model model_defaults = {
	.pattern = "*",
	.metric = "",
	.serving = "champion",
	.next = "challenger",
	.serves_log = "",
	.serves_within_ms = 600000,
	.gates = "",
};

static void read_aliases(struct config_reader *r, const struct yaml *map,
			 const char *at, struct config_model *out)
{
	static const struct config_known keys[] = { { "serving", false },
						    { "next", false } };

	config_check_keys(r, map, at, KNOWN(keys));
	config_str(r, map, at, "serving", &out->serving);
	config_str(r, map, at, "next", &out->next);
}

static void read_serves(struct config_reader *r, const struct yaml *map,
			const char *at, struct config_model *out)
{
	static const struct config_known keys[] = {
		{ "log", false }, { "within", false },    { "http", true },
		{ "at", true },   { "prometheus", true }, { "every", true },
	};

	config_check_keys(r, map, at, KNOWN(keys));
	config_str(r, map, at, "log", &out->serves_log);
	config_duration(r, map, at, "within", &out->serves_within_ms);
}

static void read_model(struct config_reader *r, const struct yaml *map,
		       struct config_model *out)
{
	static const struct config_known keys[] = {
		{ "metric", false }, { "aliases", false }, { "serves", false },
		{ "gates", false },  { "retrain", true },
	};
	const char *at = config_path(r, "models", out->pattern);

	config_check_keys(r, map, at, KNOWN(keys));
	config_str(r, map, at, "metric", &out->metric);
	config_str(r, map, at, "gates", &out->gates);
	read_aliases(r, yaml_get(map, "aliases"), config_path(r, at, "aliases"),
		     out);
	read_serves(r, yaml_get(map, "serves"), config_path(r, at, "serves"),
		    out);
	if (*out->gates && !config_gate_set(r->c, out->gates))
		config_fail(r, yaml_get(map, "gates"), at,
			    "there is no gates.%s", out->gates);
}

static void read_models(struct config_reader *r, const struct yaml *map)
{
	struct config *c = r->c;
	size_t n = config_entries(r, map, "models", "SOURCE:MODEL: {...}");
	struct config_model *all = arena_alloc(&c->arena, n * sizeof(*all));

	for (size_t i = 0; i < n; i++) {
		all[i] = model_defaults;
		all[i].pattern = arena_strdup(&c->arena, yaml_key_at(map, i));
		read_model(r, yaml_at(map, i), &all[i]);
	}
	c->models = all;
	c->n_models = n;
}

const char *const config_wall_pages[CONFIG_WALL_PAGES] = { "tower", "alerts",
							   "night" };

static bool is_wall_page(const struct config *c, const char *name)
{
	for (size_t i = 0; i < CONFIG_WALL_PAGES; i++)
		if (!strcmp(config_wall_pages[i], name))
			return true;
	return run_view_find(c->views, c->n_views, name);
}

static void check_wall_pages(struct config_reader *r, const struct yaml *pages)
{
	const struct config *c = r->c;

	for (size_t i = 0; i < c->n_wall_pages; i++)
		if (!is_wall_page(c, c->wall_pages[i]))
			config_fail(r, pages, "wall.pages",
				    "there is no page \"%s\": expected tower, "
				    "alerts, night or one of views",
				    c->wall_pages[i]);
}

static void read_wall(struct config_reader *r, const struct yaml *map)
{
	static const struct config_known keys[] = { { "pages", false },
						    { "every", false },
						    { "hold", false } };
	const char *hold = NULL;

	config_check_keys(r, map, "wall", KNOWN(keys));
	config_strings(r, map, "wall", "pages", &r->c->wall_pages,
		       &r->c->n_wall_pages);
	check_wall_pages(r, yaml_get(map, "pages"));
	config_duration(r, map, "wall", "every", &r->c->wall_every_ms);
	config_str(r, map, "wall", "hold", &hold);
	if (!hold)
		return;
	if (strcmp(hold, "firing") && strcmp(hold, "no"))
		config_fail(r, yaml_get(map, "hold"), "wall",
			    "hold is firing or no");
	r->c->wall_hold = !strcmp(hold, "firing");
}

static void read_pane_keys(struct config_reader *r, const struct yaml *pane,
			   const char *name, struct config_key *all)
{
	struct config *c = r->c;
	const char *at = config_path(r, "keys", name);
	size_t n = config_entries(r, pane, at, "KEY: COMMAND");

	for (size_t i = 0; i < n; i++) {
		struct config_key *key = &all[c->n_keys++];

		key->pane = name;
		key->key = arena_strdup(&c->arena, yaml_key_at(pane, i));
		key->command = "none";
		config_str(r, pane, at, key->key, &key->command);
	}
}

static void read_keys(struct config_reader *r, const struct yaml *map)
{
	struct config *c = r->c;
	size_t n = config_entries(r, map, "keys", "PANE: {KEY: COMMAND}");
	struct config_key *all;
	size_t most = 0;

	for (size_t i = 0; i < n; i++)
		most += yaml_count(yaml_at(map, i));
	all = arena_alloc(&c->arena, most * sizeof(*all));
	for (size_t i = 0; i < n; i++)
		read_pane_keys(r, yaml_at(map, i),
			       arena_strdup(&c->arena, yaml_key_at(map, i)),
			       all);
	c->keys = all;
}

static void read_file(struct config_reader *r, const struct yaml *root)
{
	config_check_keys(r, root, "", KNOWN(top_keys));
	read_state(r, yaml_get(root, "state"));
	read_sources(r, yaml_get(root, "sources"));
	read_metrics(r, yaml_get(root, "metrics"));
	config_read_gates(r, yaml_get(root, "gates"));
	read_models(r, yaml_get(root, "models"));
	config_read_monitors(r, yaml_get(root, "monitors"));
	config_read_views(r, yaml_get(root, "views"));
	read_wall(r, yaml_get(root, "wall"));
	read_keys(r, yaml_get(root, "keys"));
	config_str(r, root, "", "theme", &r->c->theme);
	config_str(r, root, "", "glyphs", &r->c->glyphs);
}

static const char *xdg_file(struct arena *a, const char *variable,
			    const char *under_home, const char *name)
{
	const char *dir = getenv(variable);
	const char *home = getenv("HOME");

	if (dir && *dir == '/')
		return arena_printf(a, "%s/mltower%s", dir, name);
	return arena_printf(a, "%s/%s/mltower%s", home ? home : ".", under_home,
			    name);
}

/* The file that was named, or ours; NULL where there is none. */
static const char *choose_file(struct config *c, const struct config_opts *opts)
{
	const char *named = opts->file ? opts->file : getenv("MLTOWER_CONFIG");

	if (named && *named)
		return arena_strdup(&c->arena, named);
	return file_exists(c->own_file) ? c->own_file : NULL;
}

/* The team's, which lies under it. */
static const char *choose_under(const struct config *c,
				const struct config_opts *opts)
{
	return !opts->is_alone && file_exists(c->team_file) ? c->team_file
							    : NULL;
}

/* The first error, and how many there are. */
static enum err_code first_error(const struct config *c, struct err *err)
{
	const char *first = NULL;
	size_t n = 0;

	for (size_t i = 0; i < c->n_problems; i++) {
		if (c->problems[i].severity != CONFIG_ERROR)
			continue;
		if (!n++)
			first = c->problems[i].text;
	}
	if (n == 1)
		err_set(err, ERR_USAGE, "%s", first);
	else if (n)
		err_set(err, ERR_USAGE,
			"%.150s (the first of %zu errors: mltower config "
			"--check lists them)",
			first, n);
	return err->code;
}

/* No path, no tree. */
static enum err_code parse_file(const char *path, struct yaml **root,
				struct err *err)
{
	struct buf text = BUF_INIT(YAML_MAX_BYTES);

	if (path && !file_read(path, YAML_MAX_BYTES, &text, err))
		(void)!yaml_parse(buf_str(&text), text.len, path, root, err);
	buf_release(&text);
	return err->code;
}

static enum err_code load_files(struct config_reader *r,
				const struct config_opts *opts, struct err *err)
{
	struct config *c = r->c;
	const char *file = choose_file(c, opts), *under = choose_under(c, opts);
	struct yaml *ours = NULL, *teams = NULL;

	if (!parse_file(file, &ours, err) && !parse_file(under, &teams, err) &&
	    (ours || teams)) {
		c->file = file ? file : under;
		read_file(r, yaml_over(ours, teams));
	}
	yaml_free(ours);
	yaml_free(teams);
	return err->code;
}

static const struct config_value *recorded(const struct config *c,
					   const char *path)
{
	for (size_t i = 0; i < c->n_values; i++)
		if (!strcmp(c->values[i].path, path))
			return &c->values[i];
	return NULL;
}

const char *config_from(const struct config *c, const char *path)
{
	const struct config_value *v = recorded(c, path);

	return v ? v->from : "default";
}

static void record_default(struct config_reader *r, const char *path,
			   const char *value)
{
	if (!recorded(r->c, path))
		config_record(r, NULL, "", path, value);
}

/* What is in force although no file says so. */
static void record_defaults(struct config_reader *r)
{
	struct config *c = r->c;

	record_default(r, "state.dir", c->state_dir);
	record_default(r, "wall.every",
		       arena_printf(&c->arena, "%llds",
				    (long long)c->wall_every_ms / 1000));
	record_default(r, "wall.hold", c->wall_hold ? "firing" : "no");
	record_default(r, "theme", c->theme);
	record_default(r, "glyphs", c->glyphs);
}

/* The folder that was named elsewhere stands over the file's. */
static void record_state(struct config *c, const struct config_opts *opts)
{
	struct config_value *v =
		(struct config_value *)recorded(c, "state.dir");

	v->value = c->state_dir;
	v->from = opts->state_dir ? "--state-dir" : "$MLTOWER_STATE";
}

enum err_code config_load(const struct config_opts *opts, struct config **out,
			  struct err *err)
{
	struct config *c = xcalloc(1, sizeof(*c));
	struct config_reader r = { .c = c };
	const char *state =
		opts->state_dir ? opts->state_dir : getenv("MLTOWER_STATE");

	c->file = "";
	c->own_file = xdg_file(&c->arena, "XDG_CONFIG_HOME", ".config",
			       "/config.yaml");
	c->team_file =
		opts->team_file ? opts->team_file : "/etc/mltower/config.yaml";
	c->theme = "dark";
	c->glyphs = "auto";
	c->wall_every_ms = 20000;
	c->wall_hold = true;
	if (state && *state)
		c->state_dir = arena_strdup(&c->arena, state);
	if (!opts->ignore_files &&
	    (load_files(&r, opts, err) ||
	     (!opts->keeps_errors && first_error(c, err)))) {
		config_free(c);
		return err->code;
	}
	if (!c->state_dir)
		c->state_dir = xdg_file(&c->arena, "XDG_STATE_HOME",
					".local/state", "");
	record_defaults(&r);
	if (state && *state)
		record_state(c, opts);
	*out = c;
	return ERR_OK;
}

void config_free(struct config *c)
{
	if (!c)
		return;
	free((void *)c->values);
	free((void *)c->problems);
	arena_release(&c->arena);
	free(c);
}

const struct monitor_conf *config_monitor(const struct config *c,
					  const char *name)
{
	for (size_t i = 0; i < c->n_monitors; i++)
		if (!strcmp(c->monitors[i].name, name))
			return &c->monitors[i];
	return NULL;
}

const struct config_model *config_model(const struct config *c,
					const char *source, const char *model)
{
	char full[600];
	size_t n_source = strlen(source);

	if (n_source + strlen(model) + 2 > sizeof(full))
		return &model_defaults;
	memcpy(full, source, n_source);
	full[n_source] = ':';
	strcpy(full + n_source + 1, model);
	for (size_t i = 0; i < c->n_models; i++) {
		const char *pattern = c->models[i].pattern;

		if (!fnmatch(pattern, strchr(pattern, ':') ? full : model, 0))
			return &c->models[i];
	}
	return &model_defaults;
}

const struct config_gates *config_gate_set(const struct config *c,
					   const char *name)
{
	for (size_t i = 0; i < c->n_gates; i++)
		if (!strcmp(c->gates[i].name, name))
			return &c->gates[i];
	return NULL;
}

static const struct config_metric *find_metric(const struct config *c,
					       const char *metric)
{
	for (size_t i = 0; i < c->n_metrics; i++)
		if (!fnmatch(c->metrics[i].pattern, metric, 0))
			return &c->metrics[i];
	return NULL;
}

const char *config_metric_unit(const struct config *c, const char *metric)
{
	const struct config_metric *m = find_metric(c, metric);

	return m ? m->unit : "";
}
