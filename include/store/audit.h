/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_STORE_AUDIT_H
#define MLTOWER_STORE_AUDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "format/digest.h"
#include "store/state.h"

/* The audit trail: append-only, ordered by seq, each entry chained to the one
 * before by hash = SHA-256(prev, LF, RFC 8785 JSON of the entry without its
 * hash). An intent and its outcome are two entries with one id. A commit is on
 * disk when audit_append() returns. */
struct audit_waiver {
	const char *gate, *reason;
};

/* Strings may be NULL where they do not apply. */
struct audit_entry {
	int64_t seq;
	const char *id;   /* joins intent and outcome: "3f9c..." */
	const char *kind; /* "intent", "outcome", "served" */
	int64_t time_ms;
	const char *actor, *host;
	/* Who: facts of the system, and what the environment claims. */
	int64_t uid;
	const char *login, *ssh_from, *claims, *tool;
	const char *verb; /* "promote", "rollback" */
	const char *source, *model, *version, *alias, *stage;
	const char *previous_version; /* "" nobody held it */
	const char *fingerprint;      /* of the registry */
	const char *reason, *ticket;
	size_t n_waivers;
	const struct audit_waiver *waivers;
	const char *policy_digest; /* of the gates as they were configured */
	const char *evidence;      /* what each gate said, JSON text */
	int64_t verified_ms; /* when it was read back; TIME_NONE in an intent */
	const char *outcome; /* "promoted" ...; NULL in an intent */
	const char *message; /* why, one line; NULL */
	const char *prev, *hash;
};

/* Fills actor, host, uid, login, ssh_from, claims and tool of this process; in
 * the arena. */
void audit_identify(struct arena *a, struct audit_entry *e);
/* A new id, unique. out of at least 17 bytes. */
void audit_new_id(char out[17]);

/* Appends; sets seq, prev and hash (in the arena). Failure: nothing was
 * written. */
ATTR_NODISCARD enum err_code audit_append(struct state *s, struct arena *a,
					  struct audit_entry *e,
					  struct err *err);
/* Newest first, of one model (NULL: all), at most max (0: all). In the arena.
 */
ATTR_NODISCARD enum err_code audit_list(struct state *s, const char *model,
					size_t max, struct arena *a,
					struct audit_entry **out, size_t *n,
					struct err *err);
/* Intents that have no outcome, oldest first. */
ATTR_NODISCARD enum err_code audit_open_intents(struct state *s,
						struct arena *a,
						struct audit_entry **out,
						size_t *n, struct err *err);
/* The hash of the last entry; the hash of nothing is 64 zeros. */
ATTR_NODISCARD enum err_code audit_head(struct state *s, char out[SHA256_HEX],
					struct err *err);

struct audit_check {
	int64_t n_entries;
	bool is_whole;
	int64_t bad_seq; /* where it breaks */
	char why[160];   /* "entry 12 was changed" */
	char head[SHA256_HEX];
};
/* Reads the whole chain. A broken one is an answer, not an error. */
ATTR_NODISCARD enum err_code
audit_verify(struct state *s, struct audit_check *out, struct err *err);

#endif
