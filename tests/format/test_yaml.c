/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "format/yaml.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"

static struct yaml *parse(const char *text)
{
	struct err err = { 0 };
	struct yaml *doc;

	if (yaml_parse(text, strlen(text), "f.yaml", &doc, &err))
		fail_msg("%s: %s", text, err.msg);
	return doc;
}

static void refuse(const char *text, size_t len, const char *msg)
{
	struct yaml *doc = (struct yaml *)&doc;
	struct err err = { 0 };

	if (!yaml_parse(text, len, "f.yaml", &doc, &err))
		fail_msg("'%.*s' was taken", (int)len, text);
	assert_null(doc);
	if (!strstr(err.msg, msg))
		fail_msg("'%s' says '%s', not '%s'", text, err.msg, msg);
}

static void test_tree_keeps_order_and_places(void **state)
{
	struct yaml *doc = parse("# config\n"
				 "b: one\n"
				 "a:\n"
				 "  - x\n"
				 "  - {k: 'v'}\n"
				 "c: |\n"
				 "  two\n"
				 "  lines\n");
	const struct yaml *list = yaml_get(doc, "a");

	(void)state;
	assert_int_equal(yaml_kind(doc), YAML_MAP);
	assert_int_equal(yaml_count(doc), 3);
	assert_string_equal(yaml_key_at(doc, 0), "b");
	assert_string_equal(yaml_key_at(doc, 1), "a");
	assert_int_equal(yaml_key_line_at(doc, 1), 3);
	assert_int_equal(yaml_key_column_at(doc, 1), 1);
	assert_null(yaml_key_at(doc, 3));
	assert_int_equal(yaml_kind(list), YAML_LIST);
	assert_int_equal(yaml_count(list), 2);
	assert_string_equal(yaml_str(yaml_at(list, 0), ""), "x");
	assert_int_equal(yaml_line(yaml_at(list, 1)), 5);
	assert_int_equal(yaml_column(yaml_at(list, 1)), 5);
	assert_string_equal(yaml_str(yaml_get(yaml_at(list, 1), "k"), ""), "v");
	assert_string_equal(yaml_str(yaml_get(doc, "c"), ""), "two\nlines\n");
	assert_string_equal(yaml_file(list), "f.yaml");
	yaml_free(doc);
	yaml_free(NULL);
}

static void test_nothing_answers_nothing(void **state)
{
	struct yaml *doc = parse("a: [1]\n");
	const struct yaml *list = yaml_get(doc, "a");
	double d = 42;
	bool b = true;
	int64_t i = 42;

	(void)state;
	assert_null(yaml_get(NULL, "a"));
	assert_null(yaml_get(list, "a"));
	assert_null(yaml_get(doc, "A"));
	assert_null(yaml_at(NULL, 0));
	assert_null(yaml_at(list, 1));
	assert_null(yaml_key_at(list, 0));
	assert_null(yaml_key_at(NULL, 0));
	assert_int_equal(yaml_key_line_at(list, 0), 0);
	assert_int_equal(yaml_key_column_at(NULL, 0), 0);
	assert_int_equal(yaml_count(NULL), 0);
	assert_int_equal(yaml_line(NULL), 0);
	assert_int_equal(yaml_column(NULL), 0);
	assert_int_equal(yaml_kind(NULL), YAML_SCALAR);
	assert_string_equal(yaml_file(NULL), "");
	assert_string_equal(yaml_str(NULL, "no"), "no");
	assert_string_equal(yaml_str(list, "no"), "no");
	assert_true(yaml_is_null(NULL));
	assert_false(yaml_is_null(list));
	assert_false(yaml_is_quoted(NULL));
	assert_false(yaml_bool(NULL, &b) || yaml_bool(list, &b));
	assert_false(yaml_double(NULL, &d) || yaml_double(list, &d));
	assert_false(yaml_int64(NULL, &i) || yaml_int64(list, &i));
	assert_true(d == 42 && i == 42 && b);
	yaml_free(doc);
}

static void test_empty_texts_are_empty_maps(void **state)
{
	static const char *const texts[] = { "", "\n", "# only words\n" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct yaml *doc = parse(texts[i]);

		assert_int_equal(yaml_kind(doc), YAML_MAP);
		assert_int_equal(yaml_count(doc), 0);
		assert_string_equal(yaml_file(doc), "f.yaml");
		yaml_free(doc);
	}
}

static void test_words_are_what_they_look_like(void **state)
{
	struct yaml *doc = parse("[yes, No, TRUE, off, 'yes', maybe, 12, -3, "
				 "1.5, .inf, -.INF, .nan, '12', 1e3, ~, null, "
				 "'', '~', 0x10, 1_000, !!str 12, "
				 "9223372036854775807]\n");
	double d;
	int64_t i;
	bool b;

	(void)state;
	assert_true(yaml_bool(yaml_at(doc, 0), &b) && b);
	assert_true(yaml_bool(yaml_at(doc, 1), &b) && !b);
	assert_true(yaml_bool(yaml_at(doc, 2), &b) && b);
	assert_true(yaml_bool(yaml_at(doc, 3), &b) && !b);
	assert_false(yaml_bool(yaml_at(doc, 4), &b)); /* quoted: a word */
	assert_true(yaml_is_quoted(yaml_at(doc, 4)));
	assert_false(yaml_bool(yaml_at(doc, 5), &b));
	assert_true(yaml_int64(yaml_at(doc, 6), &i) && i == 12);
	assert_true(yaml_double(yaml_at(doc, 6), &d) && d == 12);
	assert_true(yaml_int64(yaml_at(doc, 7), &i) && i == -3);
	assert_true(yaml_double(yaml_at(doc, 8), &d) && d == 1.5);
	assert_false(yaml_int64(yaml_at(doc, 8), &i));
	assert_true(yaml_double(yaml_at(doc, 9), &d) && d == INFINITY);
	assert_true(yaml_double(yaml_at(doc, 10), &d) && d == -INFINITY);
	assert_true(yaml_double(yaml_at(doc, 11), &d) && isnan(d));
	assert_false(yaml_int64(yaml_at(doc, 12), &i));
	assert_false(yaml_double(yaml_at(doc, 12), &d));
	assert_true(yaml_double(yaml_at(doc, 13), &d) && d == 1000);
	assert_true(yaml_is_null(yaml_at(doc, 14)));
	assert_true(yaml_is_null(yaml_at(doc, 15)));
	assert_false(yaml_is_null(yaml_at(doc, 16)));
	assert_false(yaml_is_null(yaml_at(doc, 17)));
	assert_false(yaml_int64(yaml_at(doc, 18), &i));
	assert_false(yaml_int64(yaml_at(doc, 19), &i));
	assert_false(yaml_int64(yaml_at(doc, 20), &i));
	assert_string_equal(yaml_str(yaml_at(doc, 20), ""), "12");
	assert_true(yaml_int64(yaml_at(doc, 21), &i) && i == INT64_MAX);
	yaml_free(doc);
	doc = parse("a:\nb: 1\n");
	assert_true(yaml_is_null(yaml_get(doc, "a")));
	yaml_free(doc);
}

static void test_aliases_are_the_same_node(void **state)
{
	struct yaml *doc = parse("a: &x {v: 1}\nb: *x\nc: &x 2\nd: *x\n");

	(void)state;
	assert_ptr_equal(yaml_get(doc, "a"), yaml_get(doc, "b"));
	assert_string_equal(yaml_str(yaml_get(doc, "d"), ""), "2");
	yaml_free(doc);
}

static void test_refuses_and_says_where(void **state)
{
	static const struct {
		const char *text, *msg;
	} bad[] = {
		{ "a: 1\nb: 2\na: 3\n",
		  "f.yaml:3:1: the key \"a\" stands twice, first in line 1" },
		{ "x:\n  - k: 1\n    k: 2\n", "f.yaml:3:5: the key \"k\"" },
		{ "{a: 1, a: 2}", "f.yaml:1:8: the key \"a\"" },
		{ "\"a\\eb\": 1\n\"a\\eb\": 2\n", "the key \"a\\x1bb\"" },
		{ "a: [1\n", "f.yaml:2:1: " },
		{ "a: 'x\n", "f.yaml:" },
		{ "a: b: c\n", "f.yaml:1:5: " },
		{ "\tx: 1\n", "f.yaml:1:1: " },
		{ "a: %x\n", "f.yaml:1:4: " },
		{ "[a]: 1\n", "f.yaml:1:" },
		{ "? {a: 1}\n: 1\n", "a key must be a word" },
		{ "a: 1\n---\nb: 2\n", "f.yaml:2:1: a second document" },
		{ "a: *x\n", "f.yaml:1:4: an alias of nothing" },
		{ "&a [*a]\n", "f.yaml:1:5: an alias of nothing" },
		{ "a: \"x\\0y\"\n", "f.yaml:1:4: a NUL" },
		{ "\"\\0\": 1\n", "a NUL" },
		{ "a: \xff\n", "f.yaml: not UTF-8" },
		{ "a: \x01\n", "f.yaml:" },
		{ "{", "f.yaml:" },
		{ "!!", "f.yaml:" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		refuse(bad[i].text, strlen(bad[i].text), bad[i].msg);
	refuse("a: \0b", 5, "f.yaml:");
	refuse("", (size_t)YAML_MAX_BYTES + 1, "larger than 8 MB");
}

static void test_laughs_are_counted(void **state)
{
	struct buf text = BUF_INIT(0);

	(void)state;
	buf_adds(&text, "l0: &l0 [x,x,x,x,x,x,x,x,x,x]\n");
	for (int i = 1; i < 10; i++) {
		buf_addf(&text, "l%d: &l%d [", i, i);
		for (int k = 0; k < 10; k++)
			buf_addf(&text, "*l%d,", i - 1);
		buf_adds(&text, "]\n");
	}
	refuse(buf_str(&text), text.len, "too many nodes");
	buf_release(&text);
}

static void test_depth_has_a_cap(void **state)
{
	struct buf text = BUF_INIT(0);

	(void)state;
	for (int i = 0; i < 60; i++)
		buf_addc(&text, '[');
	for (int i = 0; i < 60; i++)
		buf_addc(&text, ']');
	yaml_free(parse(buf_str(&text)));
	buf_clear(&text);
	for (int i = 0; i < 5000; i++)
		buf_addc(&text, '[');
	refuse(buf_str(&text), text.len, "nested too deeply");
	buf_clear(&text);
	for (int i = 0; i < 500; i++)
		buf_addf(&text, "%*sa:\n", i, "");
	refuse(buf_str(&text), text.len, "nested too deeply");
	buf_release(&text);
}

static void test_many_keys_are_compared_quickly(void **state)
{
	struct buf text = BUF_INIT(0);
	struct yaml *doc;

	(void)state;
	for (int i = 0; i < 20000; i++)
		buf_addf(&text, "k%d: %d\n", i, i);
	doc = parse(buf_str(&text));
	assert_int_equal(yaml_count(doc), 20000);
	yaml_free(doc);
	buf_adds(&text, "k7: again\n");
	refuse(buf_str(&text), text.len, "f.yaml:20001:1: the key \"k7\"");
	buf_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tree_keeps_order_and_places),
		cmocka_unit_test(test_nothing_answers_nothing),
		cmocka_unit_test(test_empty_texts_are_empty_maps),
		cmocka_unit_test(test_words_are_what_they_look_like),
		cmocka_unit_test(test_aliases_are_the_same_node),
		cmocka_unit_test(test_refuses_and_says_where),
		cmocka_unit_test(test_laughs_are_counted),
		cmocka_unit_test(test_depth_has_a_cap),
		cmocka_unit_test(test_many_keys_are_compared_quickly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
