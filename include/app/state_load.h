/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_APP_STATE_LOAD_H
#define MLTOWER_APP_STATE_LOAD_H

#include <stdint.h>

#include "app/config.h"
#include "base/err.h"
#include "model/model.h"
#include "store/state.h"

/* What the state folder knows, into a model, on the calling thread: alerts
 * (those over since since_ms too, and that nobody watches), reports, the
 * journal. For verbs without workers. */
ATTR_NODISCARD enum err_code state_load(const struct config *c, struct state *s,
					struct model *m, int64_t since_ms,
					int64_t now_ms, struct err *err);

#endif
