/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A filter printed and parsed again is the same: it prints the same, needs the
 * same columns and keeps the same runs. What is no filter says where. */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "model/filter.h"
#include "model/filter_complete.h"
#include "model/order.h"

#define NOW_MS 1790000000000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct run_set *some_runs(void)
{
	static struct run_set *set;
	static const char *const names[] = { "rf-depth14", "gbt solar", "",
					     "cnn \xc3\xa9 100%" };
	static const char *const depths[] = { "14", "auto", "", "1e1" };
	struct batch *b;
	uint32_t i, run;
	char id[8] = "run-0";

	if (set)
		return set;
	set = run_set_new(intern_new());
	b = batch_new();
	for (i = 0; i < ARRAY_LEN(names); i++, id[4]++) {
		run = batch_add_run(b, &(struct run_facts){
					       .id = id,
					       .name = names[i],
					       .experiment_id = "1",
					       .user = "ann",
					       .parent_id = "",
					       .status = (enum run_status)i,
					       .start_ms = NOW_MS - i * 9000000,
					       .end_ms = NOW_MS });
		batch_add_number(b, run, batch_key(b, VALUE_METRIC, "auc"),
				 i / 4.);
		batch_add_text(b, run, batch_key(b, VALUE_PARAM, "depth"),
			       depths[i]);
		batch_add_text(b, run, batch_key(b, VALUE_FACT, "dataset.name"),
			       i % 2 ? "tx"
				     : "tx\x1f"
				       "eval");
	}
	run_set_apply(set, b);
	batch_free(b);
	return set;
}

static uint64_t kept(const struct filter *f)
{
	struct run_set *set = some_runs();
	struct filter_bound *b = filter_bind(f, set);
	struct run_bits bits = { { (1u << run_set_count(set)) - 1 } };

	filter_keep(b, 0, &bits);
	filter_unbind(b);
	return bits.words[0];
}

static void check_again(const struct filter *f)
{
	struct buf once = BUF_INIT(0), twice = BUF_INIT(0);
	struct filter *again = NULL;
	struct err err = { 0 };
	size_t column;

	filter_print(f, &once);
	BUG_ON(filter_parse(buf_str(&once), NOW_MS, &again, &column, &err));
	filter_print(again, &twice);
	BUG_ON(strcmp(buf_str(&once), buf_str(&twice)) != 0);
	BUG_ON(filter_n_columns(f) != filter_n_columns(again));
	BUG_ON(kept(f) != kept(again));
	filter_free(again);
	buf_release(&once);
	buf_release(&twice);
}

static void check_order(const char *text)
{
	struct order_key *keys = NULL;
	struct err err = { 0 };
	size_t n, i;

	if (order_parse(text, &keys, &n, &err))
		return;
	BUG_ON(!n);
	for (i = 0; i < n; i++)
		BUG_ON(keys[i].by == ORDER_VALUE && !*keys[i].column.name);
	free(keys);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = xstrndup((const char *)data, size);
	struct filter *f = NULL;
	struct err err = { 0 };
	size_t column = 0;
	enum filter_typing typing = filter_typing(text);

	if (filter_parse(text, NOW_MS, &f, &column, &err)) {
		BUG_ON(typing == FILTER_WHOLE);
		BUG_ON(!column || column > strlen(text) + 1 || !*err.msg);
	} else {
		BUG_ON(typing == FILTER_WRONG);
		check_again(f);
		filter_free(f);
	}
	check_order(text);
	free(text);
	return 0;
}
