/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/state_load.h"

#include <stdlib.h>

#include "app/unwatched.h"
#include "store/journal.h"
#include "store/reports.h"

enum err_code state_load(const struct config *c, struct state *s,
			 struct model *m, int64_t since_ms, int64_t now_ms,
			 struct err *err)
{
	struct lease_state lease;
	int64_t seq = 0;

	if (unwatched_load(c, s, since_ms, now_ms, &m->alerts, &lease, err) ||
	    reports_load(s, &m->reports, &m->n_reports, err))
		return err->code;
	return journal_read(s, &seq, since_ms, m->events, err);
}
