/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_UI_ATTENTION_H
#define MLTOWER_UI_ATTENTION_H

#include "ui_internal.h"

/* What needs a person, worst first: whatever is red or amber on a screen is
 * one of these, so that the second row never says less than the panes. */
enum attention_kind {
	ATTENTION_NONE,
	ATTENTION_ALERT,   /* fires, and nobody took it */
	ATTENTION_SOURCE,  /* is lost */
	ATTENTION_STATE,   /* the state folder cannot be used */
	ATTENTION_WATCH,   /* nobody evaluates the monitors */
	ATTENTION_BLIND,   /* a monitor cannot read its log or baseline */
	ATTENTION_MODEL,   /* endpoint and registry disagree */
	ATTENTION_PENDING, /* an alert that may fire */
	ATTENTION_FAILED,  /* runs that failed since somebody looked */
	ATTENTION_SILENT,  /* runs that say RUNNING and nothing else */
	N_ATTENTIONS
};

struct attention {
	enum attention_kind kind;
	size_t n;                  /* of its kind */
	const struct alert *alert; /* the worst; so with the others */
	const struct drift_report *blind;
	uint16_t source;
	const struct model_facts *model;
	struct shown why; /* in the frame's arena */
	uint32_t row;     /* of the run */
};

struct attention ui_attention(struct ui *ui);

#endif
