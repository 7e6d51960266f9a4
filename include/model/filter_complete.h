/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_MODEL_FILTER_COMPLETE_H
#define MLTOWER_MODEL_FILTER_COMPLETE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "model/model.h"

#define FILTER_MAX_OFFERS 64

/* What may stand at a place of a filter that is being typed: columns,
 * operators, values that occur, `and` and its like; the likeliest first. Quoted
 * where the language needs it, with the blank that comes behind. */
struct filter_offers {
	size_t start; /* byte: they stand in place of what is between it and
			 the cursor */
	const char **words;
	size_t n;
	/* Values of this column were asked for: they are known when a source
	 * brought it. */
	bool has_column;
	struct value_key column;
};

/* Never more than FILTER_MAX_OFFERS; all memory is the arena's. */
struct filter_offers filter_complete(const struct model *m, const char *text,
				     size_t cursor, struct arena *a);
/* How a filter stands while it is typed. Unfinished: its last word could become
 * a column, an operator, `not` and its like, or what is wrong right, if it went
 * on; entered as it is it may be right, a column is then a word to look for. */
enum filter_typing { FILTER_WHOLE, FILTER_UNFINISHED, FILTER_WRONG };
enum filter_typing filter_typing(const char *text);

#endif
