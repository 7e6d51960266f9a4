/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "base/mem.h"
#include "print_forms.h"

/* A table as Markdown has them since GitHub: what the table for people has, not
 * cut, with a line below the heads that says which columns are numbers. */

/* What would be read as a mark stands as it is. */
static void add_text(struct buf *out, struct shown text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (strchr("\\`*_|<>[]", text.s[i]))
			buf_addc(out, '\\');
		buf_addc(out, text.s[i]);
	}
}

static bool is_wanted(const struct printer *p, size_t c)
{
	return p->list->columns[c].flags & p->list->want;
}

static void add_heads(struct printer *p)
{
	for (size_t c = 0; c < p->list->n_columns; c++) {
		if (!is_wanted(p, c))
			continue;
		buf_adds(&p->text, "| ");
		add_text(&p->text,
			 shown_text(&p->row, p->list->columns[c].title));
		buf_addc(&p->text, ' ');
	}
	buf_adds(&p->text, "|\n");
	for (size_t c = 0; c < p->list->n_columns; c++)
		if (is_wanted(p, c))
			buf_adds(&p->text, p->list->columns[c].is_right
						   ? "| ---: "
						   : "| --- ");
	buf_adds(&p->text, "|\n");
}

static void add_row(struct printer *p)
{
	for (size_t c = 0; c < p->list->n_columns; c++) {
		if (!is_wanted(p, c))
			continue;
		buf_adds(&p->text, "| ");
		add_text(&p->text,
			 cell_shown(&p->row, &p->cells[c], &p->style->look));
		buf_addc(&p->text, ' ');
	}
	buf_adds(&p->text, "|\n");
}

bool print_md(struct printer *p)
{
	if (!p->style->no_heads)
		add_heads(p);
	for (size_t i = 0; i < p->list->n_rows; i++) {
		print_row(p, i);
		add_row(p);
		if (!print_flush(p, PRINT_SLICE))
			return false;
	}
	return print_flush(p, 0);
}
