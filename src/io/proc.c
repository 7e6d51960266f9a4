/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "io/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"

#define MAX_OUTPUT_BYTES (64 * 1024)
#define LOOK_MS          20
#define PATH_BYTES       4096

extern char **environ;

/* Workers block all signals and the program ignores some: a child starts with
 * everything as a shell would have it. */
static void set_signals(posix_spawnattr_t *attr, short flags)
{
	sigset_t none, usual;

	sigemptyset(&none);
	sigfillset(&usual);
	posix_spawnattr_setsigmask(attr, &none);
	posix_spawnattr_setsigdefault(attr, &usual);
	posix_spawnattr_setflags(attr, flags | POSIX_SPAWN_SETSIGMASK |
					       POSIX_SPAWN_SETSIGDEF);
}

static enum err_code spawn(const char *const argv[], short flags,
			   posix_spawn_file_actions_t *acts, pid_t *pid,
			   struct err *err)
{
	posix_spawnattr_t attr;
	int rc;

	posix_spawnattr_init(&attr);
	set_signals(&attr, flags);
	rc = posix_spawnp(pid, argv[0], acts, &attr, (char *const *)argv,
			  environ);
	posix_spawnattr_destroy(&attr);
	if (!rc)
		return ERR_OK;
	return err_set(err, rc == ENOENT ? ERR_ABSENT : ERR_IO, "%s: %s",
		       argv[0], strerror(rc));
}

/* Reads what is there; closes the pipe and sets *fd to -1 at its end. What is
 * beyond the cap of the buffer is read and dropped. */
static void drain(int *fd, struct buf *out)
{
	char chunk[4096];
	ssize_t n;

	while (*fd >= 0) {
		n = read(*fd, chunk, sizeof(chunk));
		if (n > 0) {
			buf_add(out, chunk, (size_t)n);
			continue;
		}
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		close(*fd);
		*fd = -1;
	}
}

static void take_status(struct proc_result *res, int status)
{
	if (WIFEXITED(status))
		res->exit_code = WEXITSTATUS(status);
	else if (WIFSIGNALED(status))
		res->signal = WTERMSIG(status);
}

/* Until the child has ended; a grandchild that keeps the pipes open is not
 * waited for. */
static enum err_code attend(pid_t pid, int fds[2], const struct cancel *cancel,
			    struct proc_result *res, struct err *err)
{
	struct pollfd p[2] = { { .events = POLLIN }, { .events = POLLIN } };
	enum err_code code = ERR_OK;
	bool is_killed = false;
	int status;
	pid_t done;

	for (;;) {
		p[0].fd = fds[0];
		p[1].fd = fds[1];
		poll(p, 2, fds[0] < 0 && fds[1] < 0 ? 1 : LOOK_MS);
		drain(&fds[0], &res->out);
		drain(&fds[1], &res->errs);
		done = waitpid(pid, &status, WNOHANG);
		if (done == pid)
			break;
		if (done < 0 && errno != EINTR)
			return err_set(err, ERR_IO, "waiting for a child: %s",
				       strerror(errno));
		if (cancel_is_due(cancel) && !is_killed) {
			kill(-pid, SIGKILL);
			is_killed = true;
		}
	}
	drain(&fds[0], &res->out);
	drain(&fds[1], &res->errs);
	take_status(res, status);
	if (is_killed)
		code = cancel_is_stopped(cancel) ? ERR_STOP : ERR_TIMEOUT;
	return code;
}

static int open_pipes(int out[2], int errs[2])
{
	if (pipe2(out, O_CLOEXEC))
		return -1;
	if (pipe2(errs, O_CLOEXEC)) {
		close(out[0]);
		close(out[1]);
		return -1;
	}
	/* Only our ends: the child is a stranger to EAGAIN. */
	fcntl(out[0], F_SETFL, O_NONBLOCK);
	fcntl(errs[0], F_SETFL, O_NONBLOCK);
	return 0;
}

enum err_code proc_run(const char *const argv[], const struct cancel *cancel,
		       struct proc_result *res, struct err *err)
{
	posix_spawn_file_actions_t acts;
	int out[2], errs[2], ours[2];
	enum err_code code;
	pid_t pid;

	*res = (struct proc_result){ .exit_code = -1,
				     .out = BUF_INIT(MAX_OUTPUT_BYTES),
				     .errs = BUF_INIT(MAX_OUTPUT_BYTES) };
	if (open_pipes(out, errs))
		return err_set(err, ERR_IO, "%s: %s", argv[0], strerror(errno));
	posix_spawn_file_actions_init(&acts);
	posix_spawn_file_actions_addopen(&acts, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&acts, out[1], 1);
	posix_spawn_file_actions_adddup2(&acts, errs[1], 2);
	code = spawn(argv, POSIX_SPAWN_SETPGROUP, &acts, &pid, err);
	posix_spawn_file_actions_destroy(&acts);
	close(out[1]);
	close(errs[1]);
	ours[0] = out[0];
	ours[1] = errs[0];
	if (!code) {
		code = attend(pid, ours, cancel, res, err);
		if (code == ERR_TIMEOUT)
			err_set(err, code, "%s: no end in time, killed",
				argv[0]);
		else if (code == ERR_STOP)
			err_set(err, code, "%s: stopped", argv[0]);
	}
	if (ours[0] >= 0)
		close(ours[0]);
	if (ours[1] >= 0)
		close(ours[1]);
	return code;
}

void proc_result_release(struct proc_result *res)
{
	buf_release(&res->out);
	buf_release(&res->errs);
}

enum err_code proc_start(const char *const argv[], const char *output_path,
			 pid_t *pid, struct err *err)
{
	const char *to = output_path ? output_path : "/dev/null";
	posix_spawn_file_actions_t acts;
	enum err_code code;

	posix_spawn_file_actions_init(&acts);
	posix_spawn_file_actions_addopen(&acts, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&acts, 1, to,
					 O_WRONLY | O_CREAT | O_APPEND, 0600);
	posix_spawn_file_actions_adddup2(&acts, 1, 2);
	code = spawn(argv, POSIX_SPAWN_SETSID, &acts, pid, err);
	posix_spawn_file_actions_destroy(&acts);
	return code;
}

char *proc_self_path(void)
{
	char path[PATH_BYTES];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path));

	return n > 0 && (size_t)n < sizeof(path) ? xstrndup(path, (size_t)n)
						 : xstrdup("mltower");
}
