/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "promote/protocol.h"

#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "format/digest.h"

#define VERIFY_MS   10000
#define MAX_CONFIRM 40

static const struct {
	const char *name;
	int status;
} outcomes[] = {
	[OUTCOME_OPEN] = { "open", 6 },
	[OUTCOME_WRITTEN] = { "written", 0 },
	[OUTCOME_ALREADY] = { "already", 0 },
	[OUTCOME_DRY_RUN] = { "dry_run", 0 },
	[OUTCOME_BLOCKED] = { "blocked", 1 },
	[OUTCOME_FAILED] = { "failed", 3 },
	[OUTCOME_REFUSED] = { "refused", 4 },
	[OUTCOME_CONFLICT] = { "conflict", 5 },
	[OUTCOME_UNKNOWN] = { "unknown", 6 },
};

static const char *const step_names[N_STEPS] = {
	[STEP_INTENT] = "intent on record",
	[STEP_COMPARE] = "compared again",
	[STEP_WRITE] = "written",
	[STEP_VERIFY] = "read back",
	[STEP_RECORD] = "outcome on record",
	[STEP_DONE] = "done",
};

const char *protocol_outcome_name(const struct protocol *p)
{
	return p->outcome == OUTCOME_WRITTEN ? p->ops->done_name
					     : outcomes[p->outcome].name;
}

int protocol_exit_status(const struct protocol *p)
{
	if (p->outcome == OUTCOME_FAILED && p->err.code)
		return err_exit_status(p->err.code);
	return outcomes[p->outcome].status;
}

const char *protocol_step_name(enum protocol_step s)
{
	return step_names[s];
}

static bool is_plain(const char *s)
{
	for (; *s; s++)
		if (*s < ' ' || *s > '~')
			return false;
	return true;
}

const char *protocol_confirm(struct arena *a, const char *text)
{
	char hex[SHA256_HEX], code[7];

	if (*text && strlen(text) <= MAX_CONFIRM && is_plain(text))
		return arena_strdup(a, text);
	digest_sha256(text, strlen(text), hex);
	for (size_t i = 0; i < 6; i++) {
		unsigned n =
			(unsigned)hex[2 * i] * 7 + (unsigned)hex[2 * i + 1];

		code[i] = (char)('a' + n % 26);
	}
	code[6] = 0;
	return arena_strdup(a, code);
}

void protocol_init(struct protocol *p, const struct protocol_ops *ops)
{
	*p = (struct protocol){ .ops = ops };
	audit_new_id(p->id);
	for (size_t i = 0; i < N_STEPS; i++)
		p->step_ms[i] = TIME_NONE;
}

static enum err_code record(struct protocol *p, const struct protocol_env *env,
			    bool is_outcome, struct err *err)
{
	struct arena a = ARENA_INIT;
	struct audit_entry e = {
		.id = p->id,
		.kind = is_outcome ? "outcome" : "intent",
		.time_ms = clock_utc_ms(),
	};

	audit_identify(&a, &e);
	p->ops->fill(p, &a, &e);
	if (is_outcome) {
		e.outcome = protocol_outcome_name(p);
		e.verified_ms = p->step_ms[STEP_VERIFY];
		e.message = p->err.code ? p->err.msg : NULL;
	}
	if (!audit_append(env->state, &a, &e, err)) {
		p->audit_id = e.seq;
		memcpy(p->head, e.hash, sizeof(p->head));
	}
	arena_release(&a);
	return err->code;
}

static enum outcome outcome_of(enum err_code code)
{
	switch (code) {
	case ERR_CONFLICT:
		return OUTCOME_CONFLICT;
	case ERR_UNKNOWN:
		return OUTCOME_UNKNOWN;
	case ERR_READONLY:
		return OUTCOME_REFUSED;
	default:
		return OUTCOME_FAILED;
	}
}

static void end_at(struct protocol *p, enum protocol_step step,
		   enum outcome outcome, const struct err *err)
{
	p->outcome = outcome;
	p->err = *err;
	p->step = step;
}

/* Until the intent is on record nothing needs an end. */
static void step_intent(struct protocol *p, const struct protocol_env *env)
{
	struct err err = { 0 };
	enum outcome outcome = p->ops->begin(p, &err);

	if (outcome != OUTCOME_OPEN) {
		end_at(p, STEP_DONE, outcome, &err);
	} else if (!env->permit) {
		err_set(&err, ERR_READONLY, "%s is read-only", env->conf->name);
		end_at(p, STEP_DONE, OUTCOME_REFUSED, &err);
	} else if (record(p, env, false, &err)) {
		/* No record, no change. */
		end_at(p, STEP_DONE, OUTCOME_FAILED, &err);
	} else {
		p->step = STEP_COMPARE;
	}
}

static void step_compare(struct protocol *p, const struct protocol_env *env)
{
	struct err err = { 0 };

	if (p->ops->compare(p, env, &err))
		end_at(p, STEP_RECORD, outcome_of(err.code), &err);
	else
		p->step = STEP_WRITE;
}

static void step_write(struct protocol *p, const struct protocol_env *env)
{
	struct err err = { 0 };

	p->ops->write(p, env, &err);
	if (err.code && err.code != ERR_UNKNOWN) {
		end_at(p, STEP_RECORD, outcome_of(err.code), &err);
		return;
	}
	/* No answer: found out by looking, never by writing again. */
	p->is_written = !err.code;
	p->err = err;
	p->step = STEP_VERIFY;
}

static void step_verify(struct protocol *p, const struct protocol_env *env)
{
	/* What was sent cannot be called back. Who interrupts now still wants
	 * to be told what came of it. */
	const struct cancel patient = { .deadline_mono_ms =
						clock_mono_ms() + VERIFY_MS };
	struct protocol_env own = *env;
	struct err err = { 0 };
	enum outcome outcome;

	own.stop = &patient;
	outcome = p->ops->verify(p, &own, &err);
	end_at(p, STEP_RECORD, outcome, &err);
}

static void step_record(struct protocol *p, const struct protocol_env *env)
{
	struct arena a = ARENA_INIT;
	struct err err = { 0 };

	/* What happened happened: a trail that fails now is told, and the open
	 * intent is settled at the next start. */
	if (!record(p, env, true, &err))
		p->ops->tell(p, &a, env->state);
	else if (!p->err.code)
		p->err = err;
	p->step = STEP_DONE;
	arena_release(&a);
}

bool protocol_step(struct protocol *p, const struct protocol_env *env)
{
	static void (*const steps[])(struct protocol *,
				     const struct protocol_env *) = {
		[STEP_INTENT] = step_intent, [STEP_COMPARE] = step_compare,
		[STEP_WRITE] = step_write,   [STEP_VERIFY] = step_verify,
		[STEP_RECORD] = step_record,
	};
	enum protocol_step step = p->step;

	if (step == STEP_DONE)
		return false;
	steps[step](p, env);
	p->step_ms[step] = clock_utc_ms();
	return p->step != STEP_DONE;
}
