/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/text.h"
#include "cli_parts.h"
#include "io/gate.h"

/* ---- messages ------------------------------------------------------------ */

void cli_say(const char *fmt, ...)
{
	struct buf plain = BUF_INIT(0), text = BUF_INIT(0);
	va_list ap;

	va_start(ap, fmt);
	buf_addv(&plain, fmt, ap);
	va_end(ap);
	text_add_shown(&text, buf_str(&plain), plain.len);
	fprintf(stderr, "mltower: %s\n", buf_str(&text));
	buf_release(&plain);
	buf_release(&text);
}

int cli_fail(const struct err *err)
{
	cli_say("%s", err->msg);
	return err_exit_status(err->code);
}

int cli_usage(const struct cli *cli, const char *fmt, ...)
{
	struct buf text = BUF_INIT(0);
	const char *verb = cli->verb ? cli->verb->name : "";
	va_list ap;

	va_start(ap, fmt);
	buf_addv(&text, fmt, ap);
	va_end(ap);
	cli_say("%s%s%s: see mltower %s%s--help", verb, *verb ? ": " : "",
		buf_str(&text), verb, *verb ? " " : "");
	buf_release(&text);
	return EXIT_USAGE;
}

/* Why standard output takes no more; 0 while it does, or nobody reads. */
static int output_errno;

bool cli_write(const char *bytes, size_t len)
{
	ssize_t n;

	while (len) {
		n = write(STDOUT_FILENO, bytes, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			output_errno = n && errno != EPIPE ? errno : 0;
			return false;
		}
		bytes += n;
		len -= (size_t)n;
	}
	return true;
}

/* ---- options ------------------------------------------------------------- */

const char *cli_opt(const struct cli *cli, enum cli_opt opt)
{
	const struct cli_values *v = &cli->opts[opt];

	return v->n ? v->v[v->n - 1] : NULL;
}

bool cli_has(const struct cli *cli, enum cli_opt opt)
{
	return cli->opts[opt].n;
}

bool cli_opt_int(struct cli *cli, enum cli_opt opt, int64_t min,
		 int64_t otherwise, int64_t *out)
{
	const char *s = cli_opt(cli, opt);
	char *end;

	*out = otherwise;
	if (!s)
		return true;
	errno = 0;
	*out = strtoll(s, &end, 10);
	if (*s && !*end && !errno && *out >= min)
		return true;
	cli_usage(cli, "--%s '%s': expected a whole number of at least %lld",
		  cli_options[opt].name, s, (long long)min);
	return false;
}

/* ---- sources ------------------------------------------------------------- */

static enum err_code set_sources(struct cli *cli, bool needs_source,
				 struct err *err)
{
	const struct cli_values *named = &cli->opts[OPT_SOURCE];
	bool has_operands = cli->verb->flags & VERB_SOURCES;
	size_t n = named->n + (has_operands ? cli->args.n : 0), i;
	const char **all = xcalloc(n + 1, sizeof(char *));
	enum err_code code = ERR_OK;

	for (i = 0; i < named->n; i++)
		all[i] = named->v[i];
	for (; i < n; i++)
		all[i] = cli->args.v[i - named->n];
	if (n)
		code = config_set_sources(cli->config, all, n, err);
	else if (needs_source)
		code = config_find_sources(cli->config, err);
	free(all);
	return code;
}

bool cli_wants_source(const struct cli *cli, const char *name)
{
	if (!cli_has(cli, OPT_SOURCE))
		return true;
	for (size_t i = 0; name && i < cli->config->n_sources; i++)
		if (!strcmp(cli->config->sources[i].name, name))
			return true;
	return false;
}

int cli_config(struct cli *cli, bool needs_source)
{
	struct config_opts opts = { .file = cli_opt(cli, OPT_CONFIG),
				    .state_dir = cli_opt(cli, OPT_STATE_DIR),
				    .is_alone = cli->verb->flags & VERB_ALONE,
				    .keeps_errors =
					    cli->verb->flags & VERB_ON_CONFIG };
	struct err err = { 0 };

	if (cli->config)
		return 0;
	if (!opts.state_dir)
		opts.state_dir = cli_opt(cli, OPT_STATE);
	if (config_load(&opts, &cli->config, &err)) {
		cli_fail(&err);
		return EXIT_USAGE;
	}
	if (set_sources(cli, needs_source, &err)) {
		cli_fail(&err);
		return err.code == ERR_ABSENT ? EXIT_SOURCE : EXIT_USAGE;
	}
	return 0;
}

int cli_load(struct cli *cli, const struct load_ask *ask)
{
	int status = cli_config(cli, true);
	size_t i;

	if (status)
		return status;
	model_init(&cli->model);
	cli->has_model = true;
	cli->load = load_new(cli->config, &cli->model);
	cli->n_unread = load_poll(cli->load, ask, &cli->stop);
	if (cli->stop.stop)
		return EXIT_INTERRUPTED;
	for (i = 0; i < cli->model.n_sources; i++)
		if (cli->model.sources[i].err.code)
			cli_say("%s: %s", cli->model.sources[i].name,
				cli->model.sources[i].err.msg);
	return 0;
}

int cli_end(const struct cli *cli, int status)
{
	if (cli->stop.stop)
		return EXIT_INTERRUPTED;
	if (!status && cli->n_unread && !cli_has(cli, OPT_PARTIAL_OK))
		return EXIT_SOURCE;
	return status;
}

/* "SOURCE:NAME" where SOURCE is one of ours; what is left of the text. */
static const char *split_source(const struct cli *cli, const char *text,
				int *source)
{
	const char *colon;
	char *name;

	*source = -1;
	for (colon = strchr(text, ':'); colon; colon = strchr(colon + 1, ':')) {
		name = xstrndup(text, (size_t)(colon - text));
		*source = model_find_source(&cli->model, name);
		free(name);
		if (*source >= 0)
			return colon + 1;
	}
	return text;
}

/* Where not all was read it may well be there: why not is told already. */
static int not_found(const struct cli *cli, const struct err *err)
{
	if (err->code == ERR_ABSENT && cli->n_unread &&
	    !cli_has(cli, OPT_PARTIAL_OK))
		return EXIT_SOURCE;
	return cli_fail(err);
}

int cli_find_run(struct cli *cli, const char *text, uint32_t *row)
{
	struct err err = { 0 };
	int source;
	const char *name = split_source(cli, text, &source);

	if (!run_set_resolve(cli->model.runs, source, name, row, &err))
		return 0;
	/* A server gives some of its runs, and any by its whole id. */
	if (err.code == ERR_ABSENT && strlen(name) == 32 &&
	    load_run(cli->load, source, name, &cli->stop)) {
		err_clear(&err);
		if (!run_set_resolve(cli->model.runs, source, name, row, &err))
			return 0;
	}
	return not_found(cli, &err);
}

int cli_find_experiments(struct cli *cli, struct arena *a, const uint32_t **out,
			 size_t *n)
{
	const struct cli_values *named = &cli->opts[OPT_EXPERIMENT];
	const struct run_set *set = cli->model.runs;
	const struct intern *strings = cli->model.strings;
	size_t n_all = run_set_experiments(set), i;
	uint32_t *found =
		arena_alloc(a, (named->n * n_all + 1) * sizeof(*found));

	*n = 0;
	*out = found;
	for (i = 0; i < named->n; i++) {
		size_t was = *n;

		for (uint32_t k = 0; k < n_all; k++) {
			const struct run_experiment *e =
				run_set_experiment(set, k);

			if (!strcmp(intern_str(strings, e->name),
				    named->v[i]) ||
			    !strcmp(intern_str(strings, e->id), named->v[i]))
				found[(*n)++] = k;
		}
		if (*n == was) {
			cli_say("no experiment '%s'", named->v[i]);
			return EXIT_ABSENT;
		}
	}
	return 0;
}

/* "lab:fraud, prod:fraud": what can be typed in place of the name. */
static void name_models(const struct cli *cli, const char *name,
			struct err *err)
{
	const struct registry *reg = cli->model.registry;
	struct buf list = BUF_INIT(0);

	for (size_t i = 0; i < registry_count(reg); i++) {
		const struct reg_entry *e = registry_at(reg, i);

		if (!strcmp(e->model->name, name))
			buf_addf(&list, "%s%s:%s", list.len ? ", " : "",
				 cli->model.sources[e->source].name, name);
	}
	err_clear(err);
	err_set(err, ERR_MANY, "'%.60s' is in more than one source: %s", name,
		buf_str(&list));
	buf_release(&list);
}

int cli_find_model(struct cli *cli, const char *text,
		   const struct reg_entry **entry)
{
	struct err err = { 0 };
	int source;
	const char *name = split_source(cli, text, &source);

	if (!registry_find(cli->model.registry, source, name, entry, &err))
		return 0;
	if (err.code == ERR_MANY)
		name_models(cli, name, &err);
	return not_found(cli, &err);
}

/* ---- printing ------------------------------------------------------------ */

struct view_ctx cli_ctx(const struct cli *cli)
{
	return (struct view_ctx){ .model = &cli->model,
				  .config = cli->config,
				  .now_ms = cli->now_ms };
}

bool cli_sink(void *to, const char *bytes, size_t len)
{
	(void)to;
	return cli_write(bytes, len);
}

int cli_print(struct cli *cli, struct view_list *list)
{
	/* Nobody reads any more: that is no failure. */
	view_print(list, &cli->style, cli_sink, NULL);
	view_list_release(list);
	return cli_end(cli, EXIT_YES);
}

static unsigned terminal_width(void)
{
	struct winsize size = { 0 };

	if (!isatty(STDOUT_FILENO))
		return 0;
	if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_col)
		return size.ws_col;
	return 80;
}

static bool wants_color(const char *when)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	if (when && strcmp(when, "auto"))
		return !strcmp(when, "always");
	return isatty(STDOUT_FILENO) && !(no && *no) && term &&
	       strcmp(term, "dumb");
}

/* False after a message. */
static bool set_style(struct cli *cli)
{
	const char *form = cli_opt(cli, OPT_OUTPUT);
	const char *color = cli_opt(cli, OPT_COLOR);

	cli->style.look.now_ms = cli->now_ms;
	cli->style.look.is_ascii = !text_locale_is_utf8();
	cli->style.width = terminal_width();
	cli->style.has_color = wants_color(color);
	if (cli_has(cli, OPT_JSON))
		form = "json";
	if (cli_has(cli, OPT_CSV))
		form = "csv";
	if (form && !print_form_parse(form, &cli->style.form)) {
		cli_usage(cli, "-o '%s': expected %s", form,
			  print_form_names());
		return false;
	}
	if (color && strcmp(color, "auto") && strcmp(color, "always") &&
	    strcmp(color, "never")) {
		cli_usage(cli, "--color '%s': expected auto, always or never",
			  color);
		return false;
	}
	return true;
}

/* ---- what main() brought ------------------------------------------------- */

int cmd_tower(struct cli *cli)
{
	return cli->screens->tower(cli);
}

int cmd_wall(struct cli *cli)
{
	return cli->screens->wall(cli);
}

int cmd_demo(struct cli *cli)
{
	return cli->screens->demo(cli);
}

int cmd_factory(struct cli *cli)
{
	return cli->screens->factory(cli);
}

/* ---- the whole ----------------------------------------------------------- */

static struct cancel *interrupt;

static void on_interrupt(int sig)
{
	(void)sig;
	interrupt->stop = true;
}

/* The first SIGINT asks the verb to end, a second ends the program. */
static void watch_signals(struct cli *cli)
{
	struct sigaction act = { .sa_handler = on_interrupt,
				 .sa_flags = (int)SA_RESETHAND };

	interrupt = &cli->stop;
	sigemptyset(&act.sa_mask);
	sigaction(SIGINT, &act, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static int run(struct cli *cli)
{
	if (cli_has(cli, OPT_VERSION)) {
		cli_write(PACKAGE_STRING "\n", sizeof(PACKAGE_STRING));
		return EXIT_YES;
	}
	if (cli_has(cli, OPT_HELP))
		return cli_help(cli);
	if (!set_style(cli))
		return EXIT_USAGE;
	if (cli_has(cli, OPT_READONLY))
		gate_close(GATE_SYSTEMS, "--readonly");
	watch_signals(cli);
	return cli->verb->run(cli);
}

static void release(struct cli *cli)
{
	size_t i;

	load_free(cli->load);
	if (cli->has_model)
		model_release(&cli->model);
	config_free(cli->config);
	arena_release(&cli->arena);
	free(cli->args.v);
	for (i = 0; i < N_OPTS; i++)
		free(cli->opts[i].v);
}

/* What is opened later must not become standard output. */
static void fill_standard_streams(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

/* An answer that did not arrive was no answer. */
static int check_output(int status)
{
	if (!output_errno)
		return status;
	cli_say("standard output: %s", strerror(output_errno));
	return MAX(status, EXIT_SOURCE);
}

int cli_main(int argc, char **argv, const struct cli_screens *screens)
{
	struct cli cli = { .screens = screens, .now_ms = clock_utc_ms() };
	int status;

	fill_standard_streams();
	gate_init();
	status = cli_parse(&cli, argc, argv) ? run(&cli) : EXIT_USAGE;
	release(&cli);
	return check_output(status);
}
