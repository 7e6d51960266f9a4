/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "format/csv.h"

#include <stdlib.h>
#include <string.h>

#define BOM     "\xef\xbb\xbf"
#define BOM_LEN 3

void csv_record_init(struct csv_record *r)
{
	*r = (struct csv_record){ .text = BUF_INIT(CSV_MAX_RECORD) };
}

void csv_record_release(struct csv_record *r)
{
	free(r->fields);
	buf_release(&r->text);
	*r = (struct csv_record){ .text = BUF_INIT(CSV_MAX_RECORD) };
}

/* The length of a record with its line end; 0 where that is not in sight. A
 * quote opens only at the start of a field, and *in_quotes says whether one is
 * open where the bytes end (and at the start, for a record begun earlier). */
static size_t find_end(const char *s, size_t len, bool *in_quotes)
{
	bool at_start = !*in_quotes;

	for (size_t i = 0; i < len; i++) {
		if (*in_quotes) {
			const char *quote = memchr(s + i, '"', len - i);

			if (!quote)
				return 0;
			/* A doubled quote closes and opens again. */
			i = (size_t)(quote - s);
			*in_quotes = false;
			at_start = i + 1 < len && s[i + 1] == '"';
		} else if (s[i] == '\n') {
			return i + 1;
		} else if (s[i] == '"' && at_start) {
			*in_quotes = true;
		} else {
			at_start = s[i] == ',';
		}
	}
	return 0;
}

static bool add_field(struct csv_record *r, struct csv_field field)
{
	if (r->n_fields == CSV_MAX_FIELDS)
		return false;
	r->fields =
		xgrow(r->fields, &r->cap, r->n_fields + 1, sizeof(*r->fields));
	r->fields[r->n_fields++] = field;
	return true;
}

/* The field whose opening quote is s[0]; returns the bytes up to what must be
 * a comma or the end, 0 where the quote is not closed. There is room in
 * r->text for the whole record, so it does not move. */
static size_t read_quoted(const char *s, size_t len, struct csv_record *r,
			  struct csv_field *field)
{
	size_t from = r->text.len, i = 1;

	for (;;) {
		const char *quote = memchr(s + i, '"', len - i);
		size_t end;

		if (!quote)
			return 0;
		end = (size_t)(quote - s);
		buf_add(&r->text, s + i, end - i);
		i = end + 1;
		if (i == len || s[i] != '"')
			break;
		buf_addc(&r->text, '"');
		i++;
	}
	*field = (struct csv_field){ r->text.data + from, r->text.len - from,
				     true };
	return i;
}

/* s[0..len) is one record without its line end. */
static bool split(const char *s, size_t len, struct csv_record *r)
{
	size_t i = 0;

	if (!buf_reserve(&r->text, len))
		return false;
	for (;;) {
		struct csv_field field;

		if (i < len && s[i] == '"') {
			size_t n = read_quoted(s + i, len - i, r, &field);

			if (!n || (i + n < len && s[i + n] != ','))
				return false;
			i += n;
		} else {
			const char *comma =
				i < len ? memchr(s + i, ',', len - i) : NULL;
			size_t end = comma ? (size_t)(comma - s) : len;

			field = (struct csv_field){ s + i, end - i, false };
			i = end;
		}
		if (!add_field(r, field))
			return false;
		if (i == len)
			return true;
		i++;
	}
}

/* Inside a record past the cap: its end, or all there is. */
static size_t skip(const char *bytes, size_t len, struct csv_record *r)
{
	size_t n = find_end(bytes, len, &r->skips_quoted);

	r->is_skipping = !n;
	return n ? n : len;
}

size_t csv_read(const char *bytes, size_t len, bool at_end,
		struct csv_record *r, bool *is_bad)
{
	size_t used, n, start = 0;
	bool in_quotes = false;

	r->n_fields = 0;
	buf_clear(&r->text);
	*is_bad = r->is_skipping && len;
	if (r->is_skipping)
		return skip(bytes, len, r);
	if (!r->has_begun && len >= BOM_LEN && !memcmp(bytes, BOM, BOM_LEN))
		start = BOM_LEN;
	used = find_end(bytes + start, len - start, &in_quotes);
	if (!used && len - start > CSV_MAX_RECORD) {
		*is_bad = r->is_skipping = r->has_begun = true;
		r->skips_quoted = in_quotes;
		return len;
	}
	if (!used && (!at_end || len == start))
		return used;
	n = used ? used - 1 : len - start;
	if (n && bytes[start + n - 1] == '\r')
		n--;
	r->has_begun = true;
	*is_bad = n > CSV_MAX_RECORD || !split(bytes + start, n, r);
	if (*is_bad)
		r->n_fields = 0;
	return used ? start + used : len;
}

static bool must_quote(const char *s, size_t len)
{
	if (len >= BOM_LEN && !memcmp(s, BOM, BOM_LEN))
		return true; /* else taken for the file's own */
	for (size_t i = 0; i < len; i++) {
		if (s[i] == ',' || s[i] == '"' || s[i] == '\r' || s[i] == '\n')
			return true;
	}
	return false;
}

void csv_add_field(struct buf *out, const char *s, size_t len, bool is_first)
{
	if (!is_first)
		buf_addc(out, ',');
	if (!must_quote(s, len)) {
		buf_add(out, s, len);
		return;
	}
	buf_addc(out, '"');
	for (size_t i = 0; i < len; i++) {
		if (s[i] == '"')
			buf_addc(out, '"');
		buf_addc(out, s[i]);
	}
	buf_addc(out, '"');
}

void csv_end_record(struct buf *out)
{
	buf_add(out, "\r\n", 2);
}
