/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_APP_BASELINE_H
#define MLTOWER_APP_BASELINE_H

#include <stdbool.h>

#include "app/config.h"
#include "base/cancel.h"
#include "data/frame.h"
#include "watch/monitor.h"

#define BASELINE_MAX_ROWS 50000

/* The file that the monitor's rule finds for a version: "{version}" in it
 * stands for that. The log says the version, and must not name a file in
 * another folder. Yours; "" without a rule. */
char *baseline_path(const struct monitor_conf *conf, const char *version);

/* What the newest version of a model was trained on, where that is newer than
 * the version watched; read once a version. Starts zeroed. */
struct baseline_newer {
	char version[24];
	struct frame *frame; /* NULL: none was read */
};

void baseline_newer_release(struct baseline_newer *n);
/* Looks into the registry. False: nothing newer, or nothing to read of it. */
bool baseline_newer_read(struct baseline_newer *n, const struct config *c,
			 const struct monitor *m, const struct cancel *stop);

#endif
