/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_APP_CONFIG_READ_H
#define MLTOWER_APP_CONFIG_READ_H

#include "app/config.h"
#include "format/yaml.h"

/* Reading one YAML file into a config: each part checks its keys and records
 * what it set and where. The first error ends the reading. */
struct config_reader {
	struct config *c;
	struct err *err;
	size_t cap_values, cap_warnings;
};

/* A key, and whether this version uses it. */
struct config_known {
	const char *name;
	bool is_later; /* of the contract, not used yet: a warning */
};

/* False (and the error) if the map has a key that is not known, or is no map.
 * `path` is the dotted place ("sources.prod"). */
bool config_check_keys(struct config_reader *r, const struct yaml *map,
		       const char *path, const struct config_known *known,
		       size_t n_known);
/* The error at a node, "FILE:LINE:COL: PATH: what". Always false. */
bool config_fail(struct config_reader *r, const struct yaml *node,
		 const char *path, const char *fmt, ...) ATTR_PRINTF(4, 5);

/* Typed values; absent keys leave *out alone. All record what they read. */
bool config_str(struct config_reader *r, const struct yaml *map,
		const char *path, const char *key, const char **out);
bool config_bool(struct config_reader *r, const struct yaml *map,
		 const char *path, const char *key, bool *out);
bool config_double(struct config_reader *r, const struct yaml *map,
		   const char *path, const char *key, double *out);
bool config_int(struct config_reader *r, const struct yaml *map,
		const char *path, const char *key, int64_t *out);
bool config_duration(struct config_reader *r, const struct yaml *map,
		     const char *path, const char *key, int64_t *out_ms);
/* A scalar or a list of scalars. */
bool config_strings(struct config_reader *r, const struct yaml *map,
		    const char *path, const char *key, const char *const **out,
		    size_t *n);
void config_record(struct config_reader *r, const struct yaml *node,
		   const char *path, const char *key, const char *value);
const char *config_path(struct config_reader *r, const char *path,
			const char *key);
/* A path in the file is meant from the file's folder; "~/" from home. */
const char *config_file_path(struct config_reader *r, const char *path);

/* The parts that have a file of their own. */
bool config_read_gates(struct config_reader *r, const struct yaml *map);
bool config_read_monitors(struct config_reader *r, const struct yaml *map);

#endif
