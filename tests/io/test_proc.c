/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "io/file.h"
#include "io/proc.h"
#include "scratch.h"

static enum err_code sh(const char *script, const struct cancel *cancel,
			struct proc_result *res, struct err *err)
{
	const char *const argv[] = { "sh", "-c", script, NULL };

	*err = (struct err){ 0 };
	return proc_run(argv, cancel, res, err);
}

static void test_output_and_status(void **state)
{
	struct proc_result res;
	struct err err;

	(void)state;
	assert_int_equal(sh("echo out; echo err >&2; exit 3", NULL, &res, &err),
			 ERR_OK);
	assert_int_equal(res.exit_code, 3);
	assert_int_equal(res.signal, 0);
	assert_string_equal(buf_str(&res.out), "out\n");
	assert_string_equal(buf_str(&res.errs), "err\n");
	proc_result_release(&res);
	/* Its standard input is empty. */
	assert_int_equal(sh("cat; echo done", NULL, &res, &err), ERR_OK);
	assert_string_equal(buf_str(&res.out), "done\n");
	proc_result_release(&res);
	assert_int_equal(sh("kill -TERM $$", NULL, &res, &err), ERR_OK);
	assert_int_equal(res.exit_code, -1);
	assert_int_equal(res.signal, SIGTERM);
	proc_result_release(&res);
}

static void test_much_output_is_cut(void **state)
{
	struct proc_result res;
	struct err err;

	(void)state;
	assert_int_equal(
		sh("head -c 1000000 /dev/zero; exit 5", NULL, &res, &err),
		ERR_OK);
	assert_int_equal(res.exit_code, 5);
	assert_int_equal(res.out.len, 64 * 1024);
	assert_true(res.out.is_cut);
	proc_result_release(&res);
}

static void test_no_such_program(void **state)
{
	const char *const argv[] = { "mltower-has-no-such-program", NULL };
	struct proc_result res;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(proc_run(argv, NULL, &res, &err), ERR_ABSENT);
	assert_int_equal(res.exit_code, -1);
	proc_result_release(&res);
}

/* The whole group ends, not the shell alone. */
static void test_deadline(void **state)
{
	struct cancel soon = { .deadline_mono_ms = clock_mono_ms() + 50 };
	int64_t began_ms = clock_mono_ms();
	struct proc_result res;
	struct err err;

	(void)state;
	assert_int_equal(
		sh("echo begun; sleep 60; echo after", &soon, &res, &err),
		ERR_TIMEOUT);
	assert_true(clock_mono_ms() - began_ms < 20000);
	assert_int_equal(res.exit_code, -1);
	assert_int_equal(res.signal, SIGKILL);
	assert_string_equal(buf_str(&res.out), "begun\n");
	proc_result_release(&res);
}

/* A grandchild that keeps the pipe is not waited for. */
static void test_what_stays_behind(void **state)
{
	int64_t began_ms = clock_mono_ms();
	struct proc_result res;
	struct err err;

	(void)state;
	assert_int_equal(sh("sleep 30 & echo $!", NULL, &res, &err), ERR_OK);
	assert_true(clock_mono_ms() - began_ms < 20000);
	kill((pid_t)atoi(buf_str(&res.out)), SIGKILL);
	proc_result_release(&res);
}

/* Signals that we block or ignore are not the child's business. */
static void test_signals_are_as_usual(void **state)
{
	struct proc_result res;
	struct err err;
	sigset_t all, old;
	const char *ignored;

	(void)state;
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &old);
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(sh("grep -E 'SigBlk|SigIgn' /proc/self/status", NULL,
			    &res, &err),
			 ERR_OK);
	sigprocmask(SIG_SETMASK, &old, NULL);
	signal(SIGPIPE, SIG_DFL);
	assert_non_null(strstr(buf_str(&res.out), "SigBlk:\t0000000000000000"));
	ignored = strstr(buf_str(&res.out), "SigIgn:");
	assert_non_null(ignored);
	/* The C library keeps two beyond 31 to itself. */
	assert_int_equal(strtoull(ignored + 7, NULL, 16) & 0x7fffffff, 0);
	proc_result_release(&res);
}

static void test_start(void **state)
{
	struct scratch *s = *state;
	const char *const argv[] = { "sh", "-c",
				     "echo $$; cut -d' ' -f6 /proc/$$/stat",
				     NULL };
	struct buf out = BUF_INIT(1000);
	struct err err = { 0 };
	long pid_said, session;
	int status;
	pid_t pid;

	assert_int_equal(proc_start(argv, s->path, &pid, &err), ERR_OK);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(file_read(s->path, 1000, &out, &err), ERR_OK);
	assert_int_equal(sscanf(buf_str(&out), "%ld %ld", &pid_said, &session),
			 2);
	assert_int_equal(pid_said, pid);
	assert_int_equal(session, pid);
	buf_release(&out);
}

static void test_self(void **state)
{
	char *self = proc_self_path();

	(void)state;
	assert_non_null(strstr(self, "test_proc"));
	assert_true(file_exists(self));
	free(self);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_output_and_status),
		cmocka_unit_test(test_much_output_is_cut),
		cmocka_unit_test(test_no_such_program),
		cmocka_unit_test(test_deadline),
		cmocka_unit_test(test_what_stays_behind),
		cmocka_unit_test(test_signals_are_as_usual),
		cmocka_unit_test_setup_teardown(test_start, scratch_init,
						scratch_release),
		cmocka_unit_test(test_self),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
