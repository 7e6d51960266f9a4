/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_MODEL_ORDER_SORT_H
#define MLTOWER_MODEL_ORDER_SORT_H

#include <stddef.h>
#include <stdint.h>

#include "base/intern.h"

struct order_item {
	uint64_t key;
	uint32_t row;
};

/* Sorts by key; equals stay as they are. *spare has room for n, and may be
 * exchanged with *items. */
void order_radix_sort(struct order_item **items, struct order_item **spare,
		      size_t n);
/* Sorts interned numbers by the bytes of their texts. */
void order_sort_texts(const struct intern *strings, uint32_t *ids, size_t n);

#endif
