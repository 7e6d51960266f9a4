/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/str.h"
#include "system/ops.h"

enum err_code run_edit_compare(const struct run_edit *shown,
			       const struct run_edit *now, struct err *err)
{
	const char *was = shown->was ? shown->was : "absent";
	const char *is = now->was ? now->was : "absent";

	if (now->is_deleted != shown->is_deleted)
		return err_set(err, ERR_CONFLICT, "run %.12s was %s meanwhile",
			       shown->run_id,
			       now->is_deleted ? "deleted" : "restored");
	if (str_same(now->was, shown->was))
		return ERR_OK;
	return err_set(
		err, ERR_CONFLICT, "%.80s of run %.12s is %.60s now, not %.60s",
		shown->key ? shown->key : "the name", shown->run_id, is, was);
}
