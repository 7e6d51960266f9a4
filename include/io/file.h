/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_IO_FILE_H
#define MLTOWER_IO_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

/* The whole file, at most `max` bytes (ERR_LIMIT beyond). */
ATTR_NODISCARD enum err_code file_read(const char *path, size_t max,
				       struct buf *out, struct err *err);
/* Temporary file beside it, fsync, rename, fsync of the folder. */
ATTR_NODISCARD enum err_code file_write_whole(const char *path,
					      const void *bytes, size_t len,
					      struct err *err);
/* All missing folders of the path, 0700. */
ATTR_NODISCARD enum err_code file_make_dirs(const char *path, struct err *err);
bool file_exists(const char *path);
bool file_is_dir(const char *path);
/* The files a glob names, sorted; yours: free each and the array. */
size_t file_glob(const char *pattern, char ***out);
/* A lock of the whole file by flock(2). The descriptor (>= 0) holds it until
 * it is closed; -1 with ERR_BUSY where another process holds it. */
int file_lock(const char *path, bool is_shared, struct err *err);

#endif
