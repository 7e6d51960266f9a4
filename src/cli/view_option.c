/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "base/mem.h"
#include "cli_parts.h"
#include "model/filter.h"
#include "model/order.h"
#include "store/views.h"

/* What a view stands for on the command line; its metric is for charts. */
static const enum cli_opt opts[N_VIEW_PARTS] = {
	[VIEW_EXPERIMENT] = OPT_EXPERIMENT,
	[VIEW_FILTER] = OPT_FILTER,
	[VIEW_SORT] = OPT_SORT,
	[VIEW_COLUMNS] = OPT_COLUMNS,
	[VIEW_METRIC] = OPT_HELP,
	[VIEW_TREE] = OPT_TREE,
	[VIEW_GROUP] = OPT_GROUP,
	[VIEW_GROUP_SORT] = OPT_SORT,
};

/* Without the widths of a screen's columns, and without its curves. */
static const char *printed_columns(const char *columns, struct arena *a)
{
	const char *out = "";
	char *at = arena_strdup(a, columns), *name, *width;

	while ((name = order_next_name(&at))) {
		width = strrchr(name, '=');
		if (width && width[1] &&
		    !width[1 + strspn(width + 1, "0123456789")])
			*width = '\0';
		if (*name && strcmp(name, "trend") != 0)
			out = arena_printf(a, "%s%s%s", out, *out ? "," : "",
					   name);
	}
	return out;
}

static void take_parts(struct cli *cli, const struct run_view *view)
{
	struct run_view v = run_view_copy(view, &cli->arena);

	v.parts[VIEW_METRIC] = "";
	/* Groups have no tree, and --sort is the order of what is shown. */
	if (*v.parts[VIEW_GROUP] || cli_has(cli, OPT_GROUP))
		v.parts[VIEW_TREE] = v.parts[VIEW_SORT] = "";
	else
		v.parts[VIEW_GROUP_SORT] = "";
	v.parts[VIEW_COLUMNS] =
		printed_columns(v.parts[VIEW_COLUMNS], &cli->arena);
	for (size_t i = 0; i < N_VIEW_PARTS; i++)
		if (*v.parts[i] && !cli_has(cli, opts[i]))
			cli_add_opt(cli, opts[i], v.parts[i]);
}

/* Among those that were saved. */
static int find_saved(struct cli *cli, const char *name,
		      const struct run_view **out)
{
	const struct run_view *all = NULL;
	struct state *state = NULL;
	struct err err = { 0 };
	size_t n = 0;

	if (!state_open(cli->config->state_dir, &state, &err) &&
	    !views_list(state, &cli->arena, &all, &n, &err))
		*out = run_view_find(all, n, name);
	state_close(state);
	if (err.code && err.code != ERR_ABSENT)
		return cli_fail(&err);
	if (*out)
		return 0;
	cli_say("no view '%s': :save NAME in the Tower makes one, views: in "
		"the config another",
		name);
	return EXIT_ABSENT;
}

/* --view; *out stays NULL where it was not given. */
static int find_view(struct cli *cli, const struct run_view **out)
{
	const char *name = cli_opt(cli, OPT_VIEW);
	int status = name ? cli_config(cli, true) : 0;

	*out = NULL;
	if (!name || status)
		return status;
	*out = run_view_find(cli->config->views, cli->config->n_views, name);
	return *out ? 0 : find_saved(cli, name, out);
}

int cli_take_view(struct cli *cli)
{
	const struct run_view *v;
	int status = find_view(cli, &v);

	if (v)
		take_parts(cli, v);
	return status;
}

static int check_filter(const struct cli *cli, const char *text)
{
	struct filter *filter = NULL;
	struct err err = { 0 };
	size_t column;
	bool is_good = !filter_parse(text, cli->now_ms, &filter, &column, &err);

	if (!is_good)
		cli_say("filter, column %zu: %s", column, err.msg);
	filter_free(filter);
	return is_good ? 0 : EXIT_USAGE;
}

int cli_wall_view(struct cli *cli, const struct run_view **out)
{
	const char *filter = cli_opt(cli, OPT_FILTER);
	struct run_view view = { .name = "runs" }, *made;
	int status = find_view(cli, out);

	if (status || !filter)
		return status;
	if (*out)
		view = **out;
	view.parts[VIEW_FILTER] = filter;
	made = arena_alloc(&cli->arena, sizeof(*made));
	*made = run_view_copy(&view, &cli->arena);
	*out = made;
	return check_filter(cli, filter);
}
