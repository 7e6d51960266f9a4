/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_PROMOTE_PROTOCOL_H
#define MLTOWER_PROMOTE_PROTOCOL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/cancel.h"
#include "base/err.h"
#include "store/audit.h"
#include "store/state.h"
#include "system/ops.h"

/* How anything is changed in a system: the intent on record, a second look at
 * what was shown, the write, a look at what came of it, the outcome on record.
 * Each step has one effect on the world. A process that dies between two of
 * them leaves an intent without an outcome, which settle_all() looks into. */

enum outcome {
	OUTCOME_OPEN, /* not done yet */
	OUTCOME_WRITTEN,
	OUTCOME_ALREADY, /* it stood there already; nothing was sent */
	OUTCOME_DRY_RUN,
	OUTCOME_BLOCKED, /* by a gate */
	OUTCOME_FAILED,  /* nothing was written */
	OUTCOME_REFUSED, /* read-only */
	OUTCOME_CONFLICT,
	OUTCOME_UNKNOWN,
};

enum protocol_step {
	STEP_INTENT, /* on record */
	STEP_COMPARE,
	STEP_WRITE,
	STEP_VERIFY,
	STEP_RECORD, /* the outcome */
	STEP_DONE,
	N_STEPS
};

struct protocol_env {
	struct state *state; /* this thread's */
	const struct system_ops *ops;
	const struct source_conf *conf;
	const struct permit *permit;
	const struct cancel *stop;
};

/* The first member of what is changed. */
struct protocol {
	const struct protocol_ops *ops;
	char id[17];
	enum protocol_step step;  /* the next one */
	int64_t step_ms[N_STEPS]; /* when each was done, UTC; TIME_NONE */
	enum outcome outcome;
	struct err err;   /* why it is not written */
	int64_t audit_id; /* seq of the outcome's entry (or the intent's) */
	char head[SHA256_HEX];
	bool is_written; /* the write was answered */
};

/* What differs between a promotion and other changes. */
struct protocol_ops {
	const char *done_name; /* OUTCOME_WRITTEN on record: "promoted" */
	/* OUTCOME_OPEN: there is something to write, and nothing bars it. */
	enum outcome (*begin)(struct protocol *p, struct err *err);
	/* The entry's own fields; strings in the arena. */
	void (*fill)(struct protocol *p, struct arena *a,
		     struct audit_entry *e);
	/* ERR_CONFLICT: it is not as it was shown. */
	enum err_code (*compare)(struct protocol *p,
				 const struct protocol_env *env,
				 struct err *err);
	/* ERR_UNKNOWN: sent, and no answer came. */
	enum err_code (*write)(struct protocol *p,
			       const struct protocol_env *env, struct err *err);
	/* What stands there now, and so what came of it. */
	enum outcome (*verify)(struct protocol *p,
			       const struct protocol_env *env, struct err *err);
	/* A line in the journal, for the eye. */
	void (*tell)(struct protocol *p, struct arena *a, struct state *state);
};

/* What must be typed to confirm what `text` names: the text as it is, or six
 * letters where it is long or could be mistaken. In the arena. */
const char *protocol_confirm(struct arena *a, const char *text);
void protocol_init(struct protocol *p, const struct protocol_ops *ops);
/* Takes the next step. False: done, outcome says how. */
bool protocol_step(struct protocol *p, const struct protocol_env *env);

const char *protocol_outcome_name(const struct protocol *p); /* "promoted" */
/* The exit status of the command line: why nothing was written tells usage
 * from a store that gives no answer. */
int protocol_exit_status(const struct protocol *p);
const char *protocol_step_name(enum protocol_step s); /* "intent on record" */

#endif
