/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_MODEL_GROUP_KEYS_H
#define MLTOWER_MODEL_GROUP_KEYS_H

#include "model/group.h"

/* What groups are made by, bound to the columns of a set. */
struct group_key {
	struct order_key key; /* its name lies in the set or with who asked */
	uint32_t col;         /* of ORDER_VALUE; RUN_NO_COLUMN */
	bool is_number;
};

#define GROUP_COMMIT_TAG "mlflow.source.git.commit"
#define GROUP_DIGEST     "dataset.digest"

/* All keys, those of repeats behind the others. Yours (free()). */
struct group_key *group_keys_bind(const struct run_set *set,
				  const struct group_by *by, size_t *n);
/* What the row has there: equal where two runs have the same; 0 none. */
uint64_t group_key_of(const struct run_set *set, const struct group_key *k,
		      uint32_t row);

#endif
