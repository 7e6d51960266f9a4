/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A store that a server owns is written through the server: its webhooks,
 * permissions and caches would not see anything else. A server is known by its
 * command line, and owns the store if it has the file open, or names it, or
 * names none and has it in its folder. */
#include "config.h"

#include "mlflow_server.h"

#include <ctype.h>
#include <dirent.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "io/file.h"

#define MAX_CMDLINE_BYTES 65536
#define STORE_SCHEME      "sqlite:///"

/* Arguments of a process, each ended by a NUL, as /proc gives them. */
struct args {
	const char *bytes;
	size_t len;
};

static const char *args_next(const struct args *a, const char *arg)
{
	const char *next = arg ? arg + strlen(arg) + 1 : a->bytes;

	return next < a->bytes + a->len ? next : NULL;
}

static bool has_arg(const struct args *a, const char *word)
{
	const char *arg;

	for (arg = args_next(a, NULL); arg; arg = args_next(a, arg))
		if (!strcmp(arg, word))
			return true;
	return false;
}

static bool has_text(const struct args *a, const char *text)
{
	const char *arg;

	for (arg = args_next(a, NULL); arg; arg = args_next(a, arg))
		if (strstr(arg, text))
			return true;
	return false;
}

/* `mlflow server|ui`, or a web server that runs mlflow.server. */
static bool is_command(const struct args *a)
{
	return has_text(a, "mlflow") &&
	       (has_arg(a, "server") || has_arg(a, "ui"));
}

static bool is_server(const struct args *a)
{
	return is_command(a) || has_text(a, "mlflow.server");
}

static bool is_same_file(const char *path, const struct stat *store)
{
	struct stat sb;

	return !stat(path, &sb) && sb.st_dev == store->st_dev &&
	       sb.st_ino == store->st_ino;
}

static bool has_it_open(long pid, const struct stat *store)
{
	char path[PATH_MAX];
	struct dirent *e;
	bool is_open = false;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%ld/fd", pid);
	dir = opendir(path);
	if (!dir)
		return false;
	while (!is_open && (e = readdir(dir))) {
		snprintf(path, sizeof(path), "/proc/%ld/fd/%.32s", pid,
			 e->d_name);
		/* stat() opens nothing: no lock is lost by it. */
		is_open = isdigit((unsigned char)*e->d_name) &&
			  is_same_file(path, store);
	}
	closedir(dir);
	return is_open;
}

static bool is_at(const char *folder, const char *path,
		  const struct stat *store)
{
	char *whole =
		*path == '/' ? xstrdup(path) : xasprintf("%s/%s", folder, path);
	bool is_same = is_same_file(whole, store);

	free(whole);
	return is_same;
}

static bool names_it(long pid, const struct args *a, const struct stat *store)
{
	char link[64], folder[PATH_MAX];
	const char *arg, *uri;
	bool names_any = false;
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/%ld/cwd", pid);
	n = readlink(link, folder, sizeof(folder) - 1);
	if (n < 0)
		return false;
	folder[n] = '\0';
	for (arg = args_next(a, NULL); arg; arg = args_next(a, arg)) {
		names_any |= strstr(arg, "://") != NULL;
		uri = strstr(arg, STORE_SCHEME);
		if (uri && is_at(folder, uri + strlen(STORE_SCHEME), store))
			return true;
	}
	return !names_any && is_command(a) && is_at(folder, "mlflow.db", store);
}

static bool serves(long pid, const struct stat *store)
{
	struct buf cmdline = BUF_INIT(MAX_CMDLINE_BYTES);
	struct err err = { 0 };
	struct args a;
	char path[64];
	bool is_it = false;

	snprintf(path, sizeof(path), "/proc/%ld/cmdline", pid);
	if (!file_read(path, MAX_CMDLINE_BYTES, &cmdline, &err) &&
	    cmdline.len) {
		a = (struct args){ buf_str(&cmdline), cmdline.len };
		is_it = is_server(&a) &&
			(has_it_open(pid, store) || names_it(pid, &a, store));
	}
	buf_release(&cmdline);
	return is_it;
}

pid_t mlflow_server_of(const char *path)
{
	struct dirent *e;
	struct stat store;
	long pid, found = 0;
	DIR *dir;

	if (stat(path, &store))
		return 0;
	dir = opendir("/proc");
	if (!dir)
		return 0;
	while (!found && (e = readdir(dir))) {
		pid = strtol(e->d_name, NULL, 10);
		if (pid > 0 && pid != (long)getpid() && serves(pid, &store))
			found = pid;
	}
	closedir(dir);
	return (pid_t)found;
}
