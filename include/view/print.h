/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_VIEW_PRINT_H
#define MLTOWER_VIEW_PRINT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "format/json.h"
#include "view/compare.h"
#include "view/list.h"
#include "view/lists.h"

/* Lists as text. */
enum print_form {
	PRINT_TABLE, /* for people: aligned, cut to the width */
	PRINT_WIDE,  /* the same with the wide columns, not cut */
	PRINT_JSON,
	PRINT_JSONL,
	PRINT_CSV,
	PRINT_MD, /* a Markdown table of what PRINT_TABLE has */
	PRINT_NAME,
};

struct print_style {
	enum print_form form;
	struct cell_look look;
	unsigned width;         /* cells of the terminal; 0: not cut */
	bool has_color;         /* SGR by role */
	bool no_heads;          /* a table goes on */
	_Atomic size_t *n_rows; /* so many were made, for who waits; or NULL */
};

/* Where the text goes; false: nobody reads any more, stop quietly. */
typedef bool (*print_sink)(void *to, const char *bytes, size_t len);

/* What the eye gets: no exact values. */
bool print_form_is_for_people(enum print_form form);
bool print_form_parse(const char *name, enum print_form *out);
const char *print_form_names(void); /* "table|wide|json|jsonl|csv|md|name" */

/* The whole list. False: the sink stopped. */
bool view_print(const struct view_list *list, const struct print_style *style,
		print_sink sink, void *to);
/* A run whole for people: sections of params, metrics, tags, datasets ... */
bool view_print_run(const struct view_ctx *ctx, uint16_t source,
		    const struct run_detail *detail,
		    const struct print_style *style, print_sink sink, void *to);
/* {"runs": [..], "rows": [..]}; sources[i]: the model's of details[i]. */
void view_compare_json(const struct view_ctx *ctx, const struct compare *c,
		       const struct run_detail *const *details,
		       const uint16_t *sources, bool diff_only,
		       struct json_out *out);
/* One cell as JSON. */
void cell_json(struct json_out *o, const struct cell *c);

#endif
