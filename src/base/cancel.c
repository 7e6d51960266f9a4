/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/cancel.h"

#include "base/clock.h"
#include "base/mem.h"

bool cancel_is_stopped(const struct cancel *c)
{
	for (; c; c = c->whole)
		if (atomic_load_explicit(&c->stop, memory_order_relaxed))
			return true;
	return false;
}

int64_t cancel_left_ms(const struct cancel *c, int64_t most_ms)
{
	int64_t now_ms = clock_mono_ms();

	for (; c; c = c->whole)
		if (c->deadline_mono_ms)
			most_ms = MIN(most_ms, c->deadline_mono_ms - now_ms);
	return MAX(most_ms, 0);
}

bool cancel_is_due(const struct cancel *c)
{
	for (; c; c = c->whole)
		if (atomic_load_explicit(&c->stop, memory_order_relaxed) ||
		    (c->deadline_mono_ms &&
		     clock_mono_ms() >= c->deadline_mono_ms))
			return true;
	return false;
}
