/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "model/metric.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"

static const char *const min_words[] = {
	"loss",     "logloss",    "error",    "err",        "rmse",
	"mse",      "mae",        "mape",     "smape",      "nrmse",
	"rmsle",    "msle",       "brier",    "ece",        "mce",
	"latency",  "duration",   "time",     "perplexity", "ppl",
	"wer",      "cer",        "eer",      "fpr",        "fnr",
	"crps",     "pinball",    "deviance", "nll",        "crossentropy",
	"distance", "divergence", "kl",       "bic",        "aic",
	"seconds",  "ms",         "hinge",    "impurity",   "fid",
	"size",     "bytes",      "mb",       "cost",       "regret",
};

static const char *const max_words[] = {
	"auc",         "auroc",       "auprc",      "aucpr",     "acc",
	"accuracy",    "f1",          "fbeta",      "precision", "recall",
	"r2",          "ap",          "map",        "ndcg",      "mrr",
	"bleu",        "rouge",       "meteor",     "iou",       "dice",
	"jaccard",     "kappa",       "mcc",        "gini",      "sensitivity",
	"specificity", "tpr",         "tnr",        "score",     "reward",
	"return",      "likelihood",  "throughput", "top1",      "top5",
	"hit",         "coverage",    "skill",      "psnr",      "ssim",
	"correct",     "correlation", "spearman",   "pearson",   "roc",
};

static bool is_in(const char *const *words, size_t n, const char *s, size_t len)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strlen(words[i]) == len && !strncasecmp(words[i], s, len))
			return true;
	return false;
}

/* The next word of the name: letters and digits; *s moves behind it. */
static size_t next_word(const char **s, const char **word)
{
	const char *p = *s;

	while (*p && !isalnum((unsigned char)*p))
		p++;
	*word = p;
	while (isalnum((unsigned char)*p))
		p++;
	*s = p;
	return (size_t)(p - *word);
}

int metric_goal_guess(const char *name)
{
	const char *word;
	size_t len;
	int goal = 0;

	while ((len = next_word(&name, &word))) {
		if (is_in(min_words, ARRAY_LEN(min_words), word, len))
			return -1;
		if (is_in(max_words, ARRAY_LEN(max_words), word, len))
			goal = 1;
	}
	return goal;
}

int metric_decimals(const char *name)
{
	static const char *const coarse[] = {
		"ms",         "latency", "seconds",   "mb",     "gb",
		"percentage", "percent", "megabytes", "minutes"
	};
	static const char *const counts[] = { "epoch",      "epochs", "steps",
					      "iterations", "rows",   "count",
					      "bytes" };
	const char *word;
	size_t len;

	while ((len = next_word(&name, &word))) {
		if (is_in(coarse, ARRAY_LEN(coarse), word, len))
			return 1;
		if (is_in(counts, ARRAY_LEN(counts), word, len) && !*name)
			return 0;
	}
	return 4;
}

bool metric_is_validation(const char *name)
{
	static const char *const words[] = { "val",  "valid",      "validation",
					     "eval", "evaluation", "test",
					     "dev",  "holdout" };
	const char *word;
	size_t len;

	while ((len = next_word(&name, &word)))
		if (is_in(words, ARRAY_LEN(words), word, len))
			return true;
	return false;
}

bool metric_is_system(const char *name)
{
	return !strncmp(name, "system/", 7);
}
