/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "baseline.h"

#include <stdlib.h>
#include <string.h>

#include "app/registry_of.h"
#include "base/mem.h"
#include "base/num.h"

#define PLACE "{version}"

char *baseline_path(const struct monitor_conf *conf, const char *version)
{
	const char *pattern = conf->baseline_rows;
	const char *at = strstr(pattern, PLACE);
	char *path, *slash;

	if (!at)
		return xstrdup(pattern);
	path = xasprintf("%.*s%s%s", (int)(at - pattern), pattern, version,
			 at + strlen(PLACE));
	slash = path + (at - pattern);
	for (size_t n = strlen(version); n--; slash++)
		if (*slash == '/')
			*slash = '_';
	return path;
}

void baseline_newer_release(struct baseline_newer *n)
{
	frame_free(n->frame);
	*n = (struct baseline_newer){ 0 };
}

static bool is_newer(const char *version, const char *than)
{
	int64_t a, b;

	return num_parse_int(version, strlen(version), &a) &&
	       num_parse_int(than, strlen(than), &b) && a > b;
}

/* A rule that says no version has one baseline for all. */
static bool has_one_each(const struct monitor_conf *conf)
{
	return *conf->model && strstr(conf->baseline_rows, PLACE);
}

bool baseline_newer_read(struct baseline_newer *n, const struct config *c,
			 const struct monitor *m, const struct cancel *stop)
{
	const struct monitor_conf *conf = monitor_conf(m);
	struct frame_types types = { .like = monitor_baseline(m) };
	struct err err = { 0 };
	char version[24], *path;

	if (!has_one_each(conf) ||
	    !registry_of_newest(c, conf->source, conf->model, stop, version) ||
	    !is_newer(version, monitor_watched(m)))
		return false;
	if (n->frame && !strcmp(n->version, version))
		return true;
	baseline_newer_release(n);
	memcpy(n->version, version, sizeof(version));
	path = baseline_path(conf, version);
	frame_load_csv_as(path, BASELINE_MAX_ROWS, &types, &n->frame, &err);
	free(path);
	return n->frame;
}
