/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "base/mem.h"
#include "filter_ast.h"
#include "model/filter.h"

#define WIDTH  78
#define INDENT 14

/* What a column of each type is compared with, in the order of the help. */
static const struct {
	enum filter_type type;
	const char *label, *with;
} types[] = {
	{ TYPE_NUMBER, "numbers", "a number: metrics.auc > 0.9" },
	{ TYPE_MIXED, "both",
	  "a number or a text: params.depth > 12, params.depth = '12'" },
	{ TYPE_TEXT, "texts", "a text: name = 'rf-1'" },
	{ TYPE_STATUS, "status",
	  "RUNNING, FINISHED, FAILED, KILLED, SCHEDULED" },
	{ TYPE_TIME, "times", "-2h, 2026-11-01, or milliseconds since 1970" },
	{ TYPE_DURATION, "durations", "90s, 10m, 2h, 1d" },
};

static void add_label(struct buf *out, const char *label)
{
	buf_addf(out, "  %-*s", INDENT - 2, label);
}

static void add_columns(struct buf *out, enum filter_type type)
{
	size_t at = INDENT, len;
	enum filter_field f;
	const char *name;

	for (f = 0; f < N_FIELDS; f++) {
		if (filter_fields[f].type != type)
			continue;
		name = filter_fields[f].name;
		len = strlen(name) + (f <= FIELD_LAST_KEYED ? 5 : 0) + 2;
		if (at + len > WIDTH) {
			out->len -= 2;
			buf_addf(out, "\n%*s", INDENT, "");
			at = INDENT;
		}
		buf_addf(out, "%s%s  ", name,
			 f <= FIELD_LAST_KEYED ? ".NAME" : "");
		at += len;
	}
	out->len -= 2;
	buf_addc(out, '\n');
}

void filter_help(struct buf *out)
{
	size_t i;

	buf_adds(out, "MLflow's search syntax with its meaning, and more:\n\n"
		      "  words       are looked for in names: rf depth14\n"
		      "  conditions  COLUMN OPERATOR VALUE, joined by and, or; "
		      "not, ( )\n"
		      "  operators   = != < <= > >=  LIKE ILIKE with % and _  "
		      "IN (a, b)\n"
		      "              ~ !~ a regular expression (PCRE2)  "
		      "NOT LIKE  NOT IN\n"
		      "  presence    has metrics.auc  params.x IS NULL  "
		      "IS NOT NULL\n\nColumns, and what they are compared "
		      "with:\n\n");
	for (i = 0; i < ARRAY_LEN(types); i++) {
		add_label(out, types[i].label);
		add_columns(out, types[i].type);
		buf_addf(out, "%*s%s\n", INDENT, "", types[i].with);
	}
	buf_adds(
		out,
		"\nmetrics.NAME is the newest value; metrics.NAME.max .min "
		".last .step are of its\nhistory. Names with other signs stand "
		"in backticks or double quotes:\nmetrics.`val/auc`. A run "
		"without the column matches neither = nor !=; NaN is\nunequal "
		"to every number. Without quotes a number is a number; in "
		"quotes\nit is text, for which params.depth > '9' goes by "
		"letters: 12 stands before it.\nOrders take a param whose "
		"values are all numbers by value, where MLflow goes by\n"
		"letters.\nstatus is what the store says: a run shown as "
		"silent (no point for ten times its\nusual gap) "
		"is RUNNING.\n");
}
