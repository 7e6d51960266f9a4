/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "config_read.h"
#include "model/filter.h"
#include "model/group.h"
#include "model/order.h"

/* Each part is read by its own language, so that what is wrong is told here
 * and not when somebody wants to see the view. */
static enum err_code check_part(enum run_view_part part, const char *text,
				struct err *err)
{
	struct order_key *keys = NULL;
	struct filter *filter = NULL;
	struct group_by by = { 0 };
	size_t n;

	if (!*text)
		return ERR_OK;
	if (part == VIEW_FILTER) {
		if (filter_parse(text, clock_utc_ms(), &filter, &n, err))
			err_prefix(err, "column %zu", n);
		filter_free(filter);
	} else if (part == VIEW_SORT || part == VIEW_GROUP_SORT) {
		if (!order_parse(text, &keys, &n, err))
			free(keys);
	} else if (part == VIEW_GROUP) {
		if (!group_by_parse(text, &by, err))
			group_by_release(&by);
	}
	return err->code;
}

/* A list is what would be typed with commas between. */
static const char *join(struct config_reader *r, const char *const *all,
			size_t n)
{
	const char *text = n ? all[0] : "";

	for (size_t i = 1; i < n; i++)
		text = arena_printf(&r->c->arena, "%s,%s", text, all[i]);
	return text;
}

static void read_part(struct config_reader *r, const struct yaml *map,
		      const char *at, enum run_view_part part, const char **out)
{
	const char *name = run_view_part_name(part);
	const char *const *all = NULL;
	struct err err = { 0 };
	bool is_set = false;
	size_t n = 0;

	*out = "";
	if (part == VIEW_SORT || part == VIEW_COLUMNS || part == VIEW_GROUP ||
	    part == VIEW_GROUP_SORT) {
		config_strings(r, map, at, name, &all, &n);
		*out = join(r, all, n);
	} else if (part == VIEW_TREE) {
		config_bool(r, map, at, name, &is_set);
		*out = is_set ? "yes" : "";
	} else {
		config_str(r, map, at, name, out);
	}
	if (check_part(part, *out, &err))
		config_fail(r, yaml_get(map, name), config_path(r, at, name),
			    "%s", err.msg);
}

static void read_key(struct config_reader *r, const struct yaml *map,
		     const char *at, const struct run_view *before, size_t n,
		     int *out)
{
	int64_t key = 0;

	config_int(r, map, at, "key", &key);
	if (yaml_get(map, "key") && (key < 1 || key > 9))
		config_fail(r, yaml_get(map, "key"), config_path(r, at, "key"),
			    "expected 1 to 9");
	for (size_t i = 0; i < n && key; i++)
		if (before[i].key == key)
			config_fail(r, yaml_get(map, "key"),
				    config_path(r, at, "key"),
				    "views.%s has this key", before[i].name);
	*out = (int)key;
}

static void check_name(struct config_reader *r, const struct yaml *map,
		       const char *at, const char *name)
{
	const char *same;
	int key;

	if (!run_view_split(name, &r->c->arena, &same, &key) || key || !*same)
		config_fail(r, map, at,
			    "expected a name of at most %d bytes, and no digit "
			    "that stands alone at its end",
			    RUN_VIEW_MAX_NAME);
}

void config_read_views(struct config_reader *r, const struct yaml *map)
{
	static const struct config_known keys[] = {
		{ "key", false },        { "filter", false },
		{ "columns", false },    { "sort", false },
		{ "experiment", false }, { "metric", false },
		{ "group", false },      { "group_sort", false },
		{ "tree", false },
	};
	struct config *c = r->c;
	size_t n = config_entries(r, map, "views", "NAME: {filter, columns}");
	struct run_view *all = arena_alloc(&c->arena, n * sizeof(*all));

	for (size_t i = 0; i < n; i++) {
		const struct yaml *view = yaml_at(map, i);
		const char *at;

		all[i].name = arena_strdup(&c->arena, yaml_key_at(map, i));
		at = config_path(r, "views", all[i].name);
		config_check_keys(r, view, at, keys, ARRAY_LEN(keys));
		check_name(r, view, at, all[i].name);
		read_key(r, view, at, all, i, &all[i].key);
		for (int p = 0; p < N_VIEW_PARTS; p++)
			read_part(r, view, at, (enum run_view_part)p,
				  &all[i].parts[p]);
	}
	c->views = all;
	c->n_views = n;
}
