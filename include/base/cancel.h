/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_BASE_CANCEL_H
#define MLTOWER_BASE_CANCEL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* Handed to whatever may block: looked at by SQLite's handlers and by HTTP. */
struct cancel {
	_Atomic bool stop;
	int64_t deadline_mono_ms; /* 0: none */
	/* For a part of the work with a deadline of its own: what stops the
	 * whole stops it too. NULL: this is the whole. */
	const struct cancel *whole;
};

bool cancel_is_due(const struct cancel *c); /* NULL is never due */
/* By somebody, not by its deadline. */
bool cancel_is_stopped(const struct cancel *c);
/* Until its deadline, and no more than `most_ms`. */
int64_t cancel_left_ms(const struct cancel *c, int64_t most_ms);

#endif
