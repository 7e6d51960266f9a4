/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_STORE_LEASE_H
#define MLTOWER_STORE_LEASE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "store/state.h"

/* One process a state folder evaluates the monitors. It holds a lock on
 * DIR/watch.lock while it lives, and writes who it is and a sign of life, so
 * that every screen can say who watches, and since when nobody does. */
struct lease {
	int fd;           /* of the lock; -1: not held */
	int64_t since_ms; /* we hold it */
};

#define LEASE_INIT                                                             \
	{                                                                      \
		.fd = -1                                                       \
	}

/* True if we hold it now (also if we did before). */
bool lease_take(struct lease *l, struct state *s, int64_t now_ms,
		struct err *err);
/* A sign of life, at most every few seconds. */
ATTR_NODISCARD enum err_code lease_beat(struct lease *l, struct state *s,
					int64_t now_ms, struct err *err);
void lease_leave(struct lease *l, struct state *s, int64_t now_ms);

struct lease_state {
	bool is_held; /* its holder gave a sign lately, or has not left */
	char who[96]; /* "pid 4711 on gpu-2" */
	int64_t since_ms, beat_ms; /* of the last holder; TIME_NONE never */
	int64_t left_ms;           /* it left in order; TIME_NONE */
};
ATTR_NODISCARD enum err_code lease_read(struct state *s, int64_t now_ms,
					struct lease_state *out,
					struct err *err);

#endif
