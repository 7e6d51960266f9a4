/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <poll.h>

#include "app/state_load.h"
#include "base/clock.h"
#include "cli_parts.h"

#define FOLLOW_EVERY_MS 500

static const struct load_ask heads_only;

/* False after a message. */
static bool parse_since(struct cli *cli, int64_t *since_ms)
{
	const char *text = cli_opt(cli, OPT_SINCE);
	int64_t age_ms;

	*since_ms = TIME_NONE;
	if (!text)
		return true;
	if (clock_parse_duration(text, &age_ms)) {
		*since_ms = cli->now_ms - age_ms;
		return true;
	}
	if (clock_parse(text, since_ms))
		return true;
	cli_usage(cli,
		  "--since '%s': expected an age such as 12h or 7d, or a "
		  "time",
		  text);
	return false;
}

/* Prints what arrived after *seq, the oldest first. False: nobody reads. */
static bool print_news(struct cli *cli, uint64_t *seq)
{
	struct view_ctx ctx = cli_ctx(cli);
	struct view_list list;
	bool is_read;

	view_events_after(&list, &ctx, *seq);
	is_read =
		!list.n_rows || view_print(&list, &cli->style, cli_sink, NULL);
	view_list_release(&list);
	*seq = event_log_last(cli->model.events);
	return is_read;
}

/* The journal of the state folder beside what the stores tell. What cannot be
 * read is said once; NULL then. */
static struct state *open_journal(struct cli *cli)
{
	struct state *state = NULL;
	struct err err = { 0 };

	if (state_open(cli->config->state_dir, &state, &err))
		cli_say("%s", err.msg);
	return state;
}

static void read_journal(struct cli *cli, struct state **state,
			 int64_t since_ms)
{
	struct err err = { 0 };

	if (!*state || !state_load(cli->config, *state, &cli->model, since_ms,
				   cli->now_ms, &err))
		return;
	cli_say("%s", err.msg);
	state_close(*state);
	*state = NULL;
}

static int follow(struct cli *cli, struct state **journal, int64_t since_ms)
{
	uint64_t seq = event_log_last(cli->model.events);
	bool is_read = true;

	cli->style.no_heads = true;
	while (is_read && !cli->stop.stop) {
		poll(NULL, 0, FOLLOW_EVERY_MS);
		cli->now_ms = clock_utc_ms();
		load_again(cli->load);
		cli->n_unread = load_poll(cli->load, &heads_only, &cli->stop);
		read_journal(cli, journal, since_ms);
		is_read = print_news(cli, &seq);
	}
	return cli_end(cli, EXIT_YES);
}

int cmd_events(struct cli *cli)
{
	struct state *journal;
	struct view_ctx ctx;
	struct view_list list;
	int64_t since_ms;
	int status;

	if (!parse_since(cli, &since_ms))
		return EXIT_USAGE;
	status = cli_load(cli, &heads_only);
	if (status)
		return status;
	journal = open_journal(cli);
	read_journal(cli, &journal, since_ms);
	/* An array would have no end. */
	if (cli_has(cli, OPT_FOLLOW) && cli->style.form == PRINT_JSON)
		cli->style.form = PRINT_JSONL;
	ctx = cli_ctx(cli);
	view_events(&list, &ctx, since_ms);
	status = cli_print(cli, &list);
	if (cli_has(cli, OPT_FOLLOW))
		status = follow(cli, &journal, since_ms);
	state_close(journal);
	return status;
}

int cmd_sources(struct cli *cli)
{
	struct view_ctx ctx;
	struct view_list list;
	int status = cli_load(cli, &heads_only);

	if (status)
		return status;
	ctx = cli_ctx(cli);
	view_sources(&list, &ctx);
	return cli_print(cli, &list);
}
