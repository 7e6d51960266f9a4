/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_TESTS_IO_SCRATCH_H
#define MLTOWER_TESTS_IO_SCRATCH_H

/* A folder for one test, gone with all that is in it. */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct scratch {
	char folder[64];
	char path[128]; /* FOLDER/file, not made */
};

static inline int scratch_drop(const char *path, const struct stat *sb,
			       int flag, struct FTW *ftw)
{
	(void)sb;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static inline int scratch_init(void **state)
{
	struct scratch *s = calloc(1, sizeof(*s));

	strcpy(s->folder, "/tmp/mltower-test-XXXXXX");
	if (!mkdtemp(s->folder))
		return -1;
	snprintf(s->path, sizeof(s->path), "%s/file", s->folder);
	*state = s;
	return 0;
}

static inline int scratch_release(void **state)
{
	struct scratch *s = *state;

	nftw(s->folder, scratch_drop, 8, FTW_DEPTH | FTW_PHYS);
	free(s);
	return 0;
}

static inline void write_file(const char *path, const char *mode,
			      const char *text)
{
	FILE *out = fopen(path, mode);

	assert_non_null(out);
	fputs(text, out);
	assert_int_equal(fclose(out), 0);
}

#endif
