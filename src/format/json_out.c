/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "format/json.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/text.h"

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

/* Before each value: its comma, unless its name has put it. */
static void begin_value(struct json_out *o)
{
	if (o->need_comma && !o->is_member)
		buf_addc(o->buf, ',');
	o->is_member = false;
}

static void end_value(struct json_out *o)
{
	o->need_comma = o->depth > 0;
}

static void open_with(struct json_out *o, char c)
{
	begin_value(o);
	buf_addc(o->buf, c);
	o->depth++;
	BUG_ON(o->depth > JSON_MAX_DEPTH);
	BUG_ON(o->is_canonical && o->depth >= JSON_CANONICAL_DEPTH);
	if (o->is_canonical)
		o->last_name[o->depth] = 0;
	o->need_comma = false;
}

static void close_with(struct json_out *o, char c)
{
	BUG_ON(!o->depth || o->is_member);
	buf_addc(o->buf, c);
	o->depth--;
	end_value(o);
}

void jo_object(struct json_out *o)
{
	open_with(o, '{');
}

void jo_end_object(struct json_out *o)
{
	close_with(o, '}');
}

void jo_array(struct json_out *o)
{
	open_with(o, '[');
}

void jo_end_array(struct json_out *o)
{
	close_with(o, ']');
}

static void add_escape(struct buf *out, unsigned char c)
{
	static const char *const named[0x20] = {
		['\b'] = "\\b", ['\f'] = "\\f", ['\n'] = "\\n",
		['\r'] = "\\r", ['\t'] = "\\t",
	};

	if (c == '"')
		buf_add(out, "\\\"", 2);
	else if (c == '\\')
		buf_add(out, "\\\\", 2);
	else if (named[c])
		buf_add(out, named[c], 2);
	else
		buf_addf(out, "\\u%04x", c);
}

static void add_string(struct buf *out, const char *s, size_t len)
{
	size_t start = 0, n;

	buf_addc(out, '"');
	for (size_t i = 0; i < len; i += MAX(n, 1)) {
		int32_t c = (unsigned char)s[i];

		n = 1;
		if (c >= 0x80)
			n = text_decode(s + i, len - i, &c);
		if (n && c >= 0x20 && c != '"' && c != '\\')
			continue;
		buf_add(out, s + start, i - start);
		if (n)
			add_escape(out, (unsigned char)c);
		else
			buf_adds(out, REPLACEMENT);
		start = i + 1;
	}
	buf_add(out, s + start, len - start);
	buf_addc(out, '"');
}

/* The next UTF-16 unit of a string as add_string() wrote it, at *p; -1 at its
 * end. *low keeps the second half of a pair between calls. */
static int next_unit(const char **p, int *low)
{
	static const char letters[] = "bfnrt", means[] = "\b\f\n\r\t";
	const char *named;
	int32_t c = 0;

	if (*low) {
		c = *low;
		*low = 0;
		return c;
	}
	if (**p == '"' || !**p)
		return -1;
	*p += text_decode(*p, strlen(*p), &c);
	if (c == '\\') {
		c = *(*p)++;
		named = strchr(letters, c);
		if (named) {
			c = means[named - letters];
		} else if (c == 'u') { /* below 0x20: two digits tell */
			c = ((*p)[2] - '0') * 16;
			c += (*p)[3] <= '9' ? (*p)[3] - '0'
					    : (*p)[3] - 'a' + 10;
			*p += 4;
		}
	}
	if (c < 0x10000)
		return c;
	*low = 0xdc00 + (c - 0x10000) % 0x400;
	return 0xd800 + (c - 0x10000) / 0x400;
}

/* RFC 8785, 3.2.3: members are sorted by the UTF-16 units of their names. */
static bool is_after(const char *name, const char *last)
{
	int low_name = 0, low_last = 0;

	for (;;) {
		int a = next_unit(&name, &low_name);
		int b = next_unit(&last, &low_last);

		if (a != b)
			return a > b;
		if (a < 0)
			return false; /* the same name twice */
	}
}

static void check_order(struct json_out *o, size_t at)
{
	size_t *last = &o->last_name[o->depth];

	BUG_ON(*last && !is_after(o->buf->data + at, o->buf->data + *last));
	*last = at;
}

void jo_name(struct json_out *o, const char *name)
{
	size_t at;

	BUG_ON(o->is_member || !o->depth);
	if (o->need_comma)
		buf_addc(o->buf, ',');
	at = o->buf->len + 1;
	add_string(o->buf, name, strlen(name));
	if (o->is_canonical && !o->buf->is_cut)
		check_order(o, at);
	buf_addc(o->buf, ':');
	o->is_member = true;
}

void jo_str(struct json_out *o, const char *s)
{
	if (s)
		jo_strn(o, s, strlen(s));
	else
		jo_null(o);
}

void jo_strn(struct json_out *o, const char *s, size_t len)
{
	begin_value(o);
	add_string(o->buf, s, len);
	end_value(o);
}

void jo_int(struct json_out *o, int64_t v)
{
	char text[NUM_MAX];

	BUG_ON(o->is_canonical &&
	       (v > INT64_C(1) << 53 || v < -(INT64_C(1) << 53)));
	begin_value(o);
	buf_add(o->buf, text, num_format_int(text, v));
	end_value(o);
}

void jo_double(struct json_out *o, double v)
{
	char text[NUM_MAX];

	if (o->is_canonical && v == 0)
		v = 0; /* ECMAScript knows no minus zero in print */
	num_format(text, v);
	if (!isfinite(v)) {
		jo_str(o, text);
		return;
	}
	begin_value(o);
	buf_adds(o->buf, text);
	end_value(o);
}

static void add_word(struct json_out *o, const char *word)
{
	begin_value(o);
	buf_adds(o->buf, word);
	end_value(o);
}

void jo_bool(struct json_out *o, bool v)
{
	add_word(o, v ? "true" : "false");
}

void jo_null(struct json_out *o)
{
	add_word(o, "null");
}

void jo_time(struct json_out *o, int64_t utc_ms)
{
	if (utc_ms == TIME_NONE)
		jo_null(o);
	else
		jo_int(o, utc_ms);
}

void jo_kstr(struct json_out *o, const char *name, const char *s)
{
	jo_name(o, name);
	jo_str(o, s);
}

void jo_kint(struct json_out *o, const char *name, int64_t v)
{
	jo_name(o, name);
	jo_int(o, v);
}

void jo_kdouble(struct json_out *o, const char *name, double v)
{
	jo_name(o, name);
	jo_double(o, v);
}

void jo_kbool(struct json_out *o, const char *name, bool v)
{
	jo_name(o, name);
	jo_bool(o, v);
}

void jo_ktime(struct json_out *o, const char *name, int64_t utc_ms)
{
	jo_name(o, name);
	jo_time(o, utc_ms);
}
