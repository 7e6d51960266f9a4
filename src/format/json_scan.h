/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_FORMAT_JSON_SCAN_H
#define MLTOWER_FORMAT_JSON_SCAN_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

/* No UTF-8 holds this byte, so no string from outside begins with it. */
#define JSON_RAW_MARK '\xff'

/* Looks over JSON before cJSON does, and writes to `clean` what cJSON reads
 * right: refuses what it would let pass (size, depth, bad UTF-8, control
 * characters, NUL escapes, numbers that are none), turns bare NaN and
 * infinities to strings, and numbers that it would cut or round to strings
 * that begin with JSON_RAW_MARK. The grammar itself stays cJSON's business. */
ATTR_NODISCARD enum err_code json_scan(const char *text, size_t len,
				       struct buf *clean, struct err *err);

#endif
