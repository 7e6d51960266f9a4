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
#include "view/lists.h"

#define DAY_MS (24 * 3600 * (int64_t)1000)

typedef enum err_code open_state(const char *dir, struct state **out,
				 struct err *err);

static int open_by(struct cli *cli, open_state *open, struct state **out)
{
	struct err err = { 0 };
	int status = cli_config(cli, false);

	if (status)
		return status;
	return open(cli->config->state_dir, out, &err) ? cli_fail(&err) : 0;
}

int cli_open_state(struct cli *cli, struct state **out)
{
	return open_by(cli, state_open, out);
}

int cli_open_state_to_read(struct cli *cli, struct state **out)
{
	return open_by(cli, state_open_to_read, out);
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
				 "resolved or superseded (the folder is "
				 "--state-dir)",
				 name);
	*bits = 1u << state;
	return 0;
}

/* Of the sources that were named; that nobody watches concerns them all. */
static void keep_wanted(const struct cli *cli, struct alert_set *set)
{
	struct alert_set wanted = { 0 };

	for (size_t i = 0; i < set->n; i++)
		if (!*set->alerts[i].source ||
		    cli_wants_source(cli, set->alerts[i].source))
			alert_set_add(&wanted, &set->alerts[i]);
	alert_set_clear(set);
	*set = wanted;
}

static bool any_firing(const struct model *m)
{
	for (size_t i = 0; i < m->alerts.n; i++)
		if (m->alerts.alerts[i].state == ALERT_FIRING)
			return true;
	return false;
}

/* Beside the table: whom no alert can come from. */
static void tell_blind(const struct cli *cli)
{
	for (size_t i = 0; i < cli->model.n_reports; i++) {
		const struct drift_report *r = cli->model.reports[i];

		if (*r->blind && config_monitor(cli->config, r->monitor) &&
		    cli_wants_source(cli, r->source))
			cli_say("monitor %s: %s", r->monitor, r->blind);
	}
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
	status = cli_open_state_to_read(cli, &state);
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
	keep_wanted(cli, &cli->model.alerts);
	ctx = cli_ctx(cli);
	if (print_form_is_for_people(cli->style.form))
		tell_blind(cli);
	view_alerts(&list, &ctx, states);
	status = cli_print(cli, &list);
	if (!status && cli_has(cli, OPT_EXIT_CODE) && any_firing(&cli->model))
		return EXIT_NO;
	return status;
}

/* An alert that is not of the sources named is left alone. */
static enum err_code check_source(const struct cli *cli, struct state *state,
				  int64_t id, struct err *err)
{
	struct alert_set set = { 0 };

	if (!cli_has(cli, OPT_SOURCE))
		return ERR_OK;
	if (!alerts_load(state, TIME_NONE, cli->now_ms, &set, err)) {
		for (size_t i = 0; i < set.n; i++)
			if (set.alerts[i].id == id &&
			    !cli_wants_source(cli, set.alerts[i].source))
				err_set(err, ERR_ABSENT,
					"alert %lld is of source '%s'",
					(long long)id, set.alerts[i].source);
	}
	alert_set_clear(&set);
	return err->code;
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
	if (check_source(cli, state, id, &err) ||
	    alerts_acknowledge(state, id, by, note ? note : "", cli->now_ms,
			       &err))
		status = cli_fail(&err);
	state_close(state);
	return status;
}
