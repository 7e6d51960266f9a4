/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_UI_LIST_H
#define MLTOWER_UI_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "ui/command.h"

/* Where the cursor of a list stands, and what of it is in view. The rows are
 * the owner's; a height of 0 is a list nobody has drawn yet. */
struct list {
	size_t n_rows, cursor, top, height;
};

/* After the rows changed; the cursor is put on `cursor` (or the last row). */
void list_set(struct list *l, size_t n_rows, size_t cursor);
/* Before drawing `height` rows: scrolls so that the cursor is in view. */
void list_fit(struct list *l, size_t height);
/* True if the command moves in lists. */
bool list_command(struct list *l, enum command_id cmd);

#endif
