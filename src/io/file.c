/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "io/file.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

static enum err_code fail(struct err *err, const char *path)
{
	enum err_code code =
		errno == ENOENT || errno == ENOTDIR ? ERR_ABSENT : ERR_IO;

	return err_set(err, code, "%s: %s", path, strerror(errno));
}

enum err_code file_read(const char *path, size_t max, struct buf *out,
			struct err *err)
{
	enum err_code code = ERR_OK;
	size_t got = 0;
	char chunk[16384];
	ssize_t n;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return fail(err, path);
	while ((n = read(fd, chunk, sizeof(chunk))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			code = fail(err, path);
			break;
		}
		got += (size_t)n;
		if (got > max) {
			code = err_set(err, ERR_LIMIT,
				       "%s: larger than %zu bytes", path, max);
			break;
		}
		buf_add(out, chunk, (size_t)n);
	}
	close(fd);
	return code;
}

static int write_all(int fd, const char *p, size_t len)
{
	while (len) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

static char *folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return xstrdup(".");
	return slash == path ? xstrdup("/")
			     : xstrndup(path, (size_t)(slash - path));
}

static int sync_folder(const char *folder)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc;

	if (fd < 0)
		return -1;
	rc = fsync(fd);
	close(fd);
	return rc;
}

enum err_code file_write_whole(const char *path, const void *bytes, size_t len,
			       struct err *err)
{
	char *tmp = xasprintf("%s.XXXXXX", path);
	char *folder = folder_of(path);
	enum err_code code = ERR_OK;
	int fd = mkostemp(tmp, O_CLOEXEC);
	int rc;

	if (fd < 0) {
		code = fail(err, path);
		goto out;
	}
	rc = write_all(fd, bytes, len) || fsync(fd);
	if (rc)
		code = fail(err, path);
	if (close(fd) && !code)
		code = fail(err, path);
	if (!code && (rename(tmp, path) || sync_folder(folder)))
		code = fail(err, path);
	if (code)
		unlink(tmp);
out:
	free(folder);
	free(tmp);
	return code;
}

enum err_code file_make_dirs(const char *path, struct err *err)
{
	enum err_code code = ERR_OK;
	char *copy = xstrdup(path);
	char *p = copy;

	while (!code && *p) {
		char keep;

		while (*p == '/')
			p++;
		while (*p && *p != '/')
			p++;
		keep = *p;
		*p = '\0';
		if (*copy && mkdir(copy, 0700) && !file_is_dir(copy))
			code = err_set(err, ERR_IO, "%s: %s", copy,
				       strerror(errno));
		*p = keep;
	}
	free(copy);
	return code;
}

bool file_exists(const char *path)
{
	struct stat sb;

	return !stat(path, &sb);
}

bool file_is_dir(const char *path)
{
	struct stat sb;

	return !stat(path, &sb) && S_ISDIR(sb.st_mode);
}

size_t file_glob(const char *pattern, char ***out)
{
	glob_t g = { 0 };
	size_t i, n = 0;

	*out = NULL;
	if (!glob(pattern, GLOB_TILDE, NULL, &g) && g.gl_pathc) {
		n = g.gl_pathc;
		*out = xmalloc(n * sizeof(**out));
		for (i = 0; i < n; i++)
			(*out)[i] = xstrdup(g.gl_pathv[i]);
	}
	globfree(&g);
	return n;
}

int file_lock(const char *path, bool is_shared, struct err *err)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	int rc;

	if (fd < 0) {
		fail(err, path);
		return -1;
	}
	do
		rc = flock(fd, (is_shared ? LOCK_SH : LOCK_EX) | LOCK_NB);
	while (rc && errno == EINTR);
	if (!rc)
		return fd;
	if (errno == EWOULDBLOCK)
		err_set(err, ERR_BUSY, "%s: held by another process", path);
	else
		fail(err, path);
	close(fd);
	return -1;
}
