/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "config_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
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

static bool is_before(const struct config_problem *a,
		      const struct config_problem *b)
{
	int order = strcmp(a->file, b->file);

	if (order)
		return order < 0;
	return a->line < b->line ||
	       (a->line == b->line && a->column < b->column);
}

/* File by file, in the order of each. */
static void add_problem(struct config_reader *r, struct config_problem problem)
{
	struct config *c = r->c;
	struct config_problem *all = (struct config_problem *)c->problems;
	size_t i = c->n_problems++;

	all = xgrow(all, &r->cap_problems, c->n_problems, sizeof(*all));
	for (; i && is_before(&problem, &all[i - 1]); i--)
		all[i] = all[i - 1];
	all[i] = problem;
	c->problems = all;
}

static void add_at_node(struct config_reader *r, enum config_severity severity,
			const struct yaml *node, const char *path,
			const char *what)
{
	add_problem(
		r,
		(struct config_problem){
			.text = arena_printf(&r->c->arena, "%s:%u:%u: %s%s%s",
					     yaml_file(node), yaml_line(node),
					     yaml_column(node), path,
					     *path ? ": " : "", what),
			.file = arena_strdup(&r->c->arena, yaml_file(node)),
			.line = yaml_line(node),
			.column = yaml_column(node),
			.severity = severity });
}

void config_fail(struct config_reader *r, const struct yaml *node,
		 const char *path, const char *fmt, ...)
{
	struct buf what = BUF_INIT(0);
	va_list ap;

	va_start(ap, fmt);
	buf_addv(&what, fmt, ap);
	va_end(ap);
	add_at_node(r, CONFIG_ERROR, node, path, buf_str(&what));
	buf_release(&what);
}

void config_note(struct config_reader *r, enum config_severity severity,
		 const struct yaml *node, const char *path, const char *what)
{
	add_at_node(r, severity, node, path, what);
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

static void add_at_key(struct config_reader *r, enum config_severity severity,
		       const struct yaml *map, size_t i, const char *what)
{
	add_problem(r, (struct config_problem){
			       .text = arena_printf(
				       &r->c->arena, "%s:%u:%u: %s",
				       yaml_key_file_at(map, i),
				       yaml_key_line_at(map, i),
				       yaml_key_column_at(map, i), what),
			       .file = arena_strdup(&r->c->arena,
						    yaml_key_file_at(map, i)),
			       .line = yaml_key_line_at(map, i),
			       .column = yaml_key_column_at(map, i),
			       .severity = severity });
}

static void warn_later(struct config_reader *r, const struct yaml *map,
		       size_t i, const char *path)
{
	add_at_key(r, CONFIG_WARNING, map, i,
		   arena_printf(&r->c->arena, "%s is not used by this version",
				config_path(r, path, yaml_key_at(map, i))));
}

/* With the key that was meant, or all there are. */
static void unknown_key(struct config_reader *r, const struct yaml *map,
			size_t i, const char *path,
			const struct config_known *known, size_t n)
{
	const char *key = yaml_key_at(map, i);
	const char *near = nearest(key, known, n);
	struct buf what = BUF_INIT(0);

	buf_addf(&what, "unknown key %s", config_path(r, path, key));
	if (near)
		buf_addf(&what, "; did you mean \"%s\"?", near);
	for (size_t k = 0; k < n && !near; k++)
		buf_addf(&what, "%s%s", k ? ", " : ": expected one of ",
			 known[k].name);
	add_at_key(r, CONFIG_ERROR, map, i, buf_str(&what));
	buf_release(&what);
}

void config_check_keys(struct config_reader *r, const struct yaml *map,
		       const char *path, const struct config_known *known,
		       size_t n_known)
{
	size_t n = config_entries(r, map, path, "a map of keys and values");

	for (size_t i = 0; i < n; i++) {
		size_t k = 0;

		while (k < n_known &&
		       strcmp(known[k].name, yaml_key_at(map, i)))
			k++;
		if (k == n_known)
			unknown_key(r, map, i, path, known, n_known);
		else if (known[k].is_later)
			warn_later(r, map, i, path);
	}
}

size_t config_entries(struct config_reader *r, const struct yaml *map,
		      const char *path, const char *expected)
{
	if (!map)
		return 0;
	if (yaml_kind(map) == YAML_MAP)
		return yaml_count(map);
	config_fail(r, map, path, "expected %s", expected);
	return 0;
}

/* The node of the key, or NULL: absent, or no single value (an error). */
static const struct yaml *scalar(struct config_reader *r,
				 const struct yaml *map, const char *path,
				 const char *key)
{
	const struct yaml *node = yaml_get(map, key);

	if (!node)
		return NULL;
	if (yaml_kind(node) != YAML_SCALAR) {
		config_fail(r, node, config_path(r, path, key),
			    "expected a single value");
		return NULL;
	}
	config_record(r, node, path, key, yaml_str(node, ""));
	return node;
}

void config_str(struct config_reader *r, const struct yaml *map,
		const char *path, const char *key, const char **out)
{
	const struct yaml *node = scalar(r, map, path, key);

	if (node)
		*out = arena_strdup(&r->c->arena, yaml_str(node, ""));
}

static void not_a(struct config_reader *r, const struct yaml *node,
		  const char *path, const char *key, const char *expected)
{
	config_fail(r, node, config_path(r, path, key),
		    "expected %s, found \"%s\"", expected, yaml_str(node, ""));
}

void config_bool(struct config_reader *r, const struct yaml *map,
		 const char *path, const char *key, bool *out)
{
	const struct yaml *node = scalar(r, map, path, key);

	if (node && !yaml_bool(node, out))
		not_a(r, node, path, key, "yes or no");
}

void config_double(struct config_reader *r, const struct yaml *map,
		   const char *path, const char *key, double *out)
{
	const struct yaml *node = scalar(r, map, path, key);

	if (node && !yaml_double(node, out))
		not_a(r, node, path, key, "a number");
}

void config_int(struct config_reader *r, const struct yaml *map,
		const char *path, const char *key, int64_t *out)
{
	const struct yaml *node = scalar(r, map, path, key);

	if (node && (!yaml_int64(node, out) || *out < 0))
		not_a(r, node, path, key, "a whole number");
}

void config_duration(struct config_reader *r, const struct yaml *map,
		     const char *path, const char *key, int64_t *out_ms)
{
	const struct yaml *node = scalar(r, map, path, key);

	if (node && !clock_parse_duration(yaml_str(node, ""), out_ms))
		not_a(r, node, path, key, "a duration as 30s, 10m, 2h or 1d");
}

/* One of the list, recorded. NULL after an error. */
static const char *list_item(struct config_reader *r, const struct yaml *item,
			     const char *path, const char *key)
{
	const char *text = arena_strdup(&r->c->arena, yaml_str(item, ""));

	if (yaml_kind(item) != YAML_SCALAR) {
		config_fail(r, item, config_path(r, path, key),
			    "expected a list of single values");
		return NULL;
	}
	config_record(r, item, path, key, text);
	return text;
}

void config_strings(struct config_reader *r, const struct yaml *map,
		    const char *path, const char *key, const char *const **out,
		    size_t *n)
{
	const struct yaml *node = yaml_get(map, key);
	bool is_list = node && yaml_kind(node) == YAML_LIST;
	size_t n_items = is_list ? yaml_count(node) : 1;
	const char **all;

	if (!node)
		return;
	if (!is_list && yaml_kind(node) != YAML_SCALAR) {
		config_fail(r, node, config_path(r, path, key),
			    "expected a list");
		return;
	}
	all = arena_alloc(&r->c->arena, n_items * sizeof(*all));
	*n = 0;
	for (size_t i = 0; i < n_items; i++) {
		all[*n] = list_item(r, is_list ? yaml_at(node, i) : node, path,
				    key);
		*n += all[*n] && (is_list || !yaml_is_null(node));
	}
	*out = all;
}

const char *config_file_path(struct config_reader *r, const struct yaml *node,
			     const char *path)
{
	const char *file = yaml_file(node), *slash = strrchr(file, '/');
	const char *home = getenv("HOME");

	if (!strncmp(path, "~/", 2) && home)
		return arena_printf(&r->c->arena, "%s%s", home, path + 1);
	if (*path == '/' || !slash || strstr(path, "://"))
		return path;
	return arena_printf(&r->c->arena, "%.*s/%s", (int)(slash - file), file,
			    path);
}
