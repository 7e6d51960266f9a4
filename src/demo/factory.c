/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "demo/demo.h"
#include "demo/history.h"
#include "demo/script.h"
#include "demo/traffic.h"
#include "io/file.h"

/* The process that keeps the demo alive. One turn a second: what the alias
 * points at, rows scored by it, labels that came, a point for each run whose
 * time it is, all of it one transaction; then it looks whether any Tower is
 * left. */

#define TURN_MS     1000
#define RESUME_MS   (60 * 60000) /* a run left for longer is ended */
#define REST_MS     20000        /* between a run's end and the next */
#define KEEP_RUNS   12
#define LOCK_TRY_MS 500

struct line { /* one world's production and training */
	const struct world *world;
	struct traffic *traffic;
	char model_id[40];
	struct learner *learner;
	char run[33];
	int64_t next_ms; /* next point, or next run, by the wall clock */
	bool has_moved;  /* for good: see script_keep */
};

struct factory {
	char *dir;
	struct store store;
	struct lab lab;
	struct line lines[WORLD_N];
	int64_t born_mono_ms;
	int64_t seen_version; /* data_version: aliases are read when it moves */
	struct err last;      /* what was wrong last, for the log */
};

static volatile sig_atomic_t is_told_to_end;

static void on_signal(int sig)
{
	(void)sig;
	is_told_to_end = 1;
}

static void take_signals(void)
{
	struct sigaction act = { .sa_handler = on_signal };

	sigaction(SIGTERM, &act, NULL);
	sigaction(SIGINT, &act, NULL);
	sigaction(SIGHUP, &act, NULL);
	act.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &act, NULL);
}

/* Told once, not every second. */
static void note(struct factory *f, struct err *err)
{
	if (err->code && strcmp(err->msg, f->last.msg)) {
		f->last = *err;
		log_line("demo factory: %s", err->msg);
	}
	err_clear(err);
}

/* A version whose weights cannot be read is not served: the one before goes
 * on. */
static void follow_alias(struct factory *f, struct line *l)
{
	struct store_served served;
	struct err err = { 0 };
	struct predictor *p;

	if (!store_served(&f->store, l->world, "champion", &served))
		return;
	if (served.version == traffic_version(l->traffic) &&
	    !strcmp(served.model_id, l->model_id))
		return;
	p = history_load(f->dir, served.model_id, &err);
	if (p && predictor_world(p) == l->world->id) {
		traffic_serve(l->traffic, p, served.version);
		memcpy(l->model_id, served.model_id, sizeof(l->model_id));
		l->has_moved = l->has_moved || served.data == LAB_NOVEMBER;
	} else {
		predictor_free(p);
	}
	note(f, &err);
}

static void follow_aliases(struct factory *f)
{
	struct err err = { 0 };
	int64_t version;

	if (!db_data_version(f->store.db, &version, &err) &&
	    version == f->seen_version)
		return;
	if (!err.code)
		f->seen_version = version;
	for (int w = 0; w < WORLD_N; w++)
		follow_alias(f, &f->lines[w]);
	if (f->store.err.code) {
		note(f, &f->store.err);
		f->seen_version = -1; /* look again next turn */
	}
	note(f, &err);
}

static void serve(struct factory *f, struct line *l, int64_t now_ms)
{
	struct drift drift;
	struct err err = { 0 };

	script_at(l->world->id,
		  (double)(clock_mono_ms() - f->born_mono_ms) / 1000, &drift);
	script_keep(l->world->id, &l->has_moved, &drift);
	traffic_draw(l->traffic, traffic_rate(l->world), &drift, now_ms,
		     TURN_MS);
	traffic_label(l->traffic, now_ms);
	(void)!traffic_write(l->traffic, &err);
	note(f, &err);
}

static void learn(struct factory *f, struct line *l, const struct recipe *r,
		  enum lab_data data)
{
	learner_free(l->learner);
	l->learner = learner_new(r, lab_frame(&f->lab, l->world->id, data),
				 lab_frame(&f->lab, l->world->id, LAB_HOLDOUT));
}

/* Trains again to where the run stood: the same recipe on the same rows gives
 * the same model. */
static void resume(struct factory *f, struct line *l, int64_t now_ms)
{
	struct store_live live;

	while (store_live(&f->store, l->world, &live)) {
		bool is_usable = live.recipe.steps > 0 &&
				 live.recipe.steps <= 1000 &&
				 live.last_step < live.recipe.steps;

		if (!l->learner && is_usable &&
		    now_ms - live.last_ms < RESUME_MS) {
			learn(f, l, &live.recipe, live.data);
			while (learner_done(l->learner) <= live.last_step &&
			       learner_step(l->learner))
				;
			memcpy(l->run, live.run, sizeof(l->run));
			l->next_ms = now_ms + live_step_ms(l->world->id);
			return;
		}
		store_run_end(&f->store, live.run, "KILLED", live.last_ms);
	}
	l->next_ms = now_ms + REST_MS;
}

static void begin_run(struct factory *f, struct line *l, int64_t now_ms)
{
	int64_t i = store_count_live(&f->store, l->world);
	struct live_plan plan;
	char surplus[33];

	while (store_surplus(&f->store, l->world, KEEP_RUNS, surplus) &&
	       !f->store.err.code)
		store_run_delete(&f->store, surplus);
	live_plan(l->world->id, i, &plan);
	live_begin(&f->store, &f->lab, l->world->id, i, now_ms, l->run);
	learn(f, l, &plan.recipe, plan.data);
	l->next_ms = now_ms + live_step_ms(l->world->id);
}

static void add_point(struct factory *f, struct line *l, int64_t now_ms)
{
	double scores[LEARNER_MAX_SCORES];

	if (learner_step(l->learner)) {
		learner_scores(l->learner, scores);
		live_point(&f->store, l->run, l->world, scores, now_ms,
			   learner_done(l->learner) - 1);
		l->next_ms += live_step_ms(l->world->id);
		if (l->next_ms <= now_ms) /* slept: no burst */
			l->next_ms = now_ms + live_step_ms(l->world->id);
		return;
	}
	store_run_end(&f->store, l->run, "FINISHED", now_ms);
	learner_free(l->learner);
	l->learner = NULL;
	l->next_ms = now_ms + REST_MS;
}

/* A store that cannot be written now (locked, full) costs points, which is
 * what a real training would lose too. */
static void train(struct factory *f, int64_t now_ms)
{
	struct err err = { 0 };

	store_begin(&f->store);
	for (int w = 0; w < WORLD_N && !f->store.err.code; w++) {
		struct line *l = &f->lines[w];

		if (now_ms < l->next_ms)
			continue;
		if (l->learner)
			add_point(f, l, now_ms);
		else
			begin_run(f, l, now_ms);
	}
	(void)!store_commit(&f->store, &err);
	note(f, &err);
}

/* True where no Tower is left; factory.lock goes back first, so that a Tower
 * that waits for the other one finds both free. */
static bool is_alone(const struct factory *f, int *own_lock)
{
	char *path = xasprintf("%s/lock", f->dir);
	struct err err = { 0 };
	int fd = file_lock(path, false, &err);

	free(path);
	if (fd < 0)
		return false;
	close(*own_lock);
	*own_lock = -1;
	close(fd);
	return true;
}

static void sleep_until(int64_t mono_ms)
{
	int64_t left = mono_ms - clock_mono_ms();
	struct timespec ts;

	if (left <= 0)
		return;
	ts.tv_sec = left / 1000;
	ts.tv_nsec = left % 1000 * 1000000;
	nanosleep(&ts, NULL);
}

static void run(struct factory *f, int *own_lock)
{
	int64_t turn = clock_mono_ms();

	while (!is_told_to_end && !is_alone(f, own_lock)) {
		int64_t now = clock_utc_ms();

		follow_aliases(f);
		for (int w = 0; w < WORLD_N; w++)
			serve(f, &f->lines[w], now);
		train(f, now);
		turn += TURN_MS;
		if (turn < clock_mono_ms()) /* slept: no burst */
			turn = clock_mono_ms();
		sleep_until(turn);
	}
}

static enum err_code start(struct factory *f, struct err *err)
{
	int64_t now = clock_utc_ms();

	f->born_mono_ms = clock_mono_ms();
	f->seen_version = -1;
	if (store_open(&f->store, f->dir, "mlflow.db", (uint64_t)now, err))
		return err->code;
	store_begin(&f->store);
	for (int w = 0; w < WORLD_N; w++) {
		struct line *l = &f->lines[w];

		l->world = world_get((enum world_id)w);
		l->traffic = traffic_new(f->dir, l->world, (uint64_t)now);
		resume(f, l, now);
	}
	return store_commit(&f->store, err);
}

static void release(struct factory *f)
{
	for (int w = 0; w < WORLD_N; w++) {
		traffic_free(f->lines[w].traffic);
		learner_free(f->lines[w].learner);
	}
	store_close(&f->store);
	lab_release(&f->lab);
	free(f->dir);
}

/* -1: there is a factory already. One that is leaving, or a Tower that only
 * looked, lets go within moments. */
static int own_the_place(const char *dir, struct err *err)
{
	int64_t until = clock_mono_ms() + LOCK_TRY_MS;
	char *path = xasprintf("%s/factory.lock", dir);
	int fd;

	do {
		err_clear(err);
		fd = file_lock(path, false, err);
		if (fd < 0)
			sleep_until(clock_mono_ms() + 20);
	} while (fd < 0 && err->code == ERR_BUSY && clock_mono_ms() < until);
	free(path);
	return fd;
}

int demo_factory_main(const char *dir)
{
	struct factory f = { 0 };
	struct err err = { 0 };
	int lock, status;

	take_signals();
	lock = own_the_place(dir, &err);
	if (lock < 0 && err.code == ERR_BUSY)
		return 0;
	f.dir = xstrdup(dir);
	if (!err.code && !start(&f, &err))
		run(&f, &lock);
	if (err.code)
		fprintf(stderr, "mltower: demo factory: %s\n", err.msg);
	status = err_exit_status(err.code);
	release(&f);
	if (lock >= 0)
		close(lock);
	return status;
}
