/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_VIEW_VIEW_LIST_H
#define MLTOWER_VIEW_VIEW_LIST_H

#include "view/list.h"

/* For the makers of lists. */
void view_list_start(struct view_list *list, const struct view_ctx *ctx,
		     const struct view_column *columns, size_t n_columns);
/* A map of names and texts, in their order. */
struct cell view_tags_cell(struct arena *a, const struct name_value *tags,
			   size_t n);
/* An alert's state with its sign and role: in lists and in the Tower's pane. */
struct cell view_alert_state(const struct alert *a, int64_t now_ms);
const char *view_source_name(const struct view_ctx *ctx, uint16_t source);

#endif
