/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "store/audit.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "io/gate.h"
#include "state_dir.h"

#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"

struct fixture {
	char *dir;
	struct state *state;
	struct arena arena;
};

static int set_up(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));
	struct err err = { 0 };

	gate_reset_for_tests();
	f->dir = scratch_make();
	BUG_ON(state_open(f->dir, &f->state, &err));
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	gate_reset_for_tests();
	state_close(f->state);
	arena_release(&f->arena);
	scratch_remove(f->dir);
	free(f);
	return 0;
}

static struct audit_entry entry(const char *id, const char *kind,
				const char *model)
{
	return (struct audit_entry){
		.id = id,
		.kind = kind,
		.time_ms = 1795508734000,
		.actor = "ada",
		.host = "box",
		.uid = 1000,
		.tool = "mltower 1",
		.verb = "promote",
		.source = "prod",
		.model = model,
		.version = "14",
		.alias = "champion",
		.previous_version = "12",
		.outcome = strcmp(kind, "outcome") ? NULL : "promoted",
	};
}

static void append(struct fixture *f, const char *id, const char *kind,
		   const char *model)
{
	struct audit_entry e = entry(id, kind, model);
	struct err err = { 0 };

	assert_int_equal(audit_append(f->state, &f->arena, &e, &err), 0);
}

static struct audit_check check(struct fixture *f)
{
	struct audit_check c;
	struct err err = { 0 };

	assert_int_equal(audit_verify(f->state, &c, &err), 0);
	return c;
}

static void sql(struct fixture *f, const char *text)
{
	struct err err = { 0 };

	if (db_exec(state_db(f->state), text, &err))
		fail_msg("%s: %s", text, err.msg);
}

/* ---- */

static void test_nothing_is_whole(void **state)
{
	struct fixture *f = *state;
	struct audit_check c = check(f);

	assert_true(c.is_whole);
	assert_int_equal(c.n_entries, 0);
	assert_string_equal(c.head, ZEROS);
}

static void test_folder_is_private(void **state)
{
	struct fixture *f = *state;
	char *sub = xasprintf("%s/deep", f->dir);
	struct state *s;
	struct err err = { 0 };
	struct stat st;
	char *file = xasprintf("%s/mltower.db", sub);

	assert_int_equal(state_open(sub, &s, &err), 0);
	assert_int_equal(stat(sub, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	state_close(s);
	unlink(file);
	rmdir(sub);
	free(file);
	free(sub);
}

/* The text is RFC 8785: members sorted, no blanks, short escapes; the hash is
 * SHA-256 of the hash before, a line feed and the text. */
static void test_first_entry_byte_by_byte(void **state)
{
	static const char want[] =
		"{\"actor\":\"ada\",\"alias\":\"champion\",\"evidence\":null,"
		"\"fingerprint\":null,\"host\":\"box\",\"id\":\"a1\","
		"\"identity\":{\"claims\":null,\"login\":null,"
		"\"ssh_from\":null,\"tool\":\"mltower 1\",\"uid\":1000},"
		"\"kind\":\"intent\",\"message\":null,"
		"\"model\":\"m\\n\\\"\u20ac\\u001b\",\"outcome\":null,"
		"\"policy_digest\":null,\"prev\":\"" ZEROS "\","
		"\"previous_version\":\"12\",\"reason\":null,\"seq\":1,"
		"\"source\":\"prod\",\"stage\":null,\"ticket\":null,"
		"\"time_ms\":1795508734000,\"verb\":\"promote\","
		"\"verified_ms\":null,\"version\":\"14\",\"waivers\":[{"
		"\"gate\":\"auc\","
		"\"reason\":\"late labels\"}]}";
	const struct audit_waiver waiver = { "auc", "late labels" };
	struct fixture *f = *state;
	struct audit_entry e = entry("a1", "intent", "m\n\"\u20ac\x1b");
	struct err err = { 0 };
	char *chained, hash[SHA256_HEX];
	struct db_stmt *st;
	bool has_row;

	e.waivers = &waiver;
	e.n_waivers = 1;
	assert_int_equal(audit_append(f->state, &f->arena, &e, &err), 0);
	assert_int_equal(e.seq, 1);
	assert_string_equal(e.prev, ZEROS);
	assert_int_equal(db_prepare(state_db(f->state),
				    "SELECT entry FROM audit", &st, &err),
			 0);
	assert_int_equal(db_step(st, &has_row, &err), 0);
	assert_string_equal(db_text(st, 0), want);
	db_reset(st);
	chained = xasprintf("%s\n%s", ZEROS, want);
	digest_sha256(chained, strlen(chained), hash);
	assert_string_equal(e.hash, hash);
	free(chained);
}

static void test_entries_come_back_as_they_were(void **state)
{
	struct fixture *f = *state;
	struct audit_entry *all;
	struct err err = { 0 };
	size_t n;

	append(f, "a1", "intent", "m");
	append(f, "a1", "outcome", "m");
	append(f, "b2", "intent", "other");
	assert_int_equal(
		audit_list(f->state, NULL, 0, &f->arena, &all, &n, &err), 0);
	assert_int_equal(n, 3);
	assert_string_equal(all[0].id, "b2");
	assert_null(all[0].outcome);
	assert_string_equal(all[0].prev, all[1].hash);
	assert_string_equal(all[1].outcome, "promoted");
	assert_string_equal(all[1].previous_version, "12");
	assert_int_equal(all[1].uid, 1000);
	assert_null(all[1].login);
	assert_int_equal(all[2].time_ms, 1795508734000);
	assert_int_equal(
		audit_list(f->state, "m", 1, &f->arena, &all, &n, &err), 0);
	assert_int_equal(n, 1);
	assert_int_equal(all[0].seq, 2);
}

static void test_intents_without_an_outcome(void **state)
{
	struct fixture *f = *state;
	struct audit_entry *all;
	struct err err = { 0 };
	size_t n;

	append(f, "a1", "intent", "m");
	append(f, "b2", "intent", "m");
	append(f, "a1", "outcome", "m");
	append(f, "c3", "intent", "m");
	assert_int_equal(
		audit_open_intents(f->state, &f->arena, &all, &n, &err), 0);
	assert_int_equal(n, 2);
	assert_string_equal(all[0].id, "b2");
	assert_string_equal(all[1].id, "c3");
}

static void test_head_is_the_last_hash(void **state)
{
	struct fixture *f = *state;
	char head[SHA256_HEX];
	struct err err = { 0 };
	struct audit_check c;

	append(f, "a1", "intent", "m");
	append(f, "a1", "outcome", "m");
	assert_int_equal(audit_head(f->state, head, &err), 0);
	c = check(f);
	assert_true(c.is_whole);
	assert_int_equal(c.n_entries, 2);
	assert_string_equal(c.head, head);
}

static void three(struct fixture *f)
{
	append(f, "a1", "intent", "m");
	append(f, "a1", "outcome", "m");
	append(f, "b2", "intent", "m");
	assert_true(check(f).is_whole);
}

/* Whoever can write the file can drop what guards it: the chain must tell. */
static const struct {
	const char *what, *sql;
	int64_t bad_seq;
	const char *why;
} tampering[] = {
	{ "an entry changed",
	  "UPDATE audit SET entry = replace(entry, 'ada', 'eve') WHERE seq = 2",
	  2, "changed" },
	{ "a hash changed",
	  "UPDATE audit SET hash = replace(hash, substr(hash, 1, 1), 'x') "
	  "WHERE seq = 1",
	  1, "changed" },
	{ "one removed in the middle", "DELETE FROM audit WHERE seq = 2", 2,
	  "missing" },
	{ "the first removed", "DELETE FROM audit WHERE seq = 1", 1,
	  "missing" },
	{ "the last removed", "DELETE FROM audit WHERE seq = 3", 3, "missing" },
	{ "all removed", "DELETE FROM audit", 1, "missing" },
	{ "the numbers forgotten too", "DELETE FROM sqlite_sequence", 3,
	  "never given" },
	{ "one removed, the others moved up",
	  "DELETE FROM audit WHERE seq = 2;"
	  "UPDATE audit SET seq = 2 WHERE seq = 3",
	  2, "does not follow" },
	{ "two exchanged",
	  "UPDATE audit SET seq = 9 WHERE seq = 1;"
	  "UPDATE audit SET seq = 1 WHERE seq = 2;"
	  "UPDATE audit SET seq = 2 WHERE seq = 9",
	  1, "does not follow" },
	{ "prev changed", "UPDATE audit SET prev = '" ZEROS "' WHERE seq = 3",
	  3, "does not follow" },
};

static void drop_triggers(struct fixture *f)
{
	struct db_stmt *st;
	struct err err = { 0 };
	char *all = xstrdup("");
	bool has_row;

	assert_int_equal(db_prepare(state_db(f->state),
				    "SELECT 'DROP TRIGGER ' || name || ';' "
				    "FROM sqlite_schema "
				    "WHERE type = 'trigger'",
				    &st, &err),
			 0);
	while (!db_step(st, &has_row, &err) && has_row) {
		char *more = xasprintf("%s%s", all, db_text(st, 0));

		free(all);
		all = more;
	}
	db_reset(st);
	if (*all)
		sql(f, all);
	free(all);
}

static void test_tampering_is_found(void **state)
{
	struct fixture *f = *state;

	(void)f;
	for (size_t i = 0; i < ARRAY_LEN(tampering); i++) {
		struct audit_check c;
		void *own = NULL;
		struct fixture *g;

		set_up(&own);
		g = own;
		three(g);
		drop_triggers(g);
		sql(g, tampering[i].sql);
		c = check(g);
		if (c.is_whole || c.bad_seq != tampering[i].bad_seq ||
		    !strstr(c.why, tampering[i].why))
			fail_msg("%s: whole %d, at %d, %s", tampering[i].what,
				 c.is_whole, (int)c.bad_seq, c.why);
		tear_down(&own);
	}
}

/* A mistake of ours cannot change the trail: the file refuses. */
static void test_the_file_refuses_changes(void **state)
{
	struct fixture *f = *state;
	struct err err = { 0 };

	three(f);
	assert_int_not_equal(db_exec(state_db(f->state),
				     "UPDATE audit SET prev = 'x'", &err),
			     0);
	err_clear(&err);
	assert_int_not_equal(
		db_exec(state_db(f->state), "DELETE FROM audit", &err), 0);
	assert_true(check(f).is_whole);
}

static void append_many(const char *dir, const char *id, int n)
{
	struct state *s;
	struct arena a = ARENA_INIT;
	struct err err = { 0 };

	if (state_open(dir, &s, &err))
		_exit(1);
	for (int i = 0; i < n; i++) {
		struct audit_entry e = entry(id, "intent", "m");

		if (audit_append(s, &a, &e, &err))
			_exit(2);
	}
	state_close(s);
	arena_release(&a);
	_exit(0);
}

static void test_two_processes_append(void **state)
{
	struct fixture *f = *state;
	struct audit_check c;
	int status;

	/* A connection must not cross a fork. */
	state_close(f->state);
	f->state = NULL;
	for (int i = 0; i < 2; i++)
		if (!fork())
			append_many(f->dir, i ? "b" : "a", 25);
	for (int i = 0; i < 2; i++) {
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	assert_int_equal(state_open(f->dir, &f->state, &(struct err){ 0 }), 0);
	c = check(f);
	assert_true(c.is_whole);
	assert_int_equal(c.n_entries, 50);
}

static void test_behind_a_closed_gate(void **state)
{
	struct fixture *f = *state;
	struct audit_entry e = entry("z", "intent", "m");
	struct audit_check c;
	struct err err = { 0 };

	append(f, "a1", "intent", "m");
	state_close(f->state);
	gate_close(GATE_STATE, "a test");
	assert_int_equal(state_open(f->dir, &f->state, &err), 0);
	assert_int_not_equal(audit_append(f->state, &f->arena, &e, &err), 0);
	c = check(f);
	assert_true(c.is_whole);
	assert_int_equal(c.n_entries, 1);
}

static void test_a_trail_of_a_newer_program(void **state)
{
	struct fixture *f = *state;
	struct state *s = NULL;
	struct err err = { 0 };

	sql(f, "PRAGMA user_version = 99");
	assert_int_equal(state_open(f->dir, &s, &err), ERR_SCHEMA);
	assert_null(s);
	assert_non_null(strstr(err.msg, "newer"));
}

static void test_too_large_an_entry_is_refused_whole(void **state)
{
	struct fixture *f = *state;
	char *big = xcalloc(1, (1 << 20) + 2);
	struct audit_entry e = entry("a1", "intent", "m");
	struct err err = { 0 };

	memset(big, 'x', (1 << 20) + 1);
	e.evidence = big;
	assert_int_equal(audit_append(f->state, &f->arena, &e, &err),
			 ERR_LIMIT);
	assert_int_equal(check(f).n_entries, 0);
	append(f, "a1", "intent", "m");
	assert_int_equal(check(f).n_entries, 1);
	free(big);
}

/* Else it would stay open for ever, whatever came of it. */
static void test_an_intent_leaves_room_for_its_outcome(void **state)
{
	struct fixture *f = *state;
	struct audit_entry e = entry("one", "intent", "fraud");
	size_t len = 1 << 20;
	char *text = xcalloc(1, len + 1);
	struct err err = { 0 };

	memset(text, 'x', len);
	e.evidence = text;
	while (audit_append(f->state, &f->arena, &e, &err)) {
		assert_int_equal(err.code, ERR_LIMIT);
		err_clear(&err);
		text[len -= 100] = '\0';
	}
	assert_true(len > 900000);
	e.kind = "outcome";
	e.outcome = "promoted";
	e.verified_ms = e.time_ms;
	e.message = "written, and moved on to v15 at once by somebody else";
	assert_int_equal(audit_append(f->state, &f->arena, &e, &err), 0);
	free(text);
}

static void test_who_we_are(void **state)
{
	struct fixture *f = *state;
	struct audit_entry e = { 0 };

	setenv("SSH_CONNECTION", "192.0.2.7 4000 192.0.2.1 22", 1);
	setenv("GITHUB_ACTOR", "octo", 1);
	audit_identify(&f->arena, &e);
	assert_int_equal(e.uid, getuid());
	assert_string_equal(e.ssh_from, "192.0.2.7");
	assert_non_null(strstr(e.claims, "GITHUB_ACTOR=octo"));
	assert_true(e.actor && *e.actor && e.host && *e.host && e.tool);
	unsetenv("SSH_CONNECTION");
	unsetenv("GITHUB_ACTOR");
}

static void test_ids_differ(void **state)
{
	char a[17], b[17];

	(void)state;
	audit_new_id(a);
	audit_new_id(b);
	assert_int_equal(strlen(a), 16);
	assert_int_equal(strspn(a, "0123456789abcdef"), 16);
	assert_string_not_equal(a, b);
}

static void test_the_guard(void **state)
{
	struct fixture *f = *state;
	struct err err = { 0 };
	int one = state_guard(f->state, true, &err);
	int two = state_guard(f->state, true, &err);

	assert_true(one >= 0 && two >= 0);
	assert_int_equal(state_guard(f->state, false, &err), -1);
	assert_int_equal(err.code, ERR_BUSY);
	close(one);
	close(two);
	err_clear(&err);
	one = state_guard(f->state, false, &err);
	assert_true(one >= 0);
	assert_int_equal(state_guard(f->state, true, &err), -1);
	close(one);
}

/* What was written is read where nothing more can be: the index that is made
 * to read it has no room on the disk. */
static void test_the_trail_is_read_on_a_full_disk(void **state)
{
	struct fixture *f = *state;
	struct audit_entry e = entry("a1", "intent", "m"), *all;
	struct rlimit old, none = { 0 };
	struct err err = { 0 };
	struct state *s;
	size_t n = 0;

	assert_int_equal(audit_append(f->state, &f->arena, &e, &err), 0);
	state_close(f->state);
	f->state = NULL;
	signal(SIGXFSZ, SIG_IGN);
	BUG_ON(getrlimit(RLIMIT_FSIZE, &old));
	none.rlim_max = old.rlim_max;
	BUG_ON(setrlimit(RLIMIT_FSIZE, &none));
	assert_int_equal(state_open(f->dir, &s, &err), ERR_IO);
	err_clear(&err);
	assert_int_equal(state_open_to_read(f->dir, &s, &err), 0);
	assert_int_equal(audit_list(s, NULL, 0, &f->arena, &all, &n, &err), 0);
	assert_int_equal(n, 1);
	assert_int_not_equal(audit_append(s, &f->arena, &e, &err), 0);
	state_close(s);
	BUG_ON(setrlimit(RLIMIT_FSIZE, &old));
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(test_nothing_is_whole),
		T(test_folder_is_private),
		T(test_first_entry_byte_by_byte),
		T(test_entries_come_back_as_they_were),
		T(test_intents_without_an_outcome),
		T(test_head_is_the_last_hash),
		T(test_tampering_is_found),
		T(test_the_file_refuses_changes),
		T(test_two_processes_append),
		T(test_behind_a_closed_gate),
		T(test_a_trail_of_a_newer_program),
		T(test_too_large_an_entry_is_refused_whole),
		T(test_an_intent_leaves_room_for_its_outcome),
		T(test_who_we_are),
		T(test_ids_differ),
		T(test_the_guard),
		T(test_the_trail_is_read_on_a_full_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
