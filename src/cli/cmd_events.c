/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <poll.h>

#include "base/clock.h"
#include "cli_parts.h"
#include "store/journal.h"
#include "store/state.h"

#define FOLLOW_EVERY_MS 500
#define MAX_NEWS        20000 /* of the journal, read at once */

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

struct telling {
	struct cli *cli;
	int64_t since_ms;
	struct state
		*journal; /* NULL: it could not be read, and that is told */
	int64_t journal_seq;
	uint64_t seq; /* of the last event that was printed */
};

/* Prints what arrived since the last call, the oldest first. False: nobody
 * reads. */
static bool print_news(struct telling *t)
{
	struct view_ctx ctx = cli_ctx(t->cli);
	struct view_list list;
	bool is_read;

	view_events_after(&list, &ctx, t->seq, t->since_ms);
	is_read = !list.n_rows ||
		  view_print(&list, &t->cli->style, cli_sink, NULL);
	t->cli->style.no_heads |= list.n_rows > 0;
	view_list_release(&list);
	t->seq = event_log_last(t->cli->model.events);
	return is_read;
}

static void give_up_journal(struct telling *t, const struct err *err)
{
	cli_say("%s", err->msg);
	state_close(t->journal);
	t->journal = NULL;
}

/* The journal of the state folder beside what the stores tell: what is new
 * there, of the sources that were named. */
static void read_journal(struct telling *t)
{
	struct event_log *log;
	struct err err = { 0 };
	size_t i;

	if (!t->journal)
		return;
	log = event_log_new(MAX_NEWS);
	if (journal_read(t->journal, &t->journal_seq, t->since_ms, log, &err))
		give_up_journal(t, &err);
	for (i = event_log_count(log); i--;) {
		const struct event *e = event_log_at(log, i);

		if (cli_wants_source(t->cli, e->source))
			event_log_add(t->cli->model.events, e->time_ms, e->kind,
				      e->source, e->subject, e->ref, e->text);
	}
	event_log_free(log);
}

static int follow(struct telling *t)
{
	struct cli *cli = t->cli;

	/* An array would have no end. */
	if (cli->style.form == PRINT_JSON)
		cli->style.form = PRINT_JSONL;
	while (print_news(t) && !cli->stop.stop) {
		poll(NULL, 0, FOLLOW_EVERY_MS);
		cli->now_ms = clock_utc_ms();
		load_again(cli->load);
		cli->n_unread = load_poll(cli->load, &heads_only, &cli->stop);
		read_journal(t);
		cli->n_unread += !t->journal;
	}
	return cli_end(cli, EXIT_YES);
}

static int print_events(const struct telling *t)
{
	struct view_ctx ctx = cli_ctx(t->cli);
	struct view_list list;

	view_events(&list, &ctx, t->since_ms);
	return cli_print(t->cli, &list);
}

int cmd_events(struct cli *cli)
{
	struct telling t = { .cli = cli };
	struct err err = { 0 };
	int status;

	if (!parse_since(cli, &t.since_ms))
		return EXIT_USAGE;
	status = cli_load(cli, &heads_only);
	if (status)
		return status;
	if (state_open(cli->config->state_dir, &t.journal, &err))
		give_up_journal(&t, &err);
	read_journal(&t);
	cli->n_unread += !t.journal;
	status = cli_has(cli, OPT_FOLLOW) ? follow(&t) : print_events(&t);
	state_close(t.journal);
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
	view_sources(&list, &ctx, NULL);
	return cli_print(cli, &list);
}
