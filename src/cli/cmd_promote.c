/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "act.h"
#include "app/promote_work.h"
#include "cli_parts.h"
#include "io/gate.h"
#include "promote_print.h"
#include "view/lists.h"

/* One call of promote or rollback. */
struct move {
	struct cli *cli;
	bool is_rollback, is_dry_run, is_asking;
	const char *alias, *stage, *if_current;
	const struct reg_entry *entry;
	const char *version, *metric;
	struct promote_world world;
	struct promotion *p;
	struct arena arena;
};

/* ---- what was asked ------------------------------------------------------ */

/* MLflow's own spelling, or NULL. */
static const char *stage_named(const char *name)
{
	static const char *const names[] = { "None", "Staging", "Production",
					     "Archived" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (!strcasecmp(names[i], name))
			return names[i];
	return NULL;
}

static int read_target(struct move *m)
{
	const char *stage = cli_opt(m->cli, OPT_STAGE);

	m->alias = cli_opt(m->cli, OPT_ALIAS);
	if (m->is_rollback && !m->alias)
		return cli_usage(m->cli, "expected --alias ALIAS");
	if (!m->is_rollback && !m->alias == !stage)
		return cli_usage(m->cli,
				 "expected --alias ALIAS or --stage STAGE");
	if (m->alias && !*m->alias)
		return cli_usage(m->cli, "--alias: expected a name");
	if (!stage)
		return 0;
	m->stage = stage_named(stage);
	if (!m->stage)
		return cli_usage(m->cli,
				 "--stage '%s': expected None, Staging, "
				 "Production or Archived",
				 stage);
	return 0;
}

static int read_waivers(const struct cli *cli)
{
	const struct cli_values *v = &cli->opts[OPT_WAIVE];

	for (size_t i = 0; i < v->n; i++) {
		const char *eq = strchr(v->v[i], '=');

		if (!eq || eq == v->v[i] || !eq[1])
			return cli_usage(cli,
					 "--waive '%s': expected "
					 "GATE=REASON",
					 v->v[i]);
	}
	return 0;
}

/* An alias would be looked up when it is compared, and always be right. */
static int read_belief(struct move *m)
{
	m->if_current = cli_opt(m->cli, OPT_IF_CURRENT);
	if (!m->if_current || !strchr(m->if_current, '@'))
		return 0;
	return cli_usage(m->cli,
			 "--if-current '%s': an alias guards nothing: expected "
			 "the version that you believe stands there, as 7, or "
			 "none",
			 m->if_current);
}

/* A person confirms what is shown; a script says what it believes. */
static int read_ask(struct move *m)
{
	struct cli *cli = m->cli;
	int status = read_target(m);

	if (!status)
		status = read_waivers(cli);
	if (!status)
		status = read_belief(m);
	if (status)
		return status;
	m->is_dry_run = cli_has(cli, OPT_DRY_RUN);
	m->is_asking = cli_is_asking();
	if (!m->is_asking && !m->is_dry_run && !m->if_current)
		return cli_usage(cli,
				 "without a terminal expected --if-current, "
				 "the version that stands there now, or none");
	return 0;
}

/* ---- where it happens ---------------------------------------------------- */

static int find_version(struct move *m, const char *text)
{
	const struct version_facts *v;
	struct err err = { 0 };

	if (registry_version(m->entry->model, text, &v, &err))
		return cli_fail(&err);
	m->version = v->version;
	return 0;
}

static int find_model(struct move *m)
{
	const struct load_ask heads_only = { 0 };
	struct cli *cli = m->cli;
	int status = cli_load(cli, &heads_only);
	struct view_ctx ctx;
	struct view_model look;

	if (!status)
		status = cli_find_model(cli, cli->args.v[0], &m->entry);
	if (status)
		return status;
	/* A source named in the call of a verb that writes may be written. */
	config_open_gate(cli->config, cli_has(cli, OPT_SOURCE));
	ctx = cli_ctx(cli);
	view_model_look(&ctx, m->entry, &look);
	m->metric = look.metric;
	m->world = (struct promote_world){
		.config = cli->config,
		.conf = load_source_conf(cli->load, m->entry->source),
		.ops = load_source_ops(cli->load, m->entry->source),
		.stop = &cli->stop,
	};
	return 0;
}

static int choose_version(struct move *m)
{
	struct cli *cli = m->cli;
	const char *to = cli_opt(cli, OPT_TO_VERSION);
	struct rollback back = { 0 };
	struct err err = { 0 };

	if (!m->is_rollback)
		return find_version(m, cli->args.v[1]);
	if (to)
		return find_version(m, to);
	if (!m->world.state) {
		cli_say("%s: no record to roll back by: name the version with "
			"--to-version",
			cli->args.v[0]);
		return EXIT_ABSENT;
	}
	if (!promote_previous(&m->world, m->entry->model->name, m->alias,
			      &m->arena, &back, &err)) {
		m->version = back.version;
		if (!back.undoes)
			return 0;
		/* The same line once more is no wish to go forward again. */
		err_set(&err, ERR_ABSENT, "%s: this %s", m->entry->model->name,
			back.undoes);
	}
	if (err.code != ERR_ABSENT)
		return cli_fail(&err);
	cli_say("%s; name the version with --to-version", err.msg);
	return EXIT_ABSENT;
}

/* ---- the protocol -------------------------------------------------------- */

/* "v7", "7" or "none", as the versions of the registry are called;
 * what is not known there is compared as it stands. */
static const char *expected(const struct move *m)
{
	const struct version_facts *v;
	struct err err = { 0 };

	if (!m->if_current || !strcmp(m->if_current, "none"))
		return m->if_current;
	if (registry_version(m->entry->model, m->if_current, &v, &err))
		return m->if_current;
	return v->version;
}

static int waive(struct move *m)
{
	const struct cli_values *all = &m->cli->opts[OPT_WAIVE];
	struct err err = { 0 };

	for (size_t i = 0; i < all->n; i++) {
		const char *eq = strchr(all->v[i], '=');
		const char *gate = arena_strndup(&m->arena, all->v[i],
						 (size_t)(eq - all->v[i]));

		if (promotion_waive(m->p, gate, eq + 1, &err)) {
			cli_fail(&err);
			return EXIT_USAGE;
		}
	}
	return 0;
}

/* What is known before anything is sent. */
static enum outcome foresee(struct move *m)
{
	struct promotion *p = m->p;
	const struct gate_result *blocker = promotion_blocker(p);

	if (promotion_is_already(p))
		return OUTCOME_ALREADY;
	if (!m->is_dry_run && !gate_permit(m->world.conf->name, &p->act.err))
		return OUTCOME_REFUSED;
	if (blocker) {
		err_set(&p->act.err, ERR_USAGE, "blocked by %s: %s",
			blocker->name, blocker->evidence);
		return OUTCOME_BLOCKED;
	}
	return m->is_dry_run ? OUTCOME_DRY_RUN : OUTCOME_OPEN;
}

static int tell(struct move *m)
{
	struct promotion *p = m->p;

	promote_print_outcome(m->cli, p);
	if (p->act.err.code)
		cli_say("%s", p->act.err.msg);
	return protocol_exit_status(&p->act);
}

static int plan(struct move *m)
{
	struct cli *cli = m->cli;
	struct promotion_ask ask = promote_ask(
		cli->config, m->world.conf->name, m->entry->model->name,
		m->version, m->alias, m->stage, m->is_rollback, m->metric);
	struct err err = { 0 };

	m->p = promotion_new(&ask);
	m->p->reason = cli_opt(cli, OPT_REASON);
	m->p->ticket = cli_opt(cli, OPT_TICKET);
	if (!promote_prepare(m->p, &m->world, expected(m), &err))
		return waive(m);
	if (err.code != ERR_CONFLICT)
		return cli_fail(&err);
	m->p->act.outcome = OUTCOME_CONFLICT;
	m->p->act.err = err;
	return tell(m);
}

static int carry_out(struct move *m)
{
	struct promotion *p = m->p;

	p->act.outcome = foresee(m);
	if (m->is_asking || print_form_is_for_people(m->cli->style.form))
		promote_print_plan(p, m->world.ops->registry, m->world.conf);
	if (p->act.outcome != OUTCOME_OPEN)
		return tell(m);
	if (m->is_asking && !cli_confirm(p->confirm))
		return EXIT_INTERRUPTED;
	if (m->cli->stop.stop)
		return EXIT_INTERRUPTED;
	promote_run(&p->act, &m->world);
	return tell(m);
}

static int move_it(struct cli *cli, bool is_rollback)
{
	struct move m = { .cli = cli, .is_rollback = is_rollback };
	int status = read_ask(&m);

	if (!status)
		status = find_model(&m);
	if (!status)
		status = cli_open_record(cli, m.is_dry_run, &m.arena,
					 &m.world.state);
	if (!status)
		status = choose_version(&m);
	if (!status)
		status = plan(&m);
	if (!status)
		status = carry_out(&m);
	promotion_free(m.p);
	state_close(m.world.state);
	arena_release(&m.arena);
	return status;
}

int cmd_promote(struct cli *cli)
{
	return move_it(cli, false);
}

int cmd_rollback(struct cli *cli)
{
	return move_it(cli, true);
}
