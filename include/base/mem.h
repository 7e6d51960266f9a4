/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_BASE_MEM_H
#define MLTOWER_BASE_MEM_H

#include <stddef.h>

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define MIN(a, b)    ((a) < (b) ? (a) : (b))
#define MAX(a, b)    ((a) > (b) ? (a) : (b))

#define ATTR_NODISCARD	  __attribute__((warn_unused_result))
#define ATTR_PRINTF(f, a) __attribute__((format(printf, f, a)))
#define ATTR_NORETURN	  __attribute__((noreturn))

/* A mistake of ours: says where, restores the terminal, aborts. */
#define BUG_ON(cond)                                                           \
	do {                                                                   \
		if (cond)                                                      \
			mem_bug(__FILE__, __LINE__, #cond);                    \
	} while (0)

/* Allocation that does not fail: out of memory restores the terminal, says so
 * and ends the program. Results are freed with free(). */
void *xmalloc(size_t size);
void *xcalloc(size_t n, size_t size);
void *xrealloc(void *p, size_t size);
void *xreallocarray(void *p, size_t n, size_t size);
char *xstrdup(const char *s);
char *xstrndup(const char *s, size_t n);
char *xasprintf(const char *fmt, ...) ATTR_PRINTF(1, 2);

/* Room for at least `need` items of `size` bytes: doubles, so that appending
 * is cheap. *cap counts items. Returns the array, which may have moved. */
void *xgrow(void *items, size_t *cap, size_t need, size_t size);

/* Called once before the program ends by itself (restores the terminal). */
void mem_set_last_act(void (*act)(void));
ATTR_NORETURN void mem_bug(const char *file, int line, const char *what);

#endif
