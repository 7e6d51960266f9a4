/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_BASE_INTERN_H
#define MLTOWER_BASE_INTERN_H

#include <stddef.h>
#include <stdint.h>

/* Strings stored once, known by a small number. 0 is the empty string, and
 * stands for "none". Bytes are kept as they came (NUL bytes too). One thread
 * adds; any thread may read a number it was handed: neither the strings nor
 * their directory move. */
struct intern;

struct intern *intern_new(void);
void intern_free(struct intern *in);
uint32_t intern_put(struct intern *in, const char *s); /* NULL gives 0 */
uint32_t intern_putn(struct intern *in, const char *s, size_t len);
/* 0 where it was never put. */
uint32_t intern_find(const struct intern *in, const char *s);
const char *intern_str(const struct intern *in, uint32_t id);
size_t intern_len(const struct intern *in, uint32_t id);
size_t intern_count(const struct intern *in);
size_t intern_bytes(const struct intern *in); /* memory held, for limits */

#endif
