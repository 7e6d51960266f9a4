/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/mem.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EXIT_NO_MEMORY 3 /* as what could not be read */

static _Atomic(void (*)(void)) last_act;

void mem_set_last_act(void (*act)(void))
{
	atomic_store(&last_act, act);
}

/* Taken, not read: an act that fails itself is not called again. */
static void act_once(void)
{
	void (*act)(void) = atomic_exchange(&last_act, NULL);

	if (act)
		act();
}

static ATTR_NORETURN void out_of_memory(void)
{
	static const char msg[] = "mltower: out of memory\n";
	ssize_t said;

	act_once();
	said = write(STDERR_FILENO, msg, sizeof(msg) - 1);
	(void)said; /* there is nobody else to tell */
	_exit(EXIT_NO_MEMORY);
}

void mem_bug(const char *file, int line, const char *what)
{
	act_once();
	fprintf(stderr, "mltower: bug at %s:%d: %s\n", file, line, what);
	abort();
}

void *xmalloc(size_t size)
{
	void *p = malloc(size ? size : 1);

	if (!p)
		out_of_memory();
	return p;
}

void *xcalloc(size_t n, size_t size)
{
	void *p = calloc(n ? n : 1, size ? size : 1);

	if (!p)
		out_of_memory();
	return p;
}

void *xrealloc(void *p, size_t size)
{
	p = realloc(p, size ? size : 1);
	if (!p)
		out_of_memory();
	return p;
}

void *xreallocarray(void *p, size_t n, size_t size)
{
	if (size && n > SIZE_MAX / size)
		out_of_memory();
	return xrealloc(p, n * size);
}

char *xstrdup(const char *s)
{
	size_t size = strlen(s) + 1;

	return memcpy(xmalloc(size), s, size);
}

char *xstrndup(const char *s, size_t n)
{
	size_t len = strnlen(s, n);
	char *copy = xmalloc(len + 1);

	memcpy(copy, s, len);
	copy[len] = '\0';
	return copy;
}

char *xasprintf(const char *fmt, ...)
{
	va_list ap;
	char *s;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&s, fmt, ap);
	va_end(ap);
	if (n < 0)
		out_of_memory();
	return s;
}

void *xgrow(void *items, size_t *cap, size_t need, size_t size)
{
	size_t bigger = *cap ? *cap : 8;

	if (need <= *cap)
		return items;
	while (bigger < need)
		bigger = bigger > SIZE_MAX / 2 ? need : bigger * 2;
	items = xreallocarray(items, bigger, size);
	*cap = bigger;
	return items;
}
