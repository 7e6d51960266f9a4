/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "io/gate.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define N_LOCKS (GATE_STATE + 1)

struct permit {
	char *source; /* NULL: messages */
	struct permit *next;
};

/* NULL while open; a literal once closed, and never NULL again. */
static _Atomic(const char *) closed_by[N_LOCKS];
static struct permit *writable;
static const struct permit messages;

void gate_close(enum gate_lock lock, const char *why)
{
	const char *open = NULL;

	BUG_ON(!why);
	atomic_compare_exchange_strong(&closed_by[lock], &open, why);
}

bool gate_is_closed(enum gate_lock lock)
{
	return atomic_load(&closed_by[lock]) != NULL;
}

const char *gate_why(enum gate_lock lock)
{
	const char *why = atomic_load(&closed_by[lock]);

	return why ? why : "";
}

static const struct permit *find_writable(const char *source)
{
	const struct permit *p;

	for (p = writable; p; p = p->next)
		if (!strcmp(p->source, source))
			return p;
	return NULL;
}

void gate_allow_source(const char *source)
{
	struct permit *p;

	if (find_writable(source))
		return;
	p = xmalloc(sizeof(*p));
	p->source = xstrdup(source);
	p->next = writable;
	writable = p;
}

bool gate_source_is_writable(const char *source)
{
	return !gate_is_closed(GATE_SYSTEMS) && find_writable(source);
}

const struct permit *gate_permit(const char *source, struct err *err)
{
	const struct permit *p;

	if (gate_is_closed(GATE_SYSTEMS)) {
		err_set(err, ERR_READONLY,
			"read-only: %s closes the gate over all sources",
			gate_why(GATE_SYSTEMS));
		return NULL;
	}
	p = find_writable(source);
	if (!p)
		err_set(err, ERR_READONLY,
			"source %.100s is read-only: say `write: yes` in its "
			"config, or start with --write",
			source);
	return p;
}

bool gate_covers(const struct permit *permit, const char *source)
{
	return permit && permit == find_writable(source) &&
	       !gate_is_closed(GATE_SYSTEMS);
}

const struct permit *gate_permit_message(struct err *err)
{
	if (!gate_is_closed(GATE_MESSAGES))
		return &messages;
	err_set(err, ERR_READONLY, "read-only: %s lets no message out",
		gate_why(GATE_MESSAGES));
	return NULL;
}

void gate_init(void)
{
	const char *s = getenv("MLTOWER_READONLY");

	if (s && *s && strcmp(s, "0") != 0)
		gate_close(GATE_SYSTEMS, "MLTOWER_READONLY");
}

void gate_reset_for_tests(void)
{
	int i;

	for (i = 0; i < N_LOCKS; i++)
		atomic_store(&closed_by[i], NULL);
	while (writable) {
		struct permit *p = writable;

		writable = p->next;
		free(p->source);
		free(p);
	}
}
