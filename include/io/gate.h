/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_IO_GATE_H
#define MLTOWER_IO_GATE_H

#include <stdbool.h>

#include "base/err.h"

/* The one gate for writes. Nothing inside the program can open what was
 * closed; a write to a system takes a permit, and only this file makes them,
 * so an ungated write does not compile. */
struct permit;

enum gate_lock {
	GATE_SYSTEMS,  /* stores, registries, endpoints */
	GATE_MESSAGES, /* webhooks, chat, commands */
	GATE_STATE,    /* mltower's own files */
};

/* Closes for good. `why` is a literal, shown as is ("--readonly"). */
void gate_close(enum gate_lock lock, const char *why);
bool gate_is_closed(enum gate_lock lock);
const char *gate_why(enum gate_lock lock); /* "" while open */
/* The source may be written (config `write: yes`, --write, or named on the
 * command line of a verb that writes). Before threads start. */
void gate_allow_source(const char *source);
/* What a key would be told before it tries. */
bool gate_source_is_writable(const char *source);
/* The permit (owned by the gate, lives as long as the program), or NULL with
 * ERR_READONLY and how to open the gate. */
const struct permit *gate_permit(const char *source, struct err *err);
/* Does the permit let a write to this source through: was it made for it, and
 * is the gate still open? */
bool gate_covers(const struct permit *permit, const char *source);
/* A child process or a message (hooks, anchors): GATE_MESSAGES. */
const struct permit *gate_permit_message(struct err *err);
/* Reads MLTOWER_READONLY. Called first in main(). */
void gate_init(void);
/* For tests only: opens everything again. */
void gate_reset_for_tests(void);

#endif
