/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_PROMOTE_PROMOTION_H
#define MLTOWER_PROMOTE_PROMOTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "promote/gates.h"
#include "promote/protocol.h"
#include "system/ops.h"

/* One promotion (or rollback), from the look at what stands there to the
 * outcome on record:
 *
 *	promotion_new -> look (worker) -> promotion_plan
 *	  -> the operator confirms -> protocol_step ... until it is done */

struct promotion_ask {
	const char *source, *model, *version;
	const char *alias, *stage; /* one of them NULL */
	bool is_rollback;
	const struct gate_conf *gates; /* borrowed; of the config */
	size_t n_gates;
	bool is_guarded;    /* the alias serves, or the stage is Production */
	const char *metric; /* compared first; "" none */
	int goal;           /* of it */
	/* The goal of any metric: +1, -1, 0 not known. NULL: of none. */
	int (*goal_of)(const void *ctx, const char *metric);
	const void *goal_ctx;
};

/* now and then side by side. */
struct promotion_row {
	const char *name, *now, *then, *change;
	enum { CHANGE_PLAIN, CHANGE_BETTER, CHANGE_WORSE, CHANGE_WARNS } word;
};

struct promotion {
	struct protocol act;
	struct arena arena;
	struct promotion_ask ask;
	struct registry_state shown; /* what was looked at */
	size_t n_rows, n_results;
	struct promotion_row *rows;
	struct gate_result *results;
	const char *confirm; /* what must be typed */
	bool is_planned;
	const char *reason, *ticket;

	char *tag; /* value of mltower.promotion */
};

struct promotion *promotion_new(const struct promotion_ask *ask);
void promotion_free(struct promotion *p);

/* What is known for the plan; all borrowed. The state is copied. */
struct promotion_facts {
	const struct registry_state *state;
	const struct run_detail *candidate, *holder; /* NULL: not known */
	const struct alert_set *alerts;
	const char *unwatched; /* why alerts say nothing; NULL: they do */
	int64_t now_ms;
};
/* Makes the diff and asks the gates; may be called again with newer facts:
 * waivers stay. ERR_ABSENT: no such model or version. ERR_CONFLICT where
 * `if_current` is given and is not the holder ("none" or "": nobody). */
ATTR_NODISCARD enum err_code promotion_plan(struct promotion *p,
					    const struct promotion_facts *facts,
					    const char *if_current,
					    struct err *err);
/* ERR_ABSENT: no gate of this name. ERR_USAGE: no reason. */
ATTR_NODISCARD enum err_code promotion_waive(struct promotion *p,
					     const char *gate,
					     const char *reason,
					     struct err *err);
/* The first gate that stops it; NULL: none does. */
const struct gate_result *promotion_blocker(const struct promotion *p);
/* The version that stood there when it was looked at; "" nobody. */
const char *promotion_holder(const struct promotion *p);
bool promotion_is_already(const struct promotion *p);
/* Lines of what will be sent, for the eye. */
void promotion_describe(const struct promotion *p,
			const struct registry_ops *ops,
			const struct source_conf *conf, struct buf *out);

#endif
