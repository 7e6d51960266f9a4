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

#define VERIFY_MS 10000

static const struct {
	const char *name;
	int status;
} outcomes[] = {
	[PROMOTION_OPEN] = { "open", 6 },
	[PROMOTION_PROMOTED] = { "promoted", 0 },
	[PROMOTION_ALREADY] = { "already", 0 },
	[PROMOTION_DRY_RUN] = { "dry_run", 0 },
	[PROMOTION_BLOCKED] = { "blocked", 1 },
	[PROMOTION_FAILED] = { "failed", 3 },
	[PROMOTION_REFUSED] = { "refused", 4 },
	[PROMOTION_CONFLICT] = { "conflict", 5 },
	[PROMOTION_UNKNOWN] = { "unknown", 6 },
};

static const char *const step_names[N_STEPS] = {
	[STEP_INTENT] = "intent on record",
	[STEP_COMPARE] = "compared again",
	[STEP_WRITE] = "written",
	[STEP_VERIFY] = "read back",
	[STEP_RECORD] = "outcome on record",
	[STEP_DONE] = "done",
};

const char *promotion_outcome_name(enum promotion_outcome o)
{
	return outcomes[o].name;
}

int promotion_exit_status(enum promotion_outcome o)
{
	return outcomes[o].status;
}

const char *promotion_step_name(enum promotion_stage s)
{
	return step_names[s];
}

/* ---- what is sent ---- */

/* The tag by which another machine can find the way back. */
static void make_tag(struct promotion *p, int64_t now_ms)
{
	struct buf out = BUF_INIT(2000);
	struct json_out o = JSON_OUT(&out);

	jo_object(&o);
	jo_kstr(&o, "id", p->id);
	jo_kstr(&o, "previous", promotion_holder(p));
	jo_ktime(&o, "time_ms", now_ms);
	jo_kstr(&o, "head", p->head);
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

static void add_waivers(struct promotion *p, struct audit_entry *e)
{
	struct audit_waiver *all =
		arena_alloc(&p->arena, (p->n_results + 1) * sizeof(*all));

	for (size_t i = 0; i < p->n_results; i++)
		if (p->results[i].is_waived)
			all[e->n_waivers++] =
				(struct audit_waiver){ p->results[i].name,
						       p->results[i].waiver };
	e->waivers = all;
}

static enum err_code record(struct promotion *p,
			    const struct promotion_env *env, bool is_outcome,
			    struct err *err)
{
	struct arena *a = &p->arena;
	struct buf gates = BUF_INIT(1 << 18);
	char digest[SHA256_HEX];
	struct audit_entry e = {
		.id = p->id,
		.kind = is_outcome ? "outcome" : "intent",
		.time_ms = clock_utc_ms(),
		.verb = p->ask.is_rollback ? "rollback" : "promote",
		.source = p->ask.source,
		.model = p->ask.model,
		.version = p->ask.version,
		.alias = p->ask.alias,
		.stage = p->ask.stage,
		.previous_version =
			p->ask.alias ? p->shown.holder : p->shown.stage_holder,
		.fingerprint = p->shown.fingerprint,
		.reason = p->reason,
		.ticket = p->ticket,
	};

	audit_identify(a, &e);
	add_waivers(p, &e);
	gates_digest(p->ask.gates, p->ask.n_gates, digest);
	e.policy_digest = digest;
	put_gates(p, &gates);
	e.evidence = buf_str(&gates);
	if (is_outcome) {
		e.outcome = promotion_outcome_name(p->outcome);
		e.verified_ms = p->step_ms[STEP_VERIFY];
		e.message = p->err.code ? p->err.msg : NULL;
	}
	if (!audit_append(env->state, a, &e, err)) {
		p->audit_id = e.seq;
		memcpy(p->head, e.hash, sizeof(p->head));
	}
	buf_release(&gates);
	return err->code;
}

/* ---- steps: each has one effect on the world ---- */

static enum promotion_outcome outcome_of(enum err_code code)
{
	switch (code) {
	case ERR_CONFLICT:
		return PROMOTION_CONFLICT;
	case ERR_UNKNOWN:
		return PROMOTION_UNKNOWN;
	case ERR_READONLY:
		return PROMOTION_REFUSED;
	default:
		return PROMOTION_FAILED;
	}
}

/* From here on only the outcome is left to record. */
static void end_with(struct promotion *p, enum promotion_outcome outcome,
		     const struct err *err)
{
	p->outcome = outcome;
	if (err)
		p->err = *err;
	p->step = STEP_RECORD;
}

/* Nothing has been recorded, so nothing needs an end. */
static void stop_with(struct promotion *p, enum promotion_outcome outcome,
		      const struct err *err)
{
	p->outcome = outcome;
	if (err)
		p->err = *err;
	p->step = STEP_DONE;
}

static void step_intent(struct promotion *p, const struct promotion_env *env)
{
	struct err err = { 0 };
	const struct gate_result *blocker = promotion_blocker(p);

	if (promotion_is_already(p)) {
		stop_with(p, PROMOTION_ALREADY, NULL);
		return;
	}
	if (blocker) {
		err_set(&err, ERR_USAGE, "blocked by %s: %s", blocker->name,
			blocker->evidence);
		stop_with(p, PROMOTION_BLOCKED, &err);
		return;
	}
	if (!env->permit) {
		err_set(&err, ERR_READONLY, "%s is read-only", p->ask.source);
		stop_with(p, PROMOTION_REFUSED, &err);
		return;
	}
	/* No record, no promotion. */
	if (record(p, env, false, &err)) {
		stop_with(p, PROMOTION_FAILED, &err);
		return;
	}
	make_tag(p, clock_utc_ms());
	p->step = STEP_COMPARE;
}

static const char *holder_of(const struct promotion *p,
			     const struct registry_state *s)
{
	return p->ask.alias ? s->holder : s->stage_holder;
}

static enum err_code look(struct promotion *p, const struct promotion_env *env,
			  struct registry_state *now, struct err *err)
{
	return env->ops->look(env->conf, p->ask.model, p->ask.version,
			      p->ask.alias, p->ask.stage, env->stop, now, err);
}

static void step_compare(struct promotion *p, const struct promotion_env *env)
{
	struct registry_state now;
	struct err err = { 0 };

	if (look(p, env, &now, &err)) {
		end_with(p, PROMOTION_FAILED, &err);
		return;
	}
	if (strcmp(now.fingerprint, p->shown.fingerprint))
		err_set(&err, ERR_CONFLICT,
			"%s is another registry than the one shown",
			p->ask.source);
	else if (!now.has_version)
		err_set(&err, ERR_CONFLICT, "%s v%s is gone", p->ask.model,
			p->ask.version);
	else if (strcmp(holder_of(p, &now), holder_of(p, &p->shown)))
		err_set(&err, ERR_CONFLICT, "%s moved to %s%s meanwhile",
			p->ask.alias ? p->ask.alias : p->ask.stage,
			*holder_of(p, &now) ? "v" : "nobody",
			holder_of(p, &now));
	if (err.code) {
		end_with(p, PROMOTION_CONFLICT, &err);
		return;
	}
	p->step = STEP_WRITE;
}

static void step_write(struct promotion *p, const struct promotion_env *env)
{
	struct name_value tag;
	struct registry_change change = change_of(p, &tag);
	struct err err = { 0 };

	env->ops->write(env->conf, env->permit, &change, env->stop, &err);
	if (err.code && err.code != ERR_UNKNOWN) {
		end_with(p, outcome_of(err.code), &err);
		return;
	}
	/* No answer: found out by looking, never by writing again. */
	p->is_written = !err.code;
	p->err = err;
	p->step = STEP_VERIFY;
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

static void step_verify(struct promotion *p, const struct promotion_env *env)
{
	/* What was sent cannot be called back. Who interrupts now still wants
	 * to be told what came of it. */
	const struct cancel patient = { .deadline_mono_ms =
						clock_mono_ms() + VERIFY_MS };
	struct promotion_env own = *env;
	struct registry_state now;
	struct err err = { 0 };

	own.stop = &patient;
	if (look(p, &own, &now, &err)) {
		end_with(p, PROMOTION_UNKNOWN, &err);
		return;
	}
	err_clear(&p->err);
	if (!p->is_written && strcmp(now.promotion_tag, p->tag)) {
		err_set(&err, ERR_IO, "no answer, and it was not written");
		end_with(p, PROMOTION_FAILED, &err);
		return;
	}
	if (!stands(p, &now))
		tell_moved_on(p, &now, &err);
	end_with(p, PROMOTION_PROMOTED, err.code ? &err : NULL);
}

/* For the eye; what counts is the trail. */
static void tell_journal(struct promotion *p, const struct promotion_env *env)
{
	const char *old = promotion_holder(p);
	struct err err = { 0 };

	if (journal_add(env->state, clock_utc_ms(), EVENT_PROMOTION,
			p->ask.source, p->ask.model, p->ask.version,
			arena_printf(
				&p->arena, "%s %s%s -> v%s: %s",
				p->ask.alias ? p->ask.alias : p->ask.stage,
				*old ? "v" : "nobody", old, p->ask.version,
				p->ask.is_rollback &&
						p->outcome == PROMOTION_PROMOTED
					? "rolled back"
					: promotion_outcome_name(p->outcome)),
			&err))
		err_clear(&err);
}

static void step_record(struct promotion *p, const struct promotion_env *env)
{
	struct err err = { 0 };

	/* What happened happened: a trail that fails now is told, and the open
	 * intent is settled at the next start. */
	if (record(p, env, true, &err)) {
		if (!p->err.code)
			p->err = err;
	} else {
		tell_journal(p, env);
	}
	p->step = STEP_DONE;
}

bool promotion_step(struct promotion *p, const struct promotion_env *env)
{
	static void (*const steps[])(struct promotion *,
				     const struct promotion_env *) = {
		[STEP_INTENT] = step_intent, [STEP_COMPARE] = step_compare,
		[STEP_WRITE] = step_write,   [STEP_VERIFY] = step_verify,
		[STEP_RECORD] = step_record,
	};
	enum promotion_stage step = p->step;

	BUG_ON(!p->is_planned);
	if (step == STEP_DONE)
		return false;
	steps[step](p, env);
	p->step_ms[step] = clock_utc_ms();
	return p->step != STEP_DONE;
}
