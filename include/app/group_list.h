/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_APP_GROUP_LIST_H
#define MLTOWER_APP_GROUP_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/app.h"
#include "model/group.h"

/* The groups a list of runs is shown as, kept fresh as its rows change. What
 * they are made by is asked of the sources, the metrics are not. Few
 * rows are grouped at once, many on the compute worker from a snapshot, while
 * the old groups stay. */
struct group_list;

struct group_list *group_list_new(struct app *app);
void group_list_free(struct group_list *l);

/* What the runs are grouped by; "" for not at all. The order is "" for the
 * usual one, which is also in place of one that these groups do not have. What
 * cannot be parsed changes nothing. */
ATTR_NODISCARD enum err_code group_list_set(struct group_list *l,
					    const char *text, const char *sort,
					    struct err *err);
/* The order alone; one that the groups do not have changes nothing. */
ATTR_NODISCARD enum err_code
group_list_set_sort(struct group_list *l, const char *text, struct err *err);
const char *group_list_text(const struct group_list *l);
const char *group_list_sort_text(const struct group_list *l);

/* The rows as they are now, and what is told of their groups: is_new where the
 * rows are other ones, or their values, than at the last call. Starts what is
 * needed. True if the groups are other ones: those before are gone. Names of
 * metrics are interned in the model. */
bool group_list_update(struct group_list *l, const uint32_t *rows,
		       size_t n_rows, bool is_new,
		       const struct group_metric *metrics, size_t n_metrics);
bool group_list_is_pending(const struct group_list *l);

/* The groups with what they were made by, until the next update or set. */
struct grouping {
	const struct group_by *by;
	const struct group_metric *metrics;
	size_t n_metrics;
	const struct groups *groups; /* NULL: none were made yet */
};
struct grouping group_list_made(const struct group_list *l);

#endif
