/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "model/filter_complete.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "model/filter.h"

#define NOW_MS 1790000000000

static void name(struct batch *b, enum value_kind kind, const char *s)
{
	b->names[kind].is_told = true;
	batch_add_name(b, kind, s);
}

static void run(struct batch *b, const char *id, const char *run_name,
		const char *user, const char *depth, const char *stage)
{
	uint32_t at =
		batch_add_run(b, &(struct run_facts){ .id = id,
						      .name = run_name,
						      .experiment_id = "7",
						      .user = user,
						      .parent_id = "",
						      .status = RUN_FINISHED,
						      .start_ms = NOW_MS,
						      .end_ms = NOW_MS });

	batch_add_text(b, at, batch_key(b, VALUE_PARAM, "depth"), depth);
	batch_add_text(b, at, batch_key(b, VALUE_TAG, "my stage"), stage);
	batch_add_text(b, at, batch_key(b, VALUE_FACT, "dataset.name"),
		       "icu\x1ficu-held-out");
}

static void add_registry(struct batch *b)
{
	static const struct alias_facts aliases[] = { { "challenger", "2" },
						      { "champion", "1" } };

	batch_add_model(b, &(struct model_facts){ .name = "fraud-detector",
						  .description = "",
						  .n_aliases = 2,
						  .aliases = aliases });
	b->has_registry = true;
}

static int setup(void **state)
{
	struct model *m = xcalloc(1, sizeof(*m));
	struct batch *b = batch_new();

	model_init(m);
	model_add_source(m, "lab", "mlflow", "lab.db", false);
	batch_add_experiment(
		b, &(struct experiment_facts){ .id = "7", .name = "fraud" });
	batch_add_experiment(
		b, &(struct experiment_facts){ .id = "8", .name = "Ann's" });
	name(b, VALUE_METRIC, "auc");
	name(b, VALUE_METRIC, "val loss");
	name(b, VALUE_METRIC, "val/auc");
	name(b, VALUE_PARAM, "depth");
	name(b, VALUE_TAG, "my stage");
	run(b, "a0000000000000000000000000000000", "rf-1", "ann", "14", "a'b");
	run(b, "b0000000000000000000000000000000", "rf-2", "bob", "12", "on");
	run(b, "c0000000000000000000000000000000", "gbt", "bob", "auto", "on");
	run(b, "d0000000000000000000000000000000", "rf-1", "bob", "12", "off");
	b->state = SOURCE_LIVE;
	add_registry(b);
	model_apply(m, b, NOW_MS, 0);
	batch_free(b);
	*state = m;
	return 0;
}

static int teardown(void **state)
{
	model_release(*state);
	free(*state);
	return 0;
}

/* `|` is the cursor; "start: offer offer" with the blank behind an offer as
 * an underline. */
static const struct {
	const char *text, *offers;
} cases[] = {
	/* columns */
	{ "sta|", "0: status_ start_" },
	{ "STA|", "0: status_ start_" },
	{ "sta| = 3", "0: status start" },
	{ "(du|", "1: duration_" },
	{ "not us|", "4: user_" },
	{ "metrics.|", "0: metrics.auc_ metrics.`val loss`_ metrics.val/auc_" },
	{ "metrics.val|", "0: metrics.`val loss`_ metrics.val/auc_" },
	{ "metric.`val l|", "0: metric.`val loss`_" },
	{ "metrics.auc.|",
	  "0: metrics.auc.max_ metrics.auc.min_ metrics.auc.last_ "
	  "metrics.auc.step_" },
	{ "metrics.`val loss.m|",
	  "0: metrics.`val loss.max`_ metrics.`val loss.min`_" },
	{ "au|", "0: metrics.auc_" },
	{ "dep|", "0: params.depth_" },
	{ "params.d|", "0: params.depth_" },
	{ "tags.|", "0: tags.`my stage`_" },
	{ "dataset.n|", "0: dataset.name_" },
	{ "attributes.st|", "0: attributes.status_ attributes.start_" },
	{ "has metrics.a|", "4: metrics.auc_" },
	{ "has sta|", "4: status_ start_" },
	/* operators */
	{ "status |", "7: =_ !=_ IN_ NOT IN_ IS NULL_ IS NOT NULL_ and_ or_" },
	{ "metrics.auc |", "12: =_ !=_ <_ <=_ >_ >=_ IS NULL_ IS NOT NULL_" },
	{ "start |", "6: <_ <=_ >_ >=_ IS NULL_ IS NOT NULL_ and_ or_" },
	{ "name li|", "5: LIKE_" },
	{ "name not |", "9: LIKE_ ILIKE_ IN_" },
	{ "name is |", "8: NULL_ NOT NULL_" },
	{ "name is not |", "12: NULL_" },
	/* values */
	{ "status = |",
	  "9: 'RUNNING'_ 'FINISHED'_ 'FAILED'_ 'KILLED'_ 'SCHEDULED'_" },
	{ "status = f|", "9: 'FINISHED'_ 'FAILED'_" },
	{ "status = \"f|", "9: \"FINISHED\"_ \"FAILED\"_" },
	{ "status='FI|", "7: 'FINISHED'_" },
	{ "status IN |", "10: (" },
	{ "status IN ('R|", "11: 'RUNNING'" },
	{ "status IN ('RUNNING' |", "21: ,_ )_" },
	{ "status IN ('RUNNING', 'K|", "22: 'KILLED'" },
	{ "experiment = |", "13: 'fraud'_ \"Ann's\"_" },
	{ "experiment_id = |", "16: '7'_ '8'_" },
	{ "user = |", "7: 'bob'_ 'ann'_" },
	{ "name = |", "7: 'rf-1'_ 'gbt'_ 'rf-2'_" },
	{ "name LIKE 'r|", "10: 'rf-1'_ 'rf-2'_" },
	{ "source = |", "9: 'lab'_" },
	{ "alias = |", "8: 'challenger'_ 'champion'_" },
	{ "model.name = |", "13: 'fraud-detector'_" },
	{ "params.depth = |", "15: 12_ 14_ 'auto'_" },
	{ "params.depth = '1|", "15: '12'_ '14'_" },
	{ "tags.`my stage` = |", "18: 'on'_ \"a'b\"_ 'off'_" },
	{ "dataset.name = |", "15: 'icu'_ 'icu-held-out'_" },
	{ "start > |", "8: -1h_ -1d_ -7d_ -30d_" },
	{ "age < 1|", "6: 10m_ 1h_ 1d_" },
	{ "metrics.auc > |", "14:" },
	/* between conditions, and within a long one */
	{ "status = 'FAILED' |", "18: and_ or_" },
	{ "status = 'FAILED' a|", "18: and_" },
	{ "(status = 'FAILED' |", "19: )_ and_ or_" },
	{ "rf |", "3: and_ or_" },
	{ "status = 'FAILED' and us|", "22: user_" },
	{ "status = 'FA| and age < 1d", "9: 'FAILED'" },
	{ "us| and age < 1d", "0: user" },
	{ "age < 1d and us| or rf", "13: user" },
	/* what is wrong before it */
	{ "age < soon and us|", "15:" },
	{ "metrics. = |", "11:" },
};

static void describe(const struct filter_offers *o, struct buf *out)
{
	buf_addf(out, "%zu:", o->start);
	for (size_t i = 0; i < o->n; i++) {
		size_t len = strlen(o->words[i]);
		bool has_blank = o->words[i][len - 1] == ' ';

		buf_addf(out, " %.*s%s", (int)(len - has_blank), o->words[i],
			 has_blank ? "_" : "");
	}
}

static void test_offers(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *bar = strchr(cases[i].text, '|');
		size_t cursor = (size_t)(bar - cases[i].text);
		struct arena a = ARENA_INIT;
		struct buf is = BUF_INIT(10000);
		struct filter_offers o =
			filter_complete(*state,
					arena_printf(&a, "%.*s%s", (int)cursor,
						     cases[i].text, bar + 1),
					cursor, &a);

		describe(&o, &is);
		if (strcmp(buf_str(&is), cases[i].offers))
			fail_msg("%s\nis     %s\nwanted %s", cases[i].text,
				 buf_str(&is), cases[i].offers);
		buf_release(&is);
		arena_release(&a);
	}
}

static void test_begins_with_columns(void **state)
{
	struct arena a = ARENA_INIT;
	struct filter_offers o = filter_complete(*state, "", 0, &a);

	assert_string_equal(o.words[0], "name ");
	assert_string_equal(o.words[1], "status ");
	assert_string_equal(o.words[o.n - 1], "not ");
	assert_false(o.has_column);
	arena_release(&a);
}

/* The values a source has to bring, before one did. */
static void test_column_is_named(void **state)
{
	struct arena a = ARENA_INIT;
	struct filter_offers o =
		filter_complete(*state, "params.lr = ", 12, &a);

	assert_int_equal(o.n, 0);
	assert_true(o.has_column);
	assert_int_equal(o.column.kind, VALUE_PARAM);
	assert_string_equal(o.column.name, "lr");
	arena_release(&a);
}

/* Whatever is taken, again and again, the language reads the beginning. */
static void test_what_is_offered_is_read(void **state)
{
	static const char *const texts[] = {
		"experiment = ",
		"tags.`my stage` = ",
		"params.depth IN (",
		"metrics.auc > 1 and user = ",
		"has ",
	};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct arena a = ARENA_INIT;
		struct filter_offers o =
			filter_complete(*state, texts[i], strlen(texts[i]), &a);

		assert_true(o.n);
		for (size_t k = 0; k < o.n; k++) {
			const char *whole =
				arena_printf(&a, "%s%s%s", texts[i], o.words[k],
					     strchr(texts[i], '(') ? ")" : "");
			struct filter *f = NULL;
			struct err err = { 0 };
			size_t column;

			if (i + 1 == ARRAY_LEN(texts) &&
			    strchr(o.words[k], '.') &&
			    o.words[k][strlen(o.words[k]) - 1] == '.')
				continue; /* a name is to follow */
			if (strstr(whole, "has and") || strstr(whole, "has or"))
				continue;
			if (filter_parse(whole, NOW_MS, &f, &column, &err))
				fail_msg("%s: %s", whole, err.msg);
			filter_free(f);
		}
		arena_release(&a);
	}
}

static void test_unfinished(void **state)
{
	static const struct {
		const char *text;
		enum filter_typing is;
	} all[] = {
		{ "", FILTER_WHOLE },
		{ "rf", FILTER_WHOLE },
		{ "sta", FILTER_UNFINISHED },
		{ "status", FILTER_UNFINISHED },
		{ "status ", FILTER_UNFINISHED },
		{ "status !", FILTER_UNFINISHED },
		{ "status i", FILTER_UNFINISHED },
		{ "status is n", FILTER_UNFINISHED },
		{ "status is x", FILTER_WRONG },
		{ "h", FILTER_UNFINISHED },
		{ "has metrics.", FILTER_UNFINISHED },
		{ "rf an", FILTER_UNFINISHED },
		{ "rf and", FILTER_UNFINISHED },
		{ "rf and ", FILTER_UNFINISHED },
		{ "rf and s", FILTER_UNFINISHED },
		{ "rf and rf", FILTER_WHOLE },
		{ "(rf", FILTER_UNFINISHED },
		{ "(rf))", FILTER_WRONG },
		{ "status = finished and status ", FILTER_UNFINISHED },
		{ "status = finished and status = f", FILTER_UNFINISHED },
		{ "status = finished and status = x", FILTER_WRONG },
		{ "status = f and", FILTER_WRONG },
		{ "status = FAILED", FILTER_WHOLE },
		{ "metrics.auc", FILTER_UNFINISHED },
		{ "metrics.\"val", FILTER_UNFINISHED },
		{ "metrics.auc > -", FILTER_UNFINISHED },
		{ "metrics.auc > 1e", FILTER_UNFINISHED },
		{ "metrics.auc > in", FILTER_UNFINISHED },
		{ "metrics.auc > x", FILTER_WRONG },
		{ "age < ", FILTER_UNFINISHED },
		{ "age < 1", FILTER_UNFINISHED },
		{ "age < x", FILTER_WRONG },
		{ "start > 2026-1", FILTER_UNFINISHED },
		{ "name = 'a", FILTER_UNFINISHED },
		{ "name ~ '('", FILTER_WRONG },
		{ "name LIKE 'a' 'b", FILTER_UNFINISHED },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		if (filter_typing(all[i].text) != all[i].is)
			fail_msg("%s: %d", all[i].text,
				 filter_typing(all[i].text));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_offers),
		cmocka_unit_test(test_begins_with_columns),
		cmocka_unit_test(test_column_is_named),
		cmocka_unit_test(test_what_is_offered_is_read),
		cmocka_unit_test(test_unfinished),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
