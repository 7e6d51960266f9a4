/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cnn.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define N_WEIGHTS (sizeof(struct cnn_weights) / sizeof(float))

/* What a forward pass leaves for the way back. */
struct pass {
	float in[CNN_POSITIONS][CNN_INPUTS];
	float act[CNN_MAX_FILTERS][CNN_POSITIONS];
	float hidden[CNN_HIDDEN];
	double p;
};

static void measure(struct cnn *net, const struct frame *f, int what,
		    size_t first, size_t n)
{
	double sum = 0, square = 0, count = (double)(f->n * n);

	for (size_t i = 0; i < f->n; i++) {
		const float *x = &f->x[i * f->n_x + first];

		for (size_t k = 0; k < n; k++) {
			sum += x[k];
			square += (double)x[k] * x[k];
		}
	}
	net->mean[what] = (float)(sum / count);
	square = square / count - sum / count * (sum / count);
	net->scale[what] = (float)(1 / sqrt(fmax(square, 1e-6)));
}

void cnn_init(struct cnn *net, int filters, const struct frame *train,
	      struct prng *p)
{
	float spread = (float)sqrt(1.0 / CNN_INPUTS);

	BUG_ON(filters < 1 || filters > CNN_MAX_FILTERS);
	memset(net, 0, sizeof(*net));
	net->filters = filters;
	for (int c = 0; c < ICU_CHANNELS; c++)
		measure(net, train, c, (size_t)c * ICU_MINUTES, ICU_MINUTES);
	for (int s = 0; s < ICU_STATICS; s++)
		measure(net, train, ICU_CHANNELS + s,
			(size_t)(ICU_CHANNELS * ICU_MINUTES + s), 1);
	for (int f = 0; f < filters; f++) {
		for (int i = 0; i < CNN_INPUTS; i++)
			net->w.conv[f][i] = spread * (float)prng_normal(p);
		net->w.dense[2 * f] = .1f * (float)prng_normal(p);
		net->w.dense[2 * f + 1] = .1f * (float)prng_normal(p);
	}
}

static void fill_input(const struct cnn *net, const float *x, struct pass *s)
{
	for (int c = 0; c < ICU_CHANNELS; c++) {
		const float *minute = &x[c * ICU_MINUTES];
		float mean = net->mean[c], scale = net->scale[c];

		for (int t = 0; t < CNN_POSITIONS; t++)
			for (int k = 0; k < CNN_KERNEL; k++)
				s->in[t][c * CNN_KERNEL + k] =
					(minute[t + k] - mean) * scale;
	}
}

static void forward(const struct cnn *net, const float *x, struct pass *s)
{
	const float *statics = &x[ICU_CHANNELS * ICU_MINUTES];
	float *hidden = s->hidden;
	double z = net->w.bias;

	fill_input(net, x, s);
	memset(hidden, 0, sizeof(s->hidden));
	for (int f = 0; f < net->filters; f++) {
		float sum = 0;

		for (int t = 0; t < CNN_POSITIONS; t++) {
			float a = net->w.conv_bias[f];

			for (int i = 0; i < CNN_INPUTS; i++)
				a += net->w.conv[f][i] * s->in[t][i];
			s->act[f][t] = a > 0 ? a : 0;
			sum += s->act[f][t];
		}
		hidden[2 * f] = sum / CNN_POSITIONS;
		hidden[2 * f + 1] = s->act[f][CNN_POSITIONS - 1];
	}
	for (int i = 0; i < ICU_STATICS; i++)
		hidden[2 * CNN_MAX_FILTERS + i] =
			(statics[i] - net->mean[ICU_CHANNELS + i]) *
			net->scale[ICU_CHANNELS + i];
	for (int i = 0; i < CNN_HIDDEN; i++)
		z += net->w.dense[i] * hidden[i];
	s->p = 1 / (1 + exp(-z));
}

double cnn_eval(const struct cnn *net, const float *x)
{
	struct pass s;

	forward(net, x, &s);
	return s.p;
}

/* The gradient of the log-loss in the logit is p - y. */
static void backward(const struct cnn *net, const struct pass *s, float y,
		     struct cnn_weights *g)
{
	float dz = (float)s->p - y;

	g->bias += dz;
	for (int i = 0; i < CNN_HIDDEN; i++)
		g->dense[i] += dz * s->hidden[i];
	for (int f = 0; f < net->filters; f++) {
		float mean = dz * net->w.dense[2 * f] / CNN_POSITIONS;

		for (int t = 0; t < CNN_POSITIONS; t++) {
			float da = mean;

			if (s->act[f][t] <= 0)
				continue;
			if (t == CNN_POSITIONS - 1)
				da += dz * net->w.dense[2 * f + 1];
			g->conv_bias[f] += da;
			for (int i = 0; i < CNN_INPUTS; i++)
				g->conv[f][i] += da * s->in[t][i];
		}
	}
}

static void adam(struct cnn *net, struct cnn_optimiser *opt, double rate,
		 size_t n)
{
	float *w = &net->w.conv[0][0];
	float *g = &opt->gradient.conv[0][0];
	float *m = &opt->momentum.conv[0][0];
	float *v = &opt->square.conv[0][0];
	double step;

	opt->t++;
	step = rate * sqrt(1 - pow(.999, opt->t)) / (1 - pow(.9, opt->t));
	for (size_t i = 0; i < N_WEIGHTS; i++) {
		float d = g[i] / (float)n;

		m[i] = .9f * m[i] + .1f * d;
		v[i] = .999f * v[i] + .001f * d * d;
		w[i] -= (float)step * m[i] / (sqrtf(v[i]) + 1e-8f);
		g[i] = 0;
	}
}

void cnn_epoch(struct cnn *net, struct cnn_optimiser *opt,
	       const struct frame *train, double rate, int batch,
	       struct prng *p)
{
	uint32_t *order = xcalloc(train->n, sizeof(*order));
	struct pass s;
	size_t in_batch = 0;

	for (size_t i = 0; i < train->n; i++) {
		size_t j = prng_below(p, i + 1);

		order[i] = order[j];
		order[j] = (uint32_t)i;
	}
	for (size_t i = 0; i < train->n; i++) {
		forward(net, &train->x[order[i] * train->n_x], &s);
		backward(net, &s, train->y[order[i]], &opt->gradient);
		if (++in_batch == (size_t)batch || i + 1 == train->n) {
			adam(net, opt, rate, in_batch);
			in_batch = 0;
		}
	}
	free(order);
}

static void save_floats(const float *v, size_t n, struct buf *out)
{
	for (size_t i = 0; i < n; i++)
		buf_addf(out, "%.9g%c", (double)v[i], i + 1 < n ? ' ' : '\n');
}

void cnn_save(const struct cnn *net, struct buf *out)
{
	buf_addf(out, "cnn %d\n", net->filters);
	save_floats(net->mean, ARRAY_LEN(net->mean), out);
	save_floats(net->scale, ARRAY_LEN(net->scale), out);
	save_floats(&net->w.conv[0][0], N_WEIGHTS, out);
}

static bool load_floats(float *v, size_t n, const char **at)
{
	for (size_t i = 0; i < n; i++) {
		char *end;

		v[i] = strtof(*at, &end);
		if (end == *at)
			return false;
		*at = end;
	}
	return true;
}

bool cnn_load(struct cnn *net, const char **at)
{
	int used = 0;

	memset(net, 0, sizeof(*net));
	if (sscanf(*at, "cnn %d %n", &net->filters, &used) != 1 || !used ||
	    net->filters < 1 || net->filters > CNN_MAX_FILTERS)
		return false;
	*at += used;
	return load_floats(net->mean, ARRAY_LEN(net->mean), at) &&
	       load_floats(net->scale, ARRAY_LEN(net->scale), at) &&
	       load_floats(&net->w.conv[0][0], N_WEIGHTS, at);
}
