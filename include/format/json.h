/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_FORMAT_JSON_H
#define MLTOWER_FORMAT_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

/* Reading. One parse for all JSON from outside: capped, UTF-8 checked, NUL
 * escapes refused, double keys refused, bare NaN and Infinity taken as the
 * strings "NaN", "Infinity", "-Infinity", nothing may follow the value. */
struct json; /* a value inside a document; borrowed from its root */

#define JSON_MAX_BYTES (64u << 20)
#define JSON_MAX_DEPTH 200

/* The root, yours (json_free). */
ATTR_NODISCARD enum err_code json_parse(const char *text, size_t len,
					struct json **out, struct err *err);
void json_free(struct json *root);

/* Accessors take NULL and wrong types and give the "nothing" answer. */
const struct json *json_get(const struct json *obj, const char *name);
const struct json *json_at(const struct json *arr, size_t i);
size_t json_count(const struct json *arr_or_obj);
const char *json_name(const struct json *member);             /* NULL if none */
const struct json *json_child(const struct json *arr_or_obj); /* first */
const struct json *json_next(const struct json *item);
bool json_is_object(const struct json *v);
bool json_is_array(const struct json *v);
bool json_is_null(const struct json *v);   /* also for NULL */
bool json_is_number(const struct json *v); /* a bare one; NaN is a string */
bool json_is_bool(const struct json *v);
const char *json_str(const struct json *v, const char *otherwise);
bool json_bool(const struct json *v, bool otherwise);
/* Numbers, and the strings "NaN", "Infinity", "-Infinity". */
bool json_double(const struct json *v, double *out);
/* Exact for integers beyond 2^53 too, also written as a string of digits. */
bool json_int64(const struct json *v, int64_t *out);

/* Writing: the only maker of JSON. Streams into a buffer; commas and escapes
 * are its own; doubles in shortest round-trip digits, NaN and infinities as
 * strings. With is_canonical the caller must add members in RFC 8785 order
 * (checked, down to JSON_CANONICAL_DEPTH), and numbers are printed as
 * ECMAScript does: integers beyond 2^53 are rounded, which is a mistake of
 * ours (BUG_ON). At depth 0 no comma is put: values may follow each other. */
#define JSON_CANONICAL_DEPTH 16
struct json_out {
	struct buf *buf;
	uint32_t depth;
	bool need_comma;
	bool is_canonical;
	bool is_member; /* a name was written, its value is due */
	/* Where in buf the last name of each open object stands; 0: none. */
	size_t last_name[JSON_CANONICAL_DEPTH];
};

#define JSON_OUT(b) { .buf = (b) }

void jo_object(struct json_out *o);
void jo_end_object(struct json_out *o);
void jo_array(struct json_out *o);
void jo_end_array(struct json_out *o);
void jo_name(struct json_out *o, const char *name);
void jo_str(struct json_out *o, const char *s); /* NULL gives null */
/* Bytes that are not UTF-8 become U+FFFD. */
void jo_strn(struct json_out *o, const char *s, size_t len);
void jo_int(struct json_out *o, int64_t v);
void jo_double(struct json_out *o, double v);
void jo_bool(struct json_out *o, bool v);
void jo_null(struct json_out *o);
/* Milliseconds since 1970 UTC, a number; TIME_NONE gives null. */
void jo_time(struct json_out *o, int64_t utc_ms);
/* Short for a name and a value. */
void jo_kstr(struct json_out *o, const char *name, const char *s);
void jo_kint(struct json_out *o, const char *name, int64_t v);
void jo_kdouble(struct json_out *o, const char *name, double v);
void jo_kbool(struct json_out *o, const char *name, bool v);
void jo_ktime(struct json_out *o, const char *name, int64_t utc_ms);

#endif
