/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_PROMOTE_ROLLBACK_H
#define MLTOWER_PROMOTE_ROLLBACK_H

#include "base/arena.h"
#include "base/err.h"
#include "store/state.h"
#include "system/ops.h"

/* What the record says stood before. */
struct rollback {
	const char *version;
	/* Where the last step was a rollback itself, so that another one goes
	 * forward again: when that was, and by whom; NULL: it was none. */
	const char *undoes;
};

/* The previous_version of the last entry that promoted `holder` to the alias,
 * in the registry of this fingerprint, whatever it was called then. In the
 * arena. ERR_ABSENT with the reason where the trail knows nothing of this
 * holder (it was moved by somebody else) or nobody held the alias before. */
ATTR_NODISCARD enum err_code
rollback_find(struct state *s, struct arena *a, const char *fingerprint,
	      const char *model, const char *alias, const char *holder,
	      struct rollback *out, struct err *err);

/* Intents without an outcome (a crash in between), looked into: the registry
 * is read, and an outcome put on record: promoted, failed (nothing was
 * written), or unknown. find gives the source's adapter by its name; NULL ops,
 * and another registry behind the name: left open. One line of what was found,
 * in the arena; NULL: nothing was open. */
typedef const struct system_ops *settle_find(void *ctx, const char *source,
					     struct source_conf *conf);
ATTR_NODISCARD enum err_code settle_all(struct state *s, settle_find *find,
					void *ctx, const struct cancel *stop,
					struct arena *a, const char **line,
					struct err *err);

#endif
