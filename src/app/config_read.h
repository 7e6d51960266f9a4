/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_APP_CONFIG_READ_H
#define MLTOWER_APP_CONFIG_READ_H

#include "app/config.h"
#include "format/yaml.h"

/* Reading one YAML file into a config: each part checks its keys and records
 * what it set and where. What is wrong joins the config's problems, and the
 * reading goes on. */
struct config_reader {
	struct config *c;
	size_t cap_values, cap_problems;
};

/* A key, and whether this version uses it. */
struct config_known {
	const char *name;
	bool is_later; /* of the contract, not used yet: a warning */
};

/* An error for each key that is not known, or if it is no map. `path` is the
 * dotted place ("sources.prod"). */
void config_check_keys(struct config_reader *r, const struct yaml *map,
		       const char *path, const struct config_known *known,
		       size_t n_known);
/* How many entries the map has; 0, with an error where it is something else
 * than what is expected ("NAME: {path or url}"). map may be NULL. */
size_t config_entries(struct config_reader *r, const struct yaml *map,
		      const char *path, const char *expected);
/* The error at a node, "FILE:LINE:COL: PATH: what". */
void config_fail(struct config_reader *r, const struct yaml *node,
		 const char *path, const char *fmt, ...) ATTR_PRINTF(4, 5);
/* The same, of another severity. */
void config_note(struct config_reader *r, enum config_severity severity,
		 const struct yaml *node, const char *path, const char *what);

/* Typed values; absent keys and wrong values leave *out alone. All record what
 * they read. */
void config_str(struct config_reader *r, const struct yaml *map,
		const char *path, const char *key, const char **out);
void config_bool(struct config_reader *r, const struct yaml *map,
		 const char *path, const char *key, bool *out);
void config_double(struct config_reader *r, const struct yaml *map,
		   const char *path, const char *key, double *out);
void config_int(struct config_reader *r, const struct yaml *map,
		const char *path, const char *key, int64_t *out);
void config_duration(struct config_reader *r, const struct yaml *map,
		     const char *path, const char *key, int64_t *out_ms);
/* A scalar or a list of scalars. */
void config_strings(struct config_reader *r, const struct yaml *map,
		    const char *path, const char *key, const char *const **out,
		    size_t *n);
/* What is in force, at PATH.KEY; no node: by default. */
void config_record(struct config_reader *r, const struct yaml *node,
		   const char *path, const char *key, const char *value);
const char *config_path(struct config_reader *r, const char *path,
			const char *key);
/* A path is meant from the folder of the file in which its node stands; "~/"
 * from home. */
const char *config_file_path(struct config_reader *r, const struct yaml *node,
			     const char *path);

/* The parts that have a file of their own. */
void config_read_gates(struct config_reader *r, const struct yaml *map);
void config_read_monitors(struct config_reader *r, const struct yaml *map);
void config_read_views(struct config_reader *r, const struct yaml *map);

#endif
