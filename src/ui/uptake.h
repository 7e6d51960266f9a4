/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_UI_UPTAKE_H
#define MLTOWER_UI_UPTAKE_H

#include "app/promote_work.h"
#include "ui_internal.h"

/* A promotion (or a rollback) that was made: its steps, and how the endpoint
 * takes it up. The Tower shows it in place of the metrics, until the next key
 * that moves the cursor among the runs, or Escape. */
struct uptake {
	struct promotion *p;
	uint16_t source;
	char *alias;
};

/* Takes the promotion. */
struct uptake *uptake_new(struct promotion *p, uint16_t source,
			  const char *alias);
void uptake_free(struct uptake *f); /* NULL is fine */
/* Does the log show rows of the version by now? Then when it began, or
 * TIME_NONE where that was not told yet. */
bool uptake_is_served(const struct uptake *f, struct ui *ui,
		      int64_t *served_ms);
void uptake_draw(const struct uptake *f, struct ui *ui, struct surface *s,
		 struct rect r, bool has_focus, bool has_tabs);
/* The steps that were taken, each with its time; returns the rows used. */
int uptake_steps_draw(const struct protocol *p, struct ui *ui,
		      struct surface *s, struct rect r);

#endif
