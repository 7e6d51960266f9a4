/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/mem.h"
#include "yaml_node.h"

static void add(struct yaml *map, struct yaml *key, struct yaml *item)
{
	map->keys[map->n] = key;
	map->items[map->n++] = item;
}

/* Nodes never change: maps that are in both are a new one, in the arena. */
static struct yaml *lay(struct yaml_doc *doc, struct yaml *over,
			struct yaml *under)
{
	struct yaml *map;
	size_t most;

	if (!over || !under)
		return over ? over : under;
	if (over->kind != YAML_MAP || under->kind != YAML_MAP)
		return over;
	most = (over->n + under->n + 1) * sizeof(struct yaml *);
	map = arena_alloc(&doc->arena, sizeof(*map));
	*map = *over;
	map->keys = arena_alloc(&doc->arena, most);
	map->items = arena_alloc(&doc->arena, most);
	map->n = 0;
	for (size_t i = 0; i < over->n; i++)
		add(map, over->keys[i],
		    lay(doc, over->items[i],
			(struct yaml *)yaml_get(under, over->keys[i]->s)));
	for (size_t i = 0; i < under->n; i++)
		if (!yaml_get(over, under->keys[i]->s))
			add(map, under->keys[i], under->items[i]);
	return map;
}

const struct yaml *yaml_over(struct yaml *over, struct yaml *under)
{
	return lay(over ? over->doc : NULL, over, under);
}
