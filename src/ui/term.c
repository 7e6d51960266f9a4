/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "ui/term.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "base/clock.h"
#include "key_input.h"

#define PIPE_BYTES      (1 << 20)
#define CLOSE_WAIT_MS   200
#define MAX_EXTRA_BYTES (1 << 17) /* beside frames, in the pipe */

struct term {
	struct termios before; /* to be restored */
	bool has_modes;
	FILE *out; /* curses' end of the pipe */
	int pipe_read;
	pthread_t copier;
	_Atomic uint64_t n_copied;
	_Atomic bool is_copying, is_waited_for, is_closing, has_left;
	struct key_input keys;
	char farewell[64]; /* leaves the full screen */
	struct sigaction old[6], old_nudge;
};

/* Ends what the copier waits for, also a write that would never return: its
 * handler does nothing, and no call is restarted after it. */
#define NUDGE SIGURG

static const int our_signals[6] = { SIGWINCH, SIGTERM, SIGHUP,
				    SIGINT,   SIGTSTP, SIGCONT };
static volatile sig_atomic_t was_resized, quit_came, stop_came, cont_came;
static void (*wake_loop)(void);

static void on_signal(int sig)
{
	switch (sig) {
	case SIGWINCH:
		was_resized = 1;
		break;
	case SIGTSTP:
		stop_came = 1;
		break;
	case SIGCONT:
		cont_came = 1;
		break;
	default:
		quit_came = 1;
		break;
	}
	if (wake_loop)
		wake_loop();
}

static void install_handlers(struct term *t)
{
	struct sigaction act = { .sa_handler = on_signal,
				 .sa_flags = SA_RESTART };

	sigemptyset(&act.sa_mask);
	for (size_t i = 0; i < ARRAY_LEN(our_signals); i++)
		sigaction(our_signals[i], &act, &t->old[i]);
}

static void set_raw(struct term *t)
{
	struct termios raw = t->before;

	raw.c_iflag &= (tcflag_t) ~(BRKINT | ICRNL | INPCK | ISTRIP | IXON);
	raw.c_oflag &= (tcflag_t)~OPOST;
	raw.c_cflag |= CS8;
	raw.c_lflag &= (tcflag_t) ~(ECHO | ICANON | IEXTEN | ISIG);
	raw.c_cc[VMIN] = 0;
	raw.c_cc[VTIME] = 0;
	tcsetattr(STDIN_FILENO, TCSANOW, &raw);
	t->has_modes = true;
}

/* A terminal that takes no bytes costs its bytes, nothing else. */
static bool copy_out(struct term *t, const char *bytes, size_t len)
{
	while (len) {
		ssize_t n = write(STDOUT_FILENO, bytes, len);

		if (t->is_closing)
			return false;
		if (n < 0 && (errno == EINTR || errno == EAGAIN)) {
			struct pollfd p = { .fd = STDOUT_FILENO,
					    .events = POLLOUT };

			poll(&p, 1, 100);
			continue;
		}
		if (n <= 0)
			return false;
		bytes += n;
		len -= (size_t)n;
		t->n_copied += (uint64_t)n;
	}
	return true;
}

static bool pipe_is_empty(const struct term *t)
{
	int n = 0;

	return ioctl(t->pipe_read, FIONREAD, &n) == 0 && n == 0;
}

static void *copier_main(void *p)
{
	struct term *t = p;
	char bytes[16384];

	for (;;) {
		struct pollfd in = { .fd = t->pipe_read, .events = POLLIN };
		ssize_t n;

		/* It is copying before the bytes leave the pipe: else there
		 * were a moment in which they are nowhere. */
		if (poll(&in, 1, -1) < 0 && !t->is_closing)
			continue;
		if (t->is_closing)
			break;
		t->is_copying = true;
		n = read(t->pipe_read, bytes, sizeof(bytes));
		if (n <= 0 || !copy_out(t, bytes, (size_t)n))
			break;
		t->is_copying = false;
		if (t->is_waited_for && pipe_is_empty(t)) {
			t->is_waited_for = false;
			wake_loop();
		}
	}
	t->has_left = true;
	return NULL;
}

static void on_nudge(int sig)
{
	(void)sig;
}

static bool start_copier(struct term *t)
{
	struct sigaction nudge = { .sa_handler = on_nudge };
	sigset_t all, before;
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) != 0)
		return false;
	fcntl(fds[1], F_SETPIPE_SZ, PIPE_BYTES);
	t->pipe_read = fds[0];
	t->out = fdopen(fds[1], "w");
	sigemptyset(&nudge.sa_mask);
	sigaction(NUDGE, &nudge, &t->old_nudge);
	sigfillset(&all);
	sigdelset(&all, NUDGE);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	if (pthread_create(&t->copier, NULL, copier_main, t) != 0)
		return false;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return true;
}

enum err_code term_open(void (*wake)(void), struct term **out, struct err *err)
{
	struct term *t;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return err_set(err, ERR_USAGE, "no terminal");
	t = xcalloc(1, sizeof(*t));
	tcgetattr(STDIN_FILENO, &t->before);
	wake_loop = wake;
	if (!start_copier(t)) {
		free(t);
		return err_set(err, ERR_IO, "terminal: %s", strerror(errno));
	}
	install_handlers(t);
	set_raw(t);
	*out = t;
	return ERR_OK;
}

static void restore_modes(struct term *t)
{
	if (t->has_modes)
		tcsetattr(STDIN_FILENO, TCSANOW, &t->before);
}

void term_restore(struct term *t)
{
	struct pollfd out = { .fd = STDOUT_FILENO, .events = POLLOUT };

	if (!t)
		return;
	if (poll(&out, 1, 0) == 1 && (out.revents & POLLOUT)) {
		ssize_t n =
			write(STDOUT_FILENO, t->farewell, strlen(t->farewell));

		(void)n;
	}
	restore_modes(t);
}

void term_set_farewell(struct term *t, const char *bytes)
{
	snprintf(t->farewell, sizeof(t->farewell), "%s", bytes);
}

/* The copier has read all that curses wrote, or its time is up. */
static void wait_for_copier(struct term *t)
{
	int64_t end_ms = clock_mono_ms() + CLOSE_WAIT_MS;

	while (!t->has_left && !term_is_drained(t) && clock_mono_ms() < end_ms)
		poll(NULL, 0, 2);
}

void term_close(struct term *t)
{
	if (!t)
		return;
	wait_for_copier(t);
	t->is_closing = true;
	/* Again and again: the first may come just before it begins to wait. */
	while (!t->has_left) {
		pthread_kill(t->copier, NUDGE);
		poll(NULL, 0, 1);
	}
	pthread_join(t->copier, NULL);
	restore_modes(t);
	for (size_t i = 0; i < ARRAY_LEN(our_signals); i++)
		sigaction(our_signals[i], &t->old[i], NULL);
	sigaction(NUDGE, &t->old_nudge, NULL);
	fclose(t->out);
	close(t->pipe_read);
	free(t);
}

void term_size(const struct term *t, int *w, int *h)
{
	struct winsize ws = { 0 };

	(void)t;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) != 0 || !ws.ws_col ||
	    !ws.ws_row) {
		ws.ws_col = 80;
		ws.ws_row = 24;
	}
	*w = ws.ws_col;
	*h = ws.ws_row;
}

static bool take(volatile sig_atomic_t *flag)
{
	bool was_set = *flag;

	*flag = 0;
	return was_set;
}

bool term_take_resize(struct term *t)
{
	(void)t;
	return take(&was_resized);
}

bool term_take_continued(struct term *t)
{
	(void)t;
	return take(&cont_came);
}

bool term_take_stop(struct term *t)
{
	(void)t;
	return take(&stop_came);
}

bool term_wants_quit(const struct term *t)
{
	(void)t;
	return quit_came;
}

bool term_read(struct term *t)
{
	char bytes[256];
	ssize_t n = read(STDIN_FILENO, bytes, sizeof(bytes));

	if (n < 0)
		return errno == EINTR || errno == EAGAIN;
	key_input_add(&t->keys, bytes, (size_t)n, clock_mono_ms());
	return true;
}

int term_next_key(struct term *t, int64_t now_ms)
{
	return key_input_next(&t->keys, now_ms);
}

int64_t term_key_due_ms(const struct term *t)
{
	return key_input_due_ms(&t->keys);
}

FILE *term_output(struct term *t)
{
	return t->out;
}

bool term_is_drained(struct term *t)
{
	if (pipe_is_empty(t) && !t->is_copying)
		return true;
	t->is_waited_for = true;
	/* It may have become empty before it knew that somebody waits. */
	return pipe_is_empty(t) && !t->is_copying;
}

bool term_write(struct term *t, const char *bytes, size_t len)
{
	int waiting = 0;

	/* Into a pipe that nobody empties a write would wait for ever. */
	if (ioctl(t->pipe_read, FIONREAD, &waiting) != 0 ||
	    (size_t)waiting + len > MAX_EXTRA_BYTES)
		return false;
	fflush(t->out);
	fwrite(bytes, 1, len, t->out);
	fflush(t->out);
	return true;
}

uint64_t term_bytes(const struct term *t)
{
	return t->n_copied;
}

void term_leave(struct term *t)
{
	wait_for_copier(t);
	restore_modes(t);
	t->has_modes = false;
}

void term_enter(struct term *t)
{
	set_raw(t);
}
