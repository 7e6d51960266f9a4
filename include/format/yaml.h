/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_FORMAT_YAML_H
#define MLTOWER_FORMAT_YAML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* A YAML document as a tree, with the line and column of every node. Anchors
 * and aliases are refused beyond a depth and a count (a "billion laughs" is an
 * error), double keys too. */
struct yaml;

enum yaml_kind { YAML_SCALAR, YAML_LIST, YAML_MAP };

#define YAML_MAX_BYTES (8u << 20)

/* The root is yours. An empty text gives an empty map. `name` is for the
 * messages: "NAME:LINE:COL: what". */
ATTR_NODISCARD enum err_code yaml_parse(const char *text, size_t len,
					const char *name, struct yaml **out,
					struct err *err);
/* libyaml exports a yaml_free() of its own and calls it through the dynamic
 * linker: ours must be another symbol. */
#define yaml_free mltower_yaml_free
void yaml_free(struct yaml *root);
/* Two roots as one: what `over` says, and where it says nothing what `under`
 * does; maps that are in both are laid over each other in the same way, lists
 * are not. Either may be NULL. Yours are still the two, which live longer. */
const struct yaml *yaml_over(struct yaml *over, struct yaml *under);

enum yaml_kind yaml_kind(const struct yaml *node);
unsigned yaml_line(const struct yaml *node); /* from 1 */
unsigned yaml_column(const struct yaml *node);
const char *yaml_file(const struct yaml *node); /* the name it was parsed by */

/* All take NULL. Maps keep the order of the file. */
const struct yaml *yaml_get(const struct yaml *map, const char *key);
size_t yaml_count(const struct yaml *node);
const struct yaml *yaml_at(const struct yaml *node, size_t i); /* value i */
const char *yaml_key_at(const struct yaml *map, size_t i);
const char *yaml_key_file_at(const struct yaml *map, size_t i);
unsigned yaml_key_line_at(const struct yaml *map, size_t i);
unsigned yaml_key_column_at(const struct yaml *map, size_t i);

const char *yaml_str(const struct yaml *node, const char *otherwise);
bool yaml_is_quoted(const struct yaml *node);
bool yaml_is_null(const struct yaml *node); /* absent, ~, null, "" unquoted */
/* False unless the whole scalar is one: yes/no/true/false/on/off. */
bool yaml_bool(const struct yaml *node, bool *out);
bool yaml_double(const struct yaml *node, double *out);
bool yaml_int64(const struct yaml *node, int64_t *out);

#endif
