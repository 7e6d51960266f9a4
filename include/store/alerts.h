/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_STORE_ALERTS_H
#define MLTOWER_STORE_ALERTS_H

#include <stdint.h>

#include "base/err.h"
#include "model/alert.h"
#include "store/state.h"

/* Alerts in the state folder: written by the process that evaluates, read by
 * all, acknowledged by any. */

/* Those that are not over, and those that ended at or after since_ms; in the
 * order for people. Adds to the set. */
ATTR_NODISCARD enum err_code alerts_load(struct state *s, int64_t since_ms,
					 int64_t now_ms, struct alert_set *out,
					 struct err *err);
/* A new one (id 0) gets its id; else everything but the acknowledgement and
 * the silence is written. */
ATTR_NODISCARD enum err_code alerts_save(struct state *s, struct alert *a,
					 struct err *err);
/* A pending one that did not last leaves no trace. */
ATTR_NODISCARD enum err_code alerts_remove(struct state *s, int64_t id,
					   struct err *err);
/* And tells it in the journal. ERR_ABSENT: no such alert. ERR_USAGE: it is
 * over. */
ATTR_NODISCARD enum err_code
alerts_acknowledge(struct state *s, int64_t id, const char *by,
		   const char *note, int64_t now_ms, struct err *err);

#endif
