/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_FORMAT_CSV_H
#define MLTOWER_FORMAT_CSV_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

/* Reading RFC 4180 records from a growing buffer: quotes, doubled quotes, CRLF
 * and LF, a byte order mark, line breaks inside quotes. */
struct csv_field {
	const char *s; /* not NUL-terminated; unescaped */
	size_t len;
	bool was_quoted;
};

struct csv_record {
	struct csv_field *fields;
	size_t n_fields, cap;
	struct buf text; /* unescaped bytes of quoted fields */
	bool has_begun;  /* past where a byte order mark may stand */
	bool is_skipping, skips_quoted; /* inside a record past a cap */
};

#define CSV_MAX_RECORD (1u << 20)
#define CSV_MAX_FIELDS 4096

/* Once a file: r also knows whether its first record was read. */
void csv_record_init(struct csv_record *r);
void csv_record_release(struct csv_record *r);

/* Reads one whole record from bytes[0..len). Returns the bytes used, 0 where
 * the record is not complete yet (no line end seen and !at_end). A record past
 * a cap, with a quote that never closes or with bytes after a closing quote is
 * skipped to its line end and *is_bad is set (else cleared); it has no fields.
 * Where its end is not in sight, all of len is used and the next call goes on
 * skipping (and says so again). An empty line is one empty field. Fields point
 * into `bytes` or into r->text, until either changes. */
size_t csv_read(const char *bytes, size_t len, bool at_end,
		struct csv_record *r, bool *is_bad);

/* Writing: quotes only where it must. */
void csv_add_field(struct buf *out, const char *s, size_t len, bool is_first);
void csv_end_record(struct buf *out); /* CRLF as RFC 4180 says */

#endif
