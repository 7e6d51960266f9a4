/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_IO_HTTP_AUTH_H
#define MLTOWER_IO_HTTP_AUTH_H

#include <stdbool.h>

#include "io/http.h"

/* Where a token comes from. Tokens are kept for all clients of the process by
 * where they came from: a vault is not asked at every look. */

/* Yours; NULL in *out where the config names none. ERR_AUTH in words where it
 * cannot be had. */
ATTR_NODISCARD enum err_code http_token(const struct http_conf *conf,
					const struct cancel *stop, char **out,
					struct err *err);
/* The server refused it: it is fetched anew when it is next asked for. False:
 * there is nowhere to fetch another from. */
bool http_token_refused(const struct http_conf *conf, const char *token);
/* "the token of vault-token", for messages; never the token. */
void http_who(const struct http_conf *conf, char *out, size_t size);

#endif
