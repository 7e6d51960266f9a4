/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/job.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"

struct inbox {
	pthread_mutex_t lock;
	pthread_cond_t has_room;
	struct job *first, **last;
	unsigned n, max;
	bool is_closed;
	int wake[2]; /* a pipe: read end, write end */
};

static void make_pipe(int fds[2])
{
	BUG_ON(pipe(fds) != 0);
	for (int i = 0; i < 2; i++) {
		fcntl(fds[i], F_SETFL, O_NONBLOCK);
		fcntl(fds[i], F_SETFD, FD_CLOEXEC);
	}
}

struct inbox *inbox_new(unsigned max)
{
	struct inbox *in = xcalloc(1, sizeof(*in));

	pthread_mutex_init(&in->lock, NULL);
	pthread_cond_init(&in->has_room, NULL);
	in->last = &in->first;
	in->max = max;
	make_pipe(in->wake);
	return in;
}

void inbox_free(struct inbox *in)
{
	if (!in)
		return;
	while (in->first) {
		struct job *job = in->first;

		in->first = job->next;
		job->free(job);
	}
	close(in->wake[0]);
	close(in->wake[1]);
	pthread_cond_destroy(&in->has_room);
	pthread_mutex_destroy(&in->lock);
	free(in);
}

int inbox_wake_fd(const struct inbox *in)
{
	return in->wake[0];
}

void inbox_wake(const struct inbox *in)
{
	int saved = errno;
	/* A full pipe wakes just as well. */
	ssize_t n = write(in->wake[1], "!", 1);

	(void)n;
	errno = saved;
}

void inbox_post(struct inbox *in, struct job *job)
{
	bool was_empty;

	job->next = NULL;
	pthread_mutex_lock(&in->lock);
	while (in->n >= in->max && !in->is_closed)
		pthread_cond_wait(&in->has_room, &in->lock);
	if (in->is_closed) {
		pthread_mutex_unlock(&in->lock);
		job->free(job);
		return;
	}
	was_empty = !in->first;
	*in->last = job;
	in->last = &job->next;
	in->n++;
	pthread_mutex_unlock(&in->lock);
	if (was_empty)
		inbox_wake(in);
}

static struct job *inbox_take(struct inbox *in)
{
	struct job *job;

	pthread_mutex_lock(&in->lock);
	job = in->first;
	if (job) {
		in->first = job->next;
		if (!in->first)
			in->last = &in->first;
		in->n--;
		pthread_cond_signal(&in->has_room);
	}
	pthread_mutex_unlock(&in->lock);
	return job;
}

static void drain_pipe(const struct inbox *in)
{
	char bytes[64];

	while (read(in->wake[0], bytes, sizeof(bytes)) > 0)
		;
}

bool inbox_work(struct inbox *in, struct app *app, int64_t budget_ms)
{
	int64_t end_ms = clock_mono_ms() + budget_ms;
	struct job *job;

	drain_pipe(in);
	while ((job = inbox_take(in))) {
		if (job->done)
			job->done(job, app);
		job->free(job);
		if (clock_mono_ms() >= end_ms) {
			inbox_wake(in); /* the rest in the next turn */
			return true;
		}
	}
	return false;
}

void inbox_close(struct inbox *in)
{
	pthread_mutex_lock(&in->lock);
	in->is_closed = true;
	pthread_cond_broadcast(&in->has_room);
	pthread_mutex_unlock(&in->lock);
}
