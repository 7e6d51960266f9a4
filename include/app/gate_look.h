/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_APP_GATE_LOOK_H
#define MLTOWER_APP_GATE_LOOK_H

#include <stdbool.h>
#include <stddef.h>

#include "app/app.h"
#include "base/arena.h"

/* What the gates would say of a version now, from what the model knows: for a
 * line beside it. A promotion asks them again, over what it reads itself. */
struct gate_look {
	size_t n, n_passed;
	const char *blocker, *evidence; /* the first that fails; NULL: none */
};

/* False while the runs that are the evidence are not here yet (they are asked
 * for). Texts in the arena. */
bool gate_look_at(struct app *app, const struct reg_entry *entry,
		  const struct version_facts *candidate,
		  const struct version_facts *holder, const char *alias,
		  struct arena *a, struct gate_look *out);

#endif
