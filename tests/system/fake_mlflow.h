/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_TESTS_SYSTEM_FAKE_MLFLOW_H
#define MLTOWER_TESTS_SYSTEM_FAKE_MLFLOW_H

/* An MLflow server of one model m with three versions, each with a run. It
 * answers as the real one does, and fails as it is told. Include after
 * cmocka.h. */

#include "../io/fault_server.h"
#include "format/json.h"

enum fake_fault {
	FAKE_FINE,
	FAKE_LOST_BEFORE, /* the change is not made, and no answer comes */
	FAKE_LOST_AFTER,  /* it is made, and no answer comes */
	FAKE_500_AFTER,
	FAKE_HTML_AFTER,
	FAKE_REFUSED,
	FAKE_REDIRECT,
	FAKE_TAG_LOST,    /* the alias is moved, its tag is not set */
	FAKE_DOWN,        /* nothing is answered but 503 */
	FAKE_MOVED_AFTER, /* made, answered, and moved on by somebody else */
};

struct fake_mlflow {
	struct fault_server server;
	enum fake_fault fault;
	char holder[24];         /* of champion; "" nobody */
	char tags[4][1024];      /* mltower.promotion of each version */
	char stages[4][24];      /* of each version */
	const char *description; /* of version 3 */
	const char *run_status;  /* of all runs */
	int64_t created_ms;      /* of the first experiment */
	unsigned n_versions_asked, n_runs_asked;
	char last_filter[256];
};

static inline void fake_put_version(struct fake_mlflow *f, struct json_out *o,
				    int v)
{
	char text[40];

	jo_object(o);
	jo_kstr(o, "name", "m");
	snprintf(text, sizeof(text), "%d", v);
	jo_kstr(o, "version", text);
	jo_kint(o, "creation_timestamp", 1000 + v);
	jo_kint(o, "last_updated_timestamp", 2000 + v);
	jo_kstr(o, "current_stage", f->stages[v]);
	jo_kstr(o, "description", v == 3 ? f->description : "");
	jo_kstr(o, "source", "models:/x");
	snprintf(text, sizeof(text), "run%d", v);
	jo_kstr(o, "run_id", text);
	jo_kstr(o, "status", "READY");
	jo_name(o, "tags");
	jo_array(o);
	if (*f->tags[v]) {
		jo_object(o);
		jo_kstr(o, "key", "mltower.promotion");
		jo_kstr(o, "value", f->tags[v]);
		jo_end_object(o);
	}
	jo_end_array(o);
	jo_end_object(o);
}

static inline void fake_put_model(struct fake_mlflow *f, struct json_out *o)
{
	jo_object(o);
	jo_kstr(o, "name", "m");
	jo_kint(o, "creation_timestamp", 1);
	jo_kint(o, "last_updated_timestamp", 2);
	jo_name(o, "latest_versions");
	jo_array(o);
	for (int v = 1; v <= 3; v++)
		if (v == 3 || strcmp(f->stages[v], f->stages[3]) != 0) {
			/* Its description is not told here. */
			const char *description = f->description;

			f->description = "";
			fake_put_version(f, o, v);
			f->description = description;
		}
	jo_end_array(o);
	if (*f->holder) {
		jo_name(o, "aliases");
		jo_array(o);
		jo_object(o);
		jo_kstr(o, "alias", "champion");
		jo_kstr(o, "version", f->holder);
		jo_end_object(o);
		jo_end_array(o);
	}
	jo_end_object(o);
}

static inline void fake_put_run(struct fake_mlflow *f, struct json_out *o,
				const char *id)
{
	f->n_runs_asked++;
	jo_object(o);
	jo_name(o, "info");
	jo_object(o);
	jo_kstr(o, "run_id", id);
	jo_kstr(o, "run_name", id);
	jo_kstr(o, "experiment_id", "7");
	jo_kstr(o, "status", f->run_status);
	jo_kint(o, "start_time", 1000);
	jo_kstr(o, "lifecycle_stage", "active");
	jo_end_object(o);
	jo_name(o, "data");
	jo_object(o);
	jo_name(o, "metrics");
	jo_array(o);
	jo_object(o);
	jo_kstr(o, "key", "auc");
	jo_kdouble(o, "value", .9);
	jo_kint(o, "timestamp", 1500);
	jo_kint(o, "step", 4);
	jo_end_object(o);
	jo_end_array(o);
	jo_end_object(o);
	jo_end_object(o);
}

/* "name" of the query, decoded as far as these tests need it. */
static inline bool fake_query(const char *path, const char *name, char *out,
			      size_t size)
{
	char key[64];
	const char *at;
	size_t n = 0;

	snprintf(key, sizeof(key), "%s=", name);
	at = strstr(path, key);
	*out = '\0';
	if (!at)
		return false;
	for (at += strlen(key); *at && *at != '&' && n + 1 < size; at++) {
		unsigned c = (unsigned char)*at;

		if (c == '%' && sscanf(at + 1, "%2x", &c) == 1)
			at += 2;
		out[n++] = (char)c;
	}
	out[n] = '\0';
	return true;
}

static inline void fake_list(struct fake_mlflow *f, struct json_out *o,
			     const struct fault_request *req)
{
	char token[24];
	int v;

	f->n_versions_asked++;
	fake_query(req->path, "filter", f->last_filter, sizeof(f->last_filter));
	/* Two pages. */
	jo_name(o, "model_versions");
	jo_array(o);
	if (fake_query(req->path, "page_token", token, sizeof(token))) {
		fake_put_version(f, o, 1);
	} else {
		for (v = 2; v <= 3; v++)
			fake_put_version(f, o, v);
	}
	jo_end_array(o);
	if (!*token)
		jo_kstr(o, "next_page_token", "p2");
}

static inline void fake_history(struct json_out *o, const char *path)
{
	char token[24];
	int i, from = fake_query(path, "page_token", token, sizeof(token)) ? 3
									   : 0;

	jo_name(o, "metrics");
	jo_array(o);
	for (i = from; i < from + 3; i++) {
		jo_object(o);
		jo_kstr(o, "key", "auc");
		if (i == 1)
			jo_kstr(o, "value", "NaN");
		else
			jo_kdouble(o, "value",
				   i == 2 ? 1.7976931348623157e308 : i);
		jo_kint(o, "timestamp", 5000 - i);
		jo_kint(o, "step", 5 - i);
		jo_end_object(o);
	}
	jo_end_array(o);
	/* The token that never advances. */
	jo_kstr(o, "next_page_token", "same");
}

static inline bool fake_get(struct fake_mlflow *f, struct json_out *o,
			    const struct fault_request *req)
{
	const char *p = req->path;
	char id[64];

	if (strstr(p, "/registered-models/search")) {
		jo_name(o, "registered_models");
		jo_array(o);
		fake_put_model(f, o);
		jo_end_array(o);
	} else if (strstr(p, "/registered-models/get?name=m")) {
		jo_name(o, "registered_model");
		fake_put_model(f, o);
	} else if (strstr(p, "/model-versions/search")) {
		fake_list(f, o, req);
	} else if (strstr(p, "/model-versions/get?name=m&version=") &&
		   strchr("123", p[strlen(p) - 1])) {
		jo_name(o, "model_version");
		fake_put_version(f, o, p[strlen(p) - 1] - '0');
	} else if (strstr(p, "/experiments/search")) {
		jo_name(o, "experiments");
		jo_array(o);
		jo_object(o);
		jo_kstr(o, "experiment_id", "0");
		jo_kint(o, "creation_time", f->created_ms);
		jo_end_object(o);
		jo_end_array(o);
	} else if (strstr(p, "/experiments/get")) {
		jo_name(o, "experiment");
		jo_object(o);
		jo_kstr(o, "experiment_id", "7");
		jo_kstr(o, "name", "seven");
		jo_end_object(o);
	} else if (strstr(p, "/runs/get") &&
		   fake_query(p, "run_id", id, sizeof(id)) &&
		   !strncmp(id, "run", 3)) {
		jo_name(o, "run");
		fake_put_run(f, o, id);
	} else if (strstr(p, "/metrics/get-history")) {
		fake_history(o, p);
	} else {
		return false;
	}
	return true;
}

static inline void fake_stage(struct fake_mlflow *f, const struct json *doc,
			      int v)
{
	const char *stage = json_str(json_get(doc, "stage"), "");

	for (int i = 1; i <= 3; i++)
		if (json_bool(json_get(doc, "archive_existing_versions"),
			      false) &&
		    !strcmp(f->stages[i], stage))
			strcpy(f->stages[i], "Archived");
	snprintf(f->stages[v], sizeof(f->stages[v]), "%s", stage);
}

/* What the change says, taken in. */
static inline void fake_apply(struct fake_mlflow *f,
			      const struct fault_request *req)
{
	struct err err = { 0 };
	struct json *doc = NULL;
	const char *version;
	int v;

	assert_int_equal(json_parse(req->body, strlen(req->body), &doc, &err),
			 ERR_OK);
	version = json_str(json_get(doc, "version"), "0");
	v = *version - '0';
	assert_string_equal(json_str(json_get(doc, "name"), ""), "m");
	if (strstr(req->path, "/registered-models/alias"))
		snprintf(f->holder, sizeof(f->holder), "%s",
			 strcmp(req->method, "DELETE") ? version : "");
	else if (strstr(req->path, "/model-versions/set-tag"))
		snprintf(f->tags[v], sizeof(f->tags[v]), "%s",
			 json_str(json_get(doc, "value"), ""));
	else if (strstr(req->path, "/model-versions/transition-stage"))
		fake_stage(f, doc, v);
	else
		fail_msg("no such endpoint: %s", req->path);
	json_free(doc);
}

static inline enum fault_then fake_change(struct fake_mlflow *f, int fd,
					  const struct fault_request *req)
{
	enum fake_fault fault = f->fault;

	if (fault == FAKE_LOST_BEFORE ||
	    (fault == FAKE_TAG_LOST && strstr(req->path, "set-tag")))
		return FAULT_RESET;
	if (fault == FAKE_REFUSED) {
		fault_reply(fd, 403, "application/json", "",
			    "{\"error_code\":\"PERMISSION_DENIED\","
			    "\"message\":\"not you\"}");
		return FAULT_KEEP;
	}
	if (fault == FAKE_REDIRECT) {
		fault_reply(fd, 302, "text/html",
			    "Location: http://login.example/\r\n", "");
		return FAULT_KEEP;
	}
	fake_apply(f, req);
	if (fault == FAKE_LOST_AFTER)
		return FAULT_RESET;
	if (fault == FAKE_500_AFTER)
		fault_reply(fd, 500, "text/html", "", "<h1>sorry</h1>");
	else if (fault == FAKE_HTML_AFTER)
		fault_reply(fd, 200, "text/html", "", "<h1>hello</h1>");
	else
		fault_reply(fd, 200, "application/json", "", "{}");
	if (fault == FAKE_MOVED_AFTER)
		strcpy(f->holder, "3");
	return FAULT_KEEP;
}

static inline enum fault_then fake_answer(void *ctx, int fd,
					  const struct fault_request *req)
{
	struct fake_mlflow *f = ctx;
	struct buf body = BUF_INIT(1 << 20);
	struct json_out o = JSON_OUT(&body);

	if (f->fault == FAKE_DOWN) {
		fault_reply(fd, 503, "application/json", "",
			    "{\"error_code\":\"TEMPORARILY_UNAVAILABLE\","
			    "\"message\":\"database is locked\"}");
		return FAULT_KEEP;
	}
	if (strcmp(req->method, "GET") != 0)
		return fake_change(f, fd, req);
	if (!strcmp(req->path, "/version")) {
		fault_reply(fd, 200, "text/plain", "", "3.17.2");
		return FAULT_KEEP;
	}
	jo_object(&o);
	if (fake_get(f, &o, req)) {
		jo_end_object(&o);
		fault_reply(fd, 200, "application/json", "", buf_str(&body));
	} else {
		fault_reply(fd, 404, "application/json", "",
			    "{\"error_code\":\"RESOURCE_DOES_NOT_EXIST\","
			    "\"message\":\"none of that\"}");
	}
	buf_release(&body);
	return FAULT_KEEP;
}

static inline void fake_start(struct fake_mlflow *f)
{
	*f = (struct fake_mlflow){ .holder = "1",
				   .description = "",
				   .run_status = "FINISHED",
				   .created_ms = 77 };
	for (int v = 1; v <= 3; v++)
		strcpy(f->stages[v], v == 1 ? "Production" : "None");
	fault_start(&f->server, fake_answer, f);
}

#endif
