/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "data/frame.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "io/file.h"

#define MAX_NUMBER   64
#define FEW_VALUES   10
#define MAX_STRINGS  20000

struct frame *frame_new(const char *const *names, size_t n, size_t max_rows)
{
	struct frame *f = xcalloc(1, sizeof(*f));

	f->columns = xcalloc(n + 1, sizeof(*f->columns));
	f->n_columns = n;
	f->max = MAX(1, max_rows);
	f->strings = intern_new();
	for (size_t i = 0; i < n; i++) {
		f->columns[i].name = xstrdup(names[i]);
		f->columns[i].codes = xcalloc(f->max, sizeof(uint32_t));
	}
	return f;
}

void frame_free(struct frame *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->n_columns; i++) {
		free(f->columns[i].name);
		free(f->columns[i].numbers);
		free(f->columns[i].codes);
	}
	free(f->columns);
	intern_free(f->strings);
	free(f);
}

void frame_set_number(struct frame *f, size_t column)
{
	struct frame_column *c = &f->columns[column];

	BUG_ON(f->n);
	if (c->is_number)
		return;
	c->is_number = true;
	free(c->codes);
	c->codes = NULL;
	c->numbers = xcalloc(f->max, sizeof(*c->numbers));
}

int frame_find(const struct frame *f, const char *name)
{
	for (size_t i = 0; i < f->n_columns; i++)
		if (!strcmp(f->columns[i].name, name))
			return (int)i;
	return -1;
}

bool frame_parse_number(const char *s, size_t len, double *out)
{
	char text[MAX_NUMBER];
	char *end;

	if (!len || len >= sizeof(text))
		return false;
	memcpy(text, s, len);
	text[len] = 0;
	*out = strtod(text, &end);
	return end == text + len && isfinite(*out);
}

void frame_add(struct frame *f, const struct csv_field *cells)
{
	size_t at = f->next;

	for (size_t i = 0; i < f->n_columns; i++) {
		struct frame_column *c = &f->columns[i];

		if (!c->is_number) {
			/* A column of free text must not grow for ever. */
			bool is_full = intern_count(f->strings) > MAX_STRINGS;

			c->codes[at] = is_full ?
					       intern_put(f->strings, "…") :
					       intern_putn(f->strings,
							   cells[i].s,
							   cells[i].len);
			continue;
		}
		if (!frame_parse_number(cells[i].s, cells[i].len,
					&c->numbers[at]))
			c->numbers[at] = NAN;
	}
	f->next = (at + 1) % f->max;
	if (f->n < f->max)
		f->n++;
}

void frame_clear(struct frame *f)
{
	f->n = f->next = 0;
}

static int by_value(const void *x, const void *y)
{
	double a = *(const double *)x, b = *(const double *)y;

	return (a > b) - (a < b);
}

double *frame_sorted(const struct frame *f, size_t column, size_t *n,
		     size_t *n_null)
{
	const struct frame_column *c = &f->columns[column];
	double *all = xcalloc(f->n + 1, sizeof(*all));

	*n = *n_null = 0;
	for (size_t i = 0; i < f->n; i++) {
		if (isnan(c->numbers[i]))
			(*n_null)++;
		else
			all[(*n)++] = c->numbers[i];
	}
	qsort(all, *n, sizeof(*all), by_value);
	return all;
}

/* ---- a whole file ---- */

/* What a pass over the file found in a column. */
struct seen {
	bool has_text, has_fraction;
	double few[FEW_VALUES + 1];
	size_t n_few;
};

static void see(struct seen *s, const struct csv_field *cell)
{
	double v;

	if (!cell->len)
		return;
	if (!frame_parse_number(cell->s, cell->len, &v)) {
		s->has_text = true;
		return;
	}
	s->has_fraction |= v != floor(v);
	for (size_t i = 0; i < s->n_few; i++)
		if (s->few[i] == v)
			return;
	if (s->n_few <= FEW_VALUES)
		s->few[s->n_few++] = v;
}

static struct frame *frame_of_header(const struct csv_record *header,
				     size_t max_rows)
{
	const char **names = xcalloc(header->n_fields + 1, sizeof(*names));
	struct frame *f;

	for (size_t i = 0; i < header->n_fields; i++)
		names[i] = xstrndup(header->fields[i].s,
				    header->fields[i].len);
	f = frame_new(names, header->n_fields, max_rows);
	for (size_t i = 0; i < header->n_fields; i++)
		free((char *)names[i]);
	free(names);
	return f;
}

/* One pass over the records after the header; seen NULL: adds them. */
static void pass(const char *bytes, size_t len, struct csv_record *r,
		 struct frame *f, struct seen *seen)
{
	bool is_bad;
	size_t used;

	while ((used = csv_read(bytes, len, true, r, &is_bad))) {
		bytes += used;
		len -= used;
		if (is_bad || r->n_fields != f->n_columns)
			continue;
		if (!seen) {
			frame_add(f, r->fields);
			continue;
		}
		for (size_t i = 0; i < f->n_columns; i++)
			see(&seen[i], &r->fields[i]);
	}
}

static bool is_named(const char *const *names, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(names[i], name))
			return true;
	return false;
}

/* Is the column one of numbers, by what was told or what was seen? */
static bool is_number(const struct frame_types *t, const char *name,
		      const struct seen *seen)
{
	int at = t->like ? frame_find(t->like, name) : -1;

	if (is_named(t->numbers, t->n_numbers, name))
		return true;
	if (is_named(t->categories, t->n_categories, name))
		return false;
	if (at >= 0)
		return t->like->columns[at].is_number;
	return !seen->has_text && seen->n_few &&
	       (seen->has_fraction || seen->n_few > FEW_VALUES);
}

int frame_load_csv(const char *path, size_t max_rows, struct frame **out,
		   struct err *err)
{
	static const struct frame_types nothing;

	return frame_load_csv_as(path, max_rows, &nothing, out, err);
}

int frame_load_csv_as(const char *path, size_t max_rows,
		      const struct frame_types *types, struct frame **out,
		      struct err *err)
{
	struct buf text = BUF_INIT(FRAME_MAX_FILE);
	struct csv_record r;
	struct seen *seen = NULL;
	struct frame *f;
	bool is_bad = false;
	size_t used;

	csv_record_init(&r);
	if (file_read(path, FRAME_MAX_FILE, &text, err))
		goto out;
	used = csv_read(buf_str(&text), text.len, true, &r, &is_bad);
	if (!used || is_bad || !r.n_fields) {
		err_set(err, ERR_PARSE, "%s: no header line", path);
		goto out;
	}
	f = frame_of_header(&r, max_rows);
	seen = xcalloc(f->n_columns, sizeof(*seen));
	pass(buf_str(&text) + used, text.len - used, &r, f, seen);
	for (size_t i = 0; i < f->n_columns; i++)
		if (is_number(types, f->columns[i].name, &seen[i]))
			frame_set_number(f, i);
	pass(buf_str(&text) + used, text.len - used, &r, f, NULL);
	*out = f;
out:
	free(seen);
	csv_record_release(&r);
	buf_release(&text);
	return (int)err->code;
}
