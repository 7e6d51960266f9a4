/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "store/audit.h"
#include "store/identity.h"

#define PASSWD_BYTES 16384 /* of an entry; directories have long ones */

void identity_user(uid_t uid, char out[IDENTITY_MAX])
{
	char *room = xmalloc(PASSWD_BYTES);
	struct passwd pw, *found = NULL;

	if (getpwuid_r(uid, &pw, room, PASSWD_BYTES, &found) || !found)
		snprintf(out, IDENTITY_MAX, "%lu", (unsigned long)uid);
	else
		snprintf(out, IDENTITY_MAX, "%s", pw.pw_name);
	free(room);
}

/* The login id of the session, which su and sudo do not change. */
static const char *login_name(struct arena *a)
{
	char line[32] = "", name[IDENTITY_MAX];
	FILE *f = fopen("/proc/self/loginuid", "r");
	unsigned long uid;

	if (f) {
		if (!fgets(line, sizeof(line), f))
			*line = 0;
		fclose(f);
	}
	uid = strtoul(line, NULL, 10);
	if (!*line || uid == 4294967295UL)
		return NULL;
	identity_user((uid_t)uid, name);
	return arena_strdup(a, name);
}

/* What the environment says is a claim: anybody can set it. */
static const char *claims(struct arena *a)
{
	static const char *const names[] = { "SUDO_USER", "USER",
					     "GITHUB_ACTOR",
					     "GITLAB_USER_LOGIN",
					     "BUILD_USER" };
	struct buf out = BUF_INIT(1000);
	const char *text;

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const char *value = getenv(names[i]);

		if (value && *value)
			buf_addf(&out, "%s%s=%.100s", out.len ? " " : "",
				 names[i], value);
	}
	text = out.len ? arena_strdup(a, buf_str(&out)) : NULL;
	buf_release(&out);
	return text;
}

void audit_identify(struct arena *a, struct audit_entry *e)
{
	const char *ssh = getenv("SSH_CONNECTION");
	char host[256] = "", name[IDENTITY_MAX];

	gethostname(host, sizeof(host) - 1);
	e->uid = getuid();
	identity_user(getuid(), name);
	e->actor = arena_strdup(a, name);
	e->host = arena_strdup(a, host);
	e->login = login_name(a);
	e->ssh_from =
		ssh && *ssh ? arena_strndup(a, ssh, strcspn(ssh, " ")) : NULL;
	e->claims = claims(a);
	e->tool = PACKAGE_STRING;
}

void audit_new_id(char out[17])
{
	unsigned char bytes[8];

	BUG_ON(getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes));
	for (size_t i = 0; i < sizeof(bytes); i++)
		snprintf(out + 2 * i, 3, "%02x", bytes[i]);
}
