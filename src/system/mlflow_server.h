/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_SYSTEM_MLFLOW_SERVER_H
#define MLTOWER_SYSTEM_MLFLOW_SERVER_H

#include <sys/types.h>

/* The process id of a `mlflow server` of this machine that serves the store at
 * the path, as far as its processes can be looked into; 0 if none is found. */
pid_t mlflow_server_of(const char *path);

#endif
