/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "act.h"
#include "app/promote_work.h"
#include "cli_parts.h"
#include "edit_print.h"
#include "io/gate.h"
#include "model/filter.h"
#include "model/order.h"

/* One call of edit. */
struct change {
	struct cli *cli;
	enum edit_kind kind;
	const char *text, *if_current, *filter_text;
	struct name_value *tags;
	size_t n_tags;
	bool is_dry_run, is_asking;
	int64_t n_expected; /* -1: not told */
	struct filter *filter;
	uint32_t *rows;
	size_t n_rows;
	struct promote_world world;
	struct edit *edit;
	struct arena arena;
};

/* ---- what was asked ------------------------------------------------------ */

static const struct {
	enum cli_opt opt;
	enum edit_kind kind;
} changes[] = {
	{ OPT_NAME, EDIT_RENAME },   { OPT_TAG, EDIT_TAG },
	{ OPT_UNTAG, EDIT_UNTAG },   { OPT_NOTE, EDIT_NOTE },
	{ OPT_DELETE, EDIT_DELETE }, { OPT_RESTORE, EDIT_RESTORE },
};

static int read_kind(struct change *c)
{
	size_t i, n = 0;

	for (i = 0; i < ARRAY_LEN(changes); i++) {
		if (!cli_has(c->cli, changes[i].opt))
			continue;
		c->kind = changes[i].kind;
		c->text = cli_opt(c->cli, changes[i].opt);
		n++;
	}
	if (n == 1)
		return 0;
	return cli_usage(c->cli, "expected one of --name, --tag, --untag, "
				 "--note, --delete and --restore");
}

/* Is the key of "KEY=VALUE", or "KEY", among the tags that were read? */
static bool has_key(const struct change *c, const char *text)
{
	size_t len = c->kind == EDIT_TAG ? strcspn(text, "=") : strlen(text);
	size_t i;

	for (i = 0; i < c->n_tags; i++)
		if (strlen(c->tags[i].name) == len &&
		    !strncmp(c->tags[i].name, text, len))
			return true;
	return false;
}

static int read_tags(struct change *c)
{
	const struct cli_values *v =
		&c->cli->opts[c->kind == EDIT_TAG ? OPT_TAG : OPT_UNTAG];
	size_t i;

	if (c->kind != EDIT_TAG && c->kind != EDIT_UNTAG)
		return 0;
	c->tags = arena_alloc(&c->arena, (v->n + 1) * sizeof(*c->tags));
	for (i = 0; i < v->n; i++) {
		const char *eq = strchr(v->v[i], '=');

		if (c->kind == EDIT_TAG && (!eq || eq == v->v[i]))
			return cli_usage(c->cli,
					 "--tag '%s': expected KEY=VALUE",
					 v->v[i]);
		if (has_key(c, v->v[i]))
			return cli_usage(c->cli, "'%s': the tag is named twice",
					 v->v[i]);
		c->tags[c->n_tags++] =
			c->kind == EDIT_UNTAG
				? (struct name_value){ v->v[i], NULL }
				: (struct name_value){
					  arena_strndup(&c->arena, v->v[i],
							(size_t)(eq - v->v[i])),
					  eq + 1
				  };
	}
	return 0;
}

static int read_filter(struct change *c)
{
	struct err err = { 0 };
	size_t column;

	c->filter_text = cli_opt(c->cli, OPT_FILTER);
	if (!c->filter_text == !c->cli->args.n)
		return cli_usage(c->cli, "expected RUN .., or --filter EXPR");
	if (!cli_opt_int(c->cli, OPT_EXPECT, 0, -1, &c->n_expected))
		return EXIT_USAGE;
	if (!c->filter_text || !filter_parse(c->filter_text, c->cli->now_ms,
					     &c->filter, &column, &err))
		return 0;
	cli_say("filter, column %zu: %s", column, err.msg);
	return EXIT_USAGE;
}

/* A person confirms what is shown; a script says what it believes. */
static int read_guards(struct change *c)
{
	c->if_current = cli_opt(c->cli, OPT_IF_CURRENT);
	c->is_dry_run = cli_has(c->cli, OPT_DRY_RUN);
	c->is_asking = cli_is_asking();
	if (c->is_asking || c->is_dry_run)
		return 0;
	if (!c->if_current)
		return cli_usage(c->cli,
				 "without a terminal expected --if-current: "
				 "the name, tag or note that stands there now, "
				 "none, active or deleted");
	if (c->filter_text && c->n_expected < 0)
		return cli_usage(c->cli,
				 "without a terminal expected --expect, how "
				 "many runs the filter matches");
	return 0;
}

/* ---- which runs ---------------------------------------------------------- */

static int load(struct change *c)
{
	size_t n = c->filter ? filter_n_columns(c->filter) : 0, i;
	struct value_key *keys =
		arena_alloc(&c->arena, (n + 1) * sizeof(*keys));
	struct load_ask ask = { .columns = keys, .n_columns = n };

	for (i = 0; i < n; i++)
		keys[i] = filter_column(c->filter, i);
	return cli_load(c->cli, &ask);
}

static int match_runs(struct change *c)
{
	struct order_ask ask = { .filter = c->filter,
				 .only_deleted = c->kind == EDIT_RESTORE };
	struct err err = { 0 };
	int status = cli_find_experiments(c->cli, &c->arena, &ask.experiments,
					  &ask.n_experiments);

	if (status)
		return status;
	c->rows = order_make(c->cli->model.runs, &ask, &c->cli->stop,
			     &c->n_rows, &err);
	if (!c->rows)
		return err.code == ERR_STOP ? EXIT_INTERRUPTED : cli_fail(&err);
	if (c->n_expected >= 0 && c->n_rows != (size_t)c->n_expected) {
		cli_say("the filter matches %zu runs, not %lld: nothing was "
			"written",
			c->n_rows, (long long)c->n_expected);
		return EXIT_CONFLICT;
	}
	return 0;
}

static bool has_row(const struct change *c, uint32_t row)
{
	size_t i;

	for (i = 0; i < c->n_rows; i++)
		if (c->rows[i] == row)
			return true;
	return false;
}

static int find_runs(struct change *c)
{
	const struct cli_values *args = &c->cli->args;
	size_t i;
	int status = 0;
	uint32_t row;

	if (c->filter)
		return match_runs(c);
	c->rows = xcalloc(args->n + 1, sizeof(*c->rows));
	for (i = 0; i < args->n && !status; i++) {
		status = cli_find_run(c->cli, args->v[i], &row);
		if (!status && !has_row(c, row))
			c->rows[c->n_rows++] = row;
	}
	return status;
}

/* One change is one transaction of one store. */
static int find_source(struct change *c)
{
	struct cli *cli = c->cli;
	const struct run_set *set = cli->model.runs;
	uint16_t source;
	size_t i;

	if (!c->n_rows) {
		cli_say("nothing matches: nothing was written");
		return cli_end(cli, EXIT_ABSENT);
	}
	source = run_set_head(set, c->rows[0])->source;
	for (i = 1; i < c->n_rows; i++)
		if (run_set_head(set, c->rows[i])->source != source)
			return cli_usage(cli, "runs of two sources: name one "
					      "with --source");
	/* A source named in the call of a verb that writes may be written. */
	config_open_gate(cli->config, cli_has(cli, OPT_SOURCE));
	c->world = (struct promote_world){
		.config = cli->config,
		.conf = load_source_conf(cli->load, source),
		.ops = load_source_ops(cli->load, source),
		.stop = &cli->stop,
	};
	return 0;
}

/* ---- the protocol -------------------------------------------------------- */

static void make_edit(struct change *c)
{
	const struct run_set *set = c->cli->model.runs;
	struct edit_run *runs =
		arena_alloc(&c->arena, c->n_rows * sizeof(*runs));
	size_t i;
	char id[40];

	for (i = 0; i < c->n_rows; i++) {
		runs[i].id = arena_strdup(&c->arena,
					  run_set_id(set, c->rows[i], id));
		runs[i].name = run_set_name(set, c->rows[i]);
	}
	c->edit = edit_new(&(struct edit_ask){ .source = c->world.conf->name,
					       .kind = c->kind,
					       .text = c->text,
					       .tags = c->tags,
					       .n_tags = c->n_tags,
					       .runs = runs,
					       .n_runs = c->n_rows });
	c->edit->reason = cli_opt(c->cli, OPT_REASON);
}

static int tell(struct change *c)
{
	const struct protocol *act = &c->edit->act;

	edit_print_outcome(c->cli, c->edit);
	if (act->err.code)
		cli_say("%s", act->err.msg);
	return protocol_exit_status(act);
}

static int plan(struct change *c)
{
	struct edit *e;
	struct err err = { 0 };

	make_edit(c);
	e = c->edit;
	if (!edit_plan(e, c->world.ops->runs, c->world.conf, c->if_current,
		       &c->cli->stop, &err))
		return 0;
	if (err.code != ERR_CONFLICT)
		return cli_fail(&err);
	e->act.outcome = OUTCOME_CONFLICT;
	e->act.err = err;
	return tell(c);
}

/* What is known before anything is sent. */
static enum outcome foresee(struct change *c)
{
	if (edit_is_already(c->edit))
		return OUTCOME_ALREADY;
	if (c->is_dry_run)
		return OUTCOME_DRY_RUN;
	return gate_permit(c->world.conf->name, &c->edit->act.err)
		       ? OUTCOME_OPEN
		       : OUTCOME_REFUSED;
}

static int carry_out(struct change *c)
{
	struct edit *e = c->edit;

	e->act.outcome = foresee(c);
	if (c->is_asking)
		edit_print_plan(e, c->world.ops->runs, c->world.conf);
	if (e->act.outcome != OUTCOME_OPEN)
		return tell(c);
	if (c->is_asking && !cli_confirm(e->confirm))
		return EXIT_INTERRUPTED;
	if (c->cli->stop.stop)
		return EXIT_INTERRUPTED;
	promote_run(&e->act, &c->world);
	return tell(c);
}

static int read_ask(struct change *c)
{
	int status = read_kind(c);

	if (!status)
		status = read_tags(c);
	if (!status)
		status = read_filter(c);
	return status ? status : read_guards(c);
}

int cmd_edit(struct cli *cli)
{
	struct change c = { .cli = cli };
	int status = read_ask(&c);

	if (!status)
		status = load(&c);
	if (!status)
		status = find_runs(&c);
	if (!status)
		status = find_source(&c);
	if (!status)
		status = cli_open_record(cli, c.is_dry_run, &c.arena,
					 &c.world.state);
	if (!status)
		status = plan(&c);
	if (!status)
		status = carry_out(&c);
	edit_free(c.edit);
	state_close(c.world.state);
	filter_free(c.filter);
	free(c.rows);
	arena_release(&c.arena);
	return status;
}
