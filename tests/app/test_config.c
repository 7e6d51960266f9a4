/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Our file, and the team's under it. */
#include "config.h"

#include "app/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "../store/state_dir.h"
#include "base/mem.h"
#include "io/file.h"

struct fixture {
	char *dir, *team, *ours, *teams;
	struct config_opts opts;
	struct config *config;
	struct err err;
};

static void write_file(const char *path, const char *text)
{
	struct err err = { 0 };

	if (file_write_whole(path, text, strlen(text), &err))
		fail_msg("%s", err.msg);
}

static int set_up(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));

	f->dir = scratch_make();
	f->team = xasprintf("%s/team", f->dir);
	assert_int_equal(mkdir(f->team, 0700), 0);
	f->ours = xasprintf("%s/ours.yaml", f->dir);
	f->teams = xasprintf("%s/config.yaml", f->team);
	f->opts = (struct config_opts){ .file = f->ours,
					.team_file = f->teams,
					.state_dir = f->dir };
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	config_free(f->config);
	scratch_remove(f->team);
	scratch_remove(f->dir);
	free(f->ours);
	free(f->teams);
	free(f);
	return 0;
}

static void load(struct fixture *f, const char *ours, const char *teams)
{
	write_file(f->ours, ours);
	write_file(f->teams, teams);
	config_free(f->config);
	f->config = NULL;
	f->err = (struct err){ 0 };
	(void)!config_load(&f->opts, &f->config, &f->err);
}

static void assert_from(const struct fixture *f, const char *path,
			const char *file, int line)
{
	char *from = xasprintf("%s:%d", file, line);

	assert_string_equal(config_from(f->config, path), from);
	free(from);
}

static void test_the_team_lies_under_us(void **state)
{
	struct fixture *f = *state;
	const struct config *c;
	char *where = xasprintf("%s/team/prod.db", f->dir);

	load(f,
	     "theme: light\n"
	     "sources:\n"
	     "  mine: {path: mine.db}\n"
	     "  prod: {write: yes}\n"
	     "wall: {pages: [alerts]}\n",
	     "theme: mono\n"
	     "sources:\n"
	     "  prod: {path: prod.db, poll: 5s}\n"
	     "wall: {pages: [tower, events], every: 7s}\n");
	assert_string_equal(f->err.msg, "");
	c = f->config;
	assert_string_equal(c->file, f->ours);
	assert_string_equal(c->theme, "light");
	assert_int_equal(c->n_sources, 2);
	assert_string_equal(c->sources[0].name, "mine");
	/* A path is meant from the file that says it. */
	assert_string_equal(c->sources[1].where, where);
	assert_int_equal(c->sources[1].poll_ms, 5000);
	assert_true(c->sources[1].may_write);
	assert_from(f, "sources.prod.path", f->teams, 3);
	assert_from(f, "sources.prod.write", f->ours, 4);
	/* A list is the one or the other. */
	assert_int_equal(c->n_wall_pages, 1);
	assert_int_equal(c->wall_every_ms, 7000);
	free(where);
}

static void test_who_we_are_to_a_server(void **state)
{
	struct fixture *f = *state;
	const struct config_source *s;
	char *path = xasprintf("%s/team/token", f->dir);

	load(f, "sources: {b: {url: 'http://h', token_command: vault}}",
	     "sources:\n"
	     "  a: {url: 'https://h:5000/ml', token_file: token,\n"
	     "      token_command: [vault, prod]}\n");
	assert_string_equal(f->err.msg, "");
	for (size_t i = 0; i < 2; i++) {
		s = &f->config->sources[i];
		assert_string_equal(s->token_command[0], "vault");
		if (!strcmp(s->name, "b")) {
			assert_null(s->token_command[1]);
			assert_null(s->token_file);
			continue;
		}
		assert_string_equal(s->token_command[1], "prod");
		assert_null(s->token_command[2]);
		assert_string_equal(s->token_file, path);
	}
	load(f, "sources: {a: {url: 'https://me:secret@h'}}", "");
	assert_non_null(strstr(f->err.msg, "seen by everybody"));
	assert_null(strstr(f->err.msg, "secret"));
	free(path);
}

static void test_either_is_enough(void **state)
{
	struct fixture *f = *state;

	load(f, "", "theme: mono\n");
	assert_string_equal(f->config->theme, "mono");
	load(f, "theme: mono\n", "");
	assert_string_equal(f->config->theme, "mono");
	assert_int_equal(remove(f->teams), 0);
	config_free(f->config);
	assert_int_equal(config_load(&f->opts, &f->config, &f->err), 0);
	assert_string_equal(f->config->theme, "mono");
}

static void test_alone(void **state)
{
	struct fixture *f = *state;

	f->opts.is_alone = true;
	load(f, "glyphs: ascii\n", "theme: mono\n");
	assert_string_equal(f->config->theme, "dark");
	assert_string_equal(f->config->glyphs, "ascii");
}

/* Each problem names the file that has it. */
static void test_what_is_wrong_in_either(void **state)
{
	struct fixture *f = *state;
	char *ours = xasprintf("%s:2:1: unknown key", f->ours);
	char *teams = xasprintf("%s:1:1: unknown key", f->teams);

	f->opts.keeps_errors = true;
	load(f, "theme: dark\nthene: dark\n", "shatter: 1\nglyphs: ascii\n");
	assert_int_equal(f->config->n_problems, 2);
	assert_memory_equal(f->config->problems[0].text, ours, strlen(ours));
	assert_memory_equal(f->config->problems[1].text, teams, strlen(teams));
	free(ours);
	free(teams);
	load(f, "theme: dark\n", "theme: [\n");
	assert_int_equal(f->err.code, ERR_PARSE);
	assert_non_null(strstr(f->err.msg, "team/config.yaml"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_the_team_lies_under_us),
		TEST(test_who_we_are_to_a_server),
		TEST(test_either_is_enough),
		TEST(test_alone),
		TEST(test_what_is_wrong_in_either),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
