/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "format/json.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "base/text.h"
#include "json_scan.h"

/* `struct json` is cJSON's node by another name: nobody else includes cJSON. */
static const cJSON *node(const struct json *v)
{
	return (const cJSON *)v;
}

static const struct json *value(const cJSON *v)
{
	return (const struct json *)v;
}

/* ---- parsing ------------------------------------------------------------ */

static pthread_once_t once = PTHREAD_ONCE_INIT;

/* Else a failed malloc() would look like bad JSON. */
static void set_hooks(void)
{
	cJSON_Hooks hooks = { xmalloc, free };

	cJSON_InitHooks(&hooks);
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The name that stands twice in the object, or NULL. */
static const char *double_name(const cJSON *obj)
{
	size_t n = 0, cap = 0;
	const char **names = NULL, *found = NULL;
	const cJSON *item;

	cJSON_ArrayForEach(item, obj)
	{
		names = xgrow(names, &cap, n + 1, sizeof(*names));
		names[n++] = item->string;
	}
	if (n > 1)
		qsort(names, n, sizeof(*names), compare_names);
	for (size_t i = 1; i < n && !found; i++) {
		if (!strcmp(names[i - 1], names[i]))
			found = names[i];
	}
	free(names);
	return found;
}

/* As deep as the document, which JSON_MAX_DEPTH bounds. */
static enum err_code check_names(const cJSON *v, struct err *err)
{
	const cJSON *item;
	const char *twice = cJSON_IsObject(v) ? double_name(v) : NULL;
	struct buf shown = BUF_INIT(128);

	if (twice) {
		text_add_shown(&shown, twice, strlen(twice));
		err_set(err, ERR_PARSE, "bad JSON: the key \"%s\" stands twice",
			shown.is_cut ? "..." : buf_str(&shown));
		buf_release(&shown);
		return err->code;
	}
	cJSON_ArrayForEach(item, v)
	{
		if (item->child && check_names(item, err))
			return err->code;
	}
	return ERR_OK;
}

enum err_code json_parse(const char *text, size_t len, struct json **out,
			 struct err *err)
{
	struct buf clean = BUF_INIT(2 * JSON_MAX_BYTES + 64);
	const char *end = NULL;
	cJSON *root = NULL;

	*out = NULL;
	pthread_once(&once, set_hooks);
	if (json_scan(text, len, &clean, err))
		goto out;
	root = cJSON_ParseWithLengthOpts(clean.data, clean.len, &end, 0);
	if (!root || end != clean.data + clean.len) {
		err_set(err, ERR_PARSE, "bad JSON near byte %zu",
			end ? (size_t)(end - clean.data) : 0);
		goto out;
	}
	if (check_names(root, err))
		goto out;
	*out = (struct json *)root;
	root = NULL;
out:
	cJSON_Delete(root);
	buf_release(&clean);
	return err->code;
}

void json_free(struct json *root)
{
	cJSON_Delete((cJSON *)root);
}

/* ---- looking ------------------------------------------------------------ */

const struct json *json_get(const struct json *obj, const char *name)
{
	if (!json_is_object(obj))
		return NULL;
	return value(cJSON_GetObjectItemCaseSensitive(node(obj), name));
}

const struct json *json_at(const struct json *arr, size_t i)
{
	const struct json *item = json_child(arr);

	while (item && i--)
		item = json_next(item);
	return item;
}

size_t json_count(const struct json *arr_or_obj)
{
	size_t n = 0;

	for (const struct json *i = json_child(arr_or_obj); i; i = json_next(i))
		n++;
	return n;
}

const char *json_name(const struct json *member)
{
	return member ? node(member)->string : NULL;
}

const struct json *json_child(const struct json *arr_or_obj)
{
	return arr_or_obj ? value(node(arr_or_obj)->child) : NULL;
}

const struct json *json_next(const struct json *item)
{
	return item ? value(node(item)->next) : NULL;
}

bool json_is_object(const struct json *v)
{
	return cJSON_IsObject(node(v));
}

bool json_is_array(const struct json *v)
{
	return cJSON_IsArray(node(v));
}

bool json_is_null(const struct json *v)
{
	return !v || cJSON_IsNull(node(v));
}

/* The raw text of a number that cJSON would have rounded, else NULL. */
static const char *raw_number(const struct json *v)
{
	const char *s =
		v && cJSON_IsString(node(v)) ? node(v)->valuestring : NULL;

	return s && s[0] == JSON_RAW_MARK ? s + 1 : NULL;
}

bool json_is_number(const struct json *v)
{
	return v && (cJSON_IsNumber(node(v)) || raw_number(v));
}

bool json_is_bool(const struct json *v)
{
	return cJSON_IsBool(node(v));
}

const char *json_str(const struct json *v, const char *otherwise)
{
	if (!cJSON_IsString(node(v)) || raw_number(v))
		return otherwise;
	return node(v)->valuestring;
}

bool json_bool(const struct json *v, bool otherwise)
{
	return json_is_bool(v) ? cJSON_IsTrue(node(v)) : otherwise;
}

static bool special_double(const char *s, double *out)
{
	if (!strcmp(s, "NaN"))
		*out = NAN;
	else if (!strcmp(s, "Infinity"))
		*out = INFINITY;
	else if (!strcmp(s, "-Infinity"))
		*out = -INFINITY;
	else
		return false;
	return true;
}

bool json_double(const struct json *v, double *out)
{
	const char *raw = raw_number(v);

	if (raw)
		return num_parse(raw, strlen(raw), out);
	if (cJSON_IsString(node(v)))
		return special_double(node(v)->valuestring, out);
	if (!cJSON_IsNumber(node(v)) || !isfinite(node(v)->valuedouble))
		return false;
	*out = node(v)->valuedouble;
	return true;
}

bool json_int64(const struct json *v, int64_t *out)
{
	const char *raw = raw_number(v);
	double d;

	if (!raw)
		raw = json_str(v, NULL);
	if (raw && num_parse_int(raw, strlen(raw), out))
		return true;
	/* "1e3" and "5.0" are integers too; beyond 2^53 a double has lost
	 * what it was. */
	if (!json_is_number(v) || !json_double(v, &d) || fabs(d) > 0x1p53 ||
	    d != (double)(int64_t)d)
		return false;
	*out = (int64_t)d;
	return true;
}
