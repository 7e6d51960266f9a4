/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_STORE_AUDIT_H
#define MLTOWER_STORE_AUDIT_H

#include <stdint.h>

/* An entry of the audit trail, as it was read. */
struct audit_entry {
	int64_t seq, time_ms;
	const char *id, *verb, *actor, *host;
	const char *source, *model, *version, *alias, *previous_version;
	const char *reason, *outcome;
};

#endif
