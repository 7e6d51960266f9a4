/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_APP_REGISTRY_OF_H
#define MLTOWER_APP_REGISTRY_OF_H

#include "app/config.h"
#include "base/cancel.h"
#include "system/ops.h"

/* What an adapter is told of a source; lives as long as the config. */
struct source_conf source_conf_of(const struct config_source *s);
/* The adapter of a configured source; NULL: there is no such source. "" is the
 * only source there is. */
const struct system_ops *system_of(const struct config *c, const char *source,
				   struct source_conf *conf);
/* The version that an alias names now, "" nobody. False: it cannot be read. */
bool registry_of_holder(const struct config *c, const char *source,
			const char *model, const char *alias,
			const struct cancel *stop, char out[24]);
/* The highest version of the model, "" none; in the same way. */
bool registry_of_newest(const struct config *c, const char *source,
			const char *model, const struct cancel *stop,
			char out[24]);

#endif
