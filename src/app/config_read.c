/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "config_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"

#define MAX_WORD 40

/* Levenshtein's distance, for words that were mistyped. */
static unsigned distance(const char *a, const char *b)
{
	unsigned row[MAX_WORD + 1];
	size_t n = strlen(b);

	if (strlen(a) > MAX_WORD || n > MAX_WORD)
		return MAX_WORD;
	for (size_t j = 0; j <= n; j++)
		row[j] = (unsigned)j;
	for (size_t i = 1; a[i - 1]; i++) {
		unsigned diagonal = row[0];

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= n; j++) {
			unsigned old = row[j];
			unsigned swap = diagonal + (a[i - 1] != b[j - 1]);

			row[j] = MIN(swap, 1 + MIN(old, row[j - 1]));
			diagonal = old;
		}
	}
	return row[n];
}

static const char *nearest(const char *word, const struct config_known *known,
			   size_t n)
{
	const char *best = NULL;
	unsigned best_distance = 4;

	for (size_t i = 0; i < n; i++) {
		unsigned d = distance(word, known[i].name);

		if (d < best_distance) {
			best_distance = d;
			best = known[i].name;
		}
	}
	return best;
}

bool config_fail(struct config_reader *r, const struct yaml *node,
		 const char *path, const char *fmt, ...)
{
	char what[160];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	err_set(r->err, ERR_USAGE, "%s:%u:%u: %s%s%s", yaml_file(node),
		yaml_line(node), yaml_column(node), path, *path ? ": " : "",
		what);
	return false;
}

const char *config_path(struct config_reader *r, const char *path,
			const char *key)
{
	return arena_printf(&r->c->arena, "%s%s%s", path, *path ? "." : "",
			    key);
}

void config_record(struct config_reader *r, const struct yaml *node,
		   const char *path, const char *key, const char *value)
{
	struct config *c = r->c;
	struct config_value *values = (struct config_value *)c->values;

	values =
		xgrow(values, &r->cap_values, c->n_values + 1, sizeof(*values));
	values[c->n_values].path = config_path(r, path, key);
	values[c->n_values].value = arena_strdup(&c->arena, value);
	values[c->n_values].from =
		node ? arena_printf(&c->arena, "%s:%u", yaml_file(node),
				    yaml_line(node))
		     : "default";
	c->n_values++;
	c->values = values;
}

static void warn_later(struct config_reader *r, const struct yaml *map,
		       size_t i, const char *path)
{
	struct config *c = r->c;
	const char **all = (const char **)c->warnings;

	all = xgrow(all, &r->cap_warnings, c->n_warnings + 1, sizeof(*all));
	all[c->n_warnings++] =
		arena_printf(&c->arena, "%s:%u: %s is not used by this version",
			     yaml_file(map), yaml_key_line_at(map, i),
			     config_path(r, path, yaml_key_at(map, i)));
	c->warnings = all;
}

static bool unknown_key(struct config_reader *r, const struct yaml *map,
			size_t i, const char *path,
			const struct config_known *known, size_t n)
{
	const char *key = yaml_key_at(map, i);
	const char *near = nearest(key, known, n);

	err_set(r->err, ERR_USAGE, "%s:%u:%u: unknown key %s%s%s%s",
		yaml_file(map), yaml_key_line_at(map, i),
		yaml_key_column_at(map, i), config_path(r, path, key),
		near ? "; did you mean \"" : "", near ? near : "",
		near ? "\"?" : "");
	return false;
}

bool config_check_keys(struct config_reader *r, const struct yaml *map,
		       const char *path, const struct config_known *known,
		       size_t n_known)
{
	if (yaml_kind(map) != YAML_MAP)
		return config_fail(r, map, path,
				   "expected a map of keys and values");
	for (size_t i = 0; i < yaml_count(map); i++) {
		size_t k = 0;

		while (k < n_known &&
		       strcmp(known[k].name, yaml_key_at(map, i)))
			k++;
		if (k == n_known)
			return unknown_key(r, map, i, path, known, n_known);
		if (known[k].is_later)
			warn_later(r, map, i, path);
	}
	return true;
}

/* The node of the key, or NULL: absent. *ok is false if it is no scalar. */
static const struct yaml *scalar(struct config_reader *r,
				 const struct yaml *map, const char *path,
				 const char *key, bool *ok)
{
	const struct yaml *node = yaml_get(map, key);

	*ok = true;
	if (!node)
		return NULL;
	if (yaml_kind(node) != YAML_SCALAR) {
		*ok = config_fail(r, node, config_path(r, path, key),
				  "expected a single value");
		return NULL;
	}
	config_record(r, node, path, key, yaml_str(node, ""));
	return node;
}

bool config_str(struct config_reader *r, const struct yaml *map,
		const char *path, const char *key, const char **out)
{
	bool ok;
	const struct yaml *node = scalar(r, map, path, key, &ok);

	if (node)
		*out = arena_strdup(&r->c->arena, yaml_str(node, ""));
	return ok;
}

bool config_bool(struct config_reader *r, const struct yaml *map,
		 const char *path, const char *key, bool *out)
{
	bool ok;
	const struct yaml *node = scalar(r, map, path, key, &ok);

	if (node && !yaml_bool(node, out))
		return config_fail(r, node, config_path(r, path, key),
				   "expected yes or no, found \"%s\"",
				   yaml_str(node, ""));
	return ok;
}

bool config_double(struct config_reader *r, const struct yaml *map,
		   const char *path, const char *key, double *out)
{
	bool ok;
	const struct yaml *node = scalar(r, map, path, key, &ok);

	if (node && !yaml_double(node, out))
		return config_fail(r, node, config_path(r, path, key),
				   "expected a number, found \"%s\"",
				   yaml_str(node, ""));
	return ok;
}

bool config_int(struct config_reader *r, const struct yaml *map,
		const char *path, const char *key, int64_t *out)
{
	bool ok;
	const struct yaml *node = scalar(r, map, path, key, &ok);

	if (node && (!yaml_int64(node, out) || *out < 0))
		return config_fail(r, node, config_path(r, path, key),
				   "expected a whole number, found \"%s\"",
				   yaml_str(node, ""));
	return ok;
}

bool config_duration(struct config_reader *r, const struct yaml *map,
		     const char *path, const char *key, int64_t *out_ms)
{
	bool ok;
	const struct yaml *node = scalar(r, map, path, key, &ok);

	if (node && !clock_parse_duration(yaml_str(node, ""), out_ms))
		return config_fail(r, node, config_path(r, path, key),
				   "expected a duration as 30s, 10m, 2h or "
				   "1d, found \"%s\"",
				   yaml_str(node, ""));
	return ok;
}

bool config_strings(struct config_reader *r, const struct yaml *map,
		    const char *path, const char *key, const char *const **out,
		    size_t *n)
{
	const struct yaml *node = yaml_get(map, key);
	struct arena *a = &r->c->arena;
	const char **all;

	if (!node)
		return true;
	if (yaml_kind(node) == YAML_SCALAR) {
		all = arena_alloc(a, sizeof(*all));
		all[0] = arena_strdup(a, yaml_str(node, ""));
		*n = yaml_is_null(node) ? 0 : 1;
		config_record(r, node, path, key, all[0]);
		*out = all;
		return true;
	}
	if (yaml_kind(node) != YAML_LIST)
		return config_fail(r, node, config_path(r, path, key),
				   "expected a list");
	all = arena_alloc(a, yaml_count(node) * sizeof(*all));
	for (size_t i = 0; i < yaml_count(node); i++) {
		const struct yaml *item = yaml_at(node, i);

		if (yaml_kind(item) != YAML_SCALAR)
			return config_fail(r, item, config_path(r, path, key),
					   "expected a list of single values");
		all[i] = arena_strdup(a, yaml_str(item, ""));
		config_record(r, item, path, key, all[i]);
	}
	*n = yaml_count(node);
	*out = all;
	return true;
}

const char *config_file_path(struct config_reader *r, const char *path)
{
	const char *slash = strrchr(r->c->file, '/');
	const char *home = getenv("HOME");

	if (!strncmp(path, "~/", 2) && home)
		return arena_printf(&r->c->arena, "%s%s", home, path + 1);
	if (*path == '/' || !slash || strstr(path, "://"))
		return path;
	return arena_printf(&r->c->arena, "%.*s/%s", (int)(slash - r->c->file),
			    r->c->file, path);
}
