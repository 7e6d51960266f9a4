/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_IO_FOLLOW_H
#define MLTOWER_IO_FOLLOW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

/* A file that grows, is cut, replaced, removed and brought back, followed like
 * `tail -F`. Not for SQLite files. */
struct follow;

enum follow_what {
	FOLLOW_NOTHING, /* nothing new */
	FOLLOW_MORE,    /* bytes were appended to out */
	FOLLOW_AFRESH,  /* replaced: out was cleared, bytes from 0 */
	FOLLOW_ROTATED, /* the same where what was read goes on: the file has
			 * another name now and was read to its end, or it was
			 * cut */
	FOLLOW_ABSENT,  /* there is no file now */
};

struct follow *follow_new(const char *path);
void follow_free(struct follow *f);
const char *follow_path(const struct follow *f);
/* Reads at most max bytes more onto out. err is set beside FOLLOW_NOTHING
 * where the file cannot be read. */
enum follow_what follow_read(struct follow *f, struct buf *out, size_t max,
			     struct err *err);
int64_t follow_offset(const struct follow *f); /* bytes read so far */
/* Was the other file written more than so much after the one that is followed,
 * and is neither the same one by another name, nor a copy of it? */
bool follow_is_newer(const struct follow *f, const char *other, int64_t by_ms);
/* Start at this offset where the file is at least as long (a saved place). */
void follow_seek(struct follow *f, int64_t offset);

#endif
