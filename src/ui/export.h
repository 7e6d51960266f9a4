/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_UI_EXPORT_H
#define MLTOWER_UI_EXPORT_H

#include <stdbool.h>

#include "ui_internal.h"

/* Writes runs to a file, by its ending as `mltower runs` prints them: .csv,
 * .json, .jsonl or .md. They are read afresh and whole, on the actor's thread;
 * what came of it is said when it is there. A file that exists is left alone
 * unless may_replace. "~/" is the home folder. */
void export_runs(struct ui *ui, const char *path, bool may_replace,
		 const uint32_t *rows, size_t n);

#endif
