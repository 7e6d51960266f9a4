/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_DEMO_TRAFFIC_H
#define MLTOWER_DEMO_TRAFFIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "demo/learner.h"

/* Rows of the world, scored by the version that serves, in the prediction log
 * DIR/NAME.csv; their labels, later, in DIR/NAME-labels.csv. */
struct traffic;

/* seed: of what is drawn. */
struct traffic *traffic_new(const char *dir, const struct world *w,
			    uint64_t seed);
void traffic_free(struct traffic *t);
/* From now on this version scores; the predictor is the traffic's. */
void traffic_serve(struct traffic *t, struct predictor *p, int version);
int traffic_version(const struct traffic *t); /* 0: none */
/* Draws and scores n rows with event times up to now_ms; kept in memory. */
void traffic_draw(struct traffic *t, size_t n, const struct drift *drift,
		  int64_t now_ms, int64_t span_ms);
/* Labels that have come by now_ms; kept in memory. */
void traffic_label(struct traffic *t, int64_t now_ms);
/* Appends what is kept to the files, made with their heads where missing. A
 * log past TRAFFIC_MAX_BYTES is moved to NAME-old.csv and begun again. */
#define TRAFFIC_MAX_BYTES (16 << 20)
ATTR_NODISCARD enum err_code traffic_write(struct traffic *t, struct err *err);

/* The rows that a version was trained on, with what it says to them. */
void traffic_baseline(const struct world *w, const struct predictor *p,
		      const struct frame *f, size_t n, struct buf *out);
/* Rows a second that each world sees, and how late its labels are. */
size_t traffic_rate(const struct world *w);

#endif
