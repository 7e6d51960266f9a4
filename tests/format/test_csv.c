/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "format/csv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"

/* Everything in text, as "a|b;" a record, "!;" for a bad one; `step` bytes
 * more are seen each time nothing could be read. */
static void read_in_steps(const char *text, size_t len, size_t step,
			  struct buf *out)
{
	size_t at = 0, seen = MIN(step, len);
	struct csv_record r;
	bool is_bad;

	csv_record_init(&r);
	while (at < len || seen < len) {
		size_t n = csv_read(text + at, seen - at, seen == len, &r,
				    &is_bad);

		if (!n && seen == len)
			break;
		if (!n) {
			seen = MIN(seen + step, len);
			continue;
		}
		at += n;
		for (size_t i = 0; i < r.n_fields; i++) {
			if (i)
				buf_addc(out, '|');
			buf_add(out, r.fields[i].s, r.fields[i].len);
		}
		buf_adds(out, is_bad ? "!;" : ";");
	}
	csv_record_release(&r);
}

static const struct {
	const char *text, *want;
} samples[] = {
	{ "a,b\nc,d\n", "a|b;c|d;" },
	{ "a,b\r\nc,d\r\n", "a|b;c|d;" },
	{ "a,b", "a|b;" },
	{ "a,b\r", "a|b;" },
	{ ",\n", "|;" },
	{ "\n\nx\n", ";;x;" },
	{ "\"a,b\",c\n", "a,b|c;" },
	{ "\"a\"\"b\"\"\",\"\"\n", "a\"b\"|;" },
	{ "\"two\r\nlines\",x\n", "two\r\nlines|x;" },
	{ "\"a\",\"b\"", "a|b;" },
	{ "a\"b,c\"\n", "a\"b|c\";" },
	{ "a,\"b\"\r\nc\n", "a|b;c;" },
	{ "\xef\xbb\xbf"
	  "id,x\n\xef\xbb\xbf"
	  "1,2\n",
	  "id|x;\xef\xbb\xbf"
	  "1|2;" },
	{ "\xef\xbb\xbf", "" },
	{ "a\rb,c\n", "a\rb|c;" },
	/* bad ones cost themselves */
	{ "\"a\"b,c\nd\n", "!;d;" },
	{ "\"a\" ,c\nd\n", "!;d;" },
	{ "x\n\"open,\ny\n", "x;!;" },
	{ "\"", "!;" },
};

static void test_samples_whole_and_in_pieces(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
		for (size_t step = 1; step < 40; step++) {
			struct buf out = BUF_INIT(1000);

			read_in_steps(samples[i].text, strlen(samples[i].text),
				      step, &out);
			assert_string_equal(buf_str(&out), samples[i].want);
			buf_release(&out);
		}
	}
}

static void test_quoted_is_known(void **state)
{
	static const char text[] = "\"\",,\"NA\",NA\n";
	struct csv_record r;
	bool is_bad;

	(void)state;
	csv_record_init(&r);
	assert_int_equal(csv_read(text, sizeof(text) - 1, false, &r, &is_bad),
			 sizeof(text) - 1);
	assert_false(is_bad);
	assert_int_equal(r.n_fields, 4);
	assert_true(r.fields[0].was_quoted && !r.fields[1].was_quoted);
	assert_true(r.fields[2].was_quoted && !r.fields[3].was_quoted);
	csv_record_release(&r);
}

static void test_incomplete_waits(void **state)
{
	struct csv_record r;
	bool is_bad = true;

	(void)state;
	csv_record_init(&r);
	assert_int_equal(csv_read("a,b", 3, false, &r, &is_bad), 0);
	assert_false(is_bad);
	assert_int_equal(csv_read("\"a\n", 3, false, &r, &is_bad), 0);
	assert_int_equal(csv_read("", 0, true, &r, &is_bad), 0);
	assert_int_equal(csv_read("a,b", 3, true, &r, &is_bad), 3);
	assert_int_equal(r.n_fields, 2);
	csv_record_release(&r);
}

static void test_too_many_fields_is_one_bad_record(void **state)
{
	struct buf text = BUF_INIT(1 << 20), out = BUF_INIT(1 << 20);

	(void)state;
	for (int i = 1; i < CSV_MAX_FIELDS; i++)
		buf_addc(&text, ',');
	buf_addc(&text, '\n');
	for (int i = 1; i <= CSV_MAX_FIELDS; i++)
		buf_addc(&text, ',');
	buf_adds(&text, "\nnext\n");
	read_in_steps(buf_str(&text), text.len, text.len, &out);
	assert_int_equal(out.len, CSV_MAX_FIELDS - 1 + strlen(";!;next;"));
	assert_string_equal(out.data + CSV_MAX_FIELDS - 1, ";!;next;");
	buf_release(&text);
	buf_release(&out);
}

/* Past the cap; in a quoted field a line that looks like a record is none. */
static void test_too_long_is_skipped_to_its_end(void **state)
{
	size_t size = 3 * (size_t)CSV_MAX_RECORD;
	char *text = xmalloc(size);

	(void)state;
	for (int is_quoted = 0; is_quoted < 2; is_quoted++) {
		memset(text, 'x', size);
		memcpy(text, is_quoted ? "ok\n\"" : "ok\nx", 4);
		if (is_quoted)
			memcpy(text + size / 2, "\nforged,1\n", 10);
		memcpy(text + size - 9,
		       is_quoted ? "x\"\nafter\n" : "xx\nafter\n", 9);
		for (size_t step = size / 7; step <= size; step += size / 3) {
			struct buf out = BUF_INIT(10000);
			const char *s;

			read_in_steps(text, size, step, &out);
			s = buf_str(&out);
			assert_int_equal(strncmp(s, "ok;!;", 5), 0);
			while (!strncmp(s + 3, "!;", 2))
				s += 2;
			assert_string_equal(s + 3, "after;");
			buf_release(&out);
		}
	}
	free(text);
}

static void test_what_is_written_reads_back(void **state)
{
	static const char *const fields[] = {
		"plain",   "a,b", "say \"x\"", "two\nlines",        "\r",
		" blank ", "",    "\"",        "\xef\xbb\xbf mark",
	};
	struct buf text = BUF_INIT(10000);
	struct csv_record r;
	bool is_bad;
	size_t at = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		/* each is once the first */
		for (size_t k = 0; k < ARRAY_LEN(fields); k++) {
			const char *s = fields[(i + k) % ARRAY_LEN(fields)];

			csv_add_field(&text, s, strlen(s), !k);
		}
		csv_end_record(&text);
	}
	assert_ptr_equal(strstr(buf_str(&text), "plain,\"a,b\",\"say \"\"x"),
			 buf_str(&text));
	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		csv_record_init(&r);
		at += csv_read(text.data + at, text.len - at, false, &r,
			       &is_bad);
		assert_false(is_bad);
		assert_int_equal(r.n_fields, ARRAY_LEN(fields));
		for (size_t k = 0; k < r.n_fields; k++) {
			const char *s = fields[(i + k) % ARRAY_LEN(fields)];

			assert_int_equal(r.fields[k].len, strlen(s));
			assert_memory_equal(r.fields[k].s, s, strlen(s));
		}
		csv_record_release(&r);
	}
	assert_int_equal(at, text.len);
	buf_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_samples_whole_and_in_pieces),
		cmocka_unit_test(test_quoted_is_known),
		cmocka_unit_test(test_incomplete_waits),
		cmocka_unit_test(test_too_many_fields_is_one_bad_record),
		cmocka_unit_test(test_too_long_is_skipped_to_its_end),
		cmocka_unit_test(test_what_is_written_reads_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
