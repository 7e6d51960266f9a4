/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_DATA_FRAME_H
#define MLTOWER_DATA_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/intern.h"
#include "format/csv.h"

/* Rows of a prediction log as typed columns, the newest `max` of them. */
struct frame_column {
	char *name;
	bool is_number, is_skipped;
	double *numbers; /* NaN: none */
	uint32_t *codes; /* of categories, in the frame's strings; 0: none */
	struct frame_order *order; /* the numbers sorted, until a row comes */
};

struct frame {
	struct frame_column *columns;
	size_t n_columns;
	struct intern *strings; /* of all categories; another one at times */
	size_t max_strings;     /* then those of rows that left are dropped */
	size_t n, max;          /* rows held; rows it may hold */
	size_t next;            /* where the next row goes */
};

/* Columns of these names; all are categories until frame_set_number(). */
struct frame *frame_new(const char *const *names, size_t n, size_t max_rows);
void frame_free(struct frame *f);
/* Before the first row. */
void frame_set_number(struct frame *f, size_t column);
/* Before the first row: nothing of the column is kept. */
void frame_skip(struct frame *f, size_t column);
/* -1 if it has none. */
int frame_find(const struct frame *f, const char *name);
/* Adds a row: cells[i] for column i. A number that is none counts as absent;
 * words are cut at FRAME_MAX_WORD bytes. The oldest row makes room. Memory is
 * bounded by the rows held, however many different words come by. */
#define FRAME_MAX_WORD 128
void frame_add(struct frame *f, const struct csv_field *cells);
void frame_clear(struct frame *f); /* no rows; columns stay */

/* A number as logs write it, in any locale; blanks around it are fine. False
 * for text, "", "nan" and "inf". */
bool frame_parse_number(const char *s, size_t len, double *out);
/* All finite numbers of a column, sorted; the frame's, until the next row.
 * *n_null counts the others. */
const double *frame_sorted(const struct frame *f, size_t column, size_t *n,
			   size_t *n_null);

#define FRAME_MAX_FILE (64u << 20)

/* A whole CSV file: columns are numbers where every value is one (or says that
 * there is none: "", "nan", "null" ...), and more than ten different ones or a
 * fraction occur; else categories. At most
 * max_rows rows (the last ones). Yours. */
struct err;
/* Types that were told: by name, else as another frame has them, else found
 * by looking. */
struct frame_types {
	const char *const *numbers, *const *categories;
	size_t n_numbers, n_categories;
	const struct frame *like; /* NULL: none */
};
int frame_load_csv_as(const char *path, size_t max_rows,
		      const struct frame_types *types, struct frame **out,
		      struct err *err);
int frame_load_csv(const char *path, size_t max_rows, struct frame **out,
		   struct err *err);

#endif
