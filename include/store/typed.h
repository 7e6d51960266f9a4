/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_STORE_TYPED_H
#define MLTOWER_STORE_TYPED_H

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "store/state.h"

/* What was typed at the prompts, of each kind ("filter", "command") the last
 * TYPED_MAX. A line that is typed again is the newest again. */
#define TYPED_MAX 50

/* Oldest first; in the arena. */
ATTR_NODISCARD enum err_code typed_list(struct state *s, const char *kind,
					struct arena *a,
					const char *const **out, size_t *n,
					struct err *err);
ATTR_NODISCARD enum err_code typed_add(struct state *s, const char *kind,
				       const char *text, struct err *err);

#endif
