/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "store/lease.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "io/file.h"

/* Without a sign for this long its holder is taken for gone (a host that went
 * down says nothing any more). */
#define SILENT_MS 30000

/* Where we run, until this machine starts again; the boot is "" where the
 * system does not tell it. */
struct here {
	char host[64], boot[40];
};

static struct here here_now(void)
{
	struct here h = { 0 };
	FILE *f = fopen("/proc/sys/kernel/random/boot_id", "re");

	gethostname(h.host, sizeof(h.host) - 1);
	if (f && fgets(h.boot, sizeof(h.boot), f))
		h.boot[strcspn(h.boot, "\n")] = 0;
	if (f)
		fclose(f);
	return h;
}

/* The last holder's machine started again since: it is dead, whatever its last
 * sign says. */
static bool is_of_earlier_boot(const char *host, const char *boot)
{
	struct here here = here_now();

	return *boot && *here.boot && !strcmp(host, here.host) &&
	       strcmp(boot, here.boot) != 0;
}

static enum err_code write_row(struct lease *l, struct state *s, int64_t now_ms,
			       bool has_left, struct err *err)
{
	struct here here = here_now();
	struct db_stmt *st;

	if (db_prepare(state_db(s),
		       "INSERT OR REPLACE INTO lease(one, pid, host, boot, "
		       "since_ms, beat_ms, left_ms) VALUES (1,?,?,?,?,?,?)",
		       &st, err))
		return err->code;
	db_bind_int(st, 1, getpid());
	db_bind_text(st, 2, here.host);
	db_bind_text(st, 3, here.boot);
	db_bind_int(st, 4, l->since_ms);
	db_bind_int(st, 5, now_ms);
	if (has_left)
		db_bind_int(st, 6, now_ms);
	else
		db_bind_null(st, 6);
	return db_run(st, err);
}

bool lease_take(struct lease *l, struct state *s, int64_t now_ms,
		struct err *err)
{
	struct err busy = { 0 };
	char *path;

	if (l->fd >= 0)
		return true;
	path = xasprintf("%s/watch.lock", state_dir(s));
	l->fd = file_lock(path, false, &busy);
	free(path);
	if (l->fd < 0) {
		if (busy.code != ERR_BUSY)
			*err = busy;
		return false;
	}
	l->since_ms = now_ms;
	if (write_row(l, s, now_ms, false, err)) {
		close(l->fd);
		l->fd = -1;
	}
	return l->fd >= 0;
}

enum err_code lease_beat(struct lease *l, struct state *s, int64_t now_ms,
			 struct err *err)
{
	return write_row(l, s, now_ms, false, err);
}

void lease_leave(struct lease *l, struct state *s, int64_t now_ms)
{
	struct err err = { 0 };

	if (l->fd < 0)
		return;
	/* Who cannot write its leave is found out by its silence. */
	if (write_row(l, s, now_ms, true, &err))
		err_clear(&err);
	close(l->fd);
	l->fd = -1;
}

enum err_code lease_read(struct state *s, int64_t now_ms,
			 struct lease_state *out, struct err *err)
{
	struct db_stmt *st;
	bool has_row = false;

	memset(out, 0, sizeof(*out));
	out->since_ms = out->beat_ms = out->left_ms = TIME_NONE;
	if (db_prepare(
		    state_db(s),
		    "SELECT pid, host, since_ms, beat_ms, left_ms, boot FROM "
		    "lease",
		    &st, err) ||
	    db_step(st, &has_row, err))
		return err->code;
	if (!has_row)
		return ERR_OK;
	snprintf(out->who, sizeof(out->who), "pid %lld on %s",
		 (long long)db_int(st, 0), db_text(st, 1));
	out->since_ms = db_int(st, 2);
	out->beat_ms = db_int(st, 3);
	out->left_ms = db_is_null(st, 4) ? TIME_NONE : db_int(st, 4);
	out->is_held = out->left_ms == TIME_NONE &&
		       now_ms - out->beat_ms < SILENT_MS &&
		       !is_of_earlier_boot(db_text(st, 1), db_text(st, 5));
	db_reset(st);
	return ERR_OK;
}
