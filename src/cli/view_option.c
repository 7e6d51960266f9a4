/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <ctype.h>
#include <string.h>

#include "base/mem.h"
#include "cli_parts.h"
#include "store/views.h"

/* What a view stands for on the command line; its metric is for charts. */
static const enum cli_opt opts[N_VIEW_PARTS] = {
	[VIEW_EXPERIMENT] = OPT_EXPERIMENT,
	[VIEW_FILTER] = OPT_FILTER,
	[VIEW_SORT] = OPT_SORT,
	[VIEW_COLUMNS] = OPT_COLUMNS,
	[VIEW_METRIC] = OPT_HELP,
	[VIEW_GROUP] = OPT_GROUP,
};

/* Without the widths of a screen's columns, and without its curves. */
static const char *printed_columns(const char *columns, struct arena *a)
{
	const char *out = "";
	size_t len, width;

	for (; *columns; columns += len + !!columns[len]) {
		len = strcspn(columns, ",");
		width = len;
		while (width && isdigit((unsigned char)columns[width - 1]))
			width--;
		if (!width || width == len || columns[width - 1] != '=')
			width = len + 1;
		if (width - 1 != 5 || strncmp(columns, "trend", 5))
			out = arena_printf(a, "%s%s%.*s", out, *out ? "," : "",
					   (int)(width - 1), columns);
	}
	return out;
}

static void take_parts(struct cli *cli, const struct run_view *view)
{
	struct run_view v = run_view_copy(view, &cli->arena);

	v.parts[VIEW_METRIC] = "";
	v.parts[VIEW_COLUMNS] =
		printed_columns(v.parts[VIEW_COLUMNS], &cli->arena);
	for (size_t i = 0; i < N_VIEW_PARTS; i++)
		if (*v.parts[i] && !cli_has(cli, opts[i]))
			cli_add_opt(cli, opts[i], v.parts[i]);
}

/* Among those that were saved. */
static int take_saved(struct cli *cli, const char *name)
{
	const struct run_view *all = NULL, *v = NULL;
	struct state *state = NULL;
	struct err err = { 0 };
	size_t n = 0;

	if (!state_open(cli->config->state_dir, &state, &err) &&
	    !views_list(state, &cli->arena, &all, &n, &err))
		v = run_view_find(all, n, name);
	state_close(state);
	if (err.code && err.code != ERR_ABSENT)
		return cli_fail(&err);
	if (v) {
		take_parts(cli, v);
		return 0;
	}
	cli_say("no view '%s': :save NAME in the Tower makes one, views: in "
		"the config another",
		name);
	return EXIT_ABSENT;
}

int cli_take_view(struct cli *cli)
{
	const char *name = cli_opt(cli, OPT_VIEW);
	const struct run_view *v;
	int status;

	if (!name)
		return 0;
	status = cli_config(cli, true);
	if (status)
		return status;
	v = run_view_find(cli->config->views, cli->config->n_views, name);
	if (!v)
		return take_saved(cli, name);
	take_parts(cli, v);
	return 0;
}
