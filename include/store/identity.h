/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_STORE_IDENTITY_H
#define MLTOWER_STORE_IDENTITY_H

#include <sys/types.h>

#define IDENTITY_MAX 256

/* The name of a user, its number where it has none. From any thread. */
void identity_user(uid_t uid, char out[IDENTITY_MAX]);

#endif
