/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_TESTS_STORE_STATE_DIR_H
#define MLTOWER_TESTS_STORE_STATE_DIR_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

/* A scratch folder; yours: scratch_remove(). */
static inline char *scratch_make(void)
{
	const char *tmp = getenv("TMPDIR");
	char *dir =
		xasprintf("%s/mltower-test-XXXXXX", tmp && *tmp ? tmp : "/tmp");

	BUG_ON(!mkdtemp(dir));
	return dir;
}

/* With the files in it; it has no folders. */
static inline void scratch_remove(char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *e;

	while (d && (e = readdir(d))) {
		char *path = xasprintf("%s/%s", dir, e->d_name);

		if (*e->d_name != '.')
			unlink(path);
		free(path);
	}
	if (d)
		closedir(d);
	rmdir(dir);
	free(dir);
}

#endif
