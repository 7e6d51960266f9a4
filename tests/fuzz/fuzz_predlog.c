/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A prediction log read in small pieces, as it grows, tells the same rows as
 * the one read whole. */
#include "config.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "data/predlog.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MAX_BYTES 65536

struct told {
	const struct predlog *log;
	struct buf rows;
};

static void take(void *ctx, const struct predlog_row *row)
{
	struct told *t = ctx;

	buf_addf(&t->rows, "[%s %lld %lld]", row->version,
		 (long long)row->event_ms, (long long)row->predicted_ms);
	for (size_t i = 0; i < predlog_n_columns(t->log); i++) {
		buf_addf(&t->rows, "%zu:", row->cells[i].len);
		buf_add(&t->rows, row->cells[i].s, row->cells[i].len);
	}
}

/* Writes `step` bytes more and reads, until all was written. */
static void read_log(const char *path, const uint8_t *data, size_t size,
		     size_t step, struct told *t)
{
	FILE *file = fopen(path, "w");
	struct predlog *log = predlog_new(path, NULL, NULL);

	BUG_ON(!file);
	t->log = log;
	for (size_t at = 0; at < size; at += step) {
		struct err err = { 0 };
		size_t n = MIN(step, size - at);
		bool is_afresh;

		BUG_ON(fwrite(data + at, 1, n, file) != n || fflush(file));
		BUG_ON(predlog_read(log, MAX_BYTES, take, t, &is_afresh, &err));
		BUG_ON(is_afresh);
	}
	buf_addf(&t->rows, "bad %lld", (long long)predlog_bad_rows(log));
	for (size_t i = 0; i < predlog_n_columns(log); i++)
		buf_addf(&t->rows, ",%s=%d", predlog_column(log, i)->name,
			 (int)predlog_column(log, i)->role);
	predlog_free(log);
	fclose(file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[] = "/tmp/mltower-fuzz-XXXXXX";
	struct told whole = { 0 }, pieces = { 0 };
	int fd;

	/* The first read takes no more, and begins a longer one at its end. */
	if (!size || size > MAX_BYTES)
		return 0;
	fd = mkstemp(path);
	BUG_ON(fd < 0);
	close(fd);
	read_log(path, data, size, size, &whole);
	read_log(path, data, size, size / 16 + 1 + data[size - 1] % 8, &pieces);
	BUG_ON(whole.rows.len != pieces.rows.len);
	BUG_ON(memcmp(whole.rows.data, pieces.rows.data, whole.rows.len));
	buf_release(&whole.rows);
	buf_release(&pieces.rows);
	unlink(path);
	return 0;
}
