/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "promote/rollback.h"

#include <string.h>

#include "base/clock.h"
#include "store/audit.h"

static bool same(const char *a, const char *b)
{
	return a && b && !strcmp(a, b);
}

static const char *undoes(const struct audit_entry *e, struct arena *a)
{
	char when[32];

	if (!same(e->verb, "rollback"))
		return NULL;
	clock_format_local(e->time_ms, when);
	return arena_printf(a,
			    "would put v%s back, which was rolled back from at "
			    "%.16s by %s",
			    e->previous_version, when, e->actor);
}

enum err_code rollback_find(struct state *s, struct arena *a,
			    const char *fingerprint, const char *model,
			    const char *alias, const char *holder,
			    struct rollback *out, struct err *err)
{
	struct audit_entry *all;
	size_t n;

	if (audit_list(s, model, 0, a, &all, &n, err))
		return err->code;
	for (size_t i = 0; i < n; i++) {
		const struct audit_entry *e = &all[i];

		if (!same(e->outcome, "promoted") ||
		    !same(e->fingerprint, fingerprint) ||
		    !same(e->alias, alias))
			continue;
		if (!same(e->version, holder))
			return err_set(err, ERR_ABSENT,
				       "%s: the record says v%s holds %s, the "
				       "registry says %s%s: moved by somebody "
				       "else",
				       model, e->version, alias,
				       *holder ? "v" : "nobody", holder);
		if (!e->previous_version || !*e->previous_version)
			return err_set(err, ERR_ABSENT,
				       "%s: nobody held %s before v%s", model,
				       alias, holder);
		*out = (struct rollback){ e->previous_version, undoes(e, a) };
		return ERR_OK;
	}
	return err_set(err, ERR_ABSENT,
		       "%s: the record knows no promotion to %s", model, alias);
}
