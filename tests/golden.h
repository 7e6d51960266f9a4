/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_TESTS_GOLDEN_H
#define MLTOWER_TESTS_GOLDEN_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "draw/surface.h"

/* A surface against a text file: tests/LAYER/golden/NAME.txt. With
 * MLTOWER_GOLDEN=write in the environment the file is written instead, to be
 * looked at before it is committed. Include after cmocka.h. */
static inline void golden_read(const char *path, struct buf *out)
{
	char bytes[4096];
	FILE *f = fopen(path, "r");
	size_t n;

	if (!f)
		fail_msg("no golden file %s", path);
	while ((n = fread(bytes, 1, sizeof(bytes), f)) > 0)
		buf_add(out, bytes, n);
	fclose(f);
}

static inline void golden_write(const char *path, const struct buf *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fwrite(buf_str(text), 1, text->len, f);
	fclose(f);
}

static inline void assert_golden(const struct surface *s, const char *layer,
				 const char *name)
{
	const char *srcdir = getenv("srcdir"), *mode = getenv("MLTOWER_GOLDEN");
	struct buf is = BUF_INIT(1 << 20), wanted = BUF_INIT(1 << 20);
	char path[4096];

	snprintf(path, sizeof(path), "%s/tests/%s/golden/%s.txt",
		 srcdir ? srcdir : ".", layer, name);
	surface_text(s, &is);
	if (mode && !strcmp(mode, "write"))
		golden_write(path, &is);
	golden_read(path, &wanted);
	if (strcmp(buf_str(&is), buf_str(&wanted)))
		fail_msg("%s: drawn is\n%s\nand not\n%s", path, buf_str(&is),
			 buf_str(&wanted));
	buf_release(&is);
	buf_release(&wanted);
}

#endif
