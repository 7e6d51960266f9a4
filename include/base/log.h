/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_BASE_LOG_H
#define MLTOWER_BASE_LOG_H

#include "base/mem.h"

/* Where MLTOWER_LOG names a file, lines go there with time and thread; else
 * nowhere. Never values of columns, never secrets. Thread-safe. */
void log_line(const char *fmt, ...) ATTR_PRINTF(1, 2);

#endif
