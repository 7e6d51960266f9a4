/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Whether a file only grew is told by its device and inode, its length, and
 * the last bytes that were read: a file cut and written anew to more than its
 * old length within one look has other bytes there. */
#include "config.h"

#include "io/follow.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

#define MARK_BYTES  64
#define CHUNK_BYTES 65536

/* Bytes of the file as they were read, to know it again. */
struct mark {
	off_t at;
	size_t len;
	char bytes[MARK_BYTES];
};

struct follow {
	char *path;
	int fd; /* -1: none */
	dev_t dev;
	ino_t ino;
	int64_t offset;
	bool has_read; /* something was handed over, or a place was given */
	struct timespec seen_mtime;
	struct mark head, tail;
};

struct follow *follow_new(const char *path)
{
	struct follow *f = xcalloc(1, sizeof(*f));

	f->path = xstrdup(path);
	f->fd = -1;
	return f;
}

void follow_free(struct follow *f)
{
	if (!f)
		return;
	if (f->fd >= 0)
		close(f->fd);
	free(f->path);
	free(f);
}

const char *follow_path(const struct follow *f)
{
	return f->path;
}

int64_t follow_offset(const struct follow *f)
{
	return f->offset;
}

static void forget(struct follow *f)
{
	f->offset = 0;
	f->head.len = f->tail.len = 0;
	f->seen_mtime = (struct timespec){ 0 };
}

void follow_seek(struct follow *f, int64_t offset)
{
	forget(f);
	f->offset = offset;
	f->has_read = offset > 0;
}

static void drop_file(struct follow *f)
{
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
}

/* Is `sb` the file we have open? */
static bool is_ours(const struct follow *f, const struct stat *sb)
{
	return f->fd >= 0 && sb->st_dev == f->dev && sb->st_ino == f->ino;
}

static bool mark_holds(const struct follow *f, const struct mark *m)
{
	char now[MARK_BYTES];

	if (!m->len)
		return true;
	return pread(f->fd, now, m->len, m->at) == (ssize_t)m->len &&
	       !memcmp(now, m->bytes, m->len);
}

static void take_mark(struct mark *m, off_t at, const char *bytes, size_t len)
{
	m->at = at;
	m->len = MIN(len, (size_t)MARK_BYTES);
	memcpy(m->bytes, bytes, m->len);
}

/* Remembers the ends of what was read: `len` bytes up to the offset. */
static void remember(struct follow *f, const char *bytes, size_t len)
{
	size_t n = MIN(len, (size_t)MARK_BYTES);

	if (f->offset == (int64_t)len)
		take_mark(&f->head, 0, bytes, len);
	take_mark(&f->tail, f->offset - (off_t)n, bytes + len - n, n);
}

/* False with err, or with errno ENOENT where there is no such file. */
static bool open_file(struct follow *f, struct stat *sb, struct err *err)
{
	drop_file(f);
	f->fd = open(f->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (f->fd < 0 || fstat(f->fd, sb)) {
		if (errno != ENOENT)
			err_set(err, ERR_IO, "%s: %s", f->path,
				strerror(errno));
		drop_file(f);
		return false;
	}
	if (!S_ISREG(sb->st_mode)) {
		err_set(err, ERR_IO, "%s: not a regular file", f->path);
		drop_file(f);
		return false;
	}
	f->dev = sb->st_dev;
	f->ino = sb->st_ino;
	return true;
}

/* Has the file we have open still a name, if not this one? */
static bool is_kept(const struct follow *f)
{
	struct stat sb;

	return f->fd >= 0 && !fstat(f->fd, &sb) && sb.st_nlink > 0;
}

static enum follow_what gone(struct follow *f)
{
	drop_file(f);
	forget(f);
	return FOLLOW_ABSENT;
}

/* Do the last bytes of the other file stand at the same place in ours? */
static bool is_part(const struct follow *f, const char *other, off_t size)
{
	struct mark end = { .len = (size_t)MIN(size, (off_t)MARK_BYTES) };
	int fd = open(other, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	bool is_read;

	end.at = size - (off_t)end.len;
	is_read = fd >= 0 &&
		  pread(fd, end.bytes, end.len, end.at) == (ssize_t)end.len;
	if (fd >= 0)
		close(fd);
	return is_read && mark_holds(f, &end);
}

bool follow_is_newer(const struct follow *f, const char *other, int64_t by_ms)
{
	struct stat ours, theirs;
	int64_t later_ns;

	if (stat(other, &theirs))
		return false;
	if (f->fd < 0 || fstat(f->fd, &ours))
		return true;
	later_ns = (theirs.st_mtim.tv_sec - ours.st_mtim.tv_sec) * 1000000000 +
		   (theirs.st_mtim.tv_nsec - ours.st_mtim.tv_nsec);
	return later_ns > by_ms * 1000000 && !is_part(f, other, theirs.st_size);
}

/* Adds at most max bytes from the offset on; how many. */
static size_t read_more(struct follow *f, struct buf *out, size_t max,
			struct err *err)
{
	char *chunk = xmalloc(CHUNK_BYTES);
	size_t total = 0;

	while (total < max) {
		size_t want = MIN(max - total, (size_t)CHUNK_BYTES);
		ssize_t n = pread(f->fd, chunk, want, f->offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			err_set(err, ERR_IO, "%s: %s", f->path,
				strerror(errno));
		if (n <= 0)
			break;
		buf_add(out, chunk, (size_t)n);
		f->offset += n;
		remember(f, chunk, (size_t)n);
		total += (size_t)n;
	}
	free(chunk);
	return total;
}

enum follow_what follow_read(struct follow *f, struct buf *out, size_t max,
			     struct err *err)
{
	struct stat sb;
	bool is_new = false, goes_on = false;
	size_t n;

	if (stat(f->path, &sb)) {
		if (errno == ENOENT || errno == ENOTDIR)
			return !is_kept(f)                   ? gone(f)
			       : read_more(f, out, max, err) ? FOLLOW_MORE
							     : FOLLOW_ABSENT;
		err_set(err, ERR_IO, "%s: %s", f->path, strerror(errno));
		return FOLLOW_NOTHING;
	}
	if (!is_ours(f, &sb)) {
		/* A place given by follow_seek stands in the first file. */
		is_new = f->fd >= 0;
		goes_on = is_kept(f);
		if (goes_on && read_more(f, out, max, err))
			return FOLLOW_MORE;
		if (!open_file(f, &sb, err))
			return err->code ? FOLLOW_NOTHING : gone(f);
	}
	if (sb.st_size == f->offset && f->tail.len &&
	    sb.st_mtim.tv_sec == f->seen_mtime.tv_sec &&
	    sb.st_mtim.tv_nsec == f->seen_mtime.tv_nsec)
		return FOLLOW_NOTHING;
	f->seen_mtime = sb.st_mtim;
	goes_on = goes_on || (!is_new && sb.st_size < f->offset);
	is_new = is_new || sb.st_size < f->offset || !mark_holds(f, &f->head) ||
		 !mark_holds(f, &f->tail) || (f->has_read && !f->offset);
	if (is_new) {
		buf_clear(out);
		forget(f);
	}
	n = read_more(f, out, max, err);
	if (is_new && !f->has_read)
		is_new = false; /* an empty file was replaced */
	f->has_read = is_new ? n > 0 : f->has_read || n > 0;
	if (is_new)
		return goes_on ? FOLLOW_ROTATED : FOLLOW_AFRESH;
	return n ? FOLLOW_MORE : FOLLOW_NOTHING;
}
