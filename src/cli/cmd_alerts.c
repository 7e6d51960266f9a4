/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/state_load.h"
#include "cli/cli.h"
#include "io/gate.h"
#include "store/alerts.h"
#include "store/identity.h"
#include "store/journal.h"
#include "view/lists.h"

#define DAY_MS (24 * 3600 * (int64_t)1000)

int cli_open_state(struct cli *cli, struct state **out)
{
	struct err err = { 0 };
	int status = cli_config(cli, false);

	if (status)
		return status;
	if (!state_open(cli->config->state_dir, out, &err))
		return 0;
	return cli_fail(&err);
}

static int parse_states(struct cli *cli, unsigned *bits)
{
	const char *name = cli_opt(cli, OPT_ALERT_STATE);
	enum alert_state state;

	*bits = 0;
	if (!name)
		return 0;
	if (!alert_state_parse(name, &state))
		return cli_usage(cli,
				 "--state '%s': expected pending, firing, "
				 "resolved or superseded",
				 name);
	*bits = 1u << state;
	return 0;
}

static bool any_firing(const struct model *m)
{
	for (size_t i = 0; i < m->alerts.n; i++)
		if (m->alerts.alerts[i].state == ALERT_FIRING)
			return true;
	return false;
}

int cmd_alerts(struct cli *cli)
{
	struct state *state = NULL;
	struct err err = { 0 };
	struct view_list list;
	struct view_ctx ctx;
	unsigned states;
	int status = parse_states(cli, &states);

	if (status)
		return status;
	status = cli_open_state(cli, &state);
	if (status)
		return status;
	model_init(&cli->model);
	cli->has_model = true;
	if (state_load(cli->config, state, &cli->model,
		       cli->now_ms - 7 * DAY_MS, cli->now_ms, &err)) {
		state_close(state);
		return cli_fail(&err);
	}
	state_close(state);
	ctx = cli_ctx(cli);
	view_alerts(&list, &ctx, states);
	status = cli_print(cli, &list);
	if (!status && cli_has(cli, OPT_EXIT_CODE) && any_firing(&cli->model))
		return EXIT_NO;
	return status;
}

int cmd_ack(struct cli *cli)
{
	const char *text = cli->args.v[0];
	const char *note = cli_opt(cli, OPT_NOTE);
	char by[IDENTITY_MAX];
	struct state *state = NULL;
	struct err err = { 0 };
	char *end;
	long long id = strtoll(text, &end, 10);
	int status;

	if (*end || id <= 0)
		return cli_usage(cli,
				 "'%s': expected the id of an alert, as "
				 "mltower alerts prints it",
				 text);
	if (gate_is_closed(GATE_STATE)) {
		err_set(&err, ERR_READONLY, "%s: nothing is changed",
			gate_why(GATE_STATE));
		return cli_fail(&err);
	}
	status = cli_open_state(cli, &state);
	if (status)
		return status;
	identity_user(getuid(), by);
	if (alerts_acknowledge(state, id, by, note ? note : "", cli->now_ms,
			       &err) ||
	    journal_add(state, cli->now_ms, EVENT_ALERT, "", by, text,
			"acknowledged", &err))
		status = cli_fail(&err);
	state_close(state);
	return status;
}
