/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_APP_PROMOTE_WORK_H
#define MLTOWER_APP_PROMOTE_WORK_H

#include "app/config.h"
#include "base/cancel.h"
#include "base/err.h"
#include "model/alert.h"
#include "promote/edit.h"
#include "promote/promotion.h"
#include "promote/rollback.h"
#include "store/state.h"
#include "system/ops.h"

/* A promotion with real sources, step after step on the calling thread: the
 * command line's, or the actor's of the Tower. */
struct promote_world {
	const struct config *config;
	const struct source_conf *conf; /* of the source it is in */
	const struct system_ops *ops;
	struct state *state; /* the calling thread's */
	const struct cancel *stop;
};

/* What the config says of the model: gates, metric, whether the alias (or the
 * stage) is guarded. */
struct promotion_ask promote_ask(const struct config *config,
				 const char *source, const char *model,
				 const char *version, const char *alias,
				 const char *stage, bool is_rollback,
				 const char *metric);
/* For a rollback without a version: what the record says stood before, as
 * rollback_find() says it. */
ATTR_NODISCARD enum err_code
promote_previous(const struct promote_world *w, const char *model,
		 const char *alias, struct arena *a, struct rollback *out,
		 struct err *err);
/* Looks at the registry and at both runs, and plans. Alerts are read from the
 * state folder. if_current: see promotion_plan. */
ATTR_NODISCARD enum err_code promote_prepare(struct promotion *p,
					     const struct promote_world *w,
					     const char *if_current,
					     struct err *err);
/* All steps of a promotion, or of a change of runs, to the outcome. The permit
 * is taken here. */
void promote_run(struct protocol *act, const struct promote_world *w);
/* Intents that a crash left open, of the config's sources. One line of what
 * was found, in the arena; NULL none. Skipped while a promotion is under way.
 */
ATTR_NODISCARD enum err_code promote_settle(const struct config *config,
					    struct state *state,
					    const struct cancel *stop,
					    struct arena *a, const char **line,
					    struct err *err);

#endif
