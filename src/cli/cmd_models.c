/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cli_parts.h"

/* Tables show each champion's metric, which is known from the values of its
 * experiment's runs; data has no such column. */
static int load_registry(struct cli *cli)
{
	struct load_ask ask = { .all[VALUE_METRIC] = print_form_is_for_people(
					cli->style.form) };

	return cli_load(cli, &ask);
}

int cmd_models(struct cli *cli)
{
	struct view_ctx ctx;
	struct view_list list;
	int status = load_registry(cli);

	if (status)
		return status;
	ctx = cli_ctx(cli);
	view_models(&list, &ctx, -1);
	return cli_print(cli, &list);
}

int cmd_versions(struct cli *cli)
{
	const struct reg_entry *entry;
	struct view_ctx ctx;
	struct view_list list;
	int status = load_registry(cli);

	if (!status)
		status = cli_find_model(cli, cli->args.v[0], &entry);
	if (status)
		return status;
	ctx = cli_ctx(cli);
	view_versions(&list, &ctx, entry);
	return cli_print(cli, &list);
}
