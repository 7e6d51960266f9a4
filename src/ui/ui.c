/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "ui/ui.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "attention.h"
#include "base/clock.h"
#include "base/mem.h"
#include "export.h"
#include "model/filter_complete.h"
#include "ui/keys.h"
#include "ui/wall.h"
#include "ui_internal.h"

#define APPLY_BUDGET_MS 4
#define PLAIN_WAIT_MS   2000
#define QUIT_WAIT_MS    500
#define PROMPT_ROWS     2
#define PROGRESS_MS     500
#define AGE_STEP_MS     10000
#define FIRST_FRAME_MS  35 /* wait this long for rows before the first one */

static struct ui *the_ui; /* for signal handlers and the last act */

static void wake_the_loop(void)
{
	if (the_ui)
		app_wake(the_ui->app);
}

static void restore_terminal(void)
{
	if (the_ui && the_ui->term)
		term_restore(the_ui->term);
}

/* ---- what pages use ---- */

void ui_push(struct ui *ui, struct page *page)
{
	page->below = ui->top;
	ui->top = page;
	ui->needs_update = true;
}

void ui_pop(struct ui *ui)
{
	struct page *page = ui->top;

	ui->top = page->below;
	page->ops->free(page);
	ui->needs_update = true;
}

static void say(struct ui *ui, bool is_error, const char *fmt, va_list ap)
{
	vsnprintf(ui->message, sizeof(ui->message), fmt, ap);
	ui->message_is_error = is_error;
	ui->is_dirty = true;
}

void ui_say(struct ui *ui, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(ui, false, fmt, ap);
	va_end(ap);
}

void ui_complain(struct ui *ui, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(ui, true, fmt, ap);
	va_end(ap);
}

void ui_dirty(struct ui *ui)
{
	ui->is_dirty = true;
}

bool ui_is_tiny(const struct ui *ui)
{
	return ui->surface->h < 6;
}

struct rect ui_body(struct ui *ui)
{
	int head = 2, foot = 1;

	if (ui_is_tiny(ui)) {
		head = ui_attention(ui).kind != ATTENTION_NONE;
		foot = 0;
	}
	return (struct rect){ 0, head, ui->surface->w,
			      MAX(1, ui->surface->h - head - foot) };
}

/* OSC 52, base64 of the text. Terminals take no more than about this much. */
void ui_copy(struct ui *ui, const char *text, const char *what)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char *s = (const unsigned char *)text;
	size_t len = strlen(text);
	struct buf out = BUF_INIT(100000);

	buf_adds(&out, "\033]52;c;");
	for (size_t i = 0; i < len; i += 3) {
		unsigned v = (unsigned)s[i] << 16;

		v |= i + 1 < len ? (unsigned)s[i + 1] << 8 : 0;
		v |= i + 2 < len ? s[i + 2] : 0;
		buf_addc(&out, digits[v >> 18]);
		buf_addc(&out, digits[v >> 12 & 63]);
		buf_addc(&out, i + 1 < len ? digits[v >> 6 & 63] : '=');
		buf_addc(&out, i + 2 < len ? digits[v & 63] : '=');
	}
	buf_addc(&out, '\a');
	if (out.is_cut)
		ui_complain(ui, "not copied: more than a terminal takes");
	else if (!ui->term || term_write(ui->term, buf_str(&out), out.len))
		ui_say(ui, "copied %s", what ? what : text);
	else
		ui_complain(ui, "not copied: the terminal takes nothing");
	buf_release(&out);
}

/* ---- commands ---- */

/* As the state folder keeps them; those of single arguments are of this
 * session alone. */
static const char *const kept_prompts[N_PROMPTS] = {
	[PROMPT_COMMAND] = "command",
	[PROMPT_FILTER] = "filter",
};

static void open_prompt(struct ui *ui, enum prompt_kind kind, const char *label,
			const char *text)
{
	const char *const *lines;
	size_t n;

	if (kept_prompts[kind] && !ui->prompt.has_earlier[kind] &&
	    app_typed(ui->app, kept_prompts[kind], &lines, &n))
		prompt_put_earlier(&ui->prompt, kind, lines, n);
	prompt_open(&ui->prompt, kind, label, text, ui_complete, ui);
}

/* Filters of runs are a language that other lists do not have. */
static enum prompt_kind kind_of(const struct ui *ui, enum command_id cmd)
{
	if (cmd == CMD_PROMPT)
		return PROMPT_COMMAND;
	if (cmd != CMD_FILTER)
		return PROMPT_ARG;
	return ui->top->below ? PROMPT_SEARCH : PROMPT_FILTER;
}

void ui_ask_about(struct ui *ui, enum command_id cmd, const char *label,
		  const char *text)
{
	snprintf(ui->prompt_label, sizeof(ui->prompt_label), "%s", label);
	snprintf(ui->prompt_before, sizeof(ui->prompt_before), "%s", text);
	ui->prompt_command = cmd;
	ui->prompt_error_at = 0;
	ui->prompt_is_unfinished = false;
	open_prompt(ui, kind_of(ui, cmd), ui->prompt_label, text);
	if (cmd == CMD_VIEW)
		prompt_offer(&ui->prompt);
}

void ui_ask_arg(struct ui *ui, enum command_id cmd, const char *text)
{
	static const struct {
		enum command_id cmd;
		const char *label;
	} labels[] = { { CMD_FILTER, "/" },
		       { CMD_PROMPT, ":" },
		       { CMD_EXPERIMENT, "experiment" },
		       { CMD_METRIC, "metric" },
		       { CMD_SORT, "sort" },
		       { CMD_GROUP, "group by" },
		       { CMD_KIND, "kind" },
		       { CMD_VIEW, "view" },
		       { CMD_SAVE, "save as" },
		       { CMD_FORGET, "forget" },
		       { CMD_THEME, "theme" } };
	const char *label = ui_commands[cmd].name;

	for (size_t i = 0; i < ARRAY_LEN(labels); i++)
		if (labels[i].cmd == cmd)
			label = labels[i].label;
	ui_ask_about(ui, cmd, label, text);
}

static void run_line(struct ui *ui, const char *line)
{
	size_t len = strcspn(line, " ");
	char *name = xstrndup(line, len);
	enum command_id cmd = ui_command_find(name);
	const char *arg = line + len + strspn(line + len, " ");

	if (!*name)
		;
	else if (!cmd)
		ui_complain(ui, "no command is called %s; Tab completes", name);
	else
		ui_run(ui, cmd, *arg ? arg : NULL);
	free(name);
}

static void set_theme(struct ui *ui, const char *name)
{
	struct err err = { 0 };
	struct theme *theme;

	if (theme_load(name, &theme, &err)) {
		ui_complain(ui, "%s", err.msg);
		return;
	}
	if (ui->screen)
		screen_set_theme(ui->screen, theme);
	theme_free(theme);
}

/* The one under the cursor; where there is none, the one of the attention
 * row. */
static const struct alert *alert_at_hand(const struct ui *ui)
{
	const struct page *p = ui->top;
	const struct alert *al = p->ops->alert ? p->ops->alert(p, ui) : NULL;

	return al ? al : ui_worst_alert(ui);
}

static const struct alert *alert_by_id(const struct ui *ui, int64_t id)
{
	const struct alert_set *set = &app_model(ui->app)->alerts;

	for (size_t i = 0; i < set->n; i++)
		if (set->alerts[i].id == id)
			return &set->alerts[i];
	return NULL;
}

static bool can_acknowledge(struct ui *ui, const struct alert *al)
{
	if (!al)
		ui_say(ui, "No alert fires that is not acknowledged.");
	else if (al->state != ALERT_FIRING)
		ui_say(ui, "%s does not fire", al->model);
	else if (!alert_is_on_record(al))
		ui_say(ui, "%s: ends when somebody does", al->text);
	else if (*al->acked_by)
		ui_say(ui, "%s is acknowledged already", al->model);
	else
		return true;
	return false;
}

static void ask_note(struct ui *ui)
{
	const struct alert *al = alert_at_hand(ui);
	char label[sizeof(ui->prompt_label)];

	if (!can_acknowledge(ui, al))
		return;
	ui->ack_id = al->id;
	snprintf(label, sizeof(label), "%s %s: note", al->model,
		 *al->column ? al->column : al->rule);
	ui_ask_about(ui, CMD_ACK, label, "");
}

static void acknowledge(struct ui *ui, const struct alert *al, const char *note)
{
	if (!can_acknowledge(ui, al))
		return;
	ui_say(ui, "acknowledging %s %s", al->model, al->column);
	app_acknowledge(ui->app, al->id, note ? note : "");
}

static void suspend(struct ui *ui)
{
	if (!ui->screen)
		return;
	screen_leave(ui->screen);
	term_leave(ui->term);
	raise(SIGSTOP);
	term_enter(ui->term);
	screen_enter(ui->screen);
	ui->must_measure = true;
}

static void leave_page(struct ui *ui)
{
	if (ui->top->below)
		ui_pop(ui);
	else
		ui->is_quitting = true;
}

/* What the page does not answer itself. False: nor does anybody. */
static bool run_own(struct ui *ui, enum command_id cmd, const char *arg)
{
	switch (cmd) {
	case CMD_QUIT:
		ui->is_quitting = true;
		break;
	case CMD_LEAVE:
		leave_page(ui);
		break;
	case CMD_BACK:
		if (ui->top->below)
			ui_pop(ui);
		break;
	case CMD_HELP:
		ui_push(ui, page_help_new(ui, ui->top->ops->scope(ui->top)));
		break;
	case CMD_EVENTS:
		ui_push(ui, page_events_new(ui));
		break;
	case CMD_SOURCES:
		ui_push(ui, page_sources_new(ui));
		break;
	case CMD_NEEDS_NEXT:
	case CMD_NEEDS_PREV:
		while (ui->top->below)
			ui_pop(ui);
		ui_run(ui, cmd, NULL);
		break;
	case CMD_REFRESH:
		app_refresh(ui->app);
		ui_say(ui, "reading all sources");
		break;
	case CMD_REDRAW:
		if (ui->screen)
			screen_redraw(ui->screen);
		break;
	case CMD_SUSPEND:
		suspend(ui);
		break;
	case CMD_THEME:
		set_theme(ui, arg ? arg : "dark");
		break;
	case CMD_ACK:
		acknowledge(ui, alert_at_hand(ui), arg);
		break;
	case CMD_EXPORT_STOP:
		if (!export_give_up(ui))
			ui_say(ui, "nothing is being written; Q quits");
		break;
	default:
		return false;
	}
	return true;
}

/* The Tower takes what its Runs pane does from every pane. */
static bool is_for_here(const struct ui *ui, enum command_id cmd)
{
	unsigned here = ui->top->ops->scope(ui->top) | SCOPE_ALL;

	if (!ui->top->below)
		here |= SCOPE_RUNS;
	return ui_commands[cmd].scopes & here;
}

static void say_where(struct ui *ui, enum command_id cmd)
{
	const struct ui_command *c = &ui_commands[cmd];
	struct buf where = BUF_INIT(200);

	if (c->scopes & (SCOPE_ALL | ui->top->ops->scope(ui->top))) {
		ui_say(ui, "%s does nothing here", c->name);
		return;
	}
	scope_names(c->scopes, ", ", &where);
	ui_say(ui, "%s does nothing here; it works in: %s", c->name,
	       buf_str(&where));
	buf_release(&where);
}

/* Rows are those of the runs; everything else has a name to be copied. */
static bool can_copy(struct ui *ui, const char *what)
{
	if (!what || !strcmp(what, "id"))
		return true;
	if (strcmp(what, "row") != 0 && strcmp(what, "table") != 0)
		ui_complain(ui, "copy: expected id, row or table, not %s",
			    what);
	else if (!(ui->top->ops->scope(ui->top) & SCOPE_RUNS))
		ui_complain(ui, "copy: a %s is copied from the Runs pane",
			    what);
	else
		return true;
	return false;
}

void ui_run(struct ui *ui, enum command_id cmd, const char *arg)
{
	bool takes = ui_commands[cmd].flags & CMD_TAKES;

	ui->is_dirty = ui->needs_update = true;
	if (cmd == CMD_PROMPT) {
		ui_ask_arg(ui, cmd, "");
		return;
	}
	if (cmd == CMD_ACK && !arg) {
		ask_note(ui);
		return;
	}
	if (cmd == CMD_COPY && !can_copy(ui, arg))
		return;
	if (takes && !arg && is_for_here(ui, cmd)) {
		ui_ask_arg(ui, cmd,
			   ui->top->below ? "" : page_tower_arg(ui->top, cmd));
		return;
	}
	if (!ui->top->ops->command(ui->top, ui, cmd, arg) &&
	    !run_own(ui, cmd, arg))
		say_where(ui, cmd);
}

/* ---- keys ---- */

/* What remains. What cannot be read, or not yet, leaves what was read before
 * it. */
static void preview_filter(struct ui *ui)
{
	const char *text = prompt_text(&ui->prompt);

	if (!ui->top->below) {
		ui_complete_ahead(ui);
		ui->prompt_is_unfinished =
			filter_typing(text) == FILTER_UNFINISHED;
	}
	ui->prompt_error_at = 0;
	if (!ui->prompt_is_unfinished)
		ui_run(ui, CMD_FILTER, text);
}

static void remember_prompt(struct ui *ui)
{
	const char *kind = kept_prompts[ui->prompt.kind];

	if (kind && *prompt_text(&ui->prompt))
		app_keep_typed(ui->app, kind, prompt_text(&ui->prompt));
	prompt_remember(&ui->prompt);
}

static void close_prompt(struct ui *ui)
{
	prompt_close(&ui->prompt);
	app_want_columns(ui->app, APP_WHO_PROMPT, NULL, 0);
}

/* What cannot be done stays, to be mended where it stands, and in the history
 * for who gives up. */
static void finish_prompt(struct ui *ui)
{
	enum command_id cmd = ui->prompt_command;
	char *text = xstrdup(prompt_text(&ui->prompt));

	remember_prompt(ui);
	if (cmd == CMD_PROMPT) {
		close_prompt(ui);
		run_line(ui, text);
	} else {
		/* The alert that was asked about, not what is under the cursor
		 * by now. */
		if (cmd == CMD_ACK)
			acknowledge(ui, alert_by_id(ui, ui->ack_id), text);
		else
			ui_run(ui, cmd, text);
		if (!*ui->message || !ui->message_is_error)
			close_prompt(ui);
	}
	free(text);
}

static void prompt_input(struct ui *ui, int key)
{
	enum command_id cmd = ui->prompt_command;
	enum prompt_result result = prompt_key(&ui->prompt, key);

	ui->is_dirty = true;
	if (result == PROMPT_SAME)
		return;
	*ui->message = 0;
	ui->prompt_is_unfinished = false;
	if (result == PROMPT_CHANGED && cmd == CMD_FILTER)
		preview_filter(ui);
	else if (result == PROMPT_DONE ||
		 (cmd == CMD_VIEW &&
		  ui_has_view_key(ui, prompt_text(&ui->prompt))))
		finish_prompt(ui);
	else if (result == PROMPT_CANCEL) {
		close_prompt(ui);
		if (cmd == CMD_FILTER)
			ui_run(ui, cmd, ui->prompt_before);
	}
}

static void unbound(struct ui *ui, unsigned scope, int key)
{
	char text[8];

	if (key == UI_KEY_PASTE)
		ui_say(ui, "pasted text is not taken as keys");
	else if (key_utf8(key, text) || key >= UI_KEY_F1 || key < ' ')
		ui_say(ui,
		       "%s does nothing here; config: keys: {%s: {\"%s\": "
		       "COMMAND}}",
		       ui_key_name(key), scope_name((enum scope)scope),
		       ui_key_name(key));
}

static void handle_key(struct ui *ui, int key)
{
	const struct binding *b;
	unsigned scope;

	absence_note_key(&ui->absence, ui->now_mono_ms, ui->now_utc_ms);
	if (ui->prompt.is_open) {
		prompt_input(ui, key);
		return;
	}
	if (*ui->message)
		ui->is_dirty = true;
	*ui->message = 0;
	if (ui->top->ops->key && ui->top->ops->key(ui->top, ui, key)) {
		ui->is_dirty = ui->needs_update = true;
		return;
	}
	scope = ui->top->ops->scope(ui->top);
	b = keymap_find(ui->keymap, scope, key);
	if (b)
		ui_run(ui, b->cmd, *b->arg ? b->arg : NULL);
	else
		unbound(ui, scope, key);
}

/* ---- painting ---- */

static uint32_t model_gen(const struct ui *ui)
{
	const struct model *m = app_model(ui->app);

	return m->runs_gen + m->registry_gen + m->series_gen + m->alerts_gen +
	       m->events_gen + m->sources_gen + m->orders_gen;
}

/* The age of a source that fell silent moves by ten seconds at first. */
static int64_t silent_ms(const struct ui *ui, uint16_t source)
{
	int64_t read_ms = app_source_read_ms(ui->app, source);

	if (read_ms == TIME_NONE)
		return 0;
	return MAX(0, MIN(ui->now_utc_ms - read_ms, (int64_t)60000));
}

static int64_t silent_steps(const struct ui *ui)
{
	int64_t steps = 0;

	for (uint16_t i = 0; i < app_model(ui->app)->n_sources; i++)
		steps += silent_ms(ui, i) / AGE_STEP_MS;
	return steps;
}

/* Ages move in steps: once a minute is enough, or what a page asks for. */
static bool is_update_due(const struct ui *ui)
{
	int64_t at = ui->top->update_at_ms;

	return ui->needs_update || model_gen(ui) != ui->seen_gen ||
	       (at >= 0 && ui->now_mono_ms >= at) ||
	       ui->now_utc_ms / 60000 != ui->painted_minute ||
	       silent_steps(ui) != ui->painted_steps;
}

static void update(struct ui *ui)
{
	if (!is_update_due(ui))
		return;
	arena_clear(&ui->frame);
	ui->seen_gen = model_gen(ui);
	ui->painted_minute = ui->now_utc_ms / 60000;
	ui->painted_steps = silent_steps(ui);
	ui->needs_update = false;
	if (ui->top->ops->is_dialog && ui->top->below)
		ui->top->below->ops->update(ui->top->below, ui);
	ui->top->ops->update(ui->top, ui);
	ui->is_dirty = true;
}

static void draw_page(struct ui *ui)
{
	struct surface *s = ui->surface;
	struct rect body = ui_body(ui);

	arena_clear(&ui->frame);
	surface_clear(s);
	if (ui->is_wall) {
		ui->top->ops->draw(ui->top, ui, s,
				   (struct rect){ 0, 0, s->w, s->h });
		return;
	}
	if (!ui_is_tiny(ui))
		ui_draw_head(ui, s, (struct rect){ 0, 0, s->w, 1 });
	if (body.y > 0)
		ui_draw_attention(ui, s,
				  (struct rect){ 0, body.y - 1, s->w, 1 });
	if (ui->top->ops->is_dialog && ui->top->below) {
		ui->top->below->ops->draw(ui->top->below, ui, s, body);
		ui_draw_foot(ui, s, (struct rect){ 0, s->h - 1, s->w, 1 });
		surface_scrim(s, (struct rect){ 0, 0, s->w, s->h });
		body = (struct rect){ 0, 0, s->w, s->h };
	}
	ui->top->ops->draw(ui->top, ui, s, body);
	if (!ui->top->ops->is_dialog)
		ui_draw_foot(ui, s, (struct rect){ 0, s->h - 1, s->w, 1 });
}

static void draw(struct ui *ui)
{
	draw_page(ui);
	if (ui->glyphs->is_ascii)
		surface_to_ascii(ui->surface);
}

static void measure(struct ui *ui)
{
	int w, h;

	term_size(ui->term, &w, &h);
	if (w != ui->surface->w || h != ui->surface->h)
		surface_resize(ui->surface, w, h);
	screen_resize(ui->screen, w, h);
	ui->needs_update = ui->is_dirty = true;
	ui->must_measure = false;
}

/* What is being written is told of now and then. */
static bool is_progress_due(struct ui *ui)
{
	if (!ui->export || ui->now_mono_ms < ui->progress_at_ms)
		return false;
	ui->progress_at_ms = ui->now_mono_ms + PROGRESS_MS;
	return true;
}

static void paint(struct ui *ui)
{
	if (ui->must_measure || term_take_resize(ui->term))
		measure(ui);
	update(ui);
	ui->is_dirty |= is_progress_due(ui);
	/* One frame at a time: a slow terminal costs frames. */
	if (!ui->is_dirty || !term_is_drained(ui->term))
		return;
	draw(ui);
	screen_paint(ui->screen, ui->surface);
	ui->is_dirty = false;
}

/* ---- the loop ---- */

static void look_at_clock(struct ui *ui)
{
	ui->now_mono_ms = clock_mono_ms();
	ui->now_utc_ms = clock_utc_ms();
}

static int earlier(int64_t at_ms, int64_t now_ms, int timeout)
{
	int64_t wait = MAX(0, at_ms - now_ms);

	return at_ms >= 0 && wait < timeout ? (int)wait : timeout;
}

static int next_timeout(const struct ui *ui)
{
	int timeout = (int)(60000 - ui->now_utc_ms % 60000) + 1;

	for (uint16_t i = 0; i < app_model(ui->app)->n_sources; i++)
		timeout = MIN(timeout, (int)(AGE_STEP_MS -
					     silent_ms(ui, i) % AGE_STEP_MS));
	timeout = earlier(term_key_due_ms(ui->term), ui->now_mono_ms, timeout);
	if (ui->export)
		timeout = earlier(ui->progress_at_ms, ui->now_mono_ms, timeout);
	return earlier(ui->top->update_at_ms, ui->now_mono_ms, timeout);
}

static bool handle_signals(struct ui *ui)
{
	if (term_wants_quit(ui->term))
		return false;
	if (term_take_stop(ui->term))
		suspend(ui);
	if (term_take_continued(ui->term)) {
		term_enter(ui->term);
		screen_redraw(ui->screen);
		ui->must_measure = true;
	}
	return true;
}

static bool read_keys(struct ui *ui, short events)
{
	int key;

	if (events & POLLIN && !term_read(ui->term))
		return false;
	if (events & (POLLHUP | POLLERR | POLLNVAL))
		return false;
	while ((key = term_next_key(ui->term, ui->now_mono_ms)) >= 0 &&
	       !ui->is_quitting) {
		handle_key(ui, key);
		/* Each key sees the rows the one before it made. */
		update(ui);
	}
	return true;
}

static void loop(struct ui *ui)
{
	struct pollfd fds[2] = {
		{ .fd = STDIN_FILENO, .events = POLLIN },
		{ .fd = app_wake_fd(ui->app), .events = POLLIN },
	};
	int64_t began_ms = clock_mono_ms();
	bool was_painted = false;

	while (!ui->is_quitting) {
		int timeout = next_timeout(ui);

		/* The first frame has rows in it, if they come at once. */
		if (!was_painted)
			timeout = earlier(began_ms + FIRST_FRAME_MS,
					  ui->now_mono_ms, timeout);
		fds[0].revents = fds[1].revents = 0;
		poll(fds, 2, timeout);
		look_at_clock(ui);
		if (!handle_signals(ui) || !read_keys(ui, fds[0].revents))
			break;
		if (app_apply_messages(ui->app, APPLY_BUDGET_MS))
			app_wake(ui->app);
		if (!was_painted &&
		    ui->now_mono_ms - began_ms < FIRST_FRAME_MS &&
		    !model_gen(ui))
			continue;
		was_painted = true;
		paint(ui);
	}
}

/* ---- beginning and end ---- */

static bool is_answered(const struct ui *ui)
{
	const struct model *m = app_model(ui->app);

	for (size_t i = 0; i < m->n_sources; i++)
		if (!m->sources[i].is_complete &&
		    m->sources[i].state != SOURCE_ABSENT &&
		    m->sources[i].state != SOURCE_FAILED)
			return false;
	return app_is_quiet(ui->app) && !app_is_reading(ui->app);
}

/* Without a terminal: what the Tower shows, once, as text. */
static int plain_frame(struct ui *ui)
{
	int64_t end_ms = clock_mono_ms() + PLAIN_WAIT_MS;
	struct pollfd wake = { .fd = app_wake_fd(ui->app), .events = POLLIN };
	struct buf text = BUF_INIT(1 << 20);
	int64_t ahead_ms = 1000;
	int settled = 0;
	bool has_more = false;

	while (clock_mono_ms() < end_ms && settled < 3) {
		poll(&wake, 1, has_more ? 0 : 40);
		has_more = app_apply_messages(ui->app, APPLY_BUDGET_MS);
		look_at_clock(ui);
		/* The cursor never moves here: its run has rested. Once all is
		 * read time runs ahead, so that what is put off while things
		 * move becomes due. */
		ahead_ms += settled ? 1000 : 0;
		ui->now_mono_ms += ahead_ms;
		ui->needs_update = true;
		update(ui);
		settled = !has_more && is_answered(ui) ? settled + 1 : 0;
	}
	draw(ui);
	surface_text(ui->surface, &text);
	fwrite(buf_str(&text), 1, text.len, stdout);
	buf_release(&text);
	return fflush(stdout) ? 3 : 0;
}

static int size_from(const char *variable, int otherwise)
{
	const char *value = getenv(variable);

	return value && atoi(value) > 0 ? atoi(value) : otherwise;
}

/* Of one plain frame: what fits above the prompt, which may have two lines, of
 * a terminal that is dumb; else what the environment says. */
static void plain_size(int *w, int *h)
{
	struct winsize size = { 0 };

	*w = size_from("COLUMNS", 120);
	*h = size_from("LINES", 36);
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || !size.ws_col ||
	    size.ws_row <= PROMPT_ROWS)
		return;
	*w = size.ws_col;
	*h = size.ws_row - PROMPT_ROWS;
}

static bool is_dumb_terminal(void)
{
	const char *term = getenv("TERM");

	return isatty(STDOUT_FILENO) &&
	       (!term || !*term || !strcmp(term, "dumb"));
}

static enum err_code open_screen(struct ui *ui, const struct ui_opts *opts,
				 struct err *err)
{
	const char *name = opts->theme ? opts->theme : opts->config->theme;
	struct theme *theme = NULL;
	int w, h;

	if (theme_load(name, &theme, err))
		return err->code;
	if (!term_open(wake_the_loop, &ui->term, err)) {
		if (screen_open(ui->term, theme, &ui->screen, err)) {
			term_close(ui->term);
			ui->term = NULL;
		} else {
			term_size(ui->term, &w, &h);
			surface_resize(ui->surface, w, h);
		}
	}
	theme_free(theme);
	/* No terminal, or one that cannot: a plain frame, and no error. */
	if (!ui->screen && err->code == ERR_USAGE)
		err_clear(err);
	return err->code;
}

static enum err_code check_glyphs(const char *name, const struct glyphs **out,
				  struct err *err)
{
	if (glyphs_parse(name, out))
		return ERR_OK;
	return err_set(err, ERR_USAGE,
		       "glyphs are auto, braille, block or ascii, not %s",
		       name);
}

size_t ui_check(const struct config *c, void (*told)(const char *text))
{
	const struct glyphs *glyphs;
	struct theme *theme = NULL;
	struct err bad_theme = { 0 }, bad_glyphs = { 0 };

	if (theme_load(c->theme, &theme, &bad_theme)) {
		err_prefix(&bad_theme, "%s", config_from(c, "theme"));
		told(bad_theme.msg);
	}
	theme_free(theme);
	if (check_glyphs(c->glyphs, &glyphs, &bad_glyphs)) {
		err_prefix(&bad_glyphs, "%s", config_from(c, "glyphs"));
		told(bad_glyphs.msg);
	}
	return !!bad_theme.code + !!bad_glyphs.code + keymap_check(c, told);
}

static enum err_code ui_open(struct ui *ui, const struct ui_opts *opts,
			     struct err *err)
{
	const char *glyphs = opts->glyphs ? opts->glyphs : opts->config->glyphs;
	struct app_opts app_opts = { .config = opts->config,
				     .is_wall = opts->is_wall,
				     .is_demo = opts->is_demo };
	int w, h;

	if (!strcmp(glyphs, "auto") && is_dumb_terminal())
		glyphs = "ascii";
	if (check_glyphs(glyphs, &ui->glyphs, err) ||
	    keymap_new(opts->config, &ui->keymap, err))
		return err->code;
	/* What the locale cannot say would be a question mark each. */
	if (!text_locale_is_utf8())
		glyphs_parse("ascii", &ui->glyphs);
	plain_size(&w, &h);
	ui->surface = surface_new(w, h);
	prompt_init(&ui->prompt);
	absence_init(&ui->absence);
	ui->opened_utc_ms = clock_utc_ms();
	ui->is_wall = opts->is_wall;
	ui->app = app_new(&app_opts);
	the_ui = ui;
	look_at_clock(ui);
	if (opts->say)
		ui_say(ui, "%s", opts->say);
	if (open_screen(ui, opts, err))
		return err->code;
	ui_push(ui, opts->is_wall ? page_wall_new(ui, opts->wall_view)
				  : page_tower_new(ui));
	return ERR_OK;
}

static bool ui_close(struct ui *ui)
{
	bool all_left = true;

	while (ui->top)
		ui_pop(ui);
	screen_close(ui->screen);
	term_close(ui->term);
	the_ui = NULL;
	if (ui->app)
		all_left = app_free(ui->app, QUIT_WAIT_MS);
	prompt_release(&ui->prompt);
	keymap_free(ui->keymap);
	surface_free(ui->surface);
	arena_release(&ui->frame);
	return all_left;
}

int ui_main(const struct ui_opts *opts)
{
	struct ui ui = { 0 };
	struct err err = { 0 };
	int status = 0;

	mem_set_last_act(restore_terminal);
	if (ui_open(&ui, opts, &err)) {
		fprintf(stderr, "mltower: %s\n", err.msg);
		status = err_exit_status(err.code);
	} else if (ui.screen) {
		loop(&ui);
	} else {
		status = plain_frame(&ui);
	}
	/* A worker that is stuck in the kernel is left behind with all that it
	 * uses. */
	if (!ui_close(&ui)) {
		fflush(NULL);
		_exit(status);
	}
	return status;
}

enum err_code ui_list_keys(const struct config *config, ui_key_line *line,
			   void *to, struct err *err)
{
	struct keymap *map;

	if (keymap_new(config, &map, err))
		return err->code;
	for (size_t i = 0; i < keymap_count(map); i++) {
		const struct binding *b = keymap_at(map, i);
		struct buf panes = BUF_INIT(200);

		scope_names(b->scopes, ",", &panes);
		line(to, buf_str(&panes), ui_key_name(b->key),
		     ui_commands[b->cmd].name, ui_commands[b->cmd].help,
		     b->from);
		buf_release(&panes);
	}
	keymap_free(map);
	return ERR_OK;
}
