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
	.psi_floor = DRIFT_PSI_FLOOR,
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

static void read_roles(struct config_reader *r, const struct yaml *map,
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
	size_t n = yaml_count(map), n_roles = 0;
	struct monitor_role *roles =
		arena_alloc(&r->c->arena, n * 8 * sizeof(*roles));

	config_check_keys(r, map, at, KNOWN(keys));
	for (size_t i = 0; i < n; i++) {
		const char *role =
			arena_strdup(&r->c->arena, yaml_key_at(map, i));
		const char *const *columns = NULL;
		size_t n_columns = 0;

		config_strings(r, map, at, role, &columns, &n_columns);
		for (size_t k = 0; k < MIN(n_columns, 8); k++)
			roles[n_roles++] =
				(struct monitor_role){ role, columns[k] };
	}
	m->roles = roles;
	m->n_roles = n_roles;
}

/* `training`, a path, or {rows: path}. */
static void read_baseline(struct config_reader *r, const struct yaml *node,
			  const char *at, struct monitor_conf *m)
{
	static const struct config_known keys[] = { { "rows", false },
						    { "from", true },
						    { "on_promote", true } };
	const struct yaml *rows = node;
	const char *path = NULL;

	if (node && yaml_kind(node) == YAML_SCALAR) {
		path = arena_strdup(&r->c->arena, yaml_str(node, ""));
	} else {
		config_check_keys(r, node, at, KNOWN(keys));
		config_str(r, node, at, "rows", &path);
		rows = yaml_get(node, "rows");
	}
	if (path)
		m->baseline_rows = config_file_path(r, rows, path);
}

static void read_window(struct config_reader *r, const struct yaml *map,
			const char *at, struct monitor_conf *m)
{
	static const struct config_known keys[] = { { "rows", false },
						    { "every", false } };

	config_check_keys(r, map, at, KNOWN(keys));
	config_int(r, map, at, "rows", &m->window_rows);
	config_duration(r, map, at, "every", &m->every_ms);
}

static void read_drift(struct config_reader *r, const struct yaml *map,
		       const char *at, struct monitor_conf *m)
{
	static const struct config_known keys[] = {
		{ "columns", false }, { "alpha", false },
		{ "psi", false },     { "min_rows", false },
		{ "for", false },     { "keep_firing_for", false },
	};

	config_check_keys(r, map, at, KNOWN(keys));
	config_strings(r, map, at, "columns", &m->columns, &m->n_columns);
	config_double(r, map, at, "alpha", &m->alpha);
	config_double(r, map, at, "psi", &m->psi_floor);
	config_int(r, map, at, "min_rows", &m->min_rows);
	config_duration(r, map, at, "for", &m->for_ms);
	config_duration(r, map, at, "keep_firing_for", &m->keep_ms);
	if (m->alpha <= 0 || m->alpha >= 1)
		config_fail(r, yaml_get(map, "alpha"), at,
			    "alpha is between 0 and 1");
}

static void read_rules(struct config_reader *r, const struct yaml *map,
		       const char *at, struct monitor_conf *m)
{
	static const struct config_known keys[] = {
		{ "no_rows", false }, { "stat", true }, { "below", true },
		{ "above", true },    { "for", true },  { "severity", true },
	};
	size_t n = config_entries(r, map, at, "NAME: {no_rows: 15m}");

	for (size_t i = 0; i < n; i++) {
		const struct yaml *rule = yaml_at(map, i);
		const char *where = config_path(r, at, yaml_key_at(map, i));

		config_check_keys(r, rule, where, KNOWN(keys));
		config_duration(r, rule, where, "no_rows", &m->no_rows_ms);
	}
}

/* A file of another form would be read as damaged CSV. */
static bool is_readable(const char *rows)
{
	static const char *const others[] = { ".bz2",  ".xz",      ".zst",
					      ".zip",  ".parquet", ".json",
					      ".jsonl" };
	size_t len = strlen(rows);

	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		size_t n = strlen(others[i]);

		if (len > n && !strcmp(rows + len - n, others[i]))
			return false;
	}
	return true;
}

static void read_monitor(struct config_reader *r, const struct yaml *map,
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

	config_check_keys(r, map, at, KNOWN(keys));
	config_str(r, map, at, "model", &model);
	config_str(r, map, at, "rows", &rows);
	config_strings(r, map, at, "never_show", &m->never_show,
		       &m->n_never_show);
	read_roles(r, yaml_get(map, "roles"), config_path(r, at, "roles"), m);
	read_baseline(r, yaml_get(map, "baseline"),
		      config_path(r, at, "baseline"), m);
	read_window(r, yaml_get(map, "window"), config_path(r, at, "window"),
		    m);
	read_drift(r, yaml_get(map, "drift"), config_path(r, at, "drift"), m);
	if (model)
		split_model(&r->c->arena, model, m);
	if (rows && !is_readable(rows))
		config_fail(r, yaml_get(map, "rows"), at,
			    "rows are CSV, plain or .gz");
	if (rows)
		m->rows = config_file_path(r, yaml_get(map, "rows"), rows);
	/* A monitor of runs is of the contract, not of this version. */
	if (yaml_get(map, "runs"))
		return;
	read_rules(r, yaml_get(map, "rules"), config_path(r, at, "rules"), m);
	if (!*m->rows)
		config_fail(r, map, at, "a monitor needs rows");
}

void config_read_monitors(struct config_reader *r, const struct yaml *map)
{
	struct config *c = r->c;
	size_t n = config_entries(r, map, "monitors", "NAME: {...}"),
	       n_used = 0;
	struct monitor_conf *all = arena_alloc(&c->arena, n * sizeof(*all));

	for (size_t i = 0; i < n; i++) {
		struct monitor_conf *m = &all[n_used];

		*m = defaults;
		m->name = arena_strdup(&c->arena, yaml_key_at(map, i));
		read_monitor(r, yaml_at(map, i), m);
		n_used += *m->rows != 0;
	}
	c->monitors = all;
	c->n_monitors = n_used;
}
