/* SPDX-License-Identifier: GPL-3.0-or-later */

/* libcurl's multi interface with one transfer at a time: its connections are
 * kept from one request to the next, and a wait can be broken off. */
#include "config.h"

#include "io/http.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>

#include "base/clock.h"
#include "base/mem.h"
#include "http_auth.h"

#define LOOK_MS       50
#define CONNECT_MS    5000
#define TOTAL_MS      30000
#define MAX_REDIRECTS 3

struct http {
	struct http_conf conf;
	char *base; /* the URL without a slash at its end */
	CURLM *multi;
};

/* One request and what came of it. */
struct transfer {
	CURL *easy;
	struct curl_slist *headers;
	struct http_answer *out;
	char *url;
	char *token; /* sent with it; NULL: none */
	char reason[CURL_ERROR_SIZE];
	bool is_sent; /* a byte of it may have left */
	const struct cancel *stop;
};

/* ---- the URL ------------------------------------------------------------- */

static bool has_part(CURLU *u, CURLUPart part)
{
	char *text = NULL;
	bool has = !curl_url_get(u, part, &text, 0);

	curl_free(text);
	return has;
}

static enum err_code check_parts(CURLU *u, struct err *err)
{
	if (has_part(u, CURLUPART_USER) || has_part(u, CURLUPART_PASSWORD))
		return err_set(err, ERR_USAGE,
			       "a URL with a user or password in it is seen by "
			       "everybody: name a token_file or token_command "
			       "in the config, or use netrc");
	if (has_part(u, CURLUPART_QUERY) || has_part(u, CURLUPART_FRAGMENT))
		return err_set(err, ERR_USAGE,
			       "expected a URL without ? and #: "
			       "http(s)://HOST[:PORT][/PATH]");
	return ERR_OK;
}

enum err_code http_check_url(const char *url, struct err *err)
{
	CURLU *u = curl_url();

	if ((strncmp(url, "http://", 7) && strncmp(url, "https://", 8)) || !u ||
	    curl_url_set(u, CURLUPART_URL, url, 0))
		err_set(err, ERR_USAGE,
			"no URL of a server: expected "
			"http(s)://HOST[:PORT][/PATH]");
	else
		check_parts(u, err);
	curl_url_cleanup(u);
	return err->code;
}

static char *part_of(const char *url, CURLUPart part, unsigned flags)
{
	CURLU *u = curl_url();
	char *text = NULL, *copy;

	if (u && !curl_url_set(u, CURLUPART_URL, url, 0))
		curl_url_get(u, part, &text, flags);
	copy = xstrdup(text ? text : "");
	curl_free(text);
	curl_url_cleanup(u);
	return copy;
}

/* The same host, by the same scheme and port or from plain HTTP to HTTPS. */
static bool is_same_host(const char *from, const char *to)
{
	char *a = part_of(from, CURLUPART_HOST, 0);
	char *b = part_of(to, CURLUPART_HOST, 0);
	char *port_a = part_of(from, CURLUPART_PORT, CURLU_DEFAULT_PORT);
	char *port_b = part_of(to, CURLUPART_PORT, CURLU_DEFAULT_PORT);
	bool is_kept = !strncmp(from, "https:", 6) == !strncmp(to, "https:", 6);
	bool is_safer = !strncmp(to, "https:", 6);
	bool is_same = *a && !strcasecmp(a, b) &&
		       (is_kept ? !strcmp(port_a, port_b) : is_safer);

	free(a);
	free(b);
	free(port_a);
	free(port_b);
	return is_same;
}

/* For messages: a query may hold what is nobody's business. */
static int shown_len(const char *url)
{
	return (int)MIN(strcspn(url, "?"), (size_t)110);
}

void http_add_query(struct buf *path, const char *name, const char *value)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-._~";

	buf_addf(path, "%c%s=", strchr(buf_str(path), '?') ? '&' : '?', name);
	for (; *value; value++)
		buf_addf(path, strchr(plain, *value) ? "%c" : "%%%02X",
			 (unsigned char)*value);
}

/* ---- the client ---------------------------------------------------------- */

static void init_curl(void)
{
	curl_global_init(CURL_GLOBAL_DEFAULT);
}

enum err_code http_new(const struct http_conf *conf, struct http **out,
		       struct err *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct http *h;
	size_t len;

	*out = NULL;
	pthread_once(&once, init_curl);
	if (http_check_url(conf->url, err))
		return err->code;
	len = strlen(conf->url);
	while (len && conf->url[len - 1] == '/')
		len--;
	h = xcalloc(1, sizeof(*h));
	h->conf = *conf;
	h->base = xstrndup(conf->url, len);
	h->multi = curl_multi_init();
	BUG_ON(!h->multi);
	*out = h;
	return ERR_OK;
}

void http_free(struct http *h)
{
	if (!h)
		return;
	curl_multi_cleanup(h->multi);
	free(h->base);
	free(h);
}

void http_answer_release(struct http_answer *answer)
{
	buf_release(&answer->body);
	*answer = (struct http_answer){ 0 };
}

/* ---- one transfer -------------------------------------------------------- */

static size_t take_body(char *bytes, size_t size, size_t n, void *p)
{
	struct http_answer *out = p;

	buf_add(&out->body, bytes, size * n);
	return out->body.is_cut ? 0 : size * n;
}

/* Called when the connection stands, before the first byte of the request. */
static int note_sending(void *p, char *local, char *remote, int local_port,
			int remote_port)
{
	(void)local;
	(void)remote;
	(void)local_port;
	(void)remote_port;
	((struct transfer *)p)->is_sent = true;
	return CURL_PREREQFUNC_OK;
}

static void add_header(struct transfer *t, const char *line)
{
	struct curl_slist *longer = curl_slist_append(t->headers, line);

	BUG_ON(!longer);
	t->headers = longer;
}

static void set_times(struct transfer *t)
{
	int64_t left_ms = cancel_left_ms(t->stop, TOTAL_MS);

	curl_easy_setopt(t->easy, CURLOPT_TIMEOUT_MS, (long)MAX(left_ms, 1));
	curl_easy_setopt(t->easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
	curl_easy_setopt(t->easy, CURLOPT_NOSIGNAL, 1L);
#if CURL_AT_LEAST_VERSION(7, 87, 0)
	/* A name that does not resolve is not waited for at the end. */
	curl_easy_setopt(t->easy, CURLOPT_QUICK_EXIT, 1L);
#endif
}

static void set_protocols(CURL *easy)
{
#if CURL_AT_LEAST_VERSION(7, 85, 0)
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
#else
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS,
			 (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
			 (long)CURL_HTTP_VERSION_1_1);
}

static enum err_code set_auth(struct http *h, struct transfer *t,
			      struct err *err)
{
	const struct http_conf *c = &h->conf;
	char *line;

	free(t->token);
	if (http_token(c, t->stop, &t->token, err))
		return err->code;
	if (t->token) {
		line = xasprintf("Authorization: Bearer %s", t->token);
		add_header(t, line);
		free(line);
	} else if (c->user && *c->user) {
		curl_easy_setopt(t->easy, CURLOPT_USERNAME, c->user);
		curl_easy_setopt(t->easy, CURLOPT_PASSWORD,
				 c->password ? c->password : "");
	} else {
		curl_easy_setopt(t->easy, CURLOPT_NETRC,
				 (long)CURL_NETRC_OPTIONAL);
		curl_easy_setopt(t->easy, CURLOPT_NETRC_FILE, getenv("NETRC"));
	}
	return ERR_OK;
}

static enum err_code prepare(struct http *h, struct transfer *t,
			     struct err *err)
{
	const char *authorities = getenv("SSL_CERT_FILE");

	buf_release(&t->out->body);
	t->out->body.max = HTTP_MAX_BODY;
	t->easy = curl_easy_init();
	BUG_ON(!t->easy);
	set_times(t);
	set_protocols(t->easy);
	add_header(t, "Accept: application/json, text/plain");
	curl_easy_setopt(t->easy, CURLOPT_URL, t->url);
	curl_easy_setopt(t->easy, CURLOPT_USERAGENT,
			 "mltower/" PACKAGE_VERSION);
	curl_easy_setopt(t->easy, CURLOPT_ACCEPT_ENCODING, "");
	curl_easy_setopt(t->easy, CURLOPT_ERRORBUFFER, t->reason);
	curl_easy_setopt(t->easy, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(t->easy, CURLOPT_WRITEDATA, t->out);
	curl_easy_setopt(t->easy, CURLOPT_PREREQFUNCTION, note_sending);
	curl_easy_setopt(t->easy, CURLOPT_PREREQDATA, t);
	if (authorities && *authorities)
		curl_easy_setopt(t->easy, CURLOPT_CAINFO, authorities);
	return set_auth(h, t, err);
}

static CURLcode result_of(CURLM *multi)
{
	CURLcode code = CURLE_FAILED_INIT;
	CURLMsg *msg;
	int n_left;

	while ((msg = curl_multi_info_read(multi, &n_left)))
		if (msg->msg == CURLMSG_DONE)
			code = msg->data.result;
	return code;
}

static CURLcode attend(CURLM *multi, const struct transfer *t)
{
	int n_running = 1;

	while (!curl_multi_perform(multi, &n_running) && n_running) {
		if (cancel_is_due(t->stop))
			return cancel_is_stopped(t->stop)
				       ? CURLE_ABORTED_BY_CALLBACK
				       : CURLE_OPERATION_TIMEDOUT;
		curl_multi_poll(multi, NULL, 0, LOOK_MS, NULL);
	}
	return result_of(multi);
}

static void take_type(struct transfer *t)
{
	char *type = NULL;

	curl_easy_getinfo(t->easy, CURLINFO_CONTENT_TYPE, &type);
	if (type)
		snprintf(t->out->type, sizeof(t->out->type), "%.*s",
			 (int)strcspn(type, "; "), type);
}

static void release(struct transfer *t)
{
	curl_easy_cleanup(t->easy);
	curl_slist_free_all(t->headers);
	free(t->url);
	free(t->token);
}

/* ---- in words ------------------------------------------------------------ */

static enum err_code explain(const struct transfer *t, CURLcode code,
			     struct err *err)
{
	switch (code) {
	case CURLE_ABORTED_BY_CALLBACK:
		return err_set(err, ERR_STOP, "interrupted");
	case CURLE_OPERATION_TIMEDOUT:
		return err_set(err, ERR_TIMEOUT, "no answer in time%s",
			       t->is_sent ? ""
					  : ": is the server up, and the port "
					    "right?");
	case CURLE_COULDNT_RESOLVE_HOST:
		return err_set(err, ERR_IO, "no such host: is its name right?");
	case CURLE_COULDNT_CONNECT:
		return err_set(err, ERR_IO,
			       "nobody answers there: is the server up, and "
			       "the port right?");
	case CURLE_WRITE_ERROR:
		return err_set(err, ERR_LIMIT, "its answer is beyond %d MB",
			       (int)(HTTP_MAX_BODY >> 20));
	case CURLE_PEER_FAILED_VERIFICATION:
		return err_set(err, ERR_IO,
			       "its certificate is not trusted: name its "
			       "authority in SSL_CERT_FILE");
	case CURLE_GOT_NOTHING:
	case CURLE_RECV_ERROR:
	case CURLE_SEND_ERROR:
	case CURLE_PARTIAL_FILE:
		return err_set(err, ERR_IO,
			       "the connection was lost before the whole "
			       "answer came");
	default:
		return err_set(err, ERR_IO, "%.100s",
			       *t->reason ? t->reason
					  : curl_easy_strerror(code));
	}
}

static enum err_code refused(const struct http *h, struct err *err)
{
	char who[100];

	http_who(&h->conf, who, sizeof(who));
	return err_set(err, ERR_AUTH, "the server refuses %s", who);
}

static bool is_redirect(const struct transfer *t)
{
	return t->out->status >= 300 && t->out->status < 400 &&
	       t->out->status != 304;
}

static char *redirect_of(const struct transfer *t)
{
	char *to = NULL;

	curl_easy_getinfo(t->easy, CURLINFO_REDIRECT_URL, &to);
	return xstrdup(to ? to : "");
}

static enum err_code not_followed(const char *from, const char *to,
				  struct err *err)
{
	char *a = part_of(from, CURLUPART_HOST, 0);
	char *b = part_of(to, CURLUPART_HOST, 0);

	err_set(err, ERR_IO,
		"%.60s sends us on to %.60s, which is not followed: if that is "
		"the server, put its URL into the config",
		a, *b ? b : "nowhere");
	free(a);
	free(b);
	return err->code;
}

/* ---- asking -------------------------------------------------------------- */

/* Until there is an answer, or none. */
static CURLcode exchange(struct http *h, struct transfer *t)
{
	CURLcode code;

	curl_multi_add_handle(h->multi, t->easy);
	code = attend(h->multi, t);
	curl_multi_remove_handle(h->multi, t->easy);
	if (code)
		return code;
	curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &t->out->status);
	take_type(t);
	return CURLE_OK;
}

/* What a GET does next: *url is where it asks again, if anywhere. */
static enum err_code judge(struct http *h, struct transfer *t, char **url,
			   bool *is_new_token, struct err *err)
{
	if (t->out->status == 401) {
		if (*is_new_token || !http_token_refused(&h->conf, t->token))
			return refused(h, err);
		*is_new_token = true;
		*url = xstrdup(t->url);
	} else if (is_redirect(t)) {
		*url = redirect_of(t);
		if (!is_same_host(t->url, *url))
			return not_followed(t->url, *url, err);
	}
	return ERR_OK;
}

static bool is_lost(CURLcode code)
{
	return code == CURLE_GOT_NOTHING || code == CURLE_RECV_ERROR ||
	       code == CURLE_SEND_ERROR || code == CURLE_PARTIAL_FILE;
}

static enum err_code ask(struct http *h, const char *url, char **next,
			 bool *is_new_token, bool *is_again,
			 const struct cancel *stop, struct http_answer *out,
			 struct err *err)
{
	struct transfer t = { .out = out, .stop = stop, .url = xstrdup(url) };
	CURLcode code;

	*next = NULL;
	if (!prepare(h, &t, err)) {
		curl_easy_setopt(t.easy, CURLOPT_HTTPHEADER, t.headers);
		code = exchange(h, &t);
		if (!code) {
			judge(h, &t, next, is_new_token, err);
		} else if (is_lost(code) && !*is_again) {
			*is_again = true;
			*next = xstrdup(url);
		} else {
			explain(&t, code, err);
		}
	}
	release(&t);
	return err->code;
}

enum err_code http_get(struct http *h, const char *path,
		       const struct cancel *stop, struct http_answer *out,
		       struct err *err)
{
	char *url = xasprintf("%s%s", h->base, path), *next = NULL;
	bool is_new_token = false, is_again = false;
	int n_left = MAX_REDIRECTS + 1;

	*out = (struct http_answer){ 0 };
	while (!ask(h, url, &next, &is_new_token, &is_again, stop, out, err) &&
	       next) {
		free(url);
		url = next;
		next = NULL;
		if (!n_left--)
			err_set(err, ERR_IO, "it sends us on and on");
		if (err->code)
			break;
	}
	err_prefix(err, "%.*s", shown_len(url), url);
	free(next);
	free(url);
	return err->code;
}

/* ---- changing ------------------------------------------------------------ */

/* What lost its answer may have been done: only what never left is a plain
 * failure. */
static void explain_change(const struct transfer *t, CURLcode code,
			   struct err *err)
{
	explain(t, code, err);
	if (!t->is_sent)
		return;
	err_prefix(err, "sent, and no answer came");
	err->code = ERR_UNKNOWN;
}

static void judge_change(struct http *h, struct transfer *t, struct err *err)
{
	char *to;

	if (t->out->status == 401) {
		/* The next request brings a new one. */
		http_token_refused(&h->conf, t->token);
		refused(h, err);
	} else if (is_redirect(t)) {
		to = redirect_of(t);
		not_followed(t->url, to, err);
		free(to);
	}
}

enum err_code http_change(struct http *h, const struct permit *permit,
			  const char *method, const char *path,
			  const char *json, const struct cancel *stop,
			  struct http_answer *out, struct err *err)
{
	struct transfer t = { .out = out, .stop = stop };
	CURLcode code;

	*out = (struct http_answer){ 0 };
	if (!gate_covers(permit, h->conf.source))
		return err_set(err, ERR_READONLY, "%s is read-only",
			       h->conf.source);
	t.url = xasprintf("%s%s", h->base, path);
	if (!prepare(h, &t, err)) {
		add_header(&t, "Content-Type: application/json");
		add_header(&t, "Expect:");
		curl_easy_setopt(t.easy, CURLOPT_HTTPHEADER, t.headers);
		curl_easy_setopt(t.easy, CURLOPT_CUSTOMREQUEST, method);
		curl_easy_setopt(t.easy, CURLOPT_POSTFIELDS, json);
		/* On a connection that was kept and has died, libcurl would
		 * send it a second time. */
		curl_easy_setopt(t.easy, CURLOPT_FRESH_CONNECT, 1L);
		code = exchange(h, &t);
		if (code)
			explain_change(&t, code, err);
		else
			judge_change(h, &t, err);
	}
	err_prefix(err, "%.*s", shown_len(t.url), t.url);
	release(&t);
	return err->code;
}
