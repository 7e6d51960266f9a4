/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_FORMAT_DIGEST_H
#define MLTOWER_FORMAT_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#define SHA256_HEX 65

/* Lower-case hex of SHA-256, NUL-terminated. */
void digest_sha256(const void *bytes, size_t len, char out[SHA256_HEX]);
/* The same over several pieces, in order. */
struct digest_piece {
	const void *bytes;
	size_t len;
};
void digest_sha256v(const struct digest_piece *pieces, size_t n,
		    char out[SHA256_HEX]);
/* FNV-1a, 64 bits; start with DIGEST_FNV_BASIS and chain. */
#define DIGEST_FNV_BASIS 0xcbf29ce484222325ull
uint64_t digest_fnv1a(uint64_t h, const void *bytes, size_t len);

#endif
