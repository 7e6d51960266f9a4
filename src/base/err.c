/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/err.h"

#include <stdarg.h>
#include <string.h>

#include "base/buf.h"

/* Cut where it is too long, but not inside a character. */
static void set_msg(struct err *err, const char *msg)
{
	size_t len = strlen(msg);

	if (len >= sizeof(err->msg)) {
		len = sizeof(err->msg) - 1;
		while (len && ((unsigned char)msg[len] & 0xc0) == 0x80)
			len--;
	}
	memcpy(err->msg, msg, len);
	err->msg[len] = '\0';
}

enum err_code err_set(struct err *err, enum err_code code, const char *fmt, ...)
{
	struct buf msg = BUF_INIT(0);
	va_list ap;

	BUG_ON(code == ERR_OK);
	if (err->code)
		return err->code;
	err->code = code;
	va_start(ap, fmt);
	buf_addv(&msg, fmt, ap);
	va_end(ap);
	set_msg(err, buf_str(&msg));
	buf_release(&msg);
	return code;
}

void err_prefix(struct err *err, const char *fmt, ...)
{
	struct buf msg = BUF_INIT(0);
	va_list ap;

	if (!err->code)
		return;
	va_start(ap, fmt);
	buf_addv(&msg, fmt, ap);
	va_end(ap);
	buf_adds(&msg, ": ");
	buf_adds(&msg, err->msg);
	set_msg(err, buf_str(&msg));
	buf_release(&msg);
}

void err_clear(struct err *err)
{
	*err = (struct err){ 0 };
}

int err_exit_status(enum err_code code)
{
	switch (code) {
	case ERR_OK:
		return 0;
	case ERR_USAGE:
		return 2;
	case ERR_READONLY:
		return 4;
	case ERR_CONFLICT:
		return 5;
	case ERR_UNKNOWN:
		return 6;
	case ERR_ABSENT:
	case ERR_MANY:
		return 7;
	case ERR_STOP:
		return 130;
	case ERR_IO:
	case ERR_TIMEOUT:
	case ERR_BUSY:
	case ERR_AUTH:
	case ERR_PARSE:
	case ERR_SCHEMA:
	case ERR_LIMIT:
		return 3;
	}
	BUG_ON(code);
	return 3;
}
