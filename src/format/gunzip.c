/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "format/gunzip.h"

#include <stdlib.h>

#include <zlib.h>

#include "base/mem.h"

#define GZIP_ONLY (MAX_WBITS + 16)
#define OUT_BYTES 65536

struct gunzip {
	z_stream z;
	bool is_between; /* members: the next bytes begin another */
	unsigned char out[OUT_BYTES];
};

struct gunzip *gunzip_new(void)
{
	struct gunzip *g = xcalloc(1, sizeof(*g));

	/* Fails for want of memory alone. */
	BUG_ON(inflateInit2(&g->z, GZIP_ONLY) != Z_OK);
	return g;
}

void gunzip_free(struct gunzip *g)
{
	if (!g)
		return;
	inflateEnd(&g->z);
	free(g);
}

void gunzip_restart(struct gunzip *g)
{
	inflateReset(&g->z);
	g->is_between = false;
}

enum err_code gunzip_add(struct gunzip *g, const char *in, size_t len,
			 struct buf *out, struct err *err)
{
	int rc = Z_OK;

	BUG_ON(len > GUNZIP_PIECE);
	g->z.next_in = (unsigned char *)in;
	g->z.avail_in = (unsigned)len;
	do {
		if (g->is_between && g->z.avail_in)
			gunzip_restart(g);
		g->z.next_out = g->out;
		g->z.avail_out = OUT_BYTES;
		rc = inflate(&g->z, Z_NO_FLUSH);
		buf_add(out, (char *)g->out, OUT_BYTES - g->z.avail_out);
		g->is_between = rc == Z_STREAM_END;
	} while ((rc == Z_OK && !g->z.avail_out) ||
		 (rc == Z_STREAM_END && g->z.avail_in));
	/* Z_BUF_ERROR: it waits for more. */
	if (rc != Z_OK && rc != Z_STREAM_END && rc != Z_BUF_ERROR)
		return err_set(err, ERR_PARSE, "not gzip: %s",
			       g->z.msg ? g->z.msg : "damaged");
	return ERR_OK;
}
