/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "promote/promotion.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "../store/state_dir.h"
#include "base/clock.h"
#include "fake_registry.h"
#include "format/json.h"
#include "promote/rollback.h"
#include "store/audit.h"
#include "store/journal.h"

/* Passes from .9 on. */
static const struct last_metric auc_good = { .name = "auc", .value = .95 };
static const struct last_metric auc_bad = { .name = "auc", .value = .5 };
static const struct run_detail run_good = {
	.run = { .name = "good", .user = "ada", .start_ms = 1000 },
	.n_metrics = 1,
	.metrics = &auc_good
};
static const struct run_detail run_bad = {
	.run = { .name = "bad", .user = "", .start_ms = TIME_NONE },
	.n_metrics = 1,
	.metrics = &auc_bad
};
static const struct gate_conf gates[] = {
	{ .name = "auc",
	  .kind = GATE_METRIC,
	  .on = GATE_ON_PROMOTE,
	  .metric = "auc",
	  .has_min = true,
	  .min = .9,
	  .goal = 1 },
};

struct fixture {
	char *dir;
	struct state *state;
	struct source_conf conf;
	struct protocol_env env;
	struct arena arena;
};

static int set_up(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));
	struct err err = { 0 };

	gate_reset_for_tests();
	gate_allow_source("prod");
	fake_make();
	strcpy(fake->holder, "1");
	f->dir = scratch_make();
	BUG_ON(state_open(f->dir, &f->state, &err));
	f->conf = (struct source_conf){ .name = "prod", .where = "nowhere" };
	f->env = (struct protocol_env){ .state = f->state,
					.ops = &fake_system,
					.conf = &f->conf,
					.permit = gate_permit("prod", &err) };
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	state_close(f->state);
	arena_release(&f->arena);
	scratch_remove(f->dir);
	fake_remove();
	free(f);
	return 0;
}

static struct promotion_ask ask_for(const char *version)
{
	return (struct promotion_ask){ .source = "prod",
				       .model = "m",
				       .version = version,
				       .alias = "champion",
				       .gates = gates,
				       .n_gates = ARRAY_LEN(gates),
				       .is_guarded = true,
				       .metric = "auc",
				       .goal = 1 };
}

static enum err_code plan(struct promotion *p, const struct run_detail *run,
			  const char *if_current, struct err *err)
{
	struct registry_state now;
	struct promotion_facts facts = { .state = &now,
					 .candidate = run,
					 .holder = &run_good,
					 .now_ms = 90000 };

	BUG_ON(fake_look(NULL, p->ask.model, p->ask.version, p->ask.alias,
			 p->ask.stage, NULL, &now, err));
	fake->n_looks = 0;
	return promotion_plan(p, &facts, if_current, err);
}

static struct promotion *planned(const char *version,
				 const struct run_detail *run)
{
	struct promotion_ask ask = ask_for(version);
	struct promotion *p = promotion_new(&ask);
	struct err err = { 0 };

	if (plan(p, run, NULL, &err))
		fail_msg("%s", err.msg);
	return p;
}

static void run(struct fixture *f, struct promotion *p)
{
	while (protocol_step(&p->act, &f->env))
		;
}

static size_t trail(struct fixture *f, struct audit_entry **all)
{
	struct err err = { 0 };
	size_t n;

	assert_int_equal(
		audit_list(f->state, NULL, 0, &f->arena, all, &n, &err), 0);
	return n;
}

/* How it ended, what stands there, how often was written, what is on record
 * ("" nothing: no entry at all). */
static void expect(struct fixture *f, struct promotion *p, enum outcome outcome,
		   const char *holder, int n_writes, const char *recorded)
{
	struct audit_entry *all;
	size_t n = trail(f, &all);

	if (p->act.outcome != outcome)
		fail_msg("%s, expected %d: %s", protocol_outcome_name(&p->act),
			 (int)outcome, p->act.err.msg);
	assert_string_equal(fake->holder, holder);
	assert_int_equal(fake->n_writes, n_writes);
	assert_int_equal(n, *recorded ? 2 : 0);
	if (*recorded) {
		assert_string_equal(all[0].kind, "outcome");
		assert_string_equal(all[0].outcome, recorded);
		assert_string_equal(all[1].kind, "intent");
		assert_null(all[1].outcome);
		assert_string_equal(all[0].id, all[1].id);
	}
	promotion_free(p);
}

/* ---- good ends ---- */

static void test_promoted(void **state)
{
	struct fixture *f = *state;
	struct promotion *p = planned("2", &run_good);
	struct audit_entry *all;
	struct json *tag;
	struct err err = { 0 };

	assert_string_equal(p->confirm, "prod/m/2");
	p->reason = "better";
	p->ticket = "T-1";
	run(f, p);
	assert_int_equal(trail(f, &all), 2);
	assert_string_equal(all[0].previous_version, "1");
	assert_string_equal(all[0].reason, "better");
	assert_string_equal(all[0].ticket, "T-1");
	assert_string_equal(all[0].verb, "promote");
	assert_string_equal(all[0].fingerprint, "here");
	assert_non_null(strstr(all[0].evidence, "\"auc\""));
	assert_int_equal(p->act.audit_id, 2);
	for (int i = STEP_INTENT; i <= STEP_RECORD; i++)
		assert_true(p->act.step_ms[i] != TIME_NONE);
	/* The tag tells another machine the way back. */
	assert_int_equal(
		json_parse(fake->tags[2], strlen(fake->tags[2]), &tag, &err),
		0);
	assert_string_equal(json_str(json_get(tag, "id"), ""), p->act.id);
	assert_string_equal(json_str(json_get(tag, "previous"), ""), "1");
	assert_string_equal(json_str(json_get(tag, "head"), ""), all[1].hash);
	json_free(tag);
	expect(f, p, OUTCOME_WRITTEN, "2", 1, "promoted");
}

static void test_the_journal_tells_it(void **state)
{
	struct fixture *f = *state;
	struct promotion *p = planned("2", &run_good);
	struct event_log *log = event_log_new(10);
	struct err err = { 0 };
	int64_t seq = 0;

	run(f, p);
	assert_int_equal(journal_read(f->state, &seq, 0, log, &err), 0);
	assert_int_equal(event_log_count(log), 1);
	assert_string_equal(event_log_at(log, 0)->text,
			    "champion v1 -> v2: promoted");
	event_log_free(log);
	promotion_free(p);
}

static void test_the_first_holder(void **state)
{
	struct fixture *f = *state;
	struct promotion *p;

	strcpy(fake->holder, "");
	p = planned("2", &run_good);
	run(f, p);
	expect(f, p, OUTCOME_WRITTEN, "2", 1, "promoted");
}

static void test_already_there(void **state)
{
	struct fixture *f = *state;
	struct promotion *p = planned("1", &run_good);

	run(f, p);
	expect(f, p, OUTCOME_ALREADY, "1", 0, "");
}

static void test_to_a_stage(void **state)
{
	struct fixture *f = *state;
	struct promotion_ask ask = ask_for("3");
	struct promotion *p;
	struct err err = { 0 };

	strcpy(fake->stages[2], "Production");
	ask.alias = NULL;
	ask.stage = "Production";
	p = promotion_new(&ask);
	assert_int_equal(plan(p, &run_good, "1", &err), ERR_CONFLICT);
	err_clear(&err);
	assert_int_equal(plan(p, &run_good, "v2", &err), 0);
	run(f, p);
	assert_string_equal(fake->stages[3], "Production");
	assert_string_equal(fake->stages[2], "Archived");
	assert_non_null(strstr(fake->tags[3], "\"previous\":\"2\""));
	expect(f, p, OUTCOME_WRITTEN, "1", 1, "promoted");
}

/* ---- gates ---- */

static void test_blocked(void **state)
{
	struct fixture *f = *state;
	struct promotion *p = planned("2", &run_bad);

	assert_string_equal(promotion_blocker(p)->name, "auc");
	run(f, p);
	assert_non_null(strstr(p->act.err.msg, "auc"));
	expect(f, p, OUTCOME_BLOCKED, "1", 0, "");
}

static void test_no_run_no_evidence(void **state)
{
	struct fixture *f = *state;
	struct promotion *p = planned("2", NULL);

	run(f, p);
	expect(f, p, OUTCOME_BLOCKED, "1", 0, "");
}

static void test_a_waiver_is_on_record(void **state)
{
	struct fixture *f = *state;
	struct promotion *p = planned("2", &run_bad);
	struct audit_entry *all;
	struct err err = { 0 };

	assert_int_equal(promotion_waive(p, "f1", "why not", &err), ERR_ABSENT);
	err_clear(&err);
	assert_int_equal(promotion_waive(p, "auc", "", &err), ERR_USAGE);
	err_clear(&err);
	assert_int_equal(promotion_waive(p, "auc", "labels are late", &err), 0);
	/* Newer facts do not forget it. */
	assert_int_equal(plan(p, &run_bad, NULL, &err), 0);
	assert_null(promotion_blocker(p));
	run(f, p);
	assert_int_equal(trail(f, &all), 2);
	assert_int_equal(all[0].n_waivers, 1);
	assert_string_equal(all[0].waivers[0].gate, "auc");
	assert_string_equal(all[1].waivers[0].reason, "labels are late");
	expect(f, p, OUTCOME_WRITTEN, "2", 1, "promoted");
}

static void test_gates_guard_what_serves(void **state)
{
	struct fixture *f = *state;
	struct promotion_ask ask = ask_for("2");
	struct promotion *p;
	struct err err = { 0 };

	ask.is_guarded = false;
	p = promotion_new(&ask);
	assert_int_equal(plan(p, &run_bad, NULL, &err), 0);
	assert_int_equal(p->n_results, 0);
	run(f, p);
	expect(f, p, OUTCOME_WRITTEN, "2", 1, "promoted");
}

static void test_the_way_back_is_not_barred(void **state)
{
	struct fixture *f = *state;
	struct promotion_ask ask = ask_for("2");
	struct promotion *p;
	struct audit_entry *all;
	struct err err = { 0 };

	ask.is_rollback = true;
	p = promotion_new(&ask);
	assert_int_equal(plan(p, &run_bad, NULL, &err), 0);
	run(f, p);
	assert_int_equal(trail(f, &all), 2);
	assert_string_equal(all[0].verb, "rollback");
	expect(f, p, OUTCOME_WRITTEN, "2", 1, "promoted");
}

/* ---- what is asked for is not there ---- */

static void test_what_cannot_be_planned(void **state)
{
	static const struct {
		const char *model, *version, *if_current;
		enum err_code code;
	} cases[] = {
		{ "none-such", "2", NULL, ERR_ABSENT },
		{ "m", "77", NULL, ERR_ABSENT },
		{ "m", "9", NULL, ERR_USAGE }, /* not READY */
		{ "m", "2", "none", ERR_CONFLICT },
		{ "m", "2", "3", ERR_CONFLICT },
		{ "m", "2", "", ERR_CONFLICT },
		{ "m", "2", "1", ERR_OK },
		{ "m", "2", "v1", ERR_OK },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct promotion_ask ask = ask_for(cases[i].version);
		struct err err = { 0 };
		struct promotion *p;

		ask.model = cases[i].model;
		p = promotion_new(&ask);
		assert_int_equal(plan(p, &run_good, cases[i].if_current, &err),
				 cases[i].code);
		assert_int_equal(p->is_planned, !cases[i].code);
		promotion_free(p);
	}
}

static void test_what_must_be_typed(void **state)
{
	struct promotion_ask ask = ask_for("2");
	struct promotion *p;
	struct err err = { 0 };

	(void)state;
	ask.source = "a-source-with-a-name-far-too-long-to-type";
	p = promotion_new(&ask);
	assert_int_equal(plan(p, &run_good, NULL, &err), 0);
	assert_int_equal(strlen(p->confirm), 6);
	assert_int_equal(strspn(p->confirm, "abcdefghijklmnopqrstuvwxyz"), 6);
	promotion_free(p);
	/* Cyrillic о: looks like prod, is not, and is never asked for. */
	ask.source = "pr\xd0\xbe"
		     "d";
	p = promotion_new(&ask);
	assert_int_equal(plan(p, &run_good, NULL, &err), 0);
	assert_int_equal(strlen(p->confirm), 6);
	promotion_free(p);
}

/* ---- bad ends: nothing wrong is written ---- */

static void test_moved_before_the_comparison(void **state)
{
	struct fixture *f = *state;
	struct promotion *p = planned("2", &run_good);

	fake->move_at_look = 1;
	strcpy(fake->move_to, "5");
	run(f, p);
	assert_non_null(strstr(p->act.err.msg, "v5"));
	expect(f, p, OUTCOME_CONFLICT, "5", 0, "conflict");
}

static void test_another_registry_behind_the_name(void **state)
{
	struct fixture *f = *state;
	struct promotion *p = planned("2", &run_good);

	strcpy(fake->fingerprint, "there");
	run(f, p);
	expect(f, p, OUTCOME_CONFLICT, "1", 0, "conflict");
}

static void test_moved_before_the_write(void **state)
{
	struct fixture *f = *state;
	struct promotion *p = planned("2", &run_good);

	fake->write_fails = ERR_CONFLICT;
	run(f, p);
	expect(f, p, OUTCOME_CONFLICT, "1", 1, "conflict");
}

static void test_moved_on_after_the_write(void **state)
{
	struct fixture *f = *state;
	struct promotion *p = planned("2", &run_good);

	fake->move_at_look = 2;
	strcpy(fake->move_to, "5");
	run(f, p);
	/* It was written, so it is no conflict: the record has to know it. */
	assert_non_null(strstr(p->act.err.msg, "moved on to v5"));
	expect(f, p, OUTCOME_WRITTEN, "5", 1, "promoted");
}

static void test_interrupted_after_the_write(void **state)
{
	struct fixture *f = *state;
	struct promotion *p = planned("2", &run_good);
	struct cancel stop = { 0 };

	f->env.stop = &stop;
	fake->interrupts = &stop;
	run(f, p);
	assert_true(cancel_is_due(&stop));
	expect(f, p, OUTCOME_WRITTEN, "2", 1, "promoted");
}

static void test_interrupted_before_the_write(void **state)
{
	struct fixture *f = *state;
	struct promotion *p = planned("2", &run_good);
	struct cancel stop = { .stop = true };

	f->env.stop = &stop;
	run(f, p);
	expect(f, p, OUTCOME_FAILED, "1", 0, "failed");
}

static void test_a_write_that_fails(void **state)
{
	static const struct {
		enum err_code code;
		enum outcome outcome;
	} cases[] = {
		{ ERR_BUSY, OUTCOME_FAILED },
		{ ERR_IO, OUTCOME_FAILED },
		{ ERR_SCHEMA, OUTCOME_FAILED },
		{ ERR_READONLY, OUTCOME_REFUSED },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct promotion *p;
		void *own;

		(void)state;
		set_up(&own);
		p = planned("2", &run_good);
		fake->write_fails = cases[i].code;
		run(own, p);
		expect(own, p, cases[i].outcome, "1", 1,
		       protocol_outcome_name(&p->act));
		tear_down(&own);
	}
}

/* No answer: it is found out by looking, and never written again. */
static void test_no_answer_but_written(void **state)
{
	struct fixture *f = *state;
	struct promotion *p = planned("2", &run_good);

	fake->write_fails = ERR_UNKNOWN;
	fake->writes_anyway = true;
	run(f, p);
	assert_int_equal(p->act.err.code, 0);
	expect(f, p, OUTCOME_WRITTEN, "2", 1, "promoted");
}

static void test_no_answer_and_not_written(void **state)
{
	struct fixture *f = *state;
	struct promotion *p = planned("2", &run_good);

	fake->write_fails = ERR_UNKNOWN;
	run(f, p);
	expect(f, p, OUTCOME_FAILED, "1", 1, "failed");
}

/* Our tag is there, so it was written, whatever happened next. */
static void test_no_answer_written_and_moved_on(void **state)
{
	struct fixture *f = *state;
	struct promotion *p = planned("2", &run_good);

	fake->write_fails = ERR_UNKNOWN;
	fake->writes_anyway = true;
	fake->move_at_look = 2;
	strcpy(fake->move_to, "5");
	run(f, p);
	assert_non_null(strstr(p->act.err.msg, "moved on to v5"));
	expect(f, p, OUTCOME_WRITTEN, "5", 1, "promoted");
}

static void test_no_answer_and_somebody_else_was_there(void **state)
{
	struct fixture *f = *state;
	struct promotion *p = planned("2", &run_good);

	/* Version 2 stands there, but without our tag: not our doing. */
	fake->write_fails = ERR_UNKNOWN;
	fake->move_at_look = 2;
	strcpy(fake->move_to, "2");
	run(f, p);
	expect(f, p, OUTCOME_FAILED, "2", 1, "failed");
}

static void test_no_answer_to_anything(void **state)
{
	struct fixture *f = *state;
	struct promotion *p = planned("2", &run_good);

	fake->write_fails = ERR_UNKNOWN;
	fake->writes_anyway = true;
	fake->look_fails = ERR_TIMEOUT;
	fake->fail_from = 2;
	run(f, p);
	assert_int_equal(protocol_exit_status(&p->act), 6);
	expect(f, p, OUTCOME_UNKNOWN, "2", 1, "unknown");
}

static void test_a_registry_that_cannot_be_read_again(void **state)
{
	struct fixture *f = *state;
	struct promotion *p = planned("2", &run_good);

	fake->look_fails = ERR_IO;
	fake->fail_from = 1;
	run(f, p);
	expect(f, p, OUTCOME_FAILED, "1", 0, "failed");
}

static void test_without_a_permit(void **state)
{
	struct fixture *f = *state;
	struct promotion *p = planned("2", &run_good);

	f->env.permit = NULL;
	run(f, p);
	assert_int_equal(protocol_exit_status(&p->act), 4);
	expect(f, p, OUTCOME_REFUSED, "1", 0, "");
}

/* No record, no promotion. */
static void test_a_trail_that_cannot_be_written(void **state)
{
	struct fixture *f = *state;
	struct promotion *p = planned("2", &run_good);
	struct err err = { 0 };

	state_close(f->state);
	gate_close(GATE_STATE, "a test");
	BUG_ON(state_open(f->dir, &f->state, &err));
	f->env.state = f->state;
	run(f, p);
	assert_non_null(strstr(p->act.err.msg, "audit trail"));
	expect(f, p, OUTCOME_FAILED, "1", 0, "");
}

static void test_a_full_disk(void **state)
{
	struct fixture *f = *state;
	struct promotion *p = planned("2", &run_good);
	struct rlimit old, none = { 0 };

	BUG_ON(getrlimit(RLIMIT_FSIZE, &old));
	none.rlim_max = old.rlim_max;
	signal(SIGXFSZ, SIG_IGN);
	BUG_ON(setrlimit(RLIMIT_FSIZE, &none));
	run(f, p);
	BUG_ON(setrlimit(RLIMIT_FSIZE, &old));
	expect(f, p, OUTCOME_FAILED, "1", 0, "");
}

static void test_the_disk_fills_up_after_the_intent(void **state)
{
	struct fixture *f = *state;
	struct promotion *p = planned("2", &run_good);
	struct rlimit old, none = { 0 };
	struct audit_entry *open;
	struct err err = { 0 };
	size_t n;

	signal(SIGXFSZ, SIG_IGN);
	assert_true(protocol_step(&p->act, &f->env));
	BUG_ON(getrlimit(RLIMIT_FSIZE, &old));
	none.rlim_max = old.rlim_max;
	BUG_ON(setrlimit(RLIMIT_FSIZE, &none));
	run(f, p);
	BUG_ON(setrlimit(RLIMIT_FSIZE, &old));
	/* What happened happened; that it is not on record is told. */
	assert_int_equal(p->act.outcome, OUTCOME_WRITTEN);
	assert_int_not_equal(p->act.err.code, 0);
	assert_int_equal(
		audit_open_intents(f->state, &f->arena, &open, &n, &err), 0);
	assert_int_equal(n, 1);
	assert_string_equal(open[0].id, p->act.id);
	promotion_free(p);
}

/* ---- the way back ---- */

static void promote(struct fixture *f, const char *version)
{
	struct promotion *p = planned(version, &run_good);

	run(f, p);
	assert_int_equal(p->act.outcome, OUTCOME_WRITTEN);
	promotion_free(p);
}

static enum err_code find(struct fixture *f, const char *alias,
			  const char *holder, const char **version)
{
	struct rollback back = { 0 };
	struct err err = { 0 };

	if (rollback_find(f->state, &f->arena, "here", "m", alias, holder,
			  &back, &err))
		return err.code;
	*version = back.version;
	return ERR_OK;
}

static void test_rollback_by_the_record(void **state)
{
	struct fixture *f = *state;
	const char *version = NULL;
	struct rollback back = { 0 };
	struct err err = { 0 };

	assert_int_equal(find(f, "champion", "1", &version), ERR_ABSENT);
	promote(f, "2");
	promote(f, "3");
	assert_int_equal(find(f, "champion", "3", &version), 0);
	assert_string_equal(version, "2");
	/* Another registry, though it may have the same name. */
	assert_int_equal(rollback_find(f->state, &f->arena, "there", "m",
				       "champion", "3", &back, &err),
			 ERR_ABSENT);
	/* Of this alias the record knows nothing. */
	assert_int_equal(find(f, "other", "3", &version), ERR_ABSENT);
	/* Somebody else moved it: what stood before is not ours to say. */
	assert_int_equal(find(f, "champion", "7", &version), ERR_ABSENT);
}

/* Undoing the undo is the operator's choice: it is told, and by whom. */
static void test_rollback_of_a_rollback(void **state)
{
	struct fixture *f = *state;
	struct promotion_ask ask = ask_for("1");
	struct rollback back = { 0 };
	struct promotion *p;
	struct err err = { 0 };

	promote(f, "2");
	assert_int_equal(rollback_find(f->state, &f->arena, "here", "m",
				       "champion", "2", &back, &err),
			 0);
	assert_null(back.undoes);
	ask.is_rollback = true;
	p = promotion_new(&ask);
	assert_int_equal(plan(p, &run_good, NULL, &err), 0);
	run(f, p);
	promotion_free(p);
	assert_int_equal(rollback_find(f->state, &f->arena, "here", "m",
				       "champion", "1", &back, &err),
			 0);
	assert_string_equal(back.version, "2");
	assert_non_null(strstr(back.undoes, "would put v2 back, which was "
					    "rolled back from at "));
	assert_non_null(strstr(back.undoes, " by "));
}

static void test_rollback_to_nobody(void **state)
{
	struct fixture *f = *state;
	const char *version = NULL;

	strcpy(fake->holder, "");
	promote(f, "2");
	assert_int_equal(find(f, "champion", "2", &version), ERR_ABSENT);
}

static void test_names_and_exit_statuses(void **state)
{
	static const struct {
		enum outcome outcome;
		const char *name;
		int status;
	} all[] = {
		{ OUTCOME_WRITTEN, "promoted", 0 },
		{ OUTCOME_DRY_RUN, "dry_run", 0 },
		{ OUTCOME_BLOCKED, "blocked", 1 },
		{ OUTCOME_FAILED, "failed", 3 },
		{ OUTCOME_CONFLICT, "conflict", 5 },
	};
	const struct promotion_ask ask = ask_for("2");
	struct promotion *p = promotion_new(&ask);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		p->act.outcome = all[i].outcome;
		assert_string_equal(protocol_outcome_name(&p->act),
				    all[i].name);
		assert_int_equal(protocol_exit_status(&p->act), all[i].status);
	}
	p->act = (struct protocol){ .outcome = OUTCOME_FAILED,
				    .err = { .code = ERR_USAGE } };
	assert_int_equal(protocol_exit_status(&p->act), 2);
	promotion_free(p);
	for (int i = 0; i < N_STEPS; i++)
		assert_true(*protocol_step_name((enum protocol_step)i));
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(test_promoted),
		T(test_the_journal_tells_it),
		T(test_the_first_holder),
		T(test_already_there),
		T(test_to_a_stage),
		T(test_blocked),
		T(test_no_run_no_evidence),
		T(test_a_waiver_is_on_record),
		T(test_gates_guard_what_serves),
		T(test_the_way_back_is_not_barred),
		T(test_what_cannot_be_planned),
		T(test_what_must_be_typed),
		T(test_moved_before_the_comparison),
		T(test_another_registry_behind_the_name),
		T(test_moved_before_the_write),
		T(test_moved_on_after_the_write),
		T(test_interrupted_after_the_write),
		T(test_interrupted_before_the_write),
		T(test_no_answer_written_and_moved_on),
		T(test_a_write_that_fails),
		T(test_no_answer_but_written),
		T(test_no_answer_and_not_written),
		T(test_no_answer_and_somebody_else_was_there),
		T(test_no_answer_to_anything),
		T(test_a_registry_that_cannot_be_read_again),
		T(test_without_a_permit),
		T(test_a_trail_that_cannot_be_written),
		T(test_a_full_disk),
		T(test_the_disk_fills_up_after_the_intent),
		T(test_rollback_by_the_record),
		T(test_rollback_of_a_rollback),
		T(test_rollback_to_nobody),
		T(test_names_and_exit_statuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
