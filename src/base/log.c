/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/log.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/text.h"

#define MAX_LINE_BYTES 4096

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int log_fd = -1;

static void open_once(void)
{
	const char *path = getenv("MLTOWER_LOG");

	if (path && *path)
		log_fd = open(path,
			      O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC |
				      O_NOCTTY | O_NONBLOCK,
			      0600);
}

/* One write() a line in append mode: lines of threads never mix. */
void log_line(const char *fmt, ...)
{
	struct buf msg = BUF_INIT(MAX_LINE_BYTES / 4);
	struct buf line = BUF_INIT(MAX_LINE_BYTES);
	ssize_t written;
	char now[32];
	va_list ap;

	pthread_once(&once, open_once);
	if (log_fd < 0)
		return;
	va_start(ap, fmt);
	buf_addv(&msg, fmt, ap);
	va_end(ap);
	clock_format_utc(clock_utc_ms(), now);
	buf_addf(&line, "%s %ld ", now, syscall(SYS_gettid));
	text_add_shown(&line, buf_str(&msg), msg.len);
	buf_addc(&line, '\n');
	/* A full disk or a closed pipe must not stop the program. */
	written = write(log_fd, line.data, line.len);
	(void)written;
	buf_release(&msg);
	buf_release(&line);
}
