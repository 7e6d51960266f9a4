/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_TESTS_IO_FAULT_SERVER_H
#define MLTOWER_TESTS_IO_FAULT_SERVER_H

/* A small HTTP server on loopback, on a thread of its own: what it answers, or
 * how it fails, is the test's. Include after cmocka.h. */

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define FAULT_CLIENTS 16

struct fault_request {
	char method[16], path[2048];
	char head[8192]; /* all header lines */
	char body[65536];
	unsigned nth_of_connection; /* from 1 */
};

enum fault_then { FAULT_KEEP, FAULT_CLOSE, FAULT_RESET };

typedef enum fault_then fault_handler(void *ctx, int fd,
				      const struct fault_request *req);

struct fault_server {
	fault_handler *handler;
	void *ctx;
	int fd, stop[2];
	unsigned port;
	char url[64]; /* http://127.0.0.1:PORT */
	pthread_t thread;
	/* Read them when the request is over. */
	_Atomic unsigned n_requests, n_changes, n_connections;
};

static inline void fault_send(int fd, const char *bytes, size_t len)
{
	if (send(fd, bytes, len, MSG_NOSIGNAL) < 0)
		shutdown(fd, SHUT_RDWR);
}

/* A whole answer; `more` are further header lines, each ended by CRLF. */
static inline void fault_reply(int fd, int status, const char *type,
			       const char *more, const char *body)
{
	char head[1024];
	int len = snprintf(head, sizeof(head),
			   "HTTP/1.1 %d Whatever\r\nContent-Type: %s\r\n"
			   "Content-Length: %zu\r\n%s\r\n",
			   status, type, strlen(body), more);

	fault_send(fd, head, (size_t)len);
	fault_send(fd, body, strlen(body));
}

/* Is the request whole? Reads until it is; false: the client has gone. */
static inline bool fault_read(int fd, struct fault_request *req)
{
	static char bytes[sizeof(req->head) + sizeof(req->body)];
	size_t len = 0, want = 0;
	char *end = NULL, *line;

	while (len < sizeof(bytes) - 1 && (!end || len < want)) {
		ssize_t n = recv(fd, bytes + len, sizeof(bytes) - 1 - len, 0);

		if (n <= 0)
			return false;
		len += (size_t)n;
		bytes[len] = '\0';
		end = strstr(bytes, "\r\n\r\n");
		if (!end)
			continue;
		line = strcasestr(bytes, "\nContent-Length:");
		want = (size_t)(end + 4 - bytes) +
		       (line && line < end ? strtoul(line + 16, NULL, 10) : 0);
	}
	if (!end || sscanf(bytes, "%15s %2047s", req->method, req->path) != 2)
		return false;
	snprintf(req->head, sizeof(req->head), "%.*s", (int)(end + 2 - bytes),
		 bytes);
	snprintf(req->body, sizeof(req->body), "%s", end + 4);
	return true;
}

static inline void fault_drop(int *fd, enum fault_then then)
{
	struct linger at_once = { .l_onoff = 1 };

	if (then == FAULT_RESET)
		setsockopt(*fd, SOL_SOCKET, SO_LINGER, &at_once,
			   sizeof(at_once));
	close(*fd);
	*fd = -1;
}

static inline void fault_serve(struct fault_server *s, struct pollfd *p,
			       struct fault_request *req, unsigned *n)
{
	enum fault_then then = FAULT_CLOSE;

	if (fault_read(p->fd, req)) {
		req->nth_of_connection = ++*n;
		s->n_requests++;
		s->n_changes += strcmp(req->method, "GET") != 0;
		then = s->handler(s->ctx, p->fd, req);
	}
	if (then != FAULT_KEEP)
		fault_drop(&p->fd, then);
}

static inline void fault_accept(struct fault_server *s, struct pollfd *p,
				unsigned *n)
{
	int on = 1;

	for (int i = 2; i < FAULT_CLIENTS; i++) {
		if (p[i].fd >= 0)
			continue;
		p[i] = (struct pollfd){ .fd = accept(s->fd, NULL, NULL),
					.events = POLLIN };
		/* A head and a body of their own are not waited between. */
		setsockopt(p[i].fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
		n[i] = 0;
		s->n_connections++;
		return;
	}
}

static void *fault_main(void *arg)
{
	struct fault_request *req = calloc(1, sizeof(*req));
	struct fault_server *s = arg;
	struct pollfd p[FAULT_CLIENTS];
	unsigned n[FAULT_CLIENTS] = { 0 };

	for (int i = 0; i < FAULT_CLIENTS; i++)
		p[i] = (struct pollfd){ .fd = -1, .events = POLLIN };
	p[0].fd = s->stop[0];
	p[1].fd = s->fd;
	while (poll(p, FAULT_CLIENTS, -1) > 0 && !p[0].revents) {
		for (int i = 2; i < FAULT_CLIENTS; i++)
			if (p[i].fd >= 0 && p[i].revents)
				fault_serve(s, &p[i], req, &n[i]);
		if (p[1].revents)
			fault_accept(s, p, n);
	}
	for (int i = 2; i < FAULT_CLIENTS; i++)
		if (p[i].fd >= 0)
			close(p[i].fd);
	free(req);
	return NULL;
}

static inline void fault_start(struct fault_server *s, fault_handler *handler,
			       void *ctx)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(at);

	*s = (struct fault_server){ .handler = handler, .ctx = ctx };
	s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(s->fd, (struct sockaddr *)&at, len), 0);
	assert_int_equal(listen(s->fd, 16), 0);
	assert_int_equal(getsockname(s->fd, (struct sockaddr *)&at, &len), 0);
	s->port = ntohs(at.sin_port);
	snprintf(s->url, sizeof(s->url), "http://127.0.0.1:%u", s->port);
	assert_int_equal(pipe(s->stop), 0);
	assert_int_equal(pthread_create(&s->thread, NULL, fault_main, s), 0);
}

static inline void fault_stop(struct fault_server *s)
{
	close(s->stop[1]);
	pthread_join(s->thread, NULL);
	close(s->stop[0]);
	close(s->fd);
}

#endif
