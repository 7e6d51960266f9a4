/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The main() of a fuzzer where there is no libFuzzer: runs every file named
 * (or in a folder named), then mutations of them from a fixed seed.
 *
 *     fuzz_x [-n MUTATIONS] [-s SEED] [-t SECONDS] [FILE or FOLDER ...]
 *
 * A crash is the failure; the input that did it is kept in crash-PID. */
#include "config.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"

#define INPUT_MAX_BYTES (64 * 1024)
#define MAX_SEEDS       4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	uint8_t *data;
	size_t size;
};

static struct input seeds[MAX_SEEDS];
static size_t n_seeds;
static struct input now; /* for the signal handler */
static uint64_t random_state = 20261123;

static uint64_t random_next(void)
{
	uint64_t z = random_state += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

static size_t random_below(size_t n)
{
	return n ? random_next() % n : 0;
}

static void keep_input(int sig)
{
	char name[32];
	int fd;

	snprintf(name, sizeof(name), "crash-%ld", (long)getpid());
	fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (fd < 0 || write(fd, now.data, now.size) < 0)
		perror(name);
	else
		fprintf(stderr, "input kept in %s\n", name);
	signal(sig, SIG_DFL);
	raise(sig);
}

static void run_one(const uint8_t *data, size_t size)
{
	/* A copy of its exact size: a read past the end is seen. */
	now.data = xmalloc(size ? size : 1);
	now.size = size;
	if (size)
		memcpy(now.data, data, size);
	LLVMFuzzerTestOneInput(now.data, now.size);
	free(now.data);
	now.data = NULL;
}

static void add_file(const char *path)
{
	struct input in = { xmalloc(INPUT_MAX_BYTES), 0 };
	FILE *f = fopen(path, "rb");

	if (!f || n_seeds == MAX_SEEDS) {
		fprintf(stderr, "%s: cannot be taken\n", path);
		exit(2);
	}
	in.size = fread(in.data, 1, INPUT_MAX_BYTES, f);
	fclose(f);
	seeds[n_seeds++] = in;
}

static int visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void add_path(const char *path)
{
	struct dirent **names;
	struct stat st;
	int n;

	if (stat(path, &st) || !S_ISDIR(st.st_mode)) {
		add_file(path);
		return;
	}
	n = scandir(path, &names, visible, alphasort);
	for (int i = 0; i < n; i++) {
		char *child = xasprintf("%s/%s", path, names[i]->d_name);

		add_file(child);
		free(child);
		free(names[i]);
	}
	if (n >= 0)
		free(names);
}

/* Replaces a span by noise, by one byte many times, or by a span of another
 * seed; shorter, longer or as long. */
static size_t mutate(uint8_t *data, size_t size)
{
	const struct input *other = &seeds[random_below(n_seeds)];
	size_t at = random_below(size + 1);
	size_t cut = random_below(MIN(size - at, 16) + 1);
	size_t from = random_below(other->size + 1);
	size_t put = random_below(16);
	uint8_t fill = random_next();
	int how = random_below(3);

	if (how == 2)
		put = random_below(MIN(other->size - from, 64) + 1);
	if (size - cut + put > INPUT_MAX_BYTES)
		return size;
	memmove(data + at + put, data + at + cut, size - at - cut);
	for (size_t i = 0; i < put; i++)
		data[at + i] = how == 0   ? random_next()
			       : how == 1 ? fill
					  : other->data[from + i];
	return size - cut + put;
}

static void run_mutations(uint64_t n, time_t until)
{
	static uint8_t data[INPUT_MAX_BYTES];

	for (uint64_t i = 0; i < n; i++) {
		const struct input *seed = &seeds[random_below(n_seeds)];
		size_t size = seed->size;

		if (until && !(i % 64) && time(NULL) >= until)
			break;
		memcpy(data, seed->data, size);
		for (size_t k = 1 + random_below(4); k; k--)
			size = mutate(data, size);
		run_one(data, size);
	}
}

int main(int argc, char **argv)
{
	uint64_t n = 2000;
	time_t until = 0;
	int opt;

	while ((opt = getopt(argc, argv, "n:s:t:")) != -1) {
		if (opt == 'n')
			n = strtoull(optarg, NULL, 10);
		else if (opt == 's')
			random_state = strtoull(optarg, NULL, 10);
		else if (opt == 't')
			until = time(NULL) + atol(optarg), n = UINT64_MAX;
		else
			return 2;
	}
	signal(SIGSEGV, keep_input);
	signal(SIGABRT, keep_input);
	for (int i = optind; i < argc; i++)
		add_path(argv[i]);
	if (!n_seeds)
		seeds[n_seeds++] =
			(struct input){ xmalloc(INPUT_MAX_BYTES), 0 };
	for (size_t i = 0; i < n_seeds; i++)
		run_one(seeds[i].data, seeds[i].size);
	run_mutations(n, until);
	for (size_t i = 0; i < n_seeds; i++)
		free(seeds[i].data);
	printf("%zu inputs and their mutations\n1 passed, 0 failed\n", n_seeds);
	return 0;
}
