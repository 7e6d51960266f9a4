/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_DEMO_ICU_H
#define MLTOWER_DEMO_ICU_H

/* How a row's x is laid out: channel by channel, oldest minute first, then
 * what does not move. Shared by the world and the network. */
enum {
	ICU_HR,
	ICU_SBP,
	ICU_SPO2,
	ICU_RESP,
	ICU_TEMP,
	ICU_CHANNELS,
	ICU_MINUTES = 12,
	ICU_STATICS = 2, /* lactate, age */
};

#endif
