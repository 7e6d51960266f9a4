/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_UI_ABSENCE_H
#define MLTOWER_UI_ABSENCE_H

#include <stdbool.h>
#include <stdint.h>

/* While nobody typed for minutes, nobody looked: what came then is new, and a
 * line marks it for who comes back. */
struct absence {
	int64_t since_utc_ms; /* the last key before it; TIME_NONE: none yet */
	bool is_marked;       /* the line stands */
	int64_t back_mono_ms; /* when it ended */
	int64_t key_mono_ms, key_utc_ms;
};

void absence_init(struct absence *a);
/* A key was typed. The first one after a pause puts the line up; one that comes
 * when there was time to read takes it away. */
void absence_note_key(struct absence *a, int64_t now_mono_ms,
		      int64_t now_utc_ms);

#endif
