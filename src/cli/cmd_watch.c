/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/state_load.h"
#include "app/watcher.h"
#include "base/clock.h"
#include "cli/cli.h"
#include "format/json.h"
#include "io/gate.h"
#include "store/alerts.h"
#include "store/reports.h"
#include "view/lists.h"
#include "view/print.h"

/* Evaluates the monitors without a screen. `watch --readonly` still alerts:
 * the gate it closes is that of systems, and alerts are our own. */

static bool is_asked_for(const struct cli *cli, const char *name)
{
	for (size_t i = 0; i < cli->args.n; i++)
		if (!strcmp(cli->args.v[i], name))
			return true;
	return !cli->args.n;
}

static int check_names(struct cli *cli)
{
	for (size_t i = 0; i < cli->args.n; i++) {
		if (config_monitor(cli->config, cli->args.v[i]))
			continue;
		cli_say("%s: no such monitor in %s", cli->args.v[i],
			*cli->config->file ? cli->config->file
					   : "the config (there is none)");
		return EXIT_ABSENT;
	}
	if (!cli->config->n_monitors) {
		cli_say("no monitors: write some into the config (mltower "
			"config --init shows how)");
		return EXIT_USAGE;
	}
	return 0;
}

/* Names of the monitors that were asked for, by themselves and by their
 * source; yours (free()). */
static const char **choose(const struct cli *cli, size_t *n)
{
	const struct config *c = cli->config;
	const char **names = xcalloc(c->n_monitors, sizeof(*names));

	*n = 0;
	for (size_t i = 0; i < c->n_monitors; i++)
		if (is_asked_for(cli, c->monitors[i].name) &&
		    cli_wants_source(cli, c->monitors[i].source))
			names[(*n)++] = c->monitors[i].name;
	return names;
}

struct watching {
	struct cli *cli;
	bool is_array; /* --once --json: one array */
	size_t n_told;
};

/* As `alerts` tells it, after when it changed and to what. */
static void add_json(struct cli *cli, const struct alert *a, const char *what,
		     struct buf *out)
{
	struct cell cells[VIEW_MAX_COLUMNS];
	struct view_ctx ctx = cli_ctx(cli);
	struct json_out o = JSON_OUT(out);
	struct view_list list;

	alert_set_clear(&cli->model.alerts);
	alert_set_add(&cli->model.alerts, a);
	view_alerts(&list, &ctx, 0);
	view_list_row(&list, 0, &list.arena, cells);
	jo_object(&o);
	jo_ktime(&o, "time_ms", clock_utc_ms());
	jo_kstr(&o, "state", what);
	for (size_t c = 0; c < list.n_columns; c++) {
		if (!(list.columns[c].flags & VIEW_DATA) ||
		    !strcmp(list.columns[c].id, "state"))
			continue;
		jo_name(&o, list.columns[c].id);
		cell_json(&o, &cells[c]);
	}
	jo_kstr(&o, "text", a->text);
	jo_end_object(&o);
	view_list_release(&list);
}

static void add_line(const struct alert *a, const char *what, struct buf *out)
{
	char when[32];

	clock_format_local(clock_utc_ms(), when);
	buf_addf(out, "%s  %-9s %s ", when, what, a->monitor);
	text_add_shown(out, a->column, strlen(a->column));
	buf_addf(out, " %s %.2f limit %.2f", a->statistic, a->value,
		 a->threshold);
}

static void print_alert(void *ctx, const struct alert *a, const char *what)
{
	struct watching *w = ctx;
	struct buf out = BUF_INIT(1 << 16);

	if (w->is_array)
		buf_adds(&out, w->n_told ? ",\n" : "[");
	if (w->cli->style.form == PRINT_JSON ||
	    w->cli->style.form == PRINT_JSONL)
		add_json(w->cli, a, what, &out);
	else
		add_line(a, what, &out);
	if (!w->is_array)
		buf_addc(&out, '\n');
	w->n_told++;
	if (!cli_write(buf_str(&out), out.len))
		w->cli->stop.stop = true;
	buf_release(&out);
}

static int tell_errors(const struct watcher *w)
{
	int status = 0;

	for (size_t i = 0; i < watcher_count(w); i++) {
		if (!*watcher_error(w, i))
			continue;
		cli_say("monitor %s: %s", watcher_name(w, i),
			watcher_error(w, i));
		status = EXIT_SOURCE;
	}
	return status;
}

/* Monitors that could read all and still have nothing to say: why. */
static int tell_silent(const struct watcher *w, struct state *state)
{
	char why[DRIFT_WHY_MAX];

	for (size_t i = 0; i < watcher_count(w); i++) {
		struct drift_report *r;
		struct err err = { 0 };

		if (*watcher_error(w, i))
			continue;
		if (reports_find(state, watcher_name(w, i), &r, &err))
			return cli_fail(&err);
		if (r && drift_says_nothing(r, why))
			cli_say("monitor %s: %s", watcher_name(w, i), why);
		drift_report_free(r);
	}
	return 0;
}

static bool is_of(const struct watcher *w, const struct alert *a)
{
	for (size_t i = 0; i < watcher_count(w); i++)
		if (!strcmp(watcher_name(w, i), a->monitor))
			return true;
	return false;
}

/* Of the monitors that were asked for. */
static int any_firing(struct cli *cli, const struct watcher *w,
		      struct state *state)
{
	struct alert_set set = { 0 };
	struct err err = { 0 };
	int status = 0;

	if (alerts_load(state, INT64_MAX, cli->now_ms, &set, &err))
		return cli_fail(&err);
	for (size_t i = 0; i < set.n; i++)
		if (set.alerts[i].state == ALERT_FIRING &&
		    is_of(w, &set.alerts[i]))
			status = EXIT_NO;
	alert_set_clear(&set);
	return status;
}

static int watch_once(struct cli *cli, struct watcher *w, struct state *state)
{
	struct err err = { 0 };
	int status;

	watcher_force(w);
	watcher_turn(w, clock_utc_ms(), &cli->stop, &err);
	if (err.code)
		return cli_fail(&err);
	if (!watcher_holds_lease(w)) {
		cli_say("another process evaluates; its alerts count");
		return any_firing(cli, w, state);
	}
	if ((status = tell_silent(w, state)))
		return status;
	status = tell_errors(w);
	return status ? status : any_firing(cli, w, state);
}

static int watch_on(struct cli *cli, struct watcher *w)
{
	bool has_waited = false;

	while (!cli->stop.stop) {
		struct err err = { 0 };
		int64_t wait_ms =
			watcher_turn(w, clock_utc_ms(), &cli->stop, &err);

		if (err.code)
			return cli_fail(&err);
		if (!watcher_holds_lease(w) && !has_waited) {
			has_waited = true;
			cli_say("another process evaluates: waiting for it to "
				"leave");
		}
		poll(NULL, 0, (int)wait_ms);
	}
	return EXIT_INTERRUPTED;
}

/* The monitors of these names. */
static int watch(struct cli *cli, struct state *state, const char *const *names,
		 size_t n)
{
	bool is_once = cli_has(cli, OPT_ONCE);
	struct watching told = {
		.cli = cli, .is_array = is_once && cli->style.form == PRINT_JSON
	};
	struct watcher *w = watcher_new(cli->config, state, names, n);
	int status;

	model_init(&cli->model);
	cli->has_model = true;
	watcher_on_alert(w, print_alert, &told);
	status = is_once ? watch_once(cli, w, state) : watch_on(cli, w);
	if (told.is_array)
		cli_write(told.n_told ? "]\n" : "[]\n", told.n_told ? 2 : 3);
	watcher_free(w, clock_utc_ms());
	return status;
}

int cmd_watch(struct cli *cli)
{
	struct state *state = NULL;
	const char **names;
	size_t n;
	int status;

	if (cli->style.form == PRINT_CSV || cli->style.form == PRINT_NAME)
		return cli_usage(cli, "expected -o table, json or jsonl");
	status = cli_config(cli, false);
	if (!status)
		status = check_names(cli);
	if (!status)
		status = cli_open_state(cli, &state);
	if (status)
		return status;
	names = choose(cli, &n);
	if (n) {
		status = watch(cli, state, names, n);
	} else {
		cli_say("no monitor watches a model of this source");
		status = EXIT_ABSENT;
	}
	free(names);
	state_close(state);
	return status;
}
