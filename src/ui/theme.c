/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "ui/theme.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "format/yaml.h"
#include "themes.h" /* themes/NAME.yaml as strings; made by the Makefile */

static const char *const role_names[N_ROLES] = {
	[ROLE_TEXT] = "text",
	[ROLE_STRONG] = "strong",
	[ROLE_DIM] = "dim",
	[ROLE_ACCENT] = "accent",
	[ROLE_OK] = "ok",
	[ROLE_WARN] = "warn",
	[ROLE_ALARM] = "alarm",
	[ROLE_RULE] = "rule",
	[ROLE_GUIDE] = "guide",
	[ROLE_AXIS] = "axis",
	[ROLE_BADGE_ALARM] = "badge-alarm",
	[ROLE_BADGE_WARN] = "badge-warn",
	[ROLE_BADGE] = "badge",
	[ROLE_FIELD] = "field",
	[ROLE_SCRIM] = "scrim",
	[ROLE_BASELINE] = "baseline",
	[ROLE_WINDOW] = "window",
	[ROLE_FILL] = "fill",
	[ROLE_BASELINE_OVER] = "baseline-over",
	[ROLE_SERIES_A] = "series-a",
	[ROLE_SERIES_B] = "series-b",
	[ROLE_SERIES_C] = "series-c",
	[ROLE_SERIES_D] = "series-d",
	[ROLE_SERIES_E] = "series-e",
	[ROLE_SERIES_F] = "series-f",
	[ROLE_SERIES_G] = "series-g",
	[ROLE_SERIES_H] = "series-h",
};

static const char *const depth_names[N_DEPTHS] = { "256", "16", "8", "mono" };

const char *role_name(enum role role)
{
	return role_names[role];
}

const char *theme_names(void)
{
	return "dark, light, mono";
}

/* A word of a look. False: it means nothing. */
static bool read_word(const char *word, bool is_bg, struct theme_look *look)
{
	char *end;
	long n;

	if (!strcmp(word, "bold"))
		look->attrs |= THEME_BOLD;
	else if (!strcmp(word, "dim"))
		look->attrs |= THEME_DIM;
	else if (!strcmp(word, "reverse"))
		look->attrs |= THEME_REVERSE;
	else if (!strcmp(word, "underline"))
		look->attrs |= THEME_UNDERLINE;
	else if (strcmp(word, "default")) {
		n = strtol(word, &end, 10);
		if (*end || n < 0 || n > 255)
			return false;
		*(is_bg ? &look->bg : &look->fg) = (short)n;
	}
	return true;
}

static bool read_look(const char *text, struct theme_look *look)
{
	char *copy = xstrdup(text), *rest = copy, *word;
	bool is_bg = false, ok = true;

	*look = (struct theme_look){ .fg = -1, .bg = -1 };
	while (ok && (word = strsep(&rest, " "))) {
		if (!strcmp(word, "on")) {
			is_bg = true;
			continue;
		}
		ok = read_word(word, is_bg, look);
		is_bg = false;
	}
	free(copy);
	return ok;
}

static bool read_role(const struct yaml *root, const char *role,
		      struct theme_look looks[N_DEPTHS], struct err *err)
{
	const struct yaml *map = yaml_get(root, role);

	for (size_t d = 0; d < N_DEPTHS; d++) {
		const struct yaml *look = yaml_get(map, depth_names[d]);

		if (look && read_look(yaml_str(look, ""), &looks[d]))
			continue;
		err_set(err, ERR_USAGE, "%s:%u: %s has no look for %s",
			yaml_file(root), map ? yaml_line(map) : 1, role,
			depth_names[d]);
		return false;
	}
	return true;
}

static short one_color(const struct yaml *root, const char *name)
{
	int64_t n = -1;

	yaml_int64(yaml_get(yaml_get(root, name), "256"), &n);
	return (short)n;
}

static bool read_theme(const struct yaml *root, struct theme *t,
		       struct err *err)
{
	for (size_t i = 0; i < N_ROLES; i++)
		if (!read_role(root, role_names[i], t->looks[i], err))
			return false;
	if (!read_role(root, "selection", t->selection, err))
		return false;
	t->selected_alarm = one_color(root, "selected-alarm");
	t->selected_warn = one_color(root, "selected-warn");
	return true;
}

enum err_code theme_load(const char *name, struct theme **out, struct err *err)
{
	for (size_t i = 0; i < ARRAY_LEN(builtin_themes); i++) {
		const char *text = builtin_themes[i].yaml;
		struct yaml *root = NULL;
		struct theme *t;

		if (strcmp(builtin_themes[i].name, name))
			continue;
		t = xcalloc(1, sizeof(*t));
		t->name = builtin_themes[i].name;
		if (!yaml_parse(text, strlen(text), t->name, &root, err) &&
		    read_theme(root, t, err))
			*out = t;
		else
			free(t);
		yaml_free(root);
		return err->code;
	}
	return err_set(err, ERR_USAGE, "no theme is called %s: there are %s",
		       name, theme_names());
}

void theme_free(struct theme *t)
{
	free(t);
}
