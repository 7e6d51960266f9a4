/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_DEMO_STORE_SQL_H
#define MLTOWER_DEMO_STORE_SQL_H

#include <stdarg.h>

#include "demo/store.h"

/* Runs one statement with its arguments by letters: t text, i int64_t, d
 * double. Nothing after a failure. */
void store_sql(struct store *s, const char *sql, const char *types, ...);
/* The same, bound and not yet run; NULL after a failure. */
struct db_stmt *store_bind(struct store *s, const char *sql, const char *types,
			   va_list ap);

#endif
