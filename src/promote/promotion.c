/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "promote/promotion.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "format/json.h"
#include "store/audit.h"
#include "store/journal.h"

/* ---- what is sent ---- */

/* The tag by which another machine can find the way back. */
static void make_tag(struct promotion *p, int64_t now_ms)
{
	struct buf out = BUF_INIT(2000);
	struct json_out o = JSON_OUT(&out);

	jo_object(&o);
	jo_kstr(&o, "id", p->act.id);
	jo_kstr(&o, "previous", promotion_holder(p));
	jo_ktime(&o, "time_ms", now_ms);
	jo_kstr(&o, "head", p->act.head);
	jo_end_object(&o);
	free(p->tag);
	p->tag = buf_take(&out);
}

static struct registry_change change_of(const struct promotion *p,
					struct name_value *tag)
{
	/* Before the intent is on record its id is known, its time is not. */
	*tag = (struct name_value){ "mltower.promotion",
				    p->tag ? p->tag
					   : "id, previous, time, chain head" };
	return (struct registry_change){
		.kind = p->ask.alias ? CHANGE_ALIAS : CHANGE_STAGE,
		.model = p->ask.model,
		.version = p->ask.version,
		.alias = p->ask.alias,
		.stage = p->ask.stage,
		.expected_holder =
			p->ask.alias ? p->shown.holder : p->shown.stage_holder,
		.fingerprint = p->shown.fingerprint,
		.n_tags = 1,
		.tags = tag,
	};
}

void promotion_describe(const struct promotion *p,
			const struct registry_ops *ops,
			const struct source_conf *conf, struct buf *out)
{
	struct name_value tag;
	struct registry_change change = change_of(p, &tag);

	ops->describe(conf, &change, out);
}

/* ---- the record ---- */

static void put_gates(const struct promotion *p, struct buf *out)
{
	struct json_out o = JSON_OUT(out);

	jo_array(&o);
	for (size_t i = 0; i < p->n_results; i++) {
		const struct gate_result *g = &p->results[i];

		jo_object(&o);
		jo_kstr(&o, "gate", g->name);
		jo_kbool(&o, "passed", g->is_passed);
		jo_kbool(&o, "waived", g->is_waived);
		jo_kstr(&o, "evidence", g->evidence);
		jo_kstr(&o, "from", g->from);
		jo_end_object(&o);
	}
	jo_end_array(&o);
}

static void add_waivers(struct promotion *p, struct arena *a,
			struct audit_entry *e)
{
	struct audit_waiver *all =
		arena_alloc(a, (p->n_results + 1) * sizeof(*all));

	for (size_t i = 0; i < p->n_results; i++)
		if (p->results[i].is_waived)
			all[e->n_waivers++] =
				(struct audit_waiver){ p->results[i].name,
						       p->results[i].waiver };
	e->waivers = all;
}

static void fill(struct protocol *act, struct arena *a, struct audit_entry *e)
{
	struct promotion *p = (struct promotion *)act;
	struct buf gates = BUF_INIT(1 << 18);
	char digest[SHA256_HEX];

	e->verb = p->ask.is_rollback ? "rollback" : "promote";
	e->source = p->ask.source;
	e->model = p->ask.model;
	e->version = p->ask.version;
	e->alias = p->ask.alias;
	e->stage = p->ask.stage;
	e->previous_version = promotion_holder(p);
	e->fingerprint = p->shown.fingerprint;
	e->reason = p->reason;
	e->ticket = p->ticket;
	add_waivers(p, a, e);
	gates_digest(p->ask.gates, p->ask.n_gates, digest);
	e->policy_digest = arena_strdup(a, digest);
	put_gates(p, &gates);
	e->evidence = arena_strdup(a, buf_str(&gates));
	buf_release(&gates);
}

/* ---- what differs from other changes ---- */

static enum outcome begin(struct protocol *act, struct err *err)
{
	const struct promotion *p = (const struct promotion *)act;
	const struct gate_result *blocker = promotion_blocker(p);

	BUG_ON(!p->is_planned);
	if (promotion_is_already(p))
		return OUTCOME_ALREADY;
	if (!blocker)
		return OUTCOME_OPEN;
	err_set(err, ERR_USAGE, "blocked by %s: %s", blocker->name,
		blocker->evidence);
	return OUTCOME_BLOCKED;
}

static const char *holder_of(const struct promotion *p,
			     const struct registry_state *s)
{
	return p->ask.alias ? s->holder : s->stage_holder;
}

static enum err_code look(struct promotion *p, const struct protocol_env *env,
			  struct registry_state *now, struct err *err)
{
	return env->ops->registry->look(env->conf, p->ask.model, p->ask.version,
					p->ask.alias, p->ask.stage, env->stop,
					now, err);
}

static enum err_code compare(struct protocol *act,
			     const struct protocol_env *env, struct err *err)
{
	struct promotion *p = (struct promotion *)act;
	struct registry_state now;

	if (look(p, env, &now, err))
		return err->code;
	if (strcmp(now.fingerprint, p->shown.fingerprint))
		return err_set(err, ERR_CONFLICT,
			       "%s is another registry than the one shown",
			       p->ask.source);
	if (!now.has_version)
		return err_set(err, ERR_CONFLICT, "%s v%s is gone",
			       p->ask.model, p->ask.version);
	if (strcmp(holder_of(p, &now), holder_of(p, &p->shown)))
		return err_set(err, ERR_CONFLICT, "%s moved to %s%s meanwhile",
			       p->ask.alias ? p->ask.alias : p->ask.stage,
			       *holder_of(p, &now) ? "v" : "nobody",
			       holder_of(p, &now));
	return ERR_OK;
}

static enum err_code write_it(struct protocol *act,
			      const struct protocol_env *env, struct err *err)
{
	struct promotion *p = (struct promotion *)act;
	struct registry_change change;
	struct name_value tag;

	make_tag(p, clock_utc_ms());
	change = change_of(p, &tag);
	return env->ops->registry->write(env->conf, env->permit, &change,
					 env->stop, err);
}

static bool stands(const struct promotion *p, const struct registry_state *now)
{
	if (p->ask.alias)
		return !strcmp(now->holder, p->ask.version);
	return !strcmp(now->stage, p->ask.stage);
}

/* A lost race is told as it happened: ours was written, and is not there. */
static void tell_moved_on(const struct promotion *p,
			  const struct registry_state *now, struct err *err)
{
	if (p->ask.alias)
		err_set(err, ERR_CONFLICT,
			"written, and moved on to %s%s at once by somebody "
			"else",
			*now->holder ? "v" : "nobody", now->holder);
	else
		err_set(err, ERR_CONFLICT,
			"written, and moved on to %s at once by somebody else",
			now->stage);
}

/* What was not answered, or in part. One step has the tag in it, or was not
 * made. Of several, what stands there tells: if it is not ours, a server that
 * is slow may still come to it. */
static enum outcome found_by_looking(const struct promotion *p,
				     const struct registry_state *now,
				     bool is_stepwise, struct err *err)
{
	const char *holder = holder_of(p, now);

	if (!is_stepwise) {
		err_set(err, ERR_IO, "no answer, and it was not written");
		return OUTCOME_FAILED;
	}
	*err = p->act.err;
	if (stands(p, now)) {
		err_prefix(err, "it stands there, without its tag");
		return OUTCOME_WRITTEN;
	}
	err_prefix(err, "a moment later %s%s holds %s",
		   *holder ? "v" : "nobody", holder,
		   p->ask.alias ? p->ask.alias : p->ask.stage);
	return OUTCOME_UNKNOWN;
}

static enum outcome verify(struct protocol *act, const struct protocol_env *env,
			   struct err *err)
{
	struct promotion *p = (struct promotion *)act;
	struct registry_state now;

	if (look(p, env, &now, err))
		return OUTCOME_UNKNOWN;
	if (!act->is_written && strcmp(now.promotion_tag, p->tag))
		return found_by_looking(p, &now,
					env->ops->registry->is_stepwise, err);
	if (!stands(p, &now))
		tell_moved_on(p, &now, err);
	return OUTCOME_WRITTEN;
}

static void tell(struct protocol *act, struct arena *a, struct state *state)
{
	struct promotion *p = (struct promotion *)act;
	const char *old = promotion_holder(p);
	struct err err = { 0 };

	if (journal_add(
		    state, clock_utc_ms(), EVENT_PROMOTION, p->ask.source,
		    p->ask.model, p->ask.version,
		    arena_printf(a, "%s %s%s -> v%s: %s",
				 p->ask.alias ? p->ask.alias : p->ask.stage,
				 *old ? "v" : "nobody", old, p->ask.version,
				 p->ask.is_rollback &&
						 act->outcome == OUTCOME_WRITTEN
					 ? "rolled back"
					 : protocol_outcome_name(act)),
		    &err))
		err_clear(&err);
}

static const struct protocol_ops promotion_protocol = {
	.done_name = "promoted",
	.begin = begin,
	.fill = fill,
	.compare = compare,
	.write = write_it,
	.verify = verify,
	.tell = tell,
};

struct promotion *promotion_new(const struct promotion_ask *ask)
{
	struct promotion *p = xcalloc(1, sizeof(*p));
	struct arena *a = &p->arena;

	protocol_init(&p->act, &promotion_protocol);
	p->ask = *ask;
	p->ask.source = arena_strdup(a, ask->source);
	p->ask.model = arena_strdup(a, ask->model);
	p->ask.version = arena_strdup(a, ask->version);
	p->ask.alias = arena_strdup(a, ask->alias);
	p->ask.stage = arena_strdup(a, ask->stage);
	p->ask.metric = arena_strdup(a, ask->metric ? ask->metric : "");
	return p;
}

void promotion_free(struct promotion *p)
{
	if (!p)
		return;
	free(p->tag);
	arena_release(&p->arena);
	free(p);
}
