/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_VIEW_PRINT_FORMS_H
#define MLTOWER_VIEW_PRINT_FORMS_H

#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "view/print.h"

/* Between the forms of print.c: a list on its way out, in slices. */
#define PRINT_SLICE (64u << 10)

struct printer {
	const struct view_list *list;
	const struct print_style *style;
	print_sink sink;
	void *to;
	bool is_stopped;
	struct buf text;    /* not written yet */
	struct arena row;   /* of the row at hand */
	struct cell *cells; /* the row at hand */
};

/* Writes out what there is, if it is more than keep_bytes. False: stopped. */
bool print_flush(struct printer *p, size_t keep_bytes);
void print_row(struct printer *p, size_t i);
/* A terminal (style.width) obeys no escape code of the line that was added at
 * `from`, LF included. */
void print_harmless(struct printer *p, size_t from);
/* The value as data, without quotes: exact numbers, integers for times. */
void cell_plain(struct buf *out, const struct cell *c);

bool print_table(struct printer *p);
bool print_json(struct printer *p);
bool print_jsonl(struct printer *p);
bool print_csv(struct printer *p);
bool print_md(struct printer *p);

#endif
