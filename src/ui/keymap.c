/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "keymap.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ui/keys.h"

struct keymap {
	struct binding *all; /* the config's after the defaults */
	size_t n, cap;
};

static void add(struct keymap *map, int key, unsigned scopes,
		enum command_id cmd, const char *arg, const char *from)
{
	map->all = xgrow(map->all, &map->cap, map->n + 1, sizeof(*map->all));
	map->all[map->n++] = (struct binding){
		.key = key,
		.scopes = scopes,
		.cmd = cmd,
		.arg = xstrdup(arg),
		.from = from,
	};
}

static void add_defaults(struct keymap *map)
{
	for (size_t i = 1; i < N_COMMANDS; i++) {
		const char *keys = ui_commands[i].keys;

		while (*keys) {
			size_t len = strcspn(keys, " ");
			char *name = xstrndup(keys, len);
			int key = ui_key_parse(name);

			BUG_ON(key < 0);
			add(map, key, ui_commands[i].scopes, (enum command_id)i,
			    "", "default");
			free(name);
			keys += len + (keys[len] == ' ');
		}
	}
}

static enum err_code add_configured(struct keymap *map, const struct config *c,
				    const struct config_key *k, struct err *err)
{
	char *path = xasprintf("keys.%s.%s", k->pane, k->key);
	const char *from = config_from(c, path);
	size_t len = strcspn(k->command, " ");
	char *name = xstrndup(k->command, len);
	enum command_id cmd = ui_command_find(name);
	int key = ui_key_parse(k->key);
	enum scope scope;

	free(name);
	free(path);
	if (key < 0)
		return err_set(err, ERR_USAGE, "%s: no key is called %s", from,
			       k->key);
	if (!scope_parse(k->pane, &scope))
		return err_set(err, ERR_USAGE, "%s: no pane is called %s", from,
			       k->pane);
	if (!cmd && strcmp(k->command, "none"))
		return err_set(err, ERR_USAGE, "%s: no command is called %s",
			       from, k->command);
	add(map, key, scope, cmd, k->command[len] ? k->command + len + 1 : "",
	    from);
	return ERR_OK;
}

enum err_code keymap_new(const struct config *config, struct keymap **out,
			 struct err *err)
{
	struct keymap *map = xcalloc(1, sizeof(*map));

	add_defaults(map);
	for (size_t i = 0; i < config->n_keys; i++) {
		if (add_configured(map, config, &config->keys[i], err)) {
			keymap_free(map);
			return err->code;
		}
	}
	*out = map;
	return ERR_OK;
}

size_t keymap_check(const struct config *config, void (*told)(const char *text))
{
	struct keymap *map = xcalloc(1, sizeof(*map));
	size_t n = 0;

	for (size_t i = 0; i < config->n_keys; i++) {
		struct err err = { 0 };

		if (!add_configured(map, config, &config->keys[i], &err))
			continue;
		told(err.msg);
		n++;
	}
	keymap_free(map);
	return n;
}

void keymap_free(struct keymap *map)
{
	if (!map)
		return;
	for (size_t i = 0; i < map->n; i++)
		free(map->all[i].arg);
	free(map->all);
	free(map);
}

static bool is_better(const struct binding *b, const struct binding *best)
{
	if (!best)
		return true;
	if ((best->scopes & SCOPE_ALL) != (b->scopes & SCOPE_ALL))
		return !(b->scopes & SCOPE_ALL);
	return true; /* the later one: the config's */
}

const struct binding *keymap_find(const struct keymap *map, unsigned scope,
				  int key)
{
	const struct binding *best = NULL;

	for (size_t i = 0; i < map->n; i++) {
		const struct binding *b = &map->all[i];

		if (b->key == key && (b->scopes & (scope | SCOPE_ALL)) &&
		    is_better(b, best))
			best = b;
	}
	return best && best->cmd ? best : NULL;
}

size_t keymap_count(const struct keymap *map)
{
	return map->n;
}

const struct binding *keymap_at(const struct keymap *map, size_t i)
{
	return &map->all[i];
}

const char *keymap_key_of(const struct keymap *map, enum command_id cmd,
			  unsigned scope)
{
	for (size_t i = 0; i < map->n; i++) {
		const struct binding *b = &map->all[i];

		if (b->cmd == cmd && (b->scopes & (scope | SCOPE_ALL)) &&
		    keymap_find(map, scope, b->key) == b)
			return ui_key_name(b->key);
	}
	return "";
}
