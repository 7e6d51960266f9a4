/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "format/digest.h"

#include <openssl/evp.h>

#include "base/mem.h"

void digest_sha256(const void *bytes, size_t len, char out[SHA256_HEX])
{
	struct digest_piece piece = { bytes, len };

	digest_sha256v(&piece, 1, out);
}

void digest_sha256v(const struct digest_piece *pieces, size_t n,
		    char out[SHA256_HEX])
{
	static const char hex[] = "0123456789abcdef";
	unsigned char md[EVP_MAX_MD_SIZE];
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned len = 0;
	int ok;

	/* SHA-256 of bytes in memory fails only where memory does. */
	BUG_ON(!ctx);
	ok = EVP_DigestInit_ex(ctx, EVP_sha256(), NULL);
	for (size_t i = 0; i < n && ok; i++)
		ok = EVP_DigestUpdate(ctx, pieces[i].bytes, pieces[i].len);
	ok = ok && EVP_DigestFinal_ex(ctx, md, &len);
	BUG_ON(!ok || len * 2 + 1 != SHA256_HEX);
	EVP_MD_CTX_free(ctx);
	for (unsigned i = 0; i < len; i++) {
		out[2 * i] = hex[md[i] >> 4];
		out[2 * i + 1] = hex[md[i] & 15];
	}
	out[2 * len] = '\0';
}

uint64_t digest_fnv1a(uint64_t h, const void *bytes, size_t len)
{
	const unsigned char *p = bytes;

	for (size_t i = 0; i < len; i++)
		h = (h ^ p[i]) * 0x100000001b3ull;
	return h;
}
