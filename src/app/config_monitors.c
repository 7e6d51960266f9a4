/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "base/mem.h"
#include "config_read.h"

#define KNOWN(list) list, ARRAY_LEN(list)

static const struct monitor_conf defaults = {
	.source = "",
	.model = "",
	.alias = "",
	.rows = "",
	.baseline_rows = "",
	.window_rows = 2000,
	.every_ms = 60000,
	.alpha = .05,
	.min_rows = 200,
	.psi_floor = .25,
};

/* "prod:fraud-detector@champion", its parts. */
static void split_model(struct arena *a, const char *text,
			struct monitor_conf *m)
{
	const char *colon = strchr(text, ':');
	const char *at;

	if (colon) {
		m->source = arena_strndup(a, text, (size_t)(colon - text));
		text = colon + 1;
	}
	at = strrchr(text, '@');
	if (at)
		m->alias = arena_strdup(a, at + 1);
	m->model = at ? arena_strndup(a, text, (size_t)(at - text)) : text;
}

static bool read_roles(struct config_reader *r, const struct yaml *map,
		       const char *at, struct monitor_conf *m)
{
	static const struct config_known keys[] = {
		{ "id", false },       { "event_time", false },
		{ "ingested", false }, { "predicted", false },
		{ "version", false },  { "prediction", false },
		{ "score", false },    { "interval", false },
		{ "label", false },    { "label_time", false },
		{ "latency", false },  { "segment", false },
	};
	struct monitor_role *roles;
	size_t n = yaml_count(map), n_roles = 0;

	if (!map)
		return true;
	if (!config_check_keys(r, map, at, KNOWN(keys)))
		return false;
	roles = arena_alloc(&r->c->arena, n * 8 * sizeof(*roles));
	for (size_t i = 0; i < n; i++) {
		const char *role =
			arena_strdup(&r->c->arena, yaml_key_at(map, i));
		const char *const *columns = NULL;
		size_t n_columns = 0;

		if (!config_strings(r, map, at, role, &columns, &n_columns))
			return false;
		for (size_t k = 0; k < MIN(n_columns, 8); k++)
			roles[n_roles++] =
				(struct monitor_role){ role, columns[k] };
	}
	m->roles = roles;
	m->n_roles = n_roles;
	return true;
}

/* `training`, a path, or {rows: path}. */
static bool read_baseline(struct config_reader *r, const struct yaml *node,
			  const char *at, struct monitor_conf *m)
{
	static const struct config_known keys[] = { { "rows", false },
						    { "from", true },
						    { "on_promote", true } };
	const char *path = NULL;

	if (!node)
		return true;
	if (yaml_kind(node) == YAML_SCALAR)
		path = arena_strdup(&r->c->arena, yaml_str(node, ""));
	else if (!config_check_keys(r, node, at, KNOWN(keys)) ||
		 !config_str(r, node, at, "rows", &path))
		return false;
	if (path)
		m->baseline_rows = config_file_path(r, path);
	return true;
}

static bool read_window(struct config_reader *r, const struct yaml *map,
			const char *at, struct monitor_conf *m)
{
	static const struct config_known keys[] = { { "rows", false },
						    { "every", false } };

	return !map || (config_check_keys(r, map, at, KNOWN(keys)) &&
			config_int(r, map, at, "rows", &m->window_rows) &&
			config_duration(r, map, at, "every", &m->every_ms));
}

static bool read_drift(struct config_reader *r, const struct yaml *map,
		       const char *at, struct monitor_conf *m)
{
	static const struct config_known keys[] = {
		{ "columns", false },  { "alpha", false }, { "psi", false },
		{ "min_rows", false }, { "for", false },
	};
	const char *const *columns = NULL;
	size_t n = 0;

	if (!map)
		return true;
	if (!config_check_keys(r, map, at, KNOWN(keys)) ||
	    !config_strings(r, map, at, "columns", &columns, &n) ||
	    !config_double(r, map, at, "alpha", &m->alpha) ||
	    !config_double(r, map, at, "psi", &m->psi_floor) ||
	    !config_int(r, map, at, "min_rows", &m->min_rows) ||
	    !config_duration(r, map, at, "for", &m->for_ms))
		return false;
	if (m->alpha <= 0 || m->alpha >= 1)
		return config_fail(r, map, at, "alpha is between 0 and 1");
	m->columns = columns;
	m->n_columns = n;
	return true;
}

static bool read_rules(struct config_reader *r, const struct yaml *map,
		       const char *at, struct monitor_conf *m)
{
	static const struct config_known keys[] = {
		{ "no_rows", false }, { "stat", true }, { "below", true },
		{ "above", true },    { "for", true },  { "severity", true },
	};

	for (size_t i = 0; i < yaml_count(map); i++) {
		const struct yaml *rule = yaml_at(map, i);
		const char *where = config_path(r, at, yaml_key_at(map, i));

		if (!config_check_keys(r, rule, where, KNOWN(keys)) ||
		    !config_duration(r, rule, where, "no_rows", &m->no_rows_ms))
			return false;
	}
	return true;
}

static bool read_monitor(struct config_reader *r, const struct yaml *map,
			 struct monitor_conf *m)
{
	static const struct config_known keys[] = {
		{ "model", false },  { "rows", false },
		{ "roles", false },  { "never_show", false },
		{ "labels", true },  { "baseline", false },
		{ "window", false }, { "drift", false },
		{ "rules", false },  { "notify", true },
		{ "runs", true },
	};
	const char *at = config_path(r, "monitors", m->name);
	const char *model = NULL, *rows = NULL;

	if (!config_check_keys(r, map, at, KNOWN(keys)) ||
	    !config_str(r, map, at, "model", &model) ||
	    !config_str(r, map, at, "rows", &rows) ||
	    !config_strings(r, map, at, "never_show", &m->never_show,
			    &m->n_never_show) ||
	    !read_roles(r, yaml_get(map, "roles"), config_path(r, at, "roles"),
			m) ||
	    !read_baseline(r, yaml_get(map, "baseline"),
			   config_path(r, at, "baseline"), m) ||
	    !read_window(r, yaml_get(map, "window"),
			 config_path(r, at, "window"), m) ||
	    !read_drift(r, yaml_get(map, "drift"), config_path(r, at, "drift"),
			m))
		return false;
	if (model)
		split_model(&r->c->arena, model, m);
	if (rows)
		m->rows = config_file_path(r, rows);
	return yaml_get(map, "runs") ||
	       read_rules(r, yaml_get(map, "rules"),
			  config_path(r, at, "rules"), m);
}

bool config_read_monitors(struct config_reader *r, const struct yaml *map)
{
	struct config *c = r->c;
	struct monitor_conf *all;
	size_t n = yaml_count(map), n_used = 0;

	if (!map)
		return true;
	if (yaml_kind(map) != YAML_MAP)
		return config_fail(r, map, "monitors", "expected NAME: {...}");
	all = arena_alloc(&c->arena, n * sizeof(*all));
	for (size_t i = 0; i < n; i++) {
		struct monitor_conf *m = &all[n_used];

		*m = defaults;
		m->name = arena_strdup(&c->arena, yaml_key_at(map, i));
		if (!read_monitor(r, yaml_at(map, i), m))
			return false;
		/* A monitor of runs is of the contract, not of this version. */
		if (!*m->rows && !yaml_get(yaml_at(map, i), "runs"))
			return config_fail(r, yaml_at(map, i), m->name,
					   "a monitor needs rows");
		n_used += *m->rows != 0;
	}
	c->monitors = all;
	c->n_monitors = n_used;
	return true;
}
