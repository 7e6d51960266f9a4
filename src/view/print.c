/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "view/print.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "print_forms.h"

static const struct {
	const char *name;
	enum print_form form;
} forms[] = { { "table", PRINT_TABLE }, { "wide", PRINT_WIDE },
	      { "json", PRINT_JSON },   { "jsonl", PRINT_JSONL },
	      { "csv", PRINT_CSV },     { "md", PRINT_MD },
	      { "name", PRINT_NAME } };

bool print_form_parse(const char *name, enum print_form *out)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(forms); i++) {
		if (!strcmp(forms[i].name, name)) {
			*out = forms[i].form;
			return true;
		}
	}
	return false;
}

bool print_form_is_for_people(enum print_form form)
{
	return form == PRINT_TABLE || form == PRINT_WIDE || form == PRINT_MD;
}

const char *print_form_names(void)
{
	return "table|wide|json|jsonl|csv|md|name";
}

bool print_flush(struct printer *p, size_t keep_bytes)
{
	if (p->is_stopped)
		return false;
	if (p->text.len > keep_bytes) {
		p->is_stopped = !p->sink(p->to, p->text.data, p->text.len);
		buf_clear(&p->text);
	}
	return !p->is_stopped;
}

void print_harmless(struct printer *p, size_t from)
{
	size_t len = p->text.len - from - 1;
	char *line;

	if (!p->style->width)
		return;
	line = xstrndup(p->text.data + from, len);
	p->text.len = from;
	text_add_shown(&p->text, line, len);
	buf_addc(&p->text, '\n');
	free(line);
}

void print_row(struct printer *p, size_t i)
{
	arena_clear(&p->row);
	view_list_row(p->list, i, &p->row, p->cells);
	if (p->style->n_rows)
		*p->style->n_rows = i + 1;
}

static bool print_names(struct printer *p)
{
	size_t i, c = 0;

	while (c < p->list->n_columns &&
	       !(p->list->columns[c].flags & VIEW_NAME))
		c++;
	for (i = 0; i < p->list->n_rows && c < p->list->n_columns; i++) {
		size_t from = p->text.len;

		print_row(p, i);
		if (p->cells[c].kind == CELL_NONE) /* it has no name */
			continue;
		cell_plain(&p->text, &p->cells[c]);
		buf_addc(&p->text, '\n');
		print_harmless(p, from);
		if (!print_flush(p, PRINT_SLICE))
			return false;
	}
	return print_flush(p, 0);
}

bool view_print(const struct view_list *list, const struct print_style *style,
		print_sink sink, void *to)
{
	struct view_list copy = *list;
	struct printer p = { .list = &copy,
			     .style = style,
			     .sink = sink,
			     .to = to,
			     .text = BUF_INIT(0) };
	bool is_read = false;

	p.cells = xcalloc(list->n_columns + 1, sizeof(*p.cells));
	copy.want = VIEW_DATA;
	switch (style->form) {
	case PRINT_TABLE:
	case PRINT_WIDE:
		copy.want = style->form == PRINT_WIDE ? VIEW_TABLE | VIEW_WIDE
						      : VIEW_TABLE;
		is_read = print_table(&p);
		break;
	case PRINT_JSON:
		is_read = print_json(&p);
		break;
	case PRINT_JSONL:
		is_read = print_jsonl(&p);
		break;
	case PRINT_CSV:
		is_read = print_csv(&p);
		break;
	case PRINT_MD:
		copy.want = VIEW_TABLE;
		is_read = print_md(&p);
		break;
	case PRINT_NAME:
		copy.want = VIEW_NAME;
		is_read = print_names(&p);
		break;
	}
	arena_release(&p.row);
	buf_release(&p.text);
	free(p.cells);
	return is_read;
}
