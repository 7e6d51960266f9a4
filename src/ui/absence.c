/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "absence.h"

#include "base/clock.h"

#define PAUSE_MS (5 * 60 * (int64_t)1000)
#define READ_MS  (20 * (int64_t)1000)

void absence_init(struct absence *a)
{
	*a = (struct absence){ .since_utc_ms = TIME_NONE };
}

void absence_note_key(struct absence *a, int64_t now_mono_ms,
		      int64_t now_utc_ms)
{
	if (a->key_mono_ms && now_mono_ms - a->key_mono_ms >= PAUSE_MS) {
		a->since_utc_ms = a->key_utc_ms;
		a->back_mono_ms = now_mono_ms;
		a->is_marked = true;
	} else if (now_mono_ms - a->back_mono_ms >= READ_MS) {
		a->is_marked = false;
	}
	a->key_mono_ms = now_mono_ms;
	a->key_utc_ms = now_utc_ms;
}
