/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_DEMO_CNN_H
#define MLTOWER_DEMO_CNN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "demo/icu.h"
#include "demo/prng.h"
#include "demo/world.h"

/* One convolution over the minutes, ReLU, the mean and the last of each
 * filter, beside the statics into one logistic unit. Trained by Adam (Kingma
 * and Ba 2014) on the log-loss. */

#define CNN_KERNEL      4
#define CNN_MAX_FILTERS 8
#define CNN_POSITIONS   (ICU_MINUTES - CNN_KERNEL + 1)
#define CNN_INPUTS      (ICU_CHANNELS * CNN_KERNEL)
#define CNN_HIDDEN      (2 * CNN_MAX_FILTERS + ICU_STATICS)

/* Plain floats only: the optimiser walks them as one array. */
struct cnn_weights {
	float conv[CNN_MAX_FILTERS][CNN_INPUTS];
	float conv_bias[CNN_MAX_FILTERS];
	float dense[CNN_HIDDEN];
	float bias;
};

struct cnn {
	int filters;
	float mean[ICU_CHANNELS + ICU_STATICS];
	float scale[ICU_CHANNELS + ICU_STATICS]; /* 1 / sd */
	struct cnn_weights w;
};

void cnn_init(struct cnn *net, int filters, const struct frame *train,
	      struct prng *p);
double cnn_eval(const struct cnn *net, const float *x);
void cnn_save(const struct cnn *net, struct buf *out);
bool cnn_load(struct cnn *net, const char **at);

struct cnn_optimiser {
	struct cnn_weights gradient, momentum, square;
	double t;
};

/* One pass over the rows in a random order. */
void cnn_epoch(struct cnn *net, struct cnn_optimiser *opt,
	       const struct frame *train, double rate, int batch,
	       struct prng *p);

#endif
