/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_STORE_VIEWS_H
#define MLTOWER_STORE_VIEWS_H

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "model/run_view.h"
#include "store/state.h"

/* Views of the runs that were saved from the screen. */

/* By key, then name; in the arena. */
ATTR_NODISCARD enum err_code views_list(struct state *s, struct arena *a,
					const struct run_view **out, size_t *n,
					struct err *err);
/* In place of the one of this name; its key is taken from whoever has it. */
ATTR_NODISCARD enum err_code
views_save(struct state *s, const struct run_view *v, struct err *err);
/* One that is not there is forgotten already. */
ATTR_NODISCARD enum err_code views_forget(struct state *s, const char *name,
					  struct err *err);

#endif
