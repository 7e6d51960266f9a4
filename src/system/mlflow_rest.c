/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Asking an MLflow server, and what it says when it will not. */
#include "config.h"

#include "mlflow_rest.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "format/digest.h"

#define MAX_PAGES 10000
#define MAX_PATH  8192

/* "mlflow+http://.." and "mlflow-server+http://.." name the kind. */
static const char *skip_kind(const char *where)
{
	const char *plus = strchr(where, '+'), *colon = strchr(where, ':');

	return plus && colon && plus < colon ? plus + 1 : where;
}

const char *mlflow_rest_url(const struct source_conf *conf, struct arena *a)
{
	const char *url = skip_kind(conf->where);
	size_t len = strlen(url);

	while (len && url[len - 1] == '/')
		len--;
	return arena_strndup(a, url, len);
}

/* "scheme://host:port" */
static size_t origin_len(const char *url)
{
	const char *host = strstr(url, "://");

	return host ? (size_t)(host + 3 - url) + strcspn(host + 3, "/?#") : 0;
}

/* What the environment says is for the server that MLflow's own client would
 * speak to: no other is told. */
static bool is_env_for(const char *url)
{
	const char *uri = getenv("MLFLOW_TRACKING_URI");
	size_t len = origin_len(url);

	if (!uri || !*uri)
		return true;
	return origin_len(uri) == len && !strncmp(uri, url, len);
}

enum err_code mlflow_rest_connect(const struct source_conf *conf,
				  struct http **out, struct err *err)
{
	struct http_conf h = { .source = conf->name,
			       .url = skip_kind(conf->where),
			       .token_command = conf->token_command,
			       .token_file = conf->token_file };

	if (is_env_for(h.url)) {
		h.token = getenv("MLFLOW_TRACKING_TOKEN");
		h.user = getenv("MLFLOW_TRACKING_USERNAME");
		h.password = getenv("MLFLOW_TRACKING_PASSWORD");
	}
	return http_new(&h, out, err);
}

/* ---- answers ------------------------------------------------------------- */

static enum err_code code_of(long status, bool is_mlflow)
{
	switch (status) {
	case 400:
		return ERR_USAGE;
	case 403:
		return ERR_AUTH;
	case 404:
		return is_mlflow ? ERR_ABSENT : ERR_SCHEMA;
	case 409:
		return ERR_CONFLICT;
	case 429:
	case 503:
		return ERR_BUSY;
	default:
		return ERR_IO;
	}
}

/* MLflow's own words, one line of them: a store's failure comes with all of
 * its SQL. */
static enum err_code refusal(const struct http_answer *answer, struct err *err)
{
	struct err ignored = { 0 };
	struct json *doc = NULL;
	const char *says = "";

	if (!json_parse(buf_str(&answer->body), answer->body.len, &doc,
			&ignored))
		says = json_str(json_get(doc, "message"), "");
	err_set(err, code_of(answer->status, *says), "it answers %ld%s%.*s",
		answer->status, *says ? ": " : "",
		(int)MIN(strcspn(says, "\r\n"), (size_t)140), says);
	if (!*says && answer->status == 404)
		err_prefix(err, "no MLflow server at this URL");
	json_free(doc);
	return err->code;
}

static enum err_code parse(const struct http_answer *answer, struct json **out,
			   struct err *err)
{
	struct err why = { 0 };

	*out = NULL;
	if (answer->status != 200)
		return refusal(answer, err);
	if (json_parse(buf_str(&answer->body), answer->body.len, out, &why))
		return err_set(err, ERR_SCHEMA,
			       "it answers, but not as MLflow does: %s: %.80s",
			       *answer->type ? answer->type : "nothing",
			       why.msg);
	if (json_is_object(*out))
		return ERR_OK;
	json_free(*out);
	*out = NULL;
	return err_set(err, ERR_SCHEMA, "it answers, but not as MLflow does");
}

enum err_code mlflow_rest_get(struct http *h, const char *path,
			      const struct cancel *stop, struct json **out,
			      struct err *err)
{
	struct buf whole = BUF_INIT(MAX_PATH);
	struct http_answer answer = { 0 };

	*out = NULL;
	buf_addf(&whole, MLFLOW_API "/%s", path);
	if (!http_get(h, buf_str(&whole), stop, &answer, err) &&
	    parse(&answer, out, err))
		err_prefix(err, "%.*s", (int)strcspn(path, "?"), path);
	http_answer_release(&answer);
	buf_release(&whole);
	return err->code;
}

enum err_code mlflow_rest_pages(struct http *h, const char *path,
				mlflow_rest_page *take, void *of,
				const struct cancel *stop, struct err *err)
{
	struct buf next = BUF_INIT(MAX_PATH);
	char *token = xstrdup("");
	int n_left = MAX_PAGES;

	do {
		struct json *page;
		const char *more;

		buf_clear(&next);
		buf_adds(&next, path);
		if (*token)
			http_add_query(&next, "page_token", token);
		if (mlflow_rest_get(h, buf_str(&next), stop, &page, err))
			break;
		take(page, of, err);
		more = json_str(json_get(page, "next_page_token"), "");
		/* Some servers give the same page for ever. */
		if (!strcmp(more, token))
			more = "";
		free(token);
		token = xstrdup(more);
		json_free(page);
	} while (!err->code && *token && --n_left);
	free(token);
	buf_release(&next);
	return err->code;
}

/* ---- changes ------------------------------------------------------------- */

/* It was taken, or refused as it stood, or nobody can say. */
static enum err_code judge(const struct http_answer *answer, struct err *err)
{
	struct json *doc = NULL;

	parse(answer, &doc, err);
	json_free(doc);
	if (err->code && (answer->status < 400 || answer->status >= 500))
		err->code = ERR_UNKNOWN;
	return err->code;
}

enum err_code mlflow_rest_change(struct http *h, const struct permit *permit,
				 const char *method, const char *path,
				 const char *json, const struct cancel *stop,
				 struct err *err)
{
	struct buf whole = BUF_INIT(MAX_PATH);
	struct http_answer answer = { 0 };

	buf_addf(&whole, MLFLOW_API "/%s", path);
	if (!http_change(h, permit, method, buf_str(&whole), json, stop,
			 &answer, err) &&
	    judge(&answer, err))
		err_prefix(err, "%s", path);
	http_answer_release(&answer);
	buf_release(&whole);
	return err->code;
}

/* ---- who it is ----------------------------------------------------------- */

enum err_code mlflow_rest_fingerprint(struct http *h,
				      const struct source_conf *conf,
				      const struct cancel *stop,
				      char out[FINGERPRINT_MAX],
				      struct err *err)
{
	const char *url = skip_kind(conf->where);
	size_t len = strlen(url);
	const struct json *first;
	int64_t created_ms = 0;
	struct json *page;

	*out = '\0';
	if (mlflow_rest_get(h,
			    "experiments/search?max_results=1&view_type=ALL&"
			    "order_by=experiment_id%20ASC",
			    stop, &page, err))
		return err->code;
	while (len && url[len - 1] == '/')
		len--;
	first = json_at(json_get(page, "experiments"), 0);
	json_int64(json_get(first, "creation_time"), &created_ms);
	snprintf(out, FINGERPRINT_MAX, "mlflow:%016" PRIx64 ":%.20s@%" PRId64,
		 digest_fnv1a(DIGEST_FNV_BASIS, url, len),
		 json_str(json_get(first, "experiment_id"), "-1"), created_ms);
	json_free(page);
	return ERR_OK;
}

enum err_code mlflow_rest_probe(struct http *h, const struct cancel *stop,
				struct err *err)
{
	struct http_answer answer;
	struct json *page;

	/* Its version, in plain text: "3.17.2". */
	if (!http_get(h, "/version", stop, &answer, err) &&
	    (answer.status != 200 || !answer.body.len ||
	     !strchr("0123456789", *buf_str(&answer.body)))) {
		/* Old ones, and such as are hidden in part, have no such page.
		 */
		if (!mlflow_rest_get(h,
				     "registered-models/search?max_results=1",
				     stop, &page, err))
			json_free(page);
	}
	http_answer_release(&answer);
	return err->code;
}
