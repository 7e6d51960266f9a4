/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "model/run_set.h"

#define MIN_PREFIX 4

struct search {
	uint32_t first; /* RUN_NO_ROW: none yet */
	size_t n;
	char list[200]; /* the first candidates, for the message */
};

/* "lab:0123456789ab (name)": what can be typed in place of the name. */

static void found(struct search *s, const struct run_set *set, uint32_t row)
{
	const char *source =
		run_set_source_name(set, run_set_head(set, row)->source);
	char id[40];
	size_t len = strlen(s->list);

	if (!s->n++)
		s->first = row;
	if (s->n <= 3)
		snprintf(s->list + len, sizeof(s->list) - len,
			 "%s%.20s%s%.12s (%.20s)", s->n > 1 ? ", " : "", source,
			 *source ? ":" : "", run_set_id(set, row, id),
			 run_set_name(set, row));
}

/* What a row answers to: 3 its id, 2 the start of its id, or its name, 0. */
static int answers_to(const struct run_set *set, uint32_t row, const char *text,
		      size_t len)
{
	char buf[40];
	const char *id = run_set_id(set, row, buf);

	if (!strncmp(id, text, len)) {
		if (!id[len])
			return 3;
		if (len >= MIN_PREFIX)
			return 2;
	}
	return strcmp(run_set_name(set, row), text) ? 0 : 2;
}

/* Rows that answer at least this well, in the store's bin or not in it. */
static void search(const struct run_set *set, int source, const char *text,
		   int at_least, uint8_t bin, struct search *s)
{
	const struct run_head *h;
	size_t len = strlen(text);
	uint32_t row;

	*s = (struct search){ .first = RUN_NO_ROW };
	for (row = 0; row < run_set_count(set); row++) {
		h = run_set_head(set, row);
		if ((h->flags & RUN_IS_GONE) ||
		    (h->flags & RUN_IS_DELETED) != bin ||
		    (source >= 0 && h->source != source))
			continue;
		if (answers_to(set, row, text, len) >= at_least)
			found(s, set, row);
	}
}

/* A whole id comes first, then what is alive; the bin only where nothing alive
 * answers. */
enum err_code run_set_resolve(const struct run_set *set, int source,
			      const char *text, uint32_t *row, struct err *err)
{
	static const struct {
		int at_least;
		uint8_t bin;
	} tries[] = {
		{ 3, 0 }, { 3, RUN_IS_DELETED }, { 2, 0 }, { 2, RUN_IS_DELETED }
	};
	struct search s;
	size_t i;

	for (i = 0; *text && i < ARRAY_LEN(tries); i++) {
		search(set, source, text, tries[i].at_least, tries[i].bin, &s);
		if (s.n > 1)
			return err_set(err, ERR_MANY,
				       "%zu runs answer to '%.40s': %s%s", s.n,
				       text, s.list, s.n > 3 ? ", ..." : "");
		if (s.n == 1) {
			*row = s.first;
			return ERR_OK;
		}
	}
	if (strlen(text) < MIN_PREFIX)
		return err_set(err, ERR_ABSENT,
			       "no run '%s': the start of an id needs %d "
			       "characters, a name all of them",
			       text, MIN_PREFIX);
	return err_set(err, ERR_ABSENT,
		       "no run '%.80s': mltower runs lists them", text);
}
