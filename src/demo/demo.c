/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "demo/demo.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "demo/history.h"
#include "demo_config.h"
#include "io/file.h"
#include "io/proc.h"

/* The layout of the folder; another number is another demo. */
#define LAYOUT       "mltower demo 1\n"
#define LOCK_WAIT_MS 3000

struct demo {
	char *dir, *config, *state;
	int lock; /* shared; -1 none */
	bool has_joined;
};

static char *in_dir(const char *dir, const char *name)
{
	return xasprintf("%s/%s", dir, name);
}

static char *usual_dir(void)
{
	const char *data = getenv("XDG_DATA_HOME");
	const char *home = getenv("HOME");
	const char *runtime = getenv("XDG_RUNTIME_DIR");

	if (data && *data == '/')
		return xasprintf("%s/mltower/demo", data);
	if (home && *home == '/')
		return xasprintf("%s/.local/share/mltower/demo", home);
	if (runtime && *runtime == '/')
		return xasprintf("%s/mltower-demo", runtime);
	return xasprintf("/tmp/mltower-demo-%ld", (long)geteuid());
}

/* A folder that somebody else put at a place we chose is not ours to run. */
static bool is_ours(const char *dir, struct err *err)
{
	struct stat st;

	if (stat(dir, &st) || st.st_uid == geteuid())
		return true;
	err_set(err, ERR_USAGE,
		"%s: belongs to another user; name a folder by --dir", dir);
	return false;
}

static void pause_ms(long ms)
{
	struct timespec ts = { 0, ms * 1000000 };

	nanosleep(&ts, NULL);
}

/* Others hold these locks for moments only, a demo being made for a second.
 * -1 with err. */
static int lock_soon(const char *dir, const char *name, bool is_shared,
		     struct err *err)
{
	int64_t until = clock_mono_ms() + LOCK_WAIT_MS;
	char *path = in_dir(dir, name);
	int fd;

	for (;;) {
		err_clear(err);
		fd = file_lock(path, is_shared, err);
		if (fd >= 0 || err->code != ERR_BUSY || clock_mono_ms() > until)
			break;
		pause_ms(10);
	}
	free(path);
	return fd;
}

/* True: there is a whole demo. Else nothing is there, or err says what. */
static bool is_made(const char *dir, struct err *err)
{
	char *mark = in_dir(dir, "demo"), *store = in_dir(dir, "mlflow.db");
	struct buf text = BUF_INIT(256);
	bool has_mark = file_exists(mark), has_store = file_exists(store);

	if (has_store && !has_mark)
		err_set(err, ERR_USAGE,
			"%s: this mlflow.db is not the demo's; name another "
			"folder by --dir",
			store);
	else if (has_mark && !file_read(mark, text.max, &text, err) &&
		 strcmp(buf_str(&text), LAYOUT))
		err_set(err, ERR_SCHEMA,
			"%s: made by another version of mltower; remove it or "
			"name another folder by --dir",
			dir);
	buf_release(&text);
	free(mark);
	free(store);
	return has_mark && has_store && !err->code;
}

static enum err_code write_file(const char *dir, const char *name,
				const char *text, struct err *err)
{
	char *path = in_dir(dir, name);

	(void)!file_write_whole(path, text, strlen(text), err);
	free(path);
	return err->code;
}

static void remove_leftovers(const char *dir)
{
	static const char *const names[] = {
		"mlflow.db.new",    "mlflow.db.new-journal",
		"fraud.csv",        "solar.csv",
		"icu.csv",          "fraud-labels.csv",
		"solar-labels.csv", "icu-labels.csv",
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		char *path = in_dir(dir, names[i]);

		unlink(path);
		free(path);
	}
}

/* The store gets its name last: a demo without one was not finished. */
static enum err_code fill(const char *dir, int64_t now_ms, struct err *err)
{
	char *made = in_dir(dir, "mlflow.db.new");
	char *name = in_dir(dir, "mlflow.db");
	struct buf config = BUF_INIT(1 << 16);
	struct lab lab = LAB_INIT;
	struct store s = { 0 };

	remove_leftovers(dir);
	demo_config_text(dir, &config);
	if (write_file(dir, "demo", LAYOUT, err) ||
	    write_file(dir, "config.yaml", buf_str(&config), err) ||
	    store_open(&s, dir, "mlflow.db.new", DEMO_SEED, err))
		goto out;
	if (history_make(&s, &lab, now_ms, err) ||
	    history_traffic(&s, now_ms, err))
		goto out;
	store_close(&s);
	if (rename(made, name))
		err_set(err, ERR_IO, "%s: %s", name, strerror(errno));
out:
	store_close(&s);
	lab_release(&lab);
	buf_release(&config);
	free(made);
	free(name);
	return err->code;
}

enum err_code demo_make(const char *dir, int64_t now_utc_ms, bool *made,
			struct err *err)
{
	bool is_new = false;
	char *real = NULL;
	int lock = -1;

	if (file_make_dirs(dir, err))
		return err->code;
	real = realpath(dir, NULL);
	if (!real)
		err_set(err, ERR_IO, "%s: %s", dir, strerror(errno));
	else
		lock = lock_soon(real, "make.lock", false, err);
	if (lock >= 0 && !is_made(real, err) && !err->code)
		is_new = !fill(real, now_utc_ms, err);
	if (lock >= 0)
		close(lock);
	if (made)
		*made = is_new;
	free(real);
	return err->code;
}

/* A factory that starts at the same time waits for the lock a little, so that
 * looking does not send it away. */
static void start_factory(const struct demo *d, struct err *err)
{
	char *lock = in_dir(d->dir, "factory.lock");
	char *output = in_dir(d->dir, "factory.log");
	char *self = proc_self_path();
	const char *argv[] = { self, "demo-factory", d->dir, NULL };
	struct err busy = { 0 };
	int fd = file_lock(lock, false, &busy);
	pid_t pid;

	if (fd >= 0) {
		close(fd);
		(void)!proc_start(argv, output, &pid, err);
	}
	free(self);
	free(output);
	free(lock);
}

enum err_code demo_open(const char *dir, struct demo **out, struct err *err)
{
	struct demo *d = xcalloc(1, sizeof(*d));
	char *asked = dir ? xstrdup(dir) : usual_dir();
	bool made = false;

	*out = NULL;
	d->lock = -1;
	if (!dir && !is_ours(asked, err))
		goto out;
	if (demo_make(asked, clock_utc_ms(), &made, err))
		goto out;
	d->has_joined = !made;
	d->dir = realpath(asked, NULL);
	if (!d->dir) {
		err_set(err, ERR_IO, "%s: %s", asked, strerror(errno));
		goto out;
	}
	d->config = in_dir(d->dir, "config.yaml");
	d->state = in_dir(d->dir, "state");
	/* Held by a factory that is leaving, if at all. */
	d->lock = lock_soon(d->dir, "lock", true, err);
	if (d->lock >= 0)
		start_factory(d, err);
out:
	free(asked);
	if (err->code)
		demo_close(d);
	else
		*out = d;
	return err->code;
}

void demo_close(struct demo *d)
{
	if (!d)
		return;
	if (d->lock >= 0)
		close(d->lock);
	free(d->dir);
	free(d->config);
	free(d->state);
	free(d);
}

const char *demo_dir(const struct demo *d)
{
	return d->dir;
}

const char *demo_config_path(const struct demo *d)
{
	return d->config;
}

const char *demo_state_dir(const struct demo *d)
{
	return d->state;
}

bool demo_has_joined(const struct demo *d)
{
	return d->has_joined;
}
