/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_BASE_STR_H
#define MLTOWER_BASE_STR_H

#include <stdbool.h>
#include <string.h>

/* Are two texts the same? NULL, which is none, is the same as NULL only. */
static inline bool str_same(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

#endif
