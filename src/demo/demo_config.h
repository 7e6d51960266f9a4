/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_DEMO_DEMO_CONFIG_H
#define MLTOWER_DEMO_DEMO_CONFIG_H

#include "base/buf.h"

/* The config.yaml of a demo in this folder. */
void demo_config_text(const char *dir, struct buf *out);

#endif
