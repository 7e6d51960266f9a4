/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "http_auth.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "io/file.h"
#include "io/proc.h"

#define MAX_TOKEN_BYTES 16384
#define COMMAND_MS      10000

struct kept {
	char *from;  /* the command's words, or the file's path */
	char *token; /* NULL: refused, and not fetched again yet */
	struct kept *next;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* over all of kept */
static struct kept *kept;

static bool has(const char *s)
{
	return s && *s;
}

static bool has_command(const struct http_conf *conf)
{
	return conf->token_command && conf->token_command[0];
}

/* What the token is kept by; yours. NULL: it is not fetched from anywhere. */
static char *place_of(const struct http_conf *conf)
{
	struct buf out = BUF_INIT(0);

	if (has_command(conf))
		for (size_t i = 0; conf->token_command[i]; i++)
			buf_addf(&out, "%s%c", conf->token_command[i], '\x1f');
	else if (has(conf->token_file))
		buf_addf(&out, "%s", conf->token_file);
	else
		return NULL;
	return buf_take(&out);
}

/* ---- fetching ------------------------------------------------------------ */

/* The first line; a header would end at anything else than plain text. */
static enum err_code take_line(const struct buf *text, char **out,
			       struct err *err)
{
	size_t len = strcspn(buf_str(text), "\r\n");

	for (size_t i = 0; i < len; i++)
		if (text->data[i] <= ' ' || text->data[i] > '~')
			return err_set(err, ERR_AUTH,
				       "is no token: a sign in it is not one "
				       "of plain text");
	if (!len)
		return err_set(err, ERR_AUTH, "gave no token");
	*out = xstrndup(text->data, len);
	return ERR_OK;
}

static enum err_code read_file(const char *path, char **out, struct err *err)
{
	struct buf text = BUF_INIT(MAX_TOKEN_BYTES);
	struct stat sb;

	if (stat(path, &sb))
		err_set(err, ERR_AUTH, "%s", strerror(errno));
	else if (sb.st_mode & (S_IRWXG | S_IRWXO))
		err_set(err, ERR_AUTH,
			"others may read it: chmod 600, and a new token");
	else if (!file_read(path, MAX_TOKEN_BYTES, &text, err))
		take_line(&text, out, err);
	buf_release(&text);
	err_prefix(err, "token_file %.100s", path);
	return err->code;
}

/* What a command says on standard error is for people; its output is secret. */
static enum err_code run_command(const char *const *argv,
				 const struct cancel *stop, char **out,
				 struct err *err)
{
	const struct cancel own = {
		.deadline_mono_ms = clock_mono_ms() + COMMAND_MS,
		.whole = stop,
	};
	struct proc_result res;

	if (proc_run(argv, &own, &res, err))
		err->code = err->code == ERR_STOP ? ERR_STOP : ERR_AUTH;
	else if (res.exit_code)
		err_set(err, ERR_AUTH, "ended with status %d: %.*s",
			res.exit_code,
			(int)MIN(strcspn(buf_str(&res.errs), "\n"), (size_t)80),
			buf_str(&res.errs));
	else
		take_line(&res.out, out, err);
	proc_result_release(&res);
	err_prefix(err, "token_command %.60s", argv[0]);
	return err->code;
}

static enum err_code fetch(const struct http_conf *conf,
			   const struct cancel *stop, char **out,
			   struct err *err)
{
	return has_command(conf)
		       ? run_command(conf->token_command, stop, out, err)
		       : read_file(conf->token_file, out, err);
}

/* ---- keeping ------------------------------------------------------------- */

static struct kept *find_kept(const char *from)
{
	struct kept *k;

	for (k = kept; k && strcmp(k->from, from) != 0; k = k->next)
		;
	return k;
}

static void keep(const char *from, const char *token)
{
	struct kept *k;

	pthread_mutex_lock(&lock);
	k = find_kept(from);
	if (!k) {
		k = xcalloc(1, sizeof(*k));
		k->from = xstrdup(from);
		k->next = kept;
		kept = k;
	}
	free(k->token);
	k->token = xstrdup(token);
	pthread_mutex_unlock(&lock);
}

static char *get_kept(const char *from)
{
	struct kept *k;
	char *token = NULL;

	pthread_mutex_lock(&lock);
	k = find_kept(from);
	if (k && k->token)
		token = xstrdup(k->token);
	pthread_mutex_unlock(&lock);
	return token;
}

enum err_code http_token(const struct http_conf *conf,
			 const struct cancel *stop, char **out, struct err *err)
{
	char *from = place_of(conf);

	*out = NULL;
	if (!from) {
		*out = has(conf->token) ? xstrdup(conf->token) : NULL;
		return ERR_OK;
	}
	*out = get_kept(from);
	if (!*out && !fetch(conf, stop, out, err))
		keep(from, *out);
	free(from);
	return err->code;
}

bool http_token_refused(const struct http_conf *conf, const char *token)
{
	char *from = place_of(conf);
	struct kept *k;

	if (!from)
		return false;
	pthread_mutex_lock(&lock);
	k = find_kept(from);
	/* Another thread may have fetched a new one meanwhile. */
	if (k && str_same(k->token, token)) {
		free(k->token);
		k->token = NULL;
	}
	pthread_mutex_unlock(&lock);
	free(from);
	return true;
}

void http_who(const struct http_conf *conf, char *out, size_t size)
{
	if (has_command(conf))
		snprintf(out, size, "the token of %.60s",
			 conf->token_command[0]);
	else if (has(conf->token_file))
		snprintf(out, size, "the token in %.60s", conf->token_file);
	else if (has(conf->token))
		snprintf(out, size, "the token of the environment");
	else if (has(conf->user))
		snprintf(out, size, "user %.40s and the password", conf->user);
	else
		snprintf(out, size, "what netrc says of it, if anything");
}
