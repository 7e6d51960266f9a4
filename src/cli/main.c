/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <locale.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cli/cli.h"
#include "demo/demo.h"
#include "io/gate.h"
#include "ui/ui.h"

/* What the verbs need of the screen and the demo: main() alone knows both. */

static int open_tower(struct cli *cli, bool is_wall, bool is_demo)
{
	struct ui_opts opts = { .is_wall = is_wall,
				.is_demo = is_demo,
				.theme = cli_opt(cli, OPT_THEME),
				.glyphs = cli_opt(cli, OPT_GLYPHS) };
	const char *every = cli_opt(cli, OPT_EVERY);
	int status = cli_config(cli, true);

	if (!status && is_wall)
		status = cli_wall_view(cli, &opts.wall_view);
	if (status)
		return status;
	if (every && !clock_parse_duration(every, &cli->config->wall_every_ms))
		return cli_usage(cli, "--every '%s': expected a time as 20s",
				 every);
	config_open_gate(cli->config, cli_has(cli, OPT_WRITE));
	opts.config = cli->config;
	return ui_main(&opts);
}

static int run_tower(struct cli *cli)
{
	return open_tower(cli, false, false);
}

static int run_wall(struct cli *cli)
{
	gate_close(GATE_SYSTEMS, "wall");
	gate_close(GATE_MESSAGES, "wall");
	gate_close(GATE_STATE, "wall");
	return open_tower(cli, true, false);
}

/* The demo's own config and state, as if they had been named. */
static int run_demo(struct cli *cli)
{
	struct err err = { 0 };
	struct demo *demo;
	int status;

	if (demo_open(cli_opt(cli, OPT_DIR), &demo, &err))
		return cli_fail(&err);
	setenv("MLTOWER_CONFIG", demo_config_path(demo), 1);
	setenv("MLTOWER_STATE", demo_state_dir(demo), 1);
	status = open_tower(cli, false, true);
	demo_close(demo);
	return status;
}

static int run_factory(struct cli *cli)
{
	return demo_factory_main(cli->args.v[0]);
}

int main(int argc, char **argv)
{
	static const struct cli_screens screens = {
		.tower = run_tower,
		.wall = run_wall,
		.demo = run_demo,
		.factory = run_factory,
		.check = ui_check,
	};

	/* What letters are; numbers are read and written the same everywhere.
	 */
	setlocale(LC_CTYPE, "");
	/* One arena each for many threads is memory nobody uses. */
	mallopt(M_ARENA_MAX, 2);
	return cli_main(argc, argv, &screens);
}
