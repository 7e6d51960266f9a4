/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_FORMAT_YAML_NODE_H
#define MLTOWER_FORMAT_YAML_NODE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "format/yaml.h"

/* All of a document lives in its arena; nodes never change once parsed, so an
 * alias is the same node in a second place. */
struct yaml_doc {
	struct arena arena;
	const char *name;
};

struct yaml {
	struct yaml_doc *doc;
	enum yaml_kind kind;
	bool is_quoted;
	uint32_t line, column;
	uint32_t weight; /* nodes from here down, each alias counted in full */
	const char *s;   /* of a scalar */
	struct yaml **keys, **items; /* of a list (no keys) or map */
	size_t n;
};

void yaml_doc_free(struct yaml_doc *doc);

#endif
