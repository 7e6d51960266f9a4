/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "data/frame.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/num.h"
#include "io/file.h"

#define FEW_VALUES  10
#define FEW_STRINGS 4096

struct frame_order {
	double *sorted;
	size_t n, n_null;
};

struct frame *frame_new(const char *const *names, size_t n, size_t max_rows)
{
	struct frame *f = xcalloc(1, sizeof(*f));

	f->columns = xcalloc(n + 1, sizeof(*f->columns));
	f->n_columns = n;
	f->max = MAX(1, max_rows);
	f->strings = intern_new();
	f->max_strings = FEW_STRINGS;
	for (size_t i = 0; i < n; i++) {
		f->columns[i].name = xstrdup(names[i]);
		f->columns[i].codes = xcalloc(f->max, sizeof(uint32_t));
	}
	return f;
}

static void forget_order(struct frame_column *c)
{
	if (!c->order)
		return;
	free(c->order->sorted);
	free(c->order);
	c->order = NULL;
}

void frame_free(struct frame *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->n_columns; i++) {
		forget_order(&f->columns[i]);
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

void frame_skip(struct frame *f, size_t column)
{
	struct frame_column *c = &f->columns[column];

	BUG_ON(f->n);
	free(c->codes);
	free(c->numbers);
	c->codes = NULL;
	c->numbers = NULL;
	c->is_number = false;
	c->is_skipped = true;
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
	while (len && (s[len - 1] == ' ' || s[len - 1] == '\t'))
		len--;
	while (len && (*s == ' ' || *s == '\t'))
		s++, len--;
	if (len > 1 && *s == '+' && s[1] != '-')
		s++, len--;
	return num_parse(s, len, out);
}

/* Keeps the strings of the rows that are here; codes change. */
static void drop_strings(struct frame *f)
{
	struct intern *kept = intern_new();

	for (size_t i = 0; i < f->n_columns; i++) {
		uint32_t *codes = f->columns[i].codes;

		for (size_t r = 0; codes && r < f->n; r++)
			codes[r] = intern_putn(
				kept, intern_str(f->strings, codes[r]),
				intern_len(f->strings, codes[r]));
	}
	intern_free(f->strings);
	f->strings = kept;
	f->max_strings = 2 * intern_count(kept) + FEW_STRINGS;
}

static uint32_t word_code(struct frame *f, const struct csv_field *cell)
{
	return intern_putn(f->strings, cell->s,
			   MIN(cell->len, (size_t)FRAME_MAX_WORD));
}

void frame_add(struct frame *f, const struct csv_field *cells)
{
	size_t at = f->next;

	if (intern_count(f->strings) > f->max_strings)
		drop_strings(f);
	for (size_t i = 0; i < f->n_columns; i++) {
		struct frame_column *c = &f->columns[i];

		if (c->codes) {
			c->codes[at] = word_code(f, &cells[i]);
		} else if (c->is_number) {
			forget_order(c);
			if (!frame_parse_number(cells[i].s, cells[i].len,
						&c->numbers[at]))
				c->numbers[at] = NAN;
		}
	}
	f->next = (at + 1) % f->max;
	if (f->n < f->max)
		f->n++;
}

void frame_clear(struct frame *f)
{
	f->n = f->next = 0;
	for (size_t i = 0; i < f->n_columns; i++)
		forget_order(&f->columns[i]);
}

static int by_value(const void *x, const void *y)
{
	double a = *(const double *)x, b = *(const double *)y;

	return (a > b) - (a < b);
}

static struct frame_order *order_of(const struct frame *f,
				    const double *numbers)
{
	struct frame_order *o = xcalloc(1, sizeof(*o));

	o->sorted = xcalloc(f->n + 1, sizeof(*o->sorted));
	for (size_t i = 0; i < f->n; i++) {
		if (isnan(numbers[i]))
			o->n_null++;
		else
			o->sorted[o->n++] = numbers[i];
	}
	qsort(o->sorted, o->n, sizeof(*o->sorted), by_value);
	return o;
}

const double *frame_sorted(const struct frame *f, size_t column, size_t *n,
			   size_t *n_null)
{
	struct frame_column *c = &f->columns[column];

	if (!c->order)
		c->order = order_of(f, c->numbers);
	*n = c->order->n;
	*n_null = c->order->n_null;
	return c->order->sorted;
}

/* ---- a whole file ---- */

/* What a pass over the file found in a column. */
struct seen {
	bool has_text, has_fraction;
	double few[FEW_VALUES + 1];
	size_t n_few;
};

/* What writers put where there is no number. */
static bool is_nothing(const struct csv_field *cell)
{
	static const char *const words[] = { "nan",  "na",       "n/a",
					     "null", "none",     "inf",
					     "-inf", "infinity", "-infinity" };

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strlen(words[i]) == cell->len &&
		    !strncasecmp(words[i], cell->s, cell->len))
			return true;
	return !cell->len;
}

static void see(struct seen *s, const struct csv_field *cell)
{
	double v;

	if (is_nothing(cell))
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
		names[i] = xstrndup(header->fields[i].s, header->fields[i].len);
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
