/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_FORMAT_GUNZIP_H
#define MLTOWER_FORMAT_GUNZIP_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

/* What a gzip file holds, as its bytes come: of one member or of several, one
 * after another. */
struct gunzip;

/* At most this many bytes are handed over at once: each makes no more than
 * about a thousand. */
#define GUNZIP_PIECE 16384

struct gunzip *gunzip_new(void);
void gunzip_free(struct gunzip *g);    /* NULL is fine */
void gunzip_restart(struct gunzip *g); /* at the start of a file */
/* Adds to out what these bytes tell. ERR_PARSE: they are not gzip's. */
ATTR_NODISCARD enum err_code gunzip_add(struct gunzip *g, const char *in,
					size_t len, struct buf *out,
					struct err *err);

#endif
