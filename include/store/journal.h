/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_STORE_JOURNAL_H
#define MLTOWER_STORE_JOURNAL_H

#include <stdint.h>

#include "base/err.h"
#include "model/event.h"
#include "store/state.h"

/* Events that no store of others remembers: alerts, moves of aliases that were
 * seen, sources lost and back, who watched. Kept for 90 days. */
ATTR_NODISCARD enum err_code journal_add(struct state *s, int64_t time_ms,
					 enum event_kind kind,
					 const char *source,
					 const char *subject, const char *ref,
					 const char *text, struct err *err);
/* Adds what came after seq to the log; *seq is then the last one. */
ATTR_NODISCARD enum err_code journal_read(struct state *s, int64_t *seq,
					  int64_t since_ms,
					  struct event_log *log,
					  struct err *err);

#endif
