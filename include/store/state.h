/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_STORE_STATE_H
#define MLTOWER_STORE_STATE_H

#include <stdbool.h>

#include "base/err.h"
#include "io/db.h"

/* The state folder: one SQLite file, mltower.db, with everything mltower keeps
 * for itself. Any number of processes use it at once; each thread opens its
 * own. Behind a closed GATE_STATE it is only read. */
struct state;

/* Makes the folder (0700) and the file where they are missing, and brings an
 * older file up to date. ERR_SCHEMA: a newer mltower made it. */
ATTR_NODISCARD enum err_code state_open(const char *dir, struct state **out,
					struct err *err);
/* To read what is on record also where the disk is full or was made read-only:
 * an older file stays as it is then. The failure is state_open()'s. */
ATTR_NODISCARD enum err_code
state_open_to_read(const char *dir, struct state **out, struct err *err);
void state_close(struct state *s); /* NULL is fine */
struct db *state_db(struct state *s);
const char *state_dir(const struct state *s);
/* A lock while a promotion is under way (shared), or while open intents are
 * settled (not shared: then nobody is in the midst of one). The descriptor to
 * close, or -1 with ERR_BUSY where the other kind is held. */
int state_guard(struct state *s, bool is_shared, struct err *err);
/* Changes when another process (or thread) wrote. */
ATTR_NODISCARD enum err_code state_version(struct state *s, int64_t *out,
					   struct err *err);

#endif
