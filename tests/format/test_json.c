/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "format/json.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"

static struct json *parse(const char *text)
{
	struct err err = { 0 };
	struct json *doc;

	if (json_parse(text, strlen(text), &doc, &err))
		fail_msg("%s: %s", text, err.msg);
	return doc;
}

static void refuse(const char *text, size_t len, enum err_code code)
{
	struct json *doc = (struct json *)&doc;
	struct err err = { 0 };

	if (!json_parse(text, len, &doc, &err))
		fail_msg("'%.*s' was taken", (int)len, text);
	assert_int_equal(err.code, code);
	assert_null(doc);
	assert_true(err.msg[0] != '\0');
}

static void test_reads_values(void **state)
{
	struct json *doc = parse(" {\"s\":\"a\\u00e9\\n\",\"n\":1.5,\"t\":true,"
				 "\"f\":false,\"z\":null,\"l\":[1,\"2\",[]],"
				 "\"\":{}} \r\n\t");
	const struct json *list = json_get(doc, "l");
	int64_t i;
	double d;

	(void)state;
	assert_true(json_is_object(doc));
	assert_int_equal(json_count(doc), 7);
	assert_string_equal(json_name(json_child(doc)), "s");
	assert_string_equal(json_str(json_get(doc, "s"), NULL), "a\xc3\xa9\n");
	assert_true(json_double(json_get(doc, "n"), &d) && d == 1.5);
	assert_true(json_bool(json_get(doc, "t"), false));
	assert_false(json_bool(json_get(doc, "f"), true));
	assert_true(json_is_null(json_get(doc, "z")));
	assert_true(json_is_array(list));
	assert_int_equal(json_count(list), 3);
	assert_true(json_int64(json_at(list, 0), &i) && i == 1);
	assert_true(json_int64(json_at(list, 1), &i) && i == 2);
	assert_true(json_is_array(json_at(list, 2)));
	assert_null(json_at(list, 3));
	assert_true(json_is_object(json_get(doc, "")));
	json_free(doc);
	json_free(NULL);
}

static void test_wrong_types_are_nothing(void **state)
{
	struct json *doc = parse("{\"n\":1,\"s\":\"x\",\"S\":2}");
	const struct json *n = json_get(doc, "n"), *s = json_get(doc, "s");
	int64_t i = 42;
	double d = 42;

	(void)state;
	assert_null(json_get(NULL, "x"));
	assert_null(json_get(n, "x"));
	assert_null(json_get(doc, "N")); /* names are what they are */
	assert_null(json_at(n, 0));
	assert_null(json_child(NULL));
	assert_null(json_next(NULL));
	assert_null(json_name(NULL));
	assert_null(json_name(doc));
	assert_int_equal(json_count(NULL), 0);
	assert_true(json_is_null(NULL));
	assert_false(json_is_object(NULL) || json_is_array(NULL));
	assert_false(json_is_number(NULL) || json_is_bool(NULL));
	assert_string_equal(json_str(n, "no"), "no");
	assert_null(json_str(NULL, NULL));
	assert_true(json_bool(n, true));
	assert_false(json_bool(NULL, false));
	assert_false(json_double(s, &d) || json_double(NULL, &d));
	assert_false(json_int64(s, &i) || json_int64(NULL, &i));
	assert_false(json_double(doc, &d) || json_int64(doc, &i));
	assert_true(d == 42 && i == 42);
	json_free(doc);
}

static void test_numbers_are_exact(void **state)
{
	static const struct {
		const char *text;
		int64_t v;
	} want[] = {
		{ "[9007199254740993]", 9007199254740993 },
		{ "[-9007199254740993]", -9007199254740993 },
		{ "[9223372036854775807]", INT64_MAX },
		{ "[-9223372036854775808]", INT64_MIN },
		{ "[\"9223372036854775807\"]", INT64_MAX },
		{ "[1795508734000]", 1795508734000 },
		{ "[123456789012345]", 123456789012345 },
		{ "[1e3]", 1000 },
		{ "[5.0]", 5 },
		{ "[-0]", 0 },
		{ "[5.0000000000000000000]", 5 },
	};
	static const char *const none[] = {
		"[9223372036854775808]",
		"[1.5]",
		"[1e300]",
		"[\"1.5\"]",
		"[\" 1\"]",
		"[\"\"]",
		"[\"NaN\"]",
		"[1.00000000000000001e17]",
	};
	int64_t v;
	double d;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		struct json *doc = parse(want[i].text);

		v = 7;
		assert_true(json_int64(json_at(doc, 0), &v));
		assert_true(v == want[i].v);
		if (want[i].text[1] != '"') {
			assert_true(json_is_number(json_at(doc, 0)));
			assert_null(json_str(json_at(doc, 0), NULL));
			assert_true(json_double(json_at(doc, 0), &d));
			assert_true(d == (double)v);
		}
		json_free(doc);
	}
	for (size_t i = 0; i < ARRAY_LEN(none); i++) {
		struct json *doc = parse(none[i]);

		if (json_int64(json_at(doc, 0), &v))
			fail_msg("%s was taken", none[i]);
		json_free(doc);
	}
}

/* cJSON alone cuts this at 63 characters. */
static void test_long_numbers_are_read_whole(void **state)
{
	struct json *doc = parse("[0.00000000000000000000000000000000000000"
				 "000000000000000000000000000000000012345,"
				 "1e-5,1e400,-1e4000000000000000,"
				 "0.1000000000000000055511151231257827]");
	double d = 42;

	(void)state;
	assert_true(json_double(json_at(doc, 0), &d) && d == 1.2345e-73);
	assert_true(json_double(json_at(doc, 1), &d) && d == 1e-5);
	assert_false(json_double(json_at(doc, 2), &d));
	assert_false(json_double(json_at(doc, 3), &d));
	assert_true(json_double(json_at(doc, 4), &d) && d == 0.1);
	json_free(doc);
}

static void test_bare_words_are_names(void **state)
{
	struct json *doc = parse("{\"a\":NaN,\"b\":[Infinity,-Infinity],"
				 "\"c\":\"NaN\"}");
	double d;

	(void)state;
	assert_string_equal(json_str(json_get(doc, "a"), ""), "NaN");
	assert_true(json_double(json_get(doc, "a"), &d) && isnan(d));
	assert_true(json_double(json_get(doc, "c"), &d) && isnan(d));
	assert_true(json_double(json_at(json_get(doc, "b"), 0), &d) &&
		    d == INFINITY);
	assert_true(json_double(json_at(json_get(doc, "b"), 1), &d) &&
		    d == -INFINITY);
	json_free(doc);
	doc = parse("\"a NaN, \\\"NaN\\\" 12345678901234567890\"");
	assert_string_equal(json_str(doc, ""),
			    "a NaN, \"NaN\" 12345678901234567890");
	json_free(doc);
}

static void test_refuses(void **state)
{
	static const char *const bad[] = {
		"",
		"  \n",
		"{",
		"[1",
		"[1,]",
		"{\"a\":1,}",
		"{\"a\" 1}",
		"{a:1}",
		"{'a':1}",
		"[1 2]",
		"[1]]",
		"[1] x",
		"[1][2]",
		"nul",
		"nulll",
		"True",
		"[undefined]",
		"[NaNN]",
		"[nan]",
		"[Infinit]",
		"[-Infinit]",
		"[--1]",
		"[+1]",
		"[.5]",
		"[1.]",
		"[1.e5]",
		"[01]",
		"[-01]",
		"[0x10]",
		"[1e]",
		"[1e+]",
		"[-]",
		"[1-2]",
		"[123456789012345678-9]",
		"\"abc",
		"\"\\",
		"\"\\x41\"",
		"\"\\u12\"",
		"\"\\ud800\"",
		"\"\\udc00\\ud800\"",
		"\"a\tb\"",
		"\"a\nb\"",
		"[1]\v",
		"/* no */ 1",
		"[1] // no",
		/* names must be strings, though the scan quotes numbers */
		"{NaN:1}",
		"{1:1}",
		"{12345678901234567890 : 1}",
		/* names cut short or said twice: spoofed identities */
		"{\"run\\u0000x\":1}",
		"[\"\\\\\\u0000\"]",
		"{\"a\":1,\"a\":2}",
		"{\"a\":1,\"b\":2,\"\\u0061\":3}",
		"[{\"x\":{\"a\":1,\"a\":1}}]",
		/* bytes that are no UTF-8 */
		"\"\xff\"",
		"\"\xc0\x80\"",
		"\"\xed\xa0\x80\"",
		"\xef\xbb\xbf[1]",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		refuse(bad[i], strlen(bad[i]), ERR_PARSE);
	refuse("[1]\0", 4, ERR_PARSE);
	refuse("\"a\0b\"", 5, ERR_PARSE);
}

static void test_escaped_backslash_before_u0000_is_text(void **state)
{
	struct json *doc = parse("\"\\\\u0000\"");

	(void)state;
	assert_string_equal(json_str(doc, ""), "\\u0000");
	json_free(doc);
}

static char *nested(size_t depth)
{
	char *text = xmalloc(2 * depth + 1);

	memset(text, '[', depth);
	memset(text + depth, ']', depth);
	text[2 * depth] = '\0';
	return text;
}

static void test_depth_and_size_have_caps(void **state)
{
	char *text = nested(JSON_MAX_DEPTH);

	(void)state;
	json_free(parse(text));
	free(text);
	text = nested(JSON_MAX_DEPTH + 1);
	refuse(text, strlen(text), ERR_PARSE);
	free(text);
	text = nested(1000000);
	refuse(text, strlen(text), ERR_PARSE);
	refuse(text, 1000000, ERR_PARSE);
	/* Not looked at: only its length. */
	refuse(text, (size_t)JSON_MAX_BYTES + 1, ERR_LIMIT);
	free(text);
}

static void test_many_names_are_compared_quickly(void **state)
{
	struct buf text = BUF_INIT(0);
	struct json *doc;

	(void)state;
	buf_addc(&text, '{');
	for (int i = 0; i < 100000; i++)
		buf_addf(&text, "\"%d\":0,", i);
	buf_adds(&text, "\"99999\":0}");
	refuse(buf_str(&text), text.len, ERR_PARSE);
	text.data[text.len - 5] = 'x';
	doc = parse(buf_str(&text));
	assert_int_equal(json_count(doc), 100001);
	json_free(doc);
	buf_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads_values),
		cmocka_unit_test(test_wrong_types_are_nothing),
		cmocka_unit_test(test_numbers_are_exact),
		cmocka_unit_test(test_long_numbers_are_read_whole),
		cmocka_unit_test(test_bare_words_are_names),
		cmocka_unit_test(test_refuses),
		cmocka_unit_test(test_escaped_backslash_before_u0000_is_text),
		cmocka_unit_test(test_depth_and_size_have_caps),
		cmocka_unit_test(test_many_names_are_compared_quickly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
