/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_APP_UNWATCHED_H
#define MLTOWER_APP_UNWATCHED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/config.h"
#include "base/arena.h"
#include "base/err.h"
#include "model/alert.h"
#include "model/drift.h"
#include "store/lease.h"
#include "store/state.h"

/* That nobody evaluates the monitors is an alert that nobody is there to
 * write: it is made wherever alerts are read, from the lease. It has no id, and
 * ends when somebody watches. */
#define UNWATCHED_RULE "unwatched"

/* Has nobody held the lease for longer than two evaluations may take? Not
 * without monitors. */
bool unwatched_is(const struct config *c, const struct lease_state *l,
		  int64_t now_ms);
/* Two evaluations of the monitor that are farther apart had none between: it
 * was not watched. */
int64_t unwatched_gap_ms(const struct config *c, const char *monitor);
/* For how long nobody held it; 0: somebody does, or nobody ever did. */
int64_t unwatched_ms(const struct lease_state *l, int64_t now_ms);
/* alerts_load() with that alert; *lease is what it was made from. */
ATTR_NODISCARD enum err_code
unwatched_load(const struct config *c, struct state *s, int64_t since_ms,
	       int64_t now_ms, struct alert_set *out, struct lease_state *lease,
	       struct err *err);
/* Why the alerts of a model say nothing about it now: nobody watches, no
 * monitor watches the model, or one of them was not evaluated lately. NULL:
 * they count. In the arena. */
const char *unwatched_why(const struct config *c, const struct alert_set *set,
			  struct drift_report *const *reports, size_t n,
			  const char *source, const char *model, int64_t now_ms,
			  struct arena *a);

#endif
