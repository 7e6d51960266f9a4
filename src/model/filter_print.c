/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "filter_ast.h"
#include "model/filter.h"

/* Quoted parts are written as they were typed, so that they are read again as
 * they were read. */
static void print_quoted(struct buf *out, const char *s, char quote)
{
	if (quote)
		buf_addc(out, quote);
	buf_adds(out, s);
	if (quote)
		buf_addc(out, quote);
}

static void print_column(const struct filter_compare *c, struct buf *out)
{
	if (strpbrk(c->raw, "\"'`")) {
		buf_adds(out, c->raw);
		return;
	}
	buf_adds(out, filter_fields[c->field].name);
	if (c->field > FIELD_LAST_KEYED)
		return;
	buf_addc(out, '.');
	buf_adds(out, c->name);
}

static void print_compare(const struct filter_compare *c, struct buf *out)
{
	size_t i;

	print_column(c, out);
	buf_addf(out, " %s ", filter_op_text(c->op, c->is_not));
	if (c->op == OP_IN)
		buf_addc(out, '(');
	for (i = 0; i < c->n_values; i++) {
		if (i)
			buf_adds(out, ", ");
		print_quoted(out, c->values[i].text, c->values[i].quote);
	}
	if (c->op == OP_IN)
		buf_addc(out, ')');
}

static void print_node(const struct filter_node *n, struct buf *out,
		       enum filter_node_kind parent);

static void print_kids(const struct filter_node *n, struct buf *out)
{
	size_t i;

	for (i = 0; i < n->n_kids; i++) {
		if (i)
			buf_adds(out, n->kind == NODE_AND ? " and " : " or ");
		print_node(n->kids[i], out, n->kind);
	}
}

/* `not` binds closest, then `and`, then `or`. */
static void print_node(const struct filter_node *n, struct buf *out,
		       enum filter_node_kind parent)
{
	bool is_inside =
		n->kind >= NODE_AND && n->kind > parent && parent >= NODE_NOT;

	switch (n->kind) {
	case NODE_TEXT:
		print_quoted(out, n->text, n->quote);
		break;
	case NODE_COMPARE:
		print_compare(&n->compare, out);
		break;
	case NODE_HAS:
		buf_adds(out, "has ");
		print_column(&n->compare, out);
		break;
	case NODE_NOT:
		buf_adds(out, "not ");
		print_node(n->kids[0], out, NODE_NOT);
		break;
	case NODE_AND:
	case NODE_OR:
		if (is_inside)
			buf_addc(out, '(');
		print_kids(n, out);
		if (is_inside)
			buf_addc(out, ')');
		break;
	}
}

void filter_print(const struct filter *f, struct buf *out)
{
	if (f->root)
		print_node(f->root, out, NODE_TEXT);
}
