/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Every node has a place in the text, every key is found once, and a failure
 * says where. */
#include "config.h"

#include <stdint.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "format/yaml.h"

#define MAX_LOOKED_AT 20000 /* aliases make a small text a large tree */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t n_looked_at;

static void check_scalar(const struct yaml *node)
{
	const char *s = yaml_str(node, NULL);
	int64_t i = 0;
	double d = 0;
	bool b;

	BUG_ON(!s || !text_is_utf8(s, strlen(s)) || yaml_count(node));
	if (yaml_int64(node, &i))
		BUG_ON(!yaml_double(node, &d) || d != (double)i);
	if (yaml_is_quoted(node) || yaml_is_null(node))
		BUG_ON(yaml_bool(node, &b) || yaml_double(node, &d));
}

static void check_node(const struct yaml *node, size_t size)
{
	BUG_ON(!node || strcmp(yaml_file(node), "fuzz.yaml"));
	BUG_ON(!yaml_line(node) || yaml_line(node) > size + 1);
	BUG_ON(!yaml_column(node) || yaml_column(node) > size + 1);
	if (++n_looked_at > MAX_LOOKED_AT)
		return;
	if (yaml_kind(node) == YAML_SCALAR)
		check_scalar(node);
	for (size_t i = 0; i < yaml_count(node); i++) {
		const char *key = yaml_key_at(node, i);

		BUG_ON((yaml_kind(node) == YAML_MAP) != !!key);
		if (key && i < 100)
			BUG_ON(yaml_get(node, key) != yaml_at(node, i));
		if (key)
			BUG_ON(!yaml_key_line_at(node, i));
		check_node(yaml_at(node, i), size);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = { 0 };
	struct yaml *doc;

	n_looked_at = 0;
	if (yaml_parse((const char *)data, size, "fuzz.yaml", &doc, &err)) {
		BUG_ON(doc || strncmp(err.msg, "fuzz.yaml:", 10));
		BUG_ON(!text_is_utf8(err.msg, strlen(err.msg)));
		return 0;
	}
	check_node(doc, size);
	yaml_free(doc);
	return 0;
}
