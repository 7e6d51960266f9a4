/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_BASE_BUF_H
#define MLTOWER_BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/mem.h"

/* A growing byte string with a cap. data is always NUL-terminated once
 * anything was added (and "" is returned by buf_str before). Past the cap
 * nothing more is added and is_cut is set: what is held stays a prefix of what
 * was meant. A max of 0 (a zeroed struct) stands for BUF_DEFAULT_MAX. */
struct buf {
	char *data;
	size_t len, cap, max;
	bool is_cut;
};

#define BUF_DEFAULT_MAX ((size_t)64 << 20)
#define BUF_INIT(max_bytes)                                                    \
	{                                                                      \
		.max = (max_bytes)                                             \
	}

void buf_release(struct buf *b); /* frees; ready for use again */
void buf_clear(struct buf *b);   /* empty, memory kept */
void buf_add(struct buf *b, const void *bytes, size_t len);
void buf_adds(struct buf *b, const char *s);
void buf_addc(struct buf *b, char c);
void buf_addf(struct buf *b, const char *fmt, ...) ATTR_PRINTF(2, 3);
void buf_addv(struct buf *b, const char *fmt, va_list ap);
/* Makes room for n more bytes, so that adding them moves nothing. False past
 * the cap (is_cut is then left alone). */
bool buf_reserve(struct buf *b, size_t n);
/* Drops the first n bytes (a parser has used them). */
void buf_drop(struct buf *b, size_t n);
const char *buf_str(const struct buf *b);
/* The string is yours now (free()); the buffer is empty. */
char *buf_take(struct buf *b);

#endif
