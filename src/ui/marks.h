/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_UI_MARKS_H
#define MLTOWER_UI_MARKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Rows that are marked, in the order in which they were. Starts zeroed. */
struct marks {
	uint32_t *rows;
	size_t n, cap;
	uint64_t *bits; /* one a row */
	size_t n_words;
	uint32_t gen; /* moves at any change */
};

void marks_release(struct marks *m);
void marks_clear(struct marks *m);
bool marks_have(const struct marks *m, uint32_t row);
void marks_add(struct marks *m, uint32_t row); /* harmless if it is marked */
void marks_toggle(struct marks *m, uint32_t row);
/* Takes these off, marked or not. */
void marks_drop(struct marks *m, const uint32_t *rows, size_t n);

#endif
