/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "demo/traffic.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"

#define MAX_WAITING 20000
#define INTERVAL_KW 8.5

struct waiting { /* a label that has not come */
	int64_t due_ms;
	uint64_t id;
	float y;
};

struct traffic {
	const struct world *world;
	char *log, *old_log, *labels;
	struct world_streams streams;
	struct prng prng;
	struct predictor *predictor;
	int version;
	uint64_t next_id;
	struct waiting *waiting; /* in no order */
	size_t n_waiting, cap_waiting;
	struct buf rows, answers;
};

static const struct {
	size_t rate;
	double label_s; /* median */
} pace[WORLD_N] = {
	[WORLD_FRAUD] = { 12, 60 },
	[WORLD_SOLAR] = { 8, 15 },
	[WORLD_ICU] = { 8, 40 },
};

size_t traffic_rate(const struct world *w)
{
	return pace[w->id].rate;
}

struct traffic *traffic_new(const char *dir, const struct world *w,
			    uint64_t seed)
{
	struct traffic *t = xcalloc(1, sizeof(*t));

	t->world = w;
	t->log = xasprintf("%s/%s.csv", dir, w->name);
	t->old_log = xasprintf("%s/%s-old.csv", dir, w->name);
	t->labels = xasprintf("%s/%s-labels.csv", dir, w->name);
	world_seed(&t->streams, w->id, seed);
	prng_init(&t->prng, seed, 500 + (uint64_t)w->id);
	/* Ids go on from one factory to the next without being kept. */
	t->next_id = prng_u64(&t->prng) >> 24 << 16;
	t->rows.max = t->answers.max = TRAFFIC_MAX_BYTES;
	return t;
}

void traffic_free(struct traffic *t)
{
	if (!t)
		return;
	predictor_free(t->predictor);
	buf_release(&t->rows);
	buf_release(&t->answers);
	free(t->waiting);
	free(t->log);
	free(t->old_log);
	free(t->labels);
	free(t);
}

void traffic_serve(struct traffic *t, struct predictor *p, int version)
{
	predictor_free(t->predictor);
	t->predictor = p;
	t->version = version;
}

int traffic_version(const struct traffic *t)
{
	return t->version;
}

static void add_prediction(const struct world *w, double v, struct buf *out)
{
	if (w->is_regression)
		buf_addf(out, ",%.2f,%.2f,%.2f", v, v - INTERVAL_KW,
			 v + INTERVAL_KW);
	else
		buf_addf(out, ",%d,%.5f", v >= CUT_OFF, v);
}

static const char *prediction_head(const struct world *w)
{
	return w->is_regression ? ",prediction,lo,hi" : ",prediction,proba";
}

static void wait_for_label(struct traffic *t, double y, int64_t now_ms)
{
	double late =
		pace[t->world->id].label_s * exp(.5 * prng_normal(&t->prng));

	if (t->n_waiting >= MAX_WAITING)
		return;
	t->waiting = xgrow(t->waiting, &t->cap_waiting, t->n_waiting + 1,
			   sizeof(*t->waiting));
	t->waiting[t->n_waiting++] = (struct waiting){
		.due_ms = now_ms + (int64_t)(1000 * late),
		.id = t->next_id,
		.y = (float)y,
	};
}

static void draw_row(struct traffic *t, const struct drift *drift,
		     int64_t at_ms)
{
	const struct world *w = t->world;
	struct world_row row = { .y = 0 };
	double latency, u = prng_unit(&t->prng);
	const char *status = "ok";
	char when[32];

	w->draw(&t->streams, drift, &row);
	latency = 8 * exp(.45 * prng_normal(&t->prng));
	if (u < .002)
		status = "timeout";
	else if (u < .003)
		status = "error";
	if (*status == 't')
		latency = 1000;
	clock_format_utc(at_ms, when);
	buf_addf(&t->rows, "%s,%s-%012llx,%s,%d", when, w->name,
		 (unsigned long long)t->next_id, w->model, t->version);
	world_add_fields(w, &row, &t->rows);
	add_prediction(w, predictor_eval(t->predictor, row.x), &t->rows);
	buf_addf(&t->rows, ",%.1f,%s,%s\r\n", latency, status, row.group);
	wait_for_label(t, row.y, at_ms);
	t->next_id++;
}

void traffic_draw(struct traffic *t, size_t n, const struct drift *drift,
		  int64_t now_ms, int64_t span_ms)
{
	if (!t->predictor)
		return;
	for (size_t i = 0; i < n; i++)
		draw_row(t, drift,
			 now_ms - span_ms +
				 span_ms * (int64_t)(i + 1) / (int64_t)n);
}

void traffic_label(struct traffic *t, int64_t now_ms)
{
	char when[32];
	size_t kept = 0;

	for (size_t i = 0; i < t->n_waiting; i++) {
		const struct waiting *it = &t->waiting[i];

		if (it->due_ms > now_ms) {
			t->waiting[kept++] = *it;
			continue;
		}
		clock_format_utc(it->due_ms, when);
		buf_addf(&t->answers, "%s-%012llx,%.*f,%s\r\n", t->world->name,
			 (unsigned long long)it->id,
			 t->world->is_regression ? 2 : 0, (double)it->y, when);
	}
	t->n_waiting = kept;
}

/* One write for all rows, so that a reader sees whole lines. */
static enum err_code append(const char *path, const char *head,
			    struct buf *rows, struct err *err)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	struct stat st;
	struct buf all = BUF_INIT(TRAFFIC_MAX_BYTES + 4096);

	if (fd >= 0 && !fstat(fd, &st)) {
		if (!st.st_size)
			buf_adds(&all, head);
		buf_add(&all, rows->data, rows->len);
		if (all.len && write(fd, all.data, all.len) != (ssize_t)all.len)
			err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
	} else {
		err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
	}
	if (fd >= 0)
		close(fd);
	buf_release(&all);
	buf_clear(rows);
	return err->code;
}

enum err_code traffic_write(struct traffic *t, struct err *err)
{
	struct buf head = BUF_INIT(4096);
	struct stat st;

	if (!stat(t->log, &st) && st.st_size > TRAFFIC_MAX_BYTES) {
		if (rename(t->log, t->old_log))
			err_set(err, ERR_IO, "%s: %s", t->log, strerror(errno));
		unlink(t->labels);
	}
	buf_adds(&head, "ts,request_id,model,version");
	world_add_header(t->world, &head);
	buf_addf(&head, "%s,latency_ms,status,group\r\n",
		 prediction_head(t->world));
	if (!append(t->log, buf_str(&head), &t->rows, err))
		(void)!append(t->labels, "request_id,label,label_ts\r\n",
			      &t->answers, err);
	buf_release(&head);
	return err->code;
}

void traffic_baseline(const struct world *w, const struct predictor *p,
		      const struct frame *f, size_t n, struct buf *out)
{
	struct buf line = BUF_INIT(4096);

	BUG_ON(!f->rows);
	world_add_header(w, &line);
	buf_addf(out, "%s%s\r\n", buf_str(&line) + 1, prediction_head(w));
	for (size_t i = 0; i < n && i < f->n; i++) {
		buf_clear(&line);
		world_add_fields(w, &f->rows[i], &line);
		add_prediction(w, predictor_eval(p, &f->x[i * f->n_x]), &line);
		/* The comma before the first field is not part of a record. */
		buf_addf(out, "%s\r\n", buf_str(&line) + 1);
	}
	buf_release(&line);
}
