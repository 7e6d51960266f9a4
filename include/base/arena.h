/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_BASE_ARENA_H
#define MLTOWER_BASE_ARENA_H

#include <stddef.h>

#include "base/mem.h"

/* Memory that is given back all at once. Pointers never move. */
struct arena {
	struct arena_block *head;
	size_t used_bytes;
};

#define ARENA_INIT { 0 }

void *arena_alloc(struct arena *a, size_t size); /* zeroed, aligned to 16 */
char *arena_strdup(struct arena *a, const char *s); /* NULL gives NULL */
char *arena_strndup(struct arena *a, const char *s, size_t n);
char *arena_printf(struct arena *a, const char *fmt, ...) ATTR_PRINTF(2, 3);
void arena_clear(struct arena *a);   /* keeps one block */
void arena_release(struct arena *a); /* frees all */

#endif
