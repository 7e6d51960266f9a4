/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What was read, written and read again is the same; what is written of any
 * bytes can be read. */
#include "config.h"

#include <stdint.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "format/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct json *parse(const char *text, size_t len)
{
	struct err err = { 0 };
	struct json *doc;

	if (!json_parse(text, len, &doc, &err)) {
		BUG_ON(!doc || err.code || *err.msg);
		return doc;
	}
	BUG_ON(doc || !err.code || !*err.msg);
	BUG_ON(!text_is_utf8(err.msg, strlen(err.msg)));
	return NULL;
}

static void write_number(struct json_out *o, const struct json *v)
{
	int64_t i;
	double d;

	if (json_int64(v, &i))
		jo_int(o, i);
	else if (json_double(v, &d))
		jo_double(o, d);
	else
		jo_null(o); /* 1e999 */
}

static void write_value(struct json_out *o, const struct json *v)
{
	const struct json *item;

	if (json_is_object(v)) {
		jo_object(o);
		for (item = json_child(v); item; item = json_next(item)) {
			jo_name(o, json_name(item));
			write_value(o, item);
		}
		jo_end_object(o);
	} else if (json_is_array(v)) {
		jo_array(o);
		for (item = json_child(v); item; item = json_next(item))
			write_value(o, item);
		jo_end_array(o);
	} else if (json_is_number(v)) {
		write_number(o, v);
	} else if (json_is_bool(v)) {
		jo_bool(o, json_bool(v, false));
	} else {
		jo_str(o, json_str(v, NULL));
	}
}

static void check_number(const struct json *a, const struct json *b)
{
	double one, two;
	int64_t i, k;

	if (json_int64(a, &i))
		BUG_ON(!json_int64(b, &k) || i != k);
	else if (json_double(a, &one))
		BUG_ON(!json_double(b, &two) || one != two);
	else
		BUG_ON(!json_is_null(b));
}

static void check_same(const struct json *a, const struct json *b)
{
	const struct json *i, *k;

	BUG_ON(json_is_object(a) != json_is_object(b));
	BUG_ON(json_is_array(a) != json_is_array(b));
	BUG_ON(json_count(a) != json_count(b));
	if (json_is_number(a)) {
		check_number(a, b);
	} else if (json_str(a, NULL)) {
		BUG_ON(!text_is_utf8(json_str(a, ""), strlen(json_str(a, ""))));
		BUG_ON(strcmp(json_str(a, ""), json_str(b, "?")));
	} else {
		BUG_ON(json_is_bool(a) != json_is_bool(b));
		BUG_ON(json_bool(a, false) != json_bool(b, false));
	}
	for (i = json_child(a), k = json_child(b); i;
	     i = json_next(i), k = json_next(k)) {
		if (json_is_object(a)) {
			BUG_ON(strcmp(json_name(i), json_name(k)));
			BUG_ON(json_get(a, json_name(i)) != i);
		}
		check_same(i, k);
	}
}

static void check_document(const char *text, size_t len)
{
	struct json *doc = parse(text, len), *again;
	struct buf written = BUF_INIT(0);
	struct json_out o = JSON_OUT(&written);

	if (!doc)
		return;
	write_value(&o, doc);
	BUG_ON(o.depth || written.is_cut);
	again = parse(written.data, written.len);
	BUG_ON(!again);
	check_same(doc, again);
	json_free(again);
	json_free(doc);
	buf_release(&written);
}

static void check_string(const char *bytes, size_t len)
{
	struct buf written = BUF_INIT(0);
	struct json_out o = JSON_OUT(&written);
	struct json *doc;

	jo_strn(&o, bytes, len);
	doc = parse(written.data, written.len);
	BUG_ON(!doc != !!memchr(bytes, '\0', len));
	if (doc && text_is_utf8(bytes, len))
		BUG_ON(strlen(json_str(doc, "")) != len ||
		       memcmp(json_str(doc, ""), bytes, len));
	json_free(doc);
	buf_release(&written);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_document((const char *)data, size);
	if (size)
		check_string((const char *)data, size);
	return 0;
}
