/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "format/json.h"

#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/mem.h"

static void test_writes_nested_values(void **state)
{
	struct buf b = BUF_INIT(1000);
	struct json_out o = JSON_OUT(&b);

	(void)state;
	jo_object(&o);
	jo_kstr(&o, "s", "a\"\\\b\f\n\r\t\x01/\x7f\xc3\xa9");
	jo_kstr(&o, "none", NULL);
	jo_kint(&o, "i", INT64_MIN);
	jo_kdouble(&o, "d", 0.1);
	jo_kbool(&o, "b", true);
	jo_ktime(&o, "t", 1795508734000);
	jo_ktime(&o, "never", TIME_NONE);
	jo_name(&o, "l");
	jo_array(&o);
	jo_null(&o);
	jo_array(&o);
	jo_end_array(&o);
	jo_object(&o);
	jo_end_object(&o);
	jo_bool(&o, false);
	jo_end_array(&o);
	jo_kint(&o, "last", 1);
	jo_end_object(&o);
	assert_string_equal(
		buf_str(&b),
		"{\"s\":\"a\\\"\\\\\\b\\f\\n\\r\\t\\u0001/\x7f\xc3\xa9\","
		"\"none\":null,\"i\":-9223372036854775808,\"d\":0.1,\"b\":true,"
		"\"t\":1795508734000,\"never\":null,"
		"\"l\":[null,[],{},false],\"last\":1}");
	buf_release(&b);
}

static void test_what_is_no_number_is_a_string(void **state)
{
	struct buf b = BUF_INIT(1000);
	struct json_out o = JSON_OUT(&b);

	(void)state;
	jo_array(&o);
	jo_double(&o, NAN);
	jo_double(&o, INFINITY);
	jo_double(&o, -INFINITY);
	jo_double(&o, 3);
	jo_double(&o, -0.0);
	jo_end_array(&o);
	assert_string_equal(buf_str(&b),
			    "[\"NaN\",\"Infinity\",\"-Infinity\",3,-0]");
	buf_release(&b);
}

static void test_bad_bytes_become_replacements(void **state)
{
	struct buf b = BUF_INIT(1000);
	struct json_out o = JSON_OUT(&b);

	(void)state;
	jo_strn(&o, "a\xff\xc0\x80z\xe2\x80", 7);
	assert_string_equal(buf_str(&b), "\"a\xef\xbf\xbd\xef\xbf\xbd"
					 "\xef\xbf\xbdz\xef\xbf\xbd"
					 "\xef\xbf\xbd\"");
	buf_clear(&b);
	jo_strn(&o, "a\0b", 3);
	assert_string_equal(buf_str(&b), "\"a\\u0000b\"");
	buf_release(&b);
}

static void test_lines_of_values_have_no_commas(void **state)
{
	struct buf b = BUF_INIT(1000);
	struct json_out o = JSON_OUT(&b);

	(void)state;
	for (int i = 0; i < 2; i++) {
		jo_object(&o);
		jo_kint(&o, "i", i);
		jo_end_object(&o);
		buf_addc(&b, '\n');
	}
	assert_string_equal(buf_str(&b), "{\"i\":0}\n{\"i\":1}\n");
	buf_release(&b);
}

static uint64_t random_next(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

static void test_doubles_round_trip(void **state)
{
	struct buf b = BUF_INIT(10 << 20);
	struct json_out o = JSON_OUT(&b);
	uint64_t seed = 3, again = 3;
	const struct json *item;
	struct err err = { 0 };
	struct json *doc;

	(void)state;
	jo_array(&o);
	for (int i = 0; i < 20000; i++) {
		uint64_t bits = random_next(&seed);
		double v;

		memcpy(&v, &bits, sizeof(v));
		jo_double(&o, isnan(v) ? 0 : v);
	}
	jo_end_array(&o);
	assert_int_equal(json_parse(b.data, b.len, &doc, &err), ERR_OK);
	item = json_child(doc);
	for (int i = 0; i < 20000; i++, item = json_next(item)) {
		uint64_t bits = random_next(&again);
		double want, got;

		memcpy(&want, &bits, sizeof(want));
		want = isnan(want) ? 0 : want;
		assert_true(json_double(item, &got));
		assert_memory_equal(&got, &want, sizeof(got));
	}
	json_free(doc);
	buf_release(&b);
}

/* RFC 8785, 3.2.3: the order of its example, which is that of UTF-16 units
 * (U+1F600 before U+FB33), not of bytes. */
static void write_in_order(struct json_out *o)
{
	static const char *const names[] = {
		"\r",           "1",
		"\xc2\x80",     "\xc3\xb6",
		"\xe2\x82\xac", "\xf0\x9f\x98\x80",
		"\xef\xac\xb3",
	};

	jo_object(o);
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		jo_kint(o, names[i], (int64_t)i);
	jo_end_object(o);
}

static void test_canonical_order_and_numbers(void **state)
{
	struct buf b = BUF_INIT(1000);
	struct json_out o = JSON_OUT(&b);

	(void)state;
	o.is_canonical = true;
	jo_array(&o);
	write_in_order(&o);
	write_in_order(&o); /* each object has an order of its own */
	jo_double(&o, -0.0);
	jo_double(&o, 1e21);
	jo_double(&o, 333333333.33333329);
	jo_object(&o);
	jo_name(&o, "a");
	write_in_order(&o);
	jo_kint(&o, "aa", 1);
	jo_kint(&o, "b\x1f", 1);
	jo_kint(&o, "b ", 1);
	jo_kint(&o, "b\"", 1);
	jo_kint(&o, "b\\", 1);
	jo_end_object(&o);
	jo_end_array(&o);
	assert_non_null(strstr(b.data, ",0,1e+21,333333333.3333333,{\"a\":{"));
	buf_release(&b);
}

static struct json_out open_object(struct buf *b, bool is_canonical)
{
	struct json_out o = JSON_OUT(b);

	o.is_canonical = is_canonical;
	jo_object(&o);
	return o;
}

static void add_wrong_order(struct buf *b)
{
	struct json_out o = open_object(b, true);

	jo_kint(&o, "b", 1);
	jo_kint(&o, "a", 1);
}

static void add_twice(struct buf *b)
{
	struct json_out o = open_object(b, true);

	jo_kint(&o, "a", 1);
	jo_kint(&o, "a", 1);
}

static void add_bytes_order(struct buf *b)
{
	struct json_out o = open_object(b, true);

	jo_kint(&o, "\xef\xac\xb3", 1);
	jo_kint(&o, "\xf0\x9f\x98\x80", 1);
}

static void add_large(struct buf *b)
{
	struct json_out o = open_object(b, true);

	jo_kint(&o, "a", (INT64_C(1) << 53) + 1);
}

static void add_name_twice(struct buf *b)
{
	struct json_out o = open_object(b, false);

	jo_name(&o, "a");
	jo_name(&o, "b");
}

static void end_too_early(struct buf *b)
{
	struct json_out o = open_object(b, false);

	jo_name(&o, "a");
	jo_end_object(&o);
}

static void end_too_often(struct buf *b)
{
	struct json_out o = open_object(b, false);

	jo_end_object(&o);
	jo_end_object(&o);
}

static bool aborts(void (*act)(struct buf *))
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (!pid) {
		struct buf b = BUF_INIT(1000);

		signal(SIGABRT, SIG_DFL);
		if (!freopen("/dev/null", "w", stderr))
			_exit(1);
		act(&b);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static void test_our_mistakes_are_bugs(void **state)
{
	(void)state;
	assert_true(aborts(add_wrong_order));
	assert_true(aborts(add_twice));
	assert_true(aborts(add_bytes_order));
	assert_true(aborts(add_large));
	assert_true(aborts(add_name_twice));
	assert_true(aborts(end_too_early));
	assert_true(aborts(end_too_often));
}

/* A full buffer is the world's, not ours. */
static void test_past_the_cap_it_is_only_cut(void **state)
{
	struct buf whole = BUF_INIT(1000);
	struct json_out all = JSON_OUT(&whole);

	(void)state;
	write_in_order(&all);
	for (size_t cap = 1; cap <= whole.len; cap++) {
		struct buf b = BUF_INIT(cap);
		struct json_out o = JSON_OUT(&b);

		o.is_canonical = true;
		write_in_order(&o);
		assert_int_equal(b.is_cut, cap < whole.len);
		assert_true(b.len <= cap);
		assert_int_equal(strncmp(buf_str(&b), whole.data, b.len), 0);
		buf_release(&b);
	}
	buf_release(&whole);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_writes_nested_values),
		cmocka_unit_test(test_what_is_no_number_is_a_string),
		cmocka_unit_test(test_bad_bytes_become_replacements),
		cmocka_unit_test(test_lines_of_values_have_no_commas),
		cmocka_unit_test(test_doubles_round_trip),
		cmocka_unit_test(test_canonical_order_and_numbers),
		cmocka_unit_test(test_our_mistakes_are_bugs),
		cmocka_unit_test(test_past_the_cap_it_is_only_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
