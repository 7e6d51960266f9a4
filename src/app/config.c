/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/config.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "config_read.h"
#include "io/file.h"

#define KNOWN(list) list, ARRAY_LEN(list)

static const struct config_known top_keys[] = {
	{ "state", false },  { "sources", false }, { "metrics", false },
	{ "models", false }, { "gates", false },   { "monitors", false },
	{ "notify", true },  { "triggers", true }, { "anchor", true },
	{ "views", true },   { "wall", false },    { "keys", false },
	{ "theme", false },  { "glyphs", false },
};

static bool read_state(struct config_reader *r, const struct yaml *map)
{
	static const struct config_known keys[] = { { "dir", false },
						    { "group", true } };
	const char *dir = NULL;

	if (!map)
		return true;
	if (!config_check_keys(r, map, "state", KNOWN(keys)) ||
	    !config_str(r, map, "state", "dir", &dir))
		return false;
	if (dir && !r->c->state_dir)
		r->c->state_dir = config_file_path(r, dir);
	return true;
}

static bool read_source(struct config_reader *r, const char *name,
			const struct yaml *map, struct config_source *out)
{
	static const struct config_known keys[] = {
		{ "path", false },      { "url", false },
		{ "kind", false },      { "write", false },
		{ "poll", false },      { "token_command", true },
		{ "token_file", true },
	};
	const char *at = config_path(r, "sources", name);
	const char *path = NULL, *url = NULL;

	out->name = name;
	if (!config_check_keys(r, map, at, KNOWN(keys)) ||
	    !config_str(r, map, at, "path", &path) ||
	    !config_str(r, map, at, "url", &url) ||
	    !config_str(r, map, at, "kind", &out->kind) ||
	    !config_bool(r, map, at, "write", &out->may_write) ||
	    !config_duration(r, map, at, "poll", &out->poll_ms))
		return false;
	if (!path == !url)
		return config_fail(r, map, at, "give either path or url");
	out->where = path ? config_file_path(r, path) : url;
	return true;
}

static bool read_sources(struct config_reader *r, const struct yaml *map)
{
	struct config *c = r->c;
	struct config_source *all;
	size_t n = yaml_count(map);

	if (!map)
		return true;
	if (yaml_kind(map) != YAML_MAP)
		return config_fail(r, map, "sources",
				   "expected NAME: {path "
				   "or url}");
	all = arena_alloc(&c->arena, n * sizeof(*all));
	for (size_t i = 0; i < n; i++)
		if (!read_source(r,
				 arena_strdup(&c->arena, yaml_key_at(map, i)),
				 yaml_at(map, i), &all[i]))
			return false;
	c->sources = all;
	c->n_sources = n;
	return true;
}

static bool read_goal(struct config_reader *r, const struct yaml *map,
		      const char *at, int8_t *goal)
{
	const char *word = NULL;

	if (!config_str(r, map, at, "goal", &word))
		return false;
	if (!word)
		return true;
	if (strcmp(word, "max") && strcmp(word, "min"))
		return config_fail(r, yaml_get(map, "goal"), at,
				   "goal is max or min, not \"%s\"", word);
	*goal = strcmp(word, "max") ? -1 : 1;
	return true;
}

static bool read_metrics(struct config_reader *r, const struct yaml *map)
{
	static const struct config_known keys[] = { { "goal", false },
						    { "unit", false } };
	struct config *c = r->c;
	struct config_metric *all;
	size_t n = yaml_count(map);

	if (!map)
		return true;
	if (yaml_kind(map) != YAML_MAP)
		return config_fail(r, map, "metrics",
				   "expected PATTERN: "
				   "{goal, unit}");
	all = arena_alloc(&c->arena, n * sizeof(*all));
	for (size_t i = 0; i < n; i++) {
		const struct yaml *m = yaml_at(map, i);
		const char *at;

		all[i].pattern = arena_strdup(&c->arena, yaml_key_at(map, i));
		all[i].unit = "";
		at = config_path(r, "metrics", all[i].pattern);
		if (!config_check_keys(r, m, at, KNOWN(keys)) ||
		    !read_goal(r, m, at, &all[i].goal) ||
		    !config_str(r, m, at, "unit", &all[i].unit))
			return false;
	}
	c->metrics = all;
	c->n_metrics = n;
	return true;
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

static bool read_aliases(struct config_reader *r, const struct yaml *map,
			 const char *at, struct config_model *out)
{
	static const struct config_known keys[] = { { "serving", false },
						    { "next", false } };

	if (!map)
		return true;
	return config_check_keys(r, map, at, KNOWN(keys)) &&
	       config_str(r, map, at, "serving", &out->serving) &&
	       config_str(r, map, at, "next", &out->next);
}

static bool read_serves(struct config_reader *r, const struct yaml *map,
			const char *at, struct config_model *out)
{
	static const struct config_known keys[] = {
		{ "log", false }, { "within", false },    { "http", true },
		{ "at", true },   { "prometheus", true }, { "every", true },
	};

	if (!map)
		return true;
	return config_check_keys(r, map, at, KNOWN(keys)) &&
	       config_str(r, map, at, "log", &out->serves_log) &&
	       config_duration(r, map, at, "within", &out->serves_within_ms);
}

static bool read_model(struct config_reader *r, const struct yaml *map,
		       struct config_model *out)
{
	static const struct config_known keys[] = {
		{ "metric", false }, { "aliases", false }, { "serves", false },
		{ "gates", false },  { "retrain", true },
	};
	const char *at = config_path(r, "models", out->pattern);

	return config_check_keys(r, map, at, KNOWN(keys)) &&
	       config_str(r, map, at, "metric", &out->metric) &&
	       config_str(r, map, at, "gates", &out->gates) &&
	       read_aliases(r, yaml_get(map, "aliases"),
			    config_path(r, at, "aliases"), out) &&
	       read_serves(r, yaml_get(map, "serves"),
			   config_path(r, at, "serves"), out);
}

static bool read_models(struct config_reader *r, const struct yaml *map)
{
	struct config *c = r->c;
	struct config_model *all;
	size_t n = yaml_count(map);

	if (!map)
		return true;
	if (yaml_kind(map) != YAML_MAP)
		return config_fail(r, map, "models",
				   "expected SOURCE:MODEL: "
				   "{...}");
	all = arena_alloc(&c->arena, n * sizeof(*all));
	for (size_t i = 0; i < n; i++) {
		all[i] = model_defaults;
		all[i].pattern = arena_strdup(&c->arena, yaml_key_at(map, i));
		if (!read_model(r, yaml_at(map, i), &all[i]))
			return false;
		if (*all[i].gates && !config_gate_set(c, all[i].gates))
			return config_fail(r, yaml_at(map, i), all[i].pattern,
					   "there is no gates.%s",
					   all[i].gates);
	}
	c->models = all;
	c->n_models = n;
	return true;
}

static bool read_wall(struct config_reader *r, const struct yaml *map)
{
	static const struct config_known keys[] = { { "pages", false },
						    { "every", false },
						    { "hold", false } };
	const char *hold = NULL;

	if (!map)
		return true;
	if (!config_check_keys(r, map, "wall", KNOWN(keys)) ||
	    !config_strings(r, map, "wall", "pages", &r->c->wall_pages,
			    &r->c->n_wall_pages) ||
	    !config_duration(r, map, "wall", "every", &r->c->wall_every_ms) ||
	    !config_str(r, map, "wall", "hold", &hold))
		return false;
	if (hold && strcmp(hold, "firing") && strcmp(hold, "no"))
		return config_fail(r, yaml_get(map, "hold"), "wall",
				   "hold is firing or no");
	if (hold)
		r->c->wall_hold = !strcmp(hold, "firing");
	return true;
}

static bool read_keys(struct config_reader *r, const struct yaml *map)
{
	struct config *c = r->c;
	struct config_key *all;
	size_t most = 0;

	if (!map)
		return true;
	if (yaml_kind(map) != YAML_MAP)
		return config_fail(r, map, "keys",
				   "expected PANE: {KEY: "
				   "COMMAND}");
	for (size_t i = 0; i < yaml_count(map); i++)
		most += yaml_count(yaml_at(map, i));
	all = arena_alloc(&c->arena, most * sizeof(*all));
	for (size_t i = 0; i < yaml_count(map); i++) {
		const struct yaml *pane = yaml_at(map, i);
		const char *name = arena_strdup(&c->arena, yaml_key_at(map, i));
		const char *at = config_path(r, "keys", name);

		if (yaml_kind(pane) != YAML_MAP)
			return config_fail(r, pane, at,
					   "expected KEY: "
					   "COMMAND");
		for (size_t k = 0; k < yaml_count(pane); k++) {
			struct config_key *key = &all[c->n_keys++];

			key->pane = name;
			key->key =
				arena_strdup(&c->arena, yaml_key_at(pane, k));
			if (!config_str(r, pane, at, key->key, &key->command))
				return false;
		}
	}
	c->keys = all;
	return true;
}

static bool read_look(struct config_reader *r, const struct yaml *root)
{
	return config_str(r, root, "", "theme", &r->c->theme) &&
	       config_str(r, root, "", "glyphs", &r->c->glyphs);
}

static bool read_file(struct config_reader *r, const struct yaml *root)
{
	return config_check_keys(r, root, "", KNOWN(top_keys)) &&
	       read_state(r, yaml_get(root, "state")) &&
	       read_sources(r, yaml_get(root, "sources")) &&
	       read_metrics(r, yaml_get(root, "metrics")) &&
	       config_read_gates(r, yaml_get(root, "gates")) &&
	       read_models(r, yaml_get(root, "models")) &&
	       config_read_monitors(r, yaml_get(root, "monitors")) &&
	       read_wall(r, yaml_get(root, "wall")) &&
	       read_keys(r, yaml_get(root, "keys")) && read_look(r, root);
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

/* The file to read, or NULL where none was asked for and none is there. */
static const char *choose_file(struct config *c, const struct config_opts *opts)
{
	const char *named = opts->file ? opts->file : getenv("MLTOWER_CONFIG");
	const char *own;

	if (named && *named)
		return arena_strdup(&c->arena, named);
	own = xdg_file(&c->arena, "XDG_CONFIG_HOME", ".config", "/config.yaml");
	if (file_exists(own))
		return own;
	return file_exists("/etc/mltower/config.yaml")
		       ? "/etc/mltower/config.yaml"
		       : NULL;
}

static enum err_code load_file(struct config *c, const char *path,
			       struct err *err)
{
	struct config_reader r = { .c = c, .err = err };
	struct buf text = BUF_INIT(YAML_MAX_BYTES);
	struct yaml *root = NULL;

	c->file = path;
	if (!file_read(path, YAML_MAX_BYTES, &text, err) &&
	    !yaml_parse(buf_str(&text), text.len, path, &root, err))
		read_file(&r, root);
	yaml_free(root);
	buf_release(&text);
	return err->code;
}

enum err_code config_load(const struct config_opts *opts, struct config **out,
			  struct err *err)
{
	struct config *c = xcalloc(1, sizeof(*c));
	const char *state =
		opts->state_dir ? opts->state_dir : getenv("MLTOWER_STATE");
	const char *path;

	c->file = "";
	c->theme = "dark";
	c->glyphs = "auto";
	c->wall_every_ms = 20000;
	c->wall_hold = true;
	if (state && *state)
		c->state_dir = arena_strdup(&c->arena, state);
	path = opts->ignore_files ? NULL : choose_file(c, opts);
	if (path && load_file(c, path, err)) {
		config_free(c);
		return err->code;
	}
	if (!c->state_dir)
		c->state_dir = xdg_file(&c->arena, "XDG_STATE_HOME",
					".local/state", "");
	*out = c;
	return ERR_OK;
}

void config_free(struct config *c)
{
	if (!c)
		return;
	free((void *)c->values);
	free((void *)c->warnings);
	arena_release(&c->arena);
	free(c);
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
