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
};

bool cancel_is_due(const struct cancel *c); /* NULL is never due */

#endif
