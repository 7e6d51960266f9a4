/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_IO_HTTP_H
#define MLTOWER_IO_HTTP_H

#include "base/buf.h"
#include "base/cancel.h"
#include "base/err.h"
#include "io/gate.h"

/* A client of one server, for one thread that may wait. What only asks is a
 * GET; whatever changes something takes a permit, is sent once, on a connection
 * of its own, and never again: not for a redirect, not for a lost connection,
 * not for a new token. */
struct http;

/* Who we are there: the first of token_command, token_file, token, user that
 * is given, else what netrc says of the host. Borrowed. */
struct http_conf {
	const char *source; /* whose permit lets changes through */
	const char *url;    /* http(s)://HOST[:PORT][/PATH], no secrets in it */
	/* Its first line is the token; run again when the server refuses it.
	 * Ended by NULL. */
	const char *const *token_command;
	const char *token_file; /* nobody else may read it */
	const char *token, *user, *password;
};

#define HTTP_MAX_BODY ((size_t)64 << 20)

/* What came; yours, also of a request that failed. What a whole answer says is
 * the caller's to judge. */
struct http_answer {
	long status;   /* 200, 404 ...; never 401, never a redirect */
	char type[64]; /* "application/json", without parameters */
	struct buf body;
};

/* ERR_USAGE where the URL is none of ours, or has a user, a query or a part in
 * it. Sends nothing. */
ATTR_NODISCARD enum err_code http_new(const struct http_conf *conf,
				      struct http **out, struct err *err);
void http_free(struct http *h); /* NULL is fine */
/* Is the URL one that http_new() takes? */
ATTR_NODISCARD enum err_code http_check_url(const char *url, struct err *err);

/* Asks for PATH[?QUERY] below the URL: again where the connection was lost, or
 * the server wants a new token. Follows redirects within the same host.
 * ERR_TIMEOUT, ERR_STOP, ERR_AUTH, ERR_LIMIT (a body beyond the cap), else
 * ERR_IO. Messages name the URL without its query, and what to do. */
ATTR_NODISCARD enum err_code http_get(struct http *h, const char *path,
				      const struct cancel *stop,
				      struct http_answer *out, struct err *err);
/* Sends JSON by POST, PATCH or DELETE, once. ERR_UNKNOWN: it was sent, and no
 * whole answer came. Any other failure: the server did not take it. */
ATTR_NODISCARD enum err_code
http_change(struct http *h, const struct permit *permit, const char *method,
	    const char *path, const char *json, const struct cancel *stop,
	    struct http_answer *out, struct err *err);
void http_answer_release(struct http_answer *answer);

/* Adds "?NAME=VALUE" or "&NAME=VALUE", the value percent-encoded. */
void http_add_query(struct buf *path, const char *name, const char *value);

#endif
