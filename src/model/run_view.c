/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "model/run_view.h"

#include <ctype.h>
#include <string.h>

const char *run_view_part_name(enum run_view_part part)
{
	static const char *const names[N_VIEW_PARTS] = {
		[VIEW_EXPERIMENT] = "experiment",
		[VIEW_FILTER] = "filter",
		[VIEW_SORT] = "sort",
		[VIEW_COLUMNS] = "columns",
		[VIEW_METRIC] = "metric",
		[VIEW_TREE] = "tree",
		[VIEW_GROUP] = "group",
		[VIEW_GROUP_SORT] = "group_sort",
	};

	return names[part];
}

struct run_view run_view_copy(const struct run_view *v, struct arena *a)
{
	struct run_view copy = { .name = arena_strdup(a, v->name),
				 .key = v->key };

	for (size_t i = 0; i < N_VIEW_PARTS; i++)
		copy.parts[i] = v->parts[i] ? arena_strdup(a, v->parts[i]) : "";
	return copy;
}

bool run_view_shows_same(const struct run_view *a, const struct run_view *b)
{
	for (size_t i = 0; i < N_VIEW_PARTS; i++)
		if (strcmp(a->parts[i], b->parts[i]))
			return false;
	return true;
}

static bool is_key(const char *s)
{
	return isdigit((unsigned char)s[0]) && !s[1];
}

bool run_view_split(const char *text, struct arena *a, const char **name,
		    int *key)
{
	size_t len = strlen(text);
	const char *last = strrchr(text, ' ');

	last = last ? last + 1 : text;
	*key = 0;
	if (is_key(last)) {
		*key = *last - '0';
		len = (size_t)(last - text);
	}
	while (len && text[len - 1] == ' ')
		len--;
	*name = arena_strndup(a, text, len);
	return len <= RUN_VIEW_MAX_NAME;
}

const struct run_view *run_view_find(const struct run_view *all, size_t n,
				     const char *text)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(all[i].name, text))
			return &all[i];
	for (size_t i = 0; i < n && is_key(text); i++)
		if (all[i].key && all[i].key == *text - '0')
			return &all[i];
	return NULL;
}
