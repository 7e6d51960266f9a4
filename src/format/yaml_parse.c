/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "yaml_node.h"

#define MAX_DEPTH  64
#define MAX_WEIGHT 1000000 /* nodes, with every alias written out */

struct anchor {
	const char *name;
	struct yaml *node;
};

/* A list or map whose end has not come. */
struct frame {
	struct yaml *node;
	struct yaml *key; /* of a map, where its value is due */
	size_t keys_cap, items_cap;
	const char *anchor; /* its name, or NULL */
};

struct builder {
	struct yaml_doc *doc;
	struct yaml *root;
	struct frame stack[MAX_DEPTH];
	size_t depth;
	struct anchor *anchors;
	size_t n_anchors, anchors_cap;
	struct err *err;
};

void yaml_doc_free(struct yaml_doc *doc)
{
	arena_release(&doc->arena);
	free(doc);
}

static enum err_code fail_at(struct builder *b, size_t line, size_t column,
			     const char *what)
{
	return err_set(b->err, ERR_PARSE, "%s:%zu:%zu: %s", b->doc->name,
		       line + 1, column + 1, what);
}

static enum err_code fail(struct builder *b, const yaml_event_t *ev,
			  const char *what)
{
	return fail_at(b, ev->start_mark.line, ev->start_mark.column, what);
}

static struct yaml *new_node(struct builder *b, const yaml_event_t *ev,
			     enum yaml_kind kind)
{
	struct yaml *node = arena_alloc(&b->doc->arena, sizeof(*node));

	*node = (struct yaml){
		.doc = b->doc,
		.kind = kind,
		.line = (uint32_t)ev->start_mark.line + 1,
		.column = (uint32_t)ev->start_mark.column + 1,
		.weight = 1,
	};
	return node;
}

static void anchor_put(struct builder *b, const char *name, struct yaml *node)
{
	if (!name)
		return;
	b->anchors = xgrow(b->anchors, &b->anchors_cap, b->n_anchors + 1,
			   sizeof(*b->anchors));
	b->anchors[b->n_anchors++] = (struct anchor){ name, node };
}

/* The last one of that name; NULL also inside the node itself, which gets its
 * anchor when it ends: a document cannot hold itself. */
static struct yaml *anchor_find(const struct builder *b, const char *name)
{
	for (size_t i = b->n_anchors; i--;) {
		if (!strcmp(b->anchors[i].name, name))
			return b->anchors[i].node;
	}
	return NULL;
}

/* A key or value is whole: into what is open, or the root it is. */
static enum err_code put(struct builder *b, const yaml_event_t *ev,
			 struct yaml *node)
{
	struct frame *f = b->depth ? &b->stack[b->depth - 1] : NULL;
	struct yaml *in;

	if (!f) {
		b->root = node;
		return ERR_OK;
	}
	in = f->node;
	if (in->kind == YAML_MAP && !f->key) {
		if (node->kind != YAML_SCALAR)
			return fail(b, ev, "a key must be a word");
		f->key = node;
		return ERR_OK;
	}
	if (node->weight > MAX_WEIGHT - in->weight)
		return fail(b, ev, "too many nodes; aliases count in full");
	in->weight += node->weight;
	if (in->kind == YAML_MAP) {
		in->keys = xgrow(in->keys, &f->keys_cap, in->n + 1,
				 sizeof(*in->keys));
		in->keys[in->n] = f->key;
		f->key = NULL;
	}
	in->items =
		xgrow(in->items, &f->items_cap, in->n + 1, sizeof(*in->items));
	in->items[in->n++] = node;
	return ERR_OK;
}

static enum err_code on_scalar(struct builder *b, const yaml_event_t *ev)
{
	const char *s = (const char *)ev->data.scalar.value;
	size_t len = ev->data.scalar.length;
	struct yaml *node = new_node(b, ev, YAML_SCALAR);
	const char *tag = (const char *)ev->data.scalar.tag;
	const char *anchor = (const char *)ev->data.scalar.anchor;

	if (memchr(s, '\0', len))
		return fail(b, ev, "a NUL in a string");
	node->s = arena_strndup(&b->doc->arena, s, len);
	node->is_quoted = ev->data.scalar.style != YAML_PLAIN_SCALAR_STYLE ||
			  (tag && !strcmp(tag, YAML_STR_TAG));
	anchor_put(b, arena_strdup(&b->doc->arena, anchor), node);
	return put(b, ev, node);
}

static enum err_code on_start(struct builder *b, const yaml_event_t *ev,
			      enum yaml_kind kind, const yaml_char_t *anchor)
{
	if (b->depth == MAX_DEPTH)
		return fail(b, ev, "nested too deeply");
	b->stack[b->depth++] = (struct frame){
		.node = new_node(b, ev, kind),
		.anchor = arena_strdup(&b->doc->arena, (const char *)anchor),
	};
	return ERR_OK;
}

static int compare_keys(const void *a, const void *b)
{
	const struct yaml *one = *(struct yaml *const *)a;
	const struct yaml *two = *(struct yaml *const *)b;
	int order = strcmp(one->s, two->s);

	if (order)
		return order;
	if (one->line != two->line)
		return one->line < two->line ? -1 : 1;
	return one->column < two->column ? -1 : one->column > two->column;
}

static enum err_code check_keys(struct builder *b, const struct yaml *map)
{
	struct yaml **sorted;

	if (map->n < 2)
		return ERR_OK;
	sorted = xcalloc(map->n, sizeof(*sorted));
	memcpy(sorted, map->keys, map->n * sizeof(*sorted));
	qsort(sorted, map->n, sizeof(*sorted), compare_keys);
	for (size_t i = 1; i < map->n && !b->err->code; i++) {
		struct buf what = BUF_INIT(160);

		if (strcmp(sorted[i - 1]->s, sorted[i]->s))
			continue;
		buf_adds(&what, "the key \"");
		text_add_shown(&what, sorted[i]->s, strlen(sorted[i]->s));
		buf_addf(&what, "\" stands twice, first in line %u",
			 sorted[i - 1]->line);
		fail_at(b, sorted[i]->line - 1, sorted[i]->column - 1,
			what.is_cut ? "a key stands twice" : buf_str(&what));
		buf_release(&what);
	}
	free(sorted);
	return b->err->code;
}

/* What grew on the heap moves to the arena. */
static struct yaml **settle(struct builder *b, struct yaml **grown, size_t n)
{
	struct yaml **kept;

	if (!grown)
		return NULL;
	kept = arena_alloc(&b->doc->arena, n * sizeof(*kept));
	memcpy(kept, grown, n * sizeof(*kept));
	free(grown);
	return kept;
}

static enum err_code on_end(struct builder *b, const yaml_event_t *ev)
{
	struct frame *f = &b->stack[b->depth - 1];
	struct yaml *node = f->node;

	if (node->kind == YAML_MAP && check_keys(b, node))
		return b->err->code;
	node->keys = settle(b, node->keys, node->n);
	node->items = settle(b, node->items, node->n);
	b->depth--;
	anchor_put(b, f->anchor, node);
	return put(b, ev, node);
}

static enum err_code on_alias(struct builder *b, const yaml_event_t *ev)
{
	const char *name = (const char *)ev->data.alias.anchor;
	struct yaml *node = anchor_find(b, name);

	if (!node)
		return fail(b, ev, "an alias of nothing that stands before it");
	return put(b, ev, node);
}

static enum err_code on_event(struct builder *b, const yaml_event_t *ev)
{
	switch (ev->type) {
	case YAML_SCALAR_EVENT:
		return on_scalar(b, ev);
	case YAML_ALIAS_EVENT:
		return on_alias(b, ev);
	case YAML_SEQUENCE_START_EVENT:
		return on_start(b, ev, YAML_LIST,
				ev->data.sequence_start.anchor);
	case YAML_MAPPING_START_EVENT:
		return on_start(b, ev, YAML_MAP, ev->data.mapping_start.anchor);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		return on_end(b, ev);
	case YAML_DOCUMENT_START_EVENT:
		return b->root ? fail(b, ev, "a second document") : ERR_OK;
	default:
		return ERR_OK;
	}
}

static enum err_code parser_failed(struct builder *b, const yaml_parser_t *p)
{
	char what[160];

	BUG_ON(p->error == YAML_MEMORY_ERROR);
	snprintf(what, sizeof(what), "%s%s%s", p->problem ? p->problem : "?",
		 p->context ? ", " : "", p->context ? p->context : "");
	return fail_at(b, p->problem_mark.line, p->problem_mark.column, what);
}

static enum err_code build(struct builder *b, yaml_parser_t *p)
{
	bool at_end = false;

	while (!at_end && !b->err->code) {
		yaml_event_t ev;

		if (!yaml_parser_parse(p, &ev))
			return parser_failed(b, p);
		at_end = ev.type == YAML_STREAM_END_EVENT;
		on_event(b, &ev);
		yaml_event_delete(&ev);
	}
	return b->err->code;
}

static struct yaml *empty_map(struct yaml_doc *doc)
{
	struct yaml *node = arena_alloc(&doc->arena, sizeof(*node));

	*node = (struct yaml){ .doc = doc,
			       .kind = YAML_MAP,
			       .line = 1,
			       .column = 1,
			       .weight = 1 };
	return node;
}

/* What a failure left open. */
static void drop_frames(struct builder *b)
{
	for (size_t i = 0; i < b->depth; i++) {
		free(b->stack[i].node->keys);
		free(b->stack[i].node->items);
	}
}

enum err_code yaml_parse(const char *text, size_t len, const char *name,
			 struct yaml **out, struct err *err)
{
	struct builder b = { .err = err };
	yaml_parser_t parser;

	*out = NULL;
	if (len > YAML_MAX_BYTES)
		return err_set(err, ERR_LIMIT, "%s: larger than %u MB", name,
			       YAML_MAX_BYTES >> 20);
	if (!text_is_utf8(text, len))
		return err_set(err, ERR_PARSE, "%s: not UTF-8", name);
	b.doc = xcalloc(1, sizeof(*b.doc));
	b.doc->name = arena_strdup(&b.doc->arena, name);
	BUG_ON(!yaml_parser_initialize(&parser));
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
	if (!build(&b, &parser))
		*out = b.root ? b.root : empty_map(b.doc);
	yaml_parser_delete(&parser);
	drop_frames(&b);
	free(b.anchors);
	if (!*out)
		yaml_doc_free(b.doc);
	return err->code;
}
