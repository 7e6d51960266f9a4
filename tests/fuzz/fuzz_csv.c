/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A file read whole equals the file read as it grows, and what is written of
 * what was read, reads back. */
#include "config.h"

#include <stdint.h>
#include <string.h>

#include "base/mem.h"
#include "format/csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* One record as bytes that tell everything apart. */
static void add_record(struct buf *out, const struct csv_record *r, bool is_bad)
{
	BUG_ON(is_bad && r->n_fields);
	buf_addf(out, "%c%zu:", is_bad ? '!' : '=', r->n_fields);
	for (size_t i = 0; i < r->n_fields; i++) {
		buf_addf(out, "%zu%c", r->fields[i].len,
			 r->fields[i].was_quoted ? 'q' : 'u');
		buf_add(out, r->fields[i].s, r->fields[i].len);
	}
}

static void add_fields(struct buf *out, const struct csv_record *r)
{
	for (size_t i = 0; i < r->n_fields; i++)
		csv_add_field(out, r->fields[i].s, r->fields[i].len, !i);
	csv_end_record(out);
}

/* step 0: all at once. `written` (may be NULL) gets the good records. */
static void read_all(const char *text, size_t len, size_t step, struct buf *out,
		     struct buf *written)
{
	size_t at = 0, seen = step ? MIN(step, len) : len;
	struct csv_record r;

	csv_record_init(&r);
	for (;;) {
		bool is_bad;
		size_t n = csv_read(text + at, seen - at, seen == len, &r,
				    &is_bad);

		BUG_ON(n > seen - at);
		at += n;
		if (n)
			add_record(out, &r, is_bad);
		if (n && written && !is_bad)
			add_fields(written, &r);
		if (!n && seen == len)
			break;
		if (!n)
			seen = MIN(seen + step, len);
	}
	csv_record_release(&r);
}

/* Without what quotes say: a writer quotes only where it must. */
static void read_fields(const char *text, size_t len, struct buf *out)
{
	struct csv_record r;
	bool is_bad;
	size_t n;

	csv_record_init(&r);
	for (; (n = csv_read(text, len, true, &r, &is_bad));
	     text += n, len -= n) {
		if (is_bad)
			continue;
		for (size_t i = 0; i < r.n_fields; i++) {
			r.fields[i].was_quoted = false;
		}
		add_record(out, &r, false);
	}
	csv_record_release(&r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct buf whole = BUF_INIT(0), pieces = BUF_INIT(0);
	struct buf written = BUF_INIT(0);

	read_all(text, size, 0, &whole, &written);
	read_all(text, size, size ? 1 + data[size - 1] % 64 : 1, &pieces, NULL);
	BUG_ON(whole.len != pieces.len);
	BUG_ON(whole.len && memcmp(whole.data, pieces.data, whole.len));
	buf_clear(&whole);
	buf_clear(&pieces);
	read_fields(text, size, &whole);
	read_fields(buf_str(&written), written.len, &pieces);
	BUG_ON(whole.len != pieces.len);
	BUG_ON(whole.len && memcmp(whole.data, pieces.data, whole.len));
	buf_release(&whole);
	buf_release(&pieces);
	buf_release(&written);
	return 0;
}
