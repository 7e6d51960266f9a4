/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "cli_parts.h"
#include "ui/command.h"

static struct view_list list_for(const struct cli *cli,
				 const struct view_column *columns,
				 size_t n_columns)
{
	return (struct view_list){ .ctx = cli_ctx(cli),
				   .columns = columns,
				   .n_columns = n_columns };
}

/* ---- config -------------------------------------------------------------- */

/* clang-format off */
static const struct view_column value_columns[] = {
	{ "path", "SETTING", false, 8, VIEW_TABLE | VIEW_DATA | VIEW_NAME },
	{ "value", "VALUE", false, 8, VIEW_TABLE | VIEW_DATA },
	{ "from", "FROM", false, 8, VIEW_TABLE | VIEW_DATA },
};
/* clang-format on */

static void value_row(const struct view_list *list, size_t i, struct arena *a,
		      struct cell *cells)
{
	const struct config_value *v = &list->ctx.config->values[i];

	(void)a;
	cells[0] = cell_text(v->path);
	cells[1] = cell_text(v->value);
	cells[2] = cell_as(cell_text(v->from), ROLE_DIM);
}

/* With what lies around here, if anything does. */
static int print_init(const struct cli *cli)
{
	struct buf text = BUF_INIT(0);
	struct err err = { 0 };

	if (config_find_stores(cli->config, &err))
		return cli_fail(&err);
	config_init_text(cli->config, &text);
	cli_write(buf_str(&text), text.len);
	buf_release(&text);
	return EXIT_YES;
}

static void tell(const char *text)
{
	cli_say("%s", text);
}

/* All that is wrong, and what this version leaves out; how much is wrong. */
static size_t tell_problems(const struct cli *cli)
{
	const struct config *c = cli->config;
	size_t n = 0;

	for (size_t i = 0; i < c->n_problems; i++) {
		cli_say("%s", c->problems[i].text);
		n += c->problems[i].severity != CONFIG_WARNING;
	}
	return n + cli->screens->check(c, tell);
}

int cmd_config(struct cli *cli)
{
	struct view_list list;
	int status = cli_config(cli, false);

	if (status)
		return status;
	if (tell_problems(cli))
		return EXIT_USAGE;
	if (cli_has(cli, OPT_INIT))
		return print_init(cli);
	if (!*cli->config->file)
		cli_say("no config: neither %s nor %s is there; mltower config "
			"--init prints one to begin with",
			cli->config->own_file, cli->config->team_file);
	if (cli_has(cli, OPT_CHECK))
		return config_check_sources(cli->config, tell) ? EXIT_SOURCE
							       : EXIT_YES;
	list = list_for(cli, value_columns, ARRAY_LEN(value_columns));
	list.n_rows = cli->config->n_values;
	list.row = value_row;
	return cli_print(cli, &list);
}

/* ---- keys ---------------------------------------------------------------- */

/* clang-format off */
static const struct view_column key_columns[] = {
	{ "pane", "WHERE", false, 8, VIEW_TABLE | VIEW_DATA },
	{ "key", "KEY", false, 4, VIEW_TABLE | VIEW_DATA | VIEW_NAME },
	{ "command", "COMMAND", false, 8, VIEW_TABLE | VIEW_DATA },
	{ "help", "WHAT", false, 8, VIEW_TABLE | VIEW_DATA },
	{ "from", "FROM", false, 8, VIEW_WIDE | VIEW_DATA },
};
/* clang-format on */

struct key_row {
	const char *pane, *key, *command, *help, *from;
};

struct keys {
	struct key_row *rows;
	size_t n, cap;
};

static void add_key(struct keys *keys, struct key_row row)
{
	keys->rows = xgrow(keys->rows, &keys->cap, keys->n + 1, sizeof(row));
	keys->rows[keys->n++] = row;
}

/* The scopes of a command, as the config names them: "runs, compare". */
static const char *panes_of(const struct ui_command *c, struct arena *a)
{
	const char *text = NULL;
	unsigned bit;

	if (c->scopes & SCOPE_ALL)
		return scope_name(SCOPE_ALL);
	for (bit = 1; bit && bit <= c->scopes; bit <<= 1)
		if (c->scopes & bit)
			text = text ? arena_printf(a, "%s, %s", text,
						   scope_name(bit))
				    : scope_name(bit);
	return text ? text : "";
}

static void add_defaults(struct keys *keys, struct arena *a)
{
	const struct ui_command *c;
	const char *s;
	size_t len;
	int i;

	for (i = CMD_NONE + 1; i < N_COMMANDS; i++) {
		c = &ui_commands[i];
		for (s = c->keys; *s; s += len + !!s[len]) {
			len = strcspn(s, " ");
			add_key(keys, (struct key_row){
					      panes_of(c, a),
					      arena_strndup(a, s, len), c->name,
					      c->help, "default" });
		}
		if (!*c->keys)
			add_key(keys,
				(struct key_row){ panes_of(c, a), NULL, c->name,
						  c->help, "default" });
	}
}

static void add_configured(struct keys *keys, struct arena *a,
			   const struct config *config)
{
	const struct config_key *k;
	const char *at;
	enum command_id id;
	size_t i;

	for (i = 0; i < config->n_keys; i++) {
		k = &config->keys[i];
		at = arena_printf(a, "keys.%s.%s", k->pane, k->key);
		id = ui_command_find(k->command);
		add_key(keys, (struct key_row){ k->pane, k->key, k->command,
						id ? ui_commands[id].help : "",
						config_from(config, at) });
	}
}

static void key_row_cells(const struct view_list *list, size_t i,
			  struct arena *a, struct cell *cells)
{
	const struct keys *keys = list->of;
	const struct key_row *r = &keys->rows[i];

	(void)a;
	cells[0] = cell_as(cell_text(r->pane), ROLE_DIM);
	cells[1] = cell_as(cell_text(r->key), ROLE_ACCENT);
	cells[2] = cell_text(r->command);
	cells[3] = cell_text(r->help);
	cells[4] = cell_as(cell_text(r->from), ROLE_DIM);
}

int cmd_keys(struct cli *cli)
{
	struct keys keys = { 0 };
	struct arena names = ARENA_INIT;
	struct view_list list;
	int status = cli_config(cli, false);

	if (status)
		return status;
	add_defaults(&keys, &names);
	add_configured(&keys, &names, cli->config);
	list = list_for(cli, key_columns, ARRAY_LEN(key_columns));
	list.n_rows = keys.n;
	list.row = key_row_cells;
	list.of = &keys;
	status = cli_print(cli, &list);
	free(keys.rows);
	arena_release(&names);
	return status;
}
