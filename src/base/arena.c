/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

#define ALIGNMENT   16
#define FIRST_BLOCK ((size_t)4096)
#define LAST_BLOCK  ((size_t)256 << 10)

/* Blocks double up to LAST_BLOCK, so that small arenas stay small. The head is
 * the one being filled. */
struct arena_block {
	struct arena_block *next;
	size_t size, used;
	alignas(ALIGNMENT) char bytes[];
};

static struct arena_block *block_add(struct arena *a, size_t need)
{
	size_t size = FIRST_BLOCK;
	struct arena_block *block;

	if (a->head)
		size = MIN(a->head->size * 2, LAST_BLOCK);
	size = MAX(size, need);
	BUG_ON(size > SIZE_MAX - sizeof(*block));
	block = xmalloc(sizeof(*block) + size);
	*block = (struct arena_block){ .next = a->head, .size = size };
	a->head = block;
	return block;
}

/* Not zeroed. */
static void *take(struct arena *a, size_t size)
{
	struct arena_block *block = a->head;
	void *p;

	BUG_ON(size > SIZE_MAX / 2);
	size = (MAX(size, 1) + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
	if (!block || block->size - block->used < size)
		block = block_add(a, size);
	p = block->bytes + block->used;
	block->used += size;
	a->used_bytes += size;
	return p;
}

void *arena_alloc(struct arena *a, size_t size)
{
	return memset(take(a, size), 0, size);
}

char *arena_strdup(struct arena *a, const char *s)
{
	return s ? arena_strndup(a, s, strlen(s)) : NULL;
}

char *arena_strndup(struct arena *a, const char *s, size_t n)
{
	size_t len = n ? strnlen(s, n) : 0;
	char *copy = take(a, len + 1);

	if (len)
		memcpy(copy, s, len);
	copy[len] = '\0';
	return copy;
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	struct buf text = BUF_INIT(0);
	va_list ap;
	char *s;

	va_start(ap, fmt);
	buf_addv(&text, fmt, ap);
	va_end(ap);
	s = arena_strndup(a, buf_str(&text), text.len);
	buf_release(&text);
	return s;
}

static void free_blocks(struct arena_block *block)
{
	while (block) {
		struct arena_block *next = block->next;

		free(block);
		block = next;
	}
}

void arena_clear(struct arena *a)
{
	if (!a->head)
		return;
	free_blocks(a->head->next);
	a->head->next = NULL;
	a->head->used = 0;
	a->used_bytes = 0;
}

void arena_release(struct arena *a)
{
	free_blocks(a->head);
	*a = (struct arena)ARENA_INIT;
}
