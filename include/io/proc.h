/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_IO_PROC_H
#define MLTOWER_IO_PROC_H

#include <stddef.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/cancel.h"
#include "base/err.h"

struct proc_result {
	int exit_code;   /* -1: ended by a signal or never started */
	int signal;      /* 0: none */
	struct buf out;  /* standard output, capped at 64 KB; yours */
	struct buf errs; /* standard error, capped; yours */
};

/* Runs argv[0] (looked up in PATH) without a shell, standard input empty, in a
 * process group of its own; the group is killed at the deadline. */
ATTR_NODISCARD enum err_code proc_run(const char *const argv[],
				      const struct cancel *cancel,
				      struct proc_result *res, struct err *err);
void proc_result_release(struct proc_result *res);

/* Starts argv detached from the terminal (own session, output to the file or
 * nowhere) and does not wait: the demo's factory. */
ATTR_NODISCARD enum err_code proc_start(const char *const argv[],
					const char *output_path, pid_t *pid,
					struct err *err);
/* Path of the program that runs. Yours. */
char *proc_self_path(void);

#endif
