/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "format/yaml.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/num.h"
#include "yaml_node.h"

static bool is_kind(const struct yaml *node, enum yaml_kind kind)
{
	return node && node->kind == kind;
}

enum yaml_kind yaml_kind(const struct yaml *node)
{
	return node ? node->kind : YAML_SCALAR;
}

unsigned yaml_line(const struct yaml *node)
{
	return node ? node->line : 0;
}

unsigned yaml_column(const struct yaml *node)
{
	return node ? node->column : 0;
}

const char *yaml_file(const struct yaml *node)
{
	return node ? node->doc->name : "";
}

const struct yaml *yaml_get(const struct yaml *map, const char *key)
{
	if (!is_kind(map, YAML_MAP))
		return NULL;
	for (size_t i = 0; i < map->n; i++) {
		if (!strcmp(map->keys[i]->s, key))
			return map->items[i];
	}
	return NULL;
}

size_t yaml_count(const struct yaml *node)
{
	return node ? node->n : 0;
}

const struct yaml *yaml_at(const struct yaml *node, size_t i)
{
	return node && i < node->n ? node->items[i] : NULL;
}

static const struct yaml *key_at(const struct yaml *map, size_t i)
{
	return is_kind(map, YAML_MAP) && i < map->n ? map->keys[i] : NULL;
}

const char *yaml_key_at(const struct yaml *map, size_t i)
{
	const struct yaml *key = key_at(map, i);

	return key ? key->s : NULL;
}

const char *yaml_key_file_at(const struct yaml *map, size_t i)
{
	return yaml_file(key_at(map, i));
}

unsigned yaml_key_line_at(const struct yaml *map, size_t i)
{
	return yaml_line(key_at(map, i));
}

unsigned yaml_key_column_at(const struct yaml *map, size_t i)
{
	return yaml_column(key_at(map, i));
}

const char *yaml_str(const struct yaml *node, const char *otherwise)
{
	return is_kind(node, YAML_SCALAR) ? node->s : otherwise;
}

bool yaml_is_quoted(const struct yaml *node)
{
	return node && node->is_quoted;
}

/* The text of a scalar that may mean more than its letters; else NULL. */
static const char *plain(const struct yaml *node)
{
	if (!is_kind(node, YAML_SCALAR) || node->is_quoted)
		return NULL;
	return node->s;
}

bool yaml_is_null(const struct yaml *node)
{
	const char *s = plain(node);

	if (!node)
		return true;
	return s && (!*s || !strcmp(s, "~") || !strcasecmp(s, "null"));
}

bool yaml_bool(const struct yaml *node, bool *out)
{
	static const char *const words[] = { "false", "true", "no",
					     "yes",   "off",  "on" };
	const char *s = plain(node);

	if (!s)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (strcasecmp(s, words[i]))
			continue;
		*out = i % 2;
		return true;
	}
	return false;
}

bool yaml_double(const struct yaml *node, double *out)
{
	const char *s = plain(node), *word;

	if (!s)
		return false;
	if (num_parse(s, strlen(s), out))
		return true;
	word = s + (*s == '-' || *s == '+');
	if (!strcasecmp(word, ".inf"))
		*out = *s == '-' ? -INFINITY : INFINITY;
	else if (!strcasecmp(s, ".nan"))
		*out = NAN;
	else
		return false;
	return true;
}

bool yaml_int64(const struct yaml *node, int64_t *out)
{
	const char *s = plain(node);

	return s && num_parse_int(s, strlen(s), out);
}

void yaml_free(struct yaml *root)
{
	if (root)
		yaml_doc_free(root->doc);
}
