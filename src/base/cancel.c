/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/cancel.h"

#include "base/clock.h"

bool cancel_is_due(const struct cancel *c)
{
	if (!c)
		return false;
	if (atomic_load_explicit(&c->stop, memory_order_relaxed))
		return true;
	return c->deadline_mono_ms && clock_mono_ms() >= c->deadline_mono_ms;
}
