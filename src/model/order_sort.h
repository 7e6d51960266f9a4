/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_MODEL_ORDER_SORT_H
#define MLTOWER_MODEL_ORDER_SORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/intern.h"
#include "model/order.h"

#define ORDER_KEY_MISSING UINT64_MAX /* behind all, in both directions */

struct order_item {
	uint64_t key;
	uint32_t row;
};

/* The order of doubles, -inf to inf and then NaN, as unsigned numbers: neither
 * 0 nor the one of what is missing. */
uint64_t order_number_key(double v, bool is_desc);
/* The items' keys, from their rows, by what may be anything but ORDER_ID. now:
 * as in order_ask.
 * False: no row has a value, and nothing was filled in. */
bool order_fill_keys(const struct run_set *set, const struct order_key *k,
		     int64_t now_ms, struct order_item *items, size_t n);
/* Sorts by key; equals stay as they are. *spare has room for n, and may be
 * exchanged with *items. */
void order_radix_sort(struct order_item **items, struct order_item **spare,
		      size_t n);
/* Sorts interned numbers by the bytes of their texts. */
void order_sort_texts(const struct intern *strings, uint32_t *ids, size_t n);

#endif
