/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A server that fails in every way: what is said of it, and that no change is
 * ever sent twice. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/stat.h>

#include "base/clock.h"
#include "fault_server.h"
#include "io/http.h"
#include "scratch.h"

struct fixture {
	struct fault_server server, other;
	struct http *http;
	struct http_answer answer;
	struct err err;
	const struct permit *permit;
	const char *want_token; /* "/secret" wants it */
	int n_to_lose;          /* requests whose connection is reset */
};

static enum fault_then huge(int fd)
{
	char part[65536];

	memset(part, 'x', sizeof(part));
	fault_send(fd, "HTTP/1.1 200 OK\r\n\r\n", 19);
	for (size_t n = 0; n <= HTTP_MAX_BODY; n += sizeof(part))
		if (send(fd, part, sizeof(part), MSG_NOSIGNAL) < 0)
			break;
	return FAULT_CLOSE;
}

static enum fault_then drip(int fd)
{
	fault_send(fd, "HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n", 40);
	while (send(fd, "x", 1, MSG_NOSIGNAL) > 0)
		usleep(20000);
	return FAULT_CLOSE;
}

static enum fault_then redirect(int fd, const char *to)
{
	char line[128];

	snprintf(line, sizeof(line), "Location: %s\r\n", to);
	fault_reply(fd, 307, "text/plain", line, "");
	return FAULT_KEEP;
}

static enum fault_then secret(const struct fixture *f, int fd,
			      const struct fault_request *req)
{
	bool is_known = f->want_token && strstr(req->head, f->want_token);

	fault_reply(fd, is_known ? 200 : 401, "text/plain", "",
		    is_known ? "come in" : "who are you?");
	return FAULT_KEEP;
}

static enum fault_then answer(void *ctx, int fd,
			      const struct fault_request *req)
{
	struct fixture *f = ctx;
	const char *path = req->path;

	if (f->n_to_lose && f->n_to_lose--)
		return FAULT_RESET;
	if (!strcmp(path, "/echo"))
		fault_reply(fd, 200, "application/json; charset=utf-8", "",
			    req->body);
	else if (!strcmp(path, "/lost") || !strcmp(path, "/again?reset"))
		return FAULT_RESET;
	else if (!strcmp(path, "/cut"))
		fault_send(fd, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx",
			   39);
	else if (!strcmp(path, "/hang"))
		return FAULT_KEEP;
	else if (!strcmp(path, "/drip"))
		return drip(fd);
	else if (!strcmp(path, "/huge"))
		return huge(fd);
	else if (!strcmp(path, "/broken"))
		fault_reply(fd, 500, "text/html", "", "<h1>sorry</h1>");
	else if (!strcmp(path, "/near"))
		return redirect(fd, "/where?it=is");
	else if (!strcmp(path, "/round"))
		return redirect(fd, "/round");
	else if (!strcmp(path, "/far"))
		return redirect(fd, f->other.url);
	else if (!strcmp(path, "/secret"))
		return secret(f, fd, req);
	else
		fault_reply(fd, 200, "text/plain", "", path);
	return strcmp(path, "/cut") ? FAULT_KEEP : FAULT_CLOSE;
}

static void open_as(struct fixture *f, struct http_conf conf)
{
	struct err err = { 0 };

	http_free(f->http);
	conf.source = "s";
	conf.url = f->server.url;
	assert_int_equal(http_new(&conf, &f->http, &err), ERR_OK);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct err err = { 0 };

	gate_reset_for_tests();
	gate_allow_source("s");
	gate_allow_source("t");
	f->permit = gate_permit("s", &err);
	fault_start(&f->server, answer, f);
	fault_start(&f->other, answer, f);
	open_as(f, (struct http_conf){ 0 });
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	http_answer_release(&f->answer);
	http_free(f->http);
	fault_stop(&f->server);
	fault_stop(&f->other);
	gate_reset_for_tests();
	free(f);
	return 0;
}

static enum err_code get_in(struct fixture *f, const char *path, int ms)
{
	struct cancel until = { .deadline_mono_ms = clock_mono_ms() + ms };

	http_answer_release(&f->answer);
	f->err = (struct err){ 0 };
	return http_get(f->http, path, &until, &f->answer, &f->err);
}

static enum err_code get(struct fixture *f, const char *path)
{
	return get_in(f, path, 5000);
}

static enum err_code post_in(struct fixture *f, const char *path, int ms)
{
	struct cancel until = { .deadline_mono_ms = clock_mono_ms() + ms };

	http_answer_release(&f->answer);
	f->err = (struct err){ 0 };
	return http_change(f->http, f->permit, "POST", path, "{\"a\":1}",
			   &until, &f->answer, &f->err);
}

static enum err_code post(struct fixture *f, const char *path)
{
	return post_in(f, path, 5000);
}

static void assert_says(const struct fixture *f, const char *text)
{
	if (!strstr(f->err.msg, text))
		fail_msg("\"%s\" does not say \"%s\"", f->err.msg, text);
}

static void test_answers(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(get(f, "/what?ever"), ERR_OK);
	assert_int_equal(f->answer.status, 200);
	assert_string_equal(f->answer.type, "text/plain");
	assert_string_equal(buf_str(&f->answer.body), "/what?ever");
	assert_int_equal(get(f, "/broken"), ERR_OK);
	assert_int_equal(f->answer.status, 500);
	assert_string_equal(f->answer.type, "text/html");
	/* One connection served both. */
	assert_int_equal(f->server.n_connections, 1);
	assert_int_equal(post(f, "/echo"), ERR_OK);
	assert_string_equal(f->answer.type, "application/json");
	assert_string_equal(buf_str(&f->answer.body), "{\"a\":1}");
}

static void test_failures_are_told(void **state)
{
	struct fixture *f = *state;
	int64_t began_ms = clock_mono_ms();

	assert_int_equal(get(f, "/lost?token=abc"), ERR_OK);
	f->server.n_requests = 0;
	assert_int_equal(get(f, "/lost"), ERR_IO);
	assert_true(f->server.n_requests >= 2);
	assert_says(f, f->server.url);
	assert_says(f, "/lost: the connection was lost");
	assert_int_equal(get(f, "/cut"), ERR_IO);
	/* Once it may be an accident. */
	f->n_to_lose = 1;
	assert_int_equal(get(f, "/x"), ERR_OK);
	assert_int_equal(get(f, "/again?reset"), ERR_IO);
	assert_null(strstr(f->err.msg, "reset"));
	assert_int_equal(get_in(f, "/hang", 100), ERR_TIMEOUT);
	assert_int_equal(get_in(f, "/drip", 200), ERR_TIMEOUT);
	assert_true(clock_mono_ms() - began_ms < 4000);
	/* A busy machine takes its time over so much. */
	assert_int_equal(get_in(f, "/huge", 60000), ERR_LIMIT);
	assert_says(f, "beyond 64 MB");
}

static void test_nobody_there(void **state)
{
	struct fixture *f = *state;

	fault_stop(&f->other);
	http_free(f->http);
	assert_int_equal(http_new(&(struct http_conf){ .source = "s",
						       .url = f->other.url },
				  &f->http, &f->err),
			 ERR_OK);
	assert_int_equal(get(f, "/x"), ERR_IO);
	assert_says(f, "is the server up");
	/* Nothing was sent: that is known. */
	assert_int_equal(post(f, "/x"), ERR_IO);
	fault_start(&f->other, answer, f);
}

static void *stop_soon(void *p)
{
	struct cancel *c = p;

	usleep(50000);
	atomic_store(&c->stop, true);
	return NULL;
}

static void test_waiting_is_broken_off(void **state)
{
	struct fixture *f = *state;
	struct cancel stop = { 0 };
	pthread_t thread;
	int64_t began_ms = clock_mono_ms();

	pthread_create(&thread, NULL, stop_soon, &stop);
	assert_int_equal(http_get(f->http, "/hang", &stop, &f->answer, &f->err),
			 ERR_STOP);
	assert_true(clock_mono_ms() - began_ms < 1000);
	pthread_join(thread, NULL);
}

static void test_a_token_command_is_broken_off(void **state)
{
	static const char *const command[] = { "sleep", "60", NULL };
	struct fixture *f = *state;
	struct cancel stop = { 0 };
	int64_t began_ms = clock_mono_ms();
	pthread_t thread;

	open_as(f, (struct http_conf){ .token_command = command });
	pthread_create(&thread, NULL, stop_soon, &stop);
	assert_int_equal(http_get(f->http, "/x", &stop, &f->answer, &f->err),
			 ERR_STOP);
	assert_true(clock_mono_ms() - began_ms < 2000);
	pthread_join(thread, NULL);
	assert_int_equal(get_in(f, "/x", 50), ERR_AUTH);
	assert_says(f, "token_command sleep");
}

static void test_a_change_is_sent_once(void **state)
{
	static const char *const unknown[] = { "/lost", "/cut", "/hang",
					       "/drip" };
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(unknown); i++) {
		/* A kept connection, which libcurl would try again. */
		assert_int_equal(get(f, "/x"), ERR_OK);
		f->server.n_changes = 0;
		assert_int_equal(post_in(f, unknown[i], 200), ERR_UNKNOWN);
		assert_says(f, "sent, and no answer came");
		assert_int_equal(f->server.n_changes, 1);
	}
	assert_int_equal(post(f, "/broken"), ERR_OK);
	assert_int_equal(f->answer.status, 500);
}

static void test_redirects(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(get(f, "/near"), ERR_OK);
	assert_string_equal(buf_str(&f->answer.body), "/where?it=is");
	assert_int_equal(get(f, "/round"), ERR_IO);
	assert_int_equal(get(f, "/far"), ERR_IO);
	assert_says(f, "not followed");
	assert_int_equal(post(f, "/near"), ERR_IO);
	assert_int_equal(post(f, "/far"), ERR_IO);
	assert_says(f, "127.0.0.1 sends us on to 127.0.0.1");
	assert_int_equal(f->server.n_changes, 2);
	assert_int_equal(f->other.n_requests, 0);
}

static void test_no_permit_no_change(void **state)
{
	struct fixture *f = *state;
	const struct permit *permits[] = { NULL, NULL, f->permit };

	permits[1] = gate_permit("t", &f->err);
	assert_non_null(permits[1]);
	for (size_t i = 0; i < ARRAY_LEN(permits); i++) {
		if (i == 2)
			gate_close(GATE_SYSTEMS, "test");
		f->permit = permits[i];
		assert_int_equal(post(f, "/echo"), ERR_READONLY);
	}
	assert_int_equal(f->server.n_requests, 0);
}

static void test_a_token_is_fetched_again(void **state)
{
	static const char *const command[] = {
		"sh", "-c", "cat \"$TOKEN_IS_IN\"; echo hush >&2", NULL
	};
	char folder[] = "/tmp/mltower-test-XXXXXX", path[64];
	struct fixture *f = *state;

	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/token", folder);
	setenv("TOKEN_IS_IN", path, 1);
	write_file(path, "w", "first\nmore\n");
	open_as(f, (struct http_conf){ .token_command = command });
	f->want_token = "Bearer first\r";
	assert_int_equal(get(f, "/secret"), ERR_OK);
	/* Kept, and for other clients too. */
	write_file(path, "w", "second\n");
	open_as(f, (struct http_conf){ .token_command = command });
	assert_int_equal(get(f, "/secret"), ERR_OK);
	f->server.n_requests = 0;
	f->want_token = "Bearer second\r";
	assert_int_equal(get(f, "/secret"), ERR_OK);
	assert_int_equal(f->server.n_requests, 2);
	/* A change is not sent again; the next request has the new one. */
	f->want_token = "Bearer third\r";
	write_file(path, "w", "third\n");
	f->server.n_changes = 0;
	assert_int_equal(post(f, "/secret"), ERR_AUTH);
	assert_int_equal(f->server.n_changes, 1);
	assert_int_equal(post(f, "/secret"), ERR_OK);
	/* What is wrong for good is told without the token. */
	f->want_token = "Bearer none\r";
	assert_int_equal(get(f, "/secret"), ERR_AUTH);
	assert_says(f, "refuses the token of sh");
	assert_null(strstr(f->err.msg, "third"));
	write_file(path, "w", "a b\n");
	assert_int_equal(get(f, "/secret"), ERR_AUTH);
	assert_says(f, "token_command sh: is no token");
	unlink(path);
	rmdir(folder);
}

static void test_other_ways_in(void **state)
{
	char folder[] = "/tmp/mltower-test-XXXXXX", path[64];
	struct fixture *f = *state;

	f->want_token = "Basic bWU6c2VzYW1l\r"; /* me:sesame */
	assert_int_equal(get(f, "/secret"), ERR_AUTH);
	open_as(f, (struct http_conf){ .user = "me", .password = "sesame" });
	assert_int_equal(get(f, "/secret"), ERR_OK);

	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/netrc", folder);
	write_file(path, "w", "machine 127.0.0.1 login me password sesame\n");
	setenv("NETRC", path, 1);
	open_as(f, (struct http_conf){ 0 });
	assert_int_equal(get(f, "/secret"), ERR_OK);
	unsetenv("NETRC");

	write_file(path, "w", "filed\n");
	chmod(path, 0644);
	open_as(f, (struct http_conf){ .token_file = path });
	f->want_token = "Bearer filed\r";
	assert_int_equal(get(f, "/secret"), ERR_AUTH);
	assert_says(f, "chmod 600");
	chmod(path, 0600);
	assert_int_equal(get(f, "/secret"), ERR_OK);
	unlink(path);
	rmdir(folder);
}

static void test_urls(void **state)
{
	static const char *const wrong[] = { "",
					     "ftp://host/",
					     "http://",
					     "http://me:pw@host/",
					     "https://me@host/",
					     "https://host/?token=x",
					     "https://host/#x" };
	struct err err = { 0 };
	struct http *h;

	(void)state;
	assert_int_equal(http_check_url("https://host:5000/ml/", &err), ERR_OK);
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		err = (struct err){ 0 };
		assert_int_equal(
			http_new(&(struct http_conf){ .source = "s",
						      .url = wrong[i] },
				 &h, &err),
			ERR_USAGE);
		assert_null(strstr(err.msg, "pw"));
	}
}

static void test_queries(void **state)
{
	struct buf path = BUF_INIT(0);

	(void)state;
	buf_adds(&path, "/x");
	http_add_query(&path, "filter", "name='a&b' \xc3\xa9");
	http_add_query(&path, "n", "1");
	assert_string_equal(buf_str(&path),
			    "/x?filter=name%3D%27a%26b%27%20%C3%A9&n=1");
	buf_release(&path);
}

int main(void)
{
#define WITH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		WITH(test_answers),
		WITH(test_failures_are_told),
		WITH(test_nobody_there),
		WITH(test_waiting_is_broken_off),
		WITH(test_a_token_command_is_broken_off),
		WITH(test_a_change_is_sent_once),
		WITH(test_redirects),
		WITH(test_no_permit_no_change),
		WITH(test_a_token_is_fetched_again),
		WITH(test_other_ways_in),
		cmocka_unit_test(test_urls),
		cmocka_unit_test(test_queries),
	};

	unsetenv("NETRC");
	setenv("HOME", "/nonexistent", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
