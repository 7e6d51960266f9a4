/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_UI_KEYMAP_H
#define MLTOWER_UI_KEYMAP_H

#include "app/config.h"
#include "base/buf.h"
#include "ui/command.h"

/* Keys bound to commands: the defaults of the table of commands, and what the
 * config changes. */
struct keymap;

struct binding {
	int key; /* ui/keys.h */
	unsigned scopes;
	enum command_id cmd;
	char *arg;        /* from the config; "" none */
	const char *from; /* "default" or "FILE:LINE" */
};

/* Fails with the config's line where a key, pane or command is not known. */
ATTR_NODISCARD enum err_code keymap_new(const struct config *config,
					struct keymap **out, struct err *err);
/* Tells of each binding of the config that would fail; how many. */
size_t keymap_check(const struct config *config,
		    void (*told)(const char *text));
void keymap_free(struct keymap *map);
/* NULL where the key does nothing in this scope. The narrower scope wins, then
 * the config over the defaults. */
const struct binding *keymap_find(const struct keymap *map, unsigned scope,
				  int key);
size_t keymap_count(const struct keymap *map);
const struct binding *keymap_at(const struct keymap *map, size_t i);
/* "P", "esc" of the command in the scope; "" if it has none. */
const char *keymap_key_of(const struct keymap *map, enum command_id cmd,
			  unsigned scope);

#endif
