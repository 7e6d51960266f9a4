/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "format/digest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* FIPS 180-4's samples. */
static void test_sha256_known_answers(void **state)
{
	char out[SHA256_HEX];

	(void)state;
	digest_sha256("", 0, out);
	assert_string_equal(out, "e3b0c44298fc1c149afbf4c8996fb924"
				 "27ae41e4649b934ca495991b7852b855");
	digest_sha256("abc", 3, out);
	assert_string_equal(out, "ba7816bf8f01cfea414140de5dae2223"
				 "b00361a396177a9cb410ff61f20015ad");
	digest_sha256(
		"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56,
		out);
	assert_string_equal(out, "248d6a61d20638b8e5c026930c3e6039"
				 "a33ce45964ff2167f6ecedd419db06c1");
}

static void test_pieces_are_one_text(void **state)
{
	const struct digest_piece pieces[] = { { "a", 1 },
					       { NULL, 0 },
					       { "bc", 2 } };
	char whole[SHA256_HEX], parts[SHA256_HEX];

	(void)state;
	digest_sha256("abc", 3, whole);
	digest_sha256v(pieces, 3, parts);
	assert_string_equal(parts, whole);
	digest_sha256("", 0, whole);
	digest_sha256v(NULL, 0, parts);
	assert_string_equal(parts, whole);
}

/* Samples of the FNV reference's test vectors. */
static void test_fnv1a_known_answers(void **state)
{
	(void)state;
	assert_true(digest_fnv1a(DIGEST_FNV_BASIS, "", 0) ==
		    0xcbf29ce484222325ull);
	assert_true(digest_fnv1a(DIGEST_FNV_BASIS, "a", 1) ==
		    0xaf63dc4c8601ec8cull);
	assert_true(digest_fnv1a(DIGEST_FNV_BASIS, "foobar", 6) ==
		    0x85944171f73967e8ull);
	assert_true(digest_fnv1a(digest_fnv1a(DIGEST_FNV_BASIS, "foo", 3),
				 "bar", 3) == 0x85944171f73967e8ull);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sha256_known_answers),
		cmocka_unit_test(test_pieces_are_one_text),
		cmocka_unit_test(test_fnv1a_known_answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
