/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_UI_RUN_NAME_H
#define MLTOWER_UI_RUN_NAME_H

#include "app/run_list.h"
#include "ui_internal.h"

/* The name of a run in a list: in a tree with the lines that lead to it, and
 * with how many below it are folded. */

/* Cells it takes beside the name, where there is room for them. */
int run_name_extra(const struct run_list *runs, size_t i);
/* Cut to the place. Far down the lines of the upper levels are a number, so
 * that the name keeps most of it. */
void run_name_draw(struct ui *ui, struct surface *s, struct rect at,
		   const struct run_list *runs, size_t i, struct shown name,
		   enum role role);

#endif
