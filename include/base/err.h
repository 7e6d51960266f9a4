/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_BASE_ERR_H
#define MLTOWER_BASE_ERR_H

#include <stdbool.h>

#include "base/mem.h"

enum err_code {
	ERR_OK,
	ERR_IO,	      /* could not be read, written or reached */
	ERR_TIMEOUT,  /* no answer in time; nothing is known of it */
	ERR_BUSY,     /* locked by another program: ask again later */
	ERR_AUTH,     /* the other side refused us */
	ERR_PARSE,    /* bytes that do not mean anything here */
	ERR_SCHEMA,   /* a store of a kind or version we do not know */
	ERR_LIMIT,    /* larger than the cap */
	ERR_ABSENT,   /* there is no such thing */
	ERR_MANY,     /* more than one thing answers to the name */
	ERR_USAGE,    /* the caller asked for something that has no meaning */
	ERR_READONLY, /* the gate is closed */
	ERR_CONFLICT, /* it moved since it was looked at; nothing written */
	ERR_UNKNOWN,  /* sent, and no answer came: outcome not known */
	ERR_STOP,     /* cancelled by us */
};

/* Starts zeroed; the first failure fills it in, later ones are dropped. */
struct err {
	enum err_code code;
	char msg[240]; /* lower case, no full stop: shown as is */
};

/* Records a failure unless one is recorded; returns err->code. */
enum err_code err_set(struct err *err, enum err_code code, const char *fmt, ...)
	ATTR_PRINTF(3, 4);
/* Puts "WHAT: " before the message, for the caller who knows the name. */
void err_prefix(struct err *err, const char *fmt, ...) ATTR_PRINTF(2, 3);
void err_clear(struct err *err);
/* The exit status of the command line for this failure (0 for ERR_OK). */
int err_exit_status(enum err_code code);

#endif
