/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "format/gunzip.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <zlib.h>

#include "base/mem.h"

/* One member of so many bytes "abcd..."; its length. */
static size_t pack(size_t n, unsigned char *out, size_t room)
{
	unsigned char *text = xmalloc(n + 1);
	z_stream z = { 0 };

	for (size_t i = 0; i < n; i++)
		text[i] = (unsigned char)('a' + i % 26);
	BUG_ON(deflateInit2(&z, 9, Z_DEFLATED, MAX_WBITS + 16, 8,
			    Z_DEFAULT_STRATEGY) != Z_OK);
	z.next_in = text;
	z.avail_in = (unsigned)n;
	z.next_out = out;
	z.avail_out = (unsigned)room;
	BUG_ON(deflate(&z, Z_FINISH) != Z_STREAM_END);
	deflateEnd(&z);
	free(text);
	return room - z.avail_out;
}

/* However the bytes are cut: all of both members come out. */
static void test_members_in_pieces(void **state)
{
	unsigned char packed[4096];
	size_t n = pack(300000, packed, sizeof(packed));
	const size_t pieces[] = { 1, 7, sizeof(packed) };

	(void)state;
	n += pack(26, packed + n, sizeof(packed) - n);
	for (size_t k = 0; k < ARRAY_LEN(pieces); k++) {
		struct gunzip *g = gunzip_new();
		struct buf out = BUF_INIT(1 << 20);
		struct err err = { 0 };

		for (size_t at = 0; at < n; at += pieces[k])
			assert_int_equal(gunzip_add(g, (char *)packed + at,
						    MIN(pieces[k], n - at),
						    &out, &err),
					 ERR_OK);
		assert_int_equal(out.len, 300026);
		assert_string_equal(buf_str(&out) + 300000,
				    "abcdefghijklmnopqrstuvwxyz");
		buf_release(&out);
		gunzip_free(g);
	}
}

static void test_what_is_not_gzip_is_told(void **state)
{
	unsigned char packed[4096];
	size_t n = pack(5000, packed, sizeof(packed));
	struct gunzip *g = gunzip_new();
	struct buf out = BUF_INIT(1 << 20);
	struct err err = { 0 };

	(void)state;
	assert_int_equal(gunzip_add(g, "ts,version\n", 11, &out, &err),
			 ERR_PARSE);
	err_clear(&err);
	gunzip_restart(g);
	packed[n / 2] ^= 0xff;
	packed[n - 6] ^= 0xff;
	assert_int_equal(gunzip_add(g, (char *)packed, n, &out, &err),
			 ERR_PARSE);
	buf_release(&out);
	gunzip_free(g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_members_in_pieces),
		cmocka_unit_test(test_what_is_not_gzip_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
