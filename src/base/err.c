/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A message that was cut may end inside a character: drop that character. */
static void cut_at_char(char *msg, size_t size)
{
	size_t len = strlen(msg), start = len;

	if (len + 1 < size)
		return;
	while (start && ((unsigned char)msg[start - 1] & 0xc0) == 0x80)
		start--;
	if (start && (unsigned char)msg[start - 1] >= 0xc0)
		msg[start - 1] = '\0';
}

enum err_code err_set(struct err *err, enum err_code code, const char *fmt, ...)
{
	va_list ap;

	BUG_ON(code == ERR_OK);
	if (err->code)
		return err->code;
	err->code = code;
	va_start(ap, fmt);
	vsnprintf(err->msg, sizeof(err->msg), fmt, ap);
	va_end(ap);
	cut_at_char(err->msg, sizeof(err->msg));
	return code;
}

void err_prefix(struct err *err, const char *fmt, ...)
{
	char old[sizeof(err->msg)];
	va_list ap;
	int n;

	if (!err->code)
		return;
	memcpy(old, err->msg, sizeof(old));
	va_start(ap, fmt);
	n = vsnprintf(err->msg, sizeof(err->msg), fmt, ap);
	va_end(ap);
	if (n >= 0 && (size_t)n < sizeof(err->msg))
		snprintf(err->msg + n, sizeof(err->msg) - (size_t)n, ": %s",
			 old);
	cut_at_char(err->msg, sizeof(err->msg));
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
