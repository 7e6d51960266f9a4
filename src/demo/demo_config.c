/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "demo_config.h"

#include <stdio.h>

#include "demo/world.h"

static void add_path(struct buf *out, const char *dir, const char *name)
{
	buf_addc(out, '"');
	for (; *dir; dir++) {
		if (*dir == '"' || *dir == '\\')
			buf_addc(out, '\\');
		buf_addc(out, *dir);
	}
	buf_addf(out, "/%s\"", name);
}

static const char head[] =
	"# Written by mltower demo. All data here is synthetic.\n"
	"metrics:\n"
	"  val/auc: {goal: max}\n"
	"  val/f1: {goal: max}\n"
	"  val/recall: {goal: max}\n"
	"  val/nrmse: {goal: min}\n"
	"  val/mae: {goal: min, unit: kW}\n"
	"  \"*rmse\": {goal: min, unit: kW}\n"
	"  \"*loss*\": {goal: min}\n"
	"models:\n"
	"  \"demo:fraud-detector\":\n"
	"    metric: val/auc\n"
	"    aliases: {serving: champion, next: challenger}\n"
	"    serves: {log: fraud-live, within: 2m}\n"
	"    gates: auc\n"
	"  \"demo:solar-forecast\":\n"
	"    metric: val/nrmse\n"
	"    aliases: {serving: champion, next: challenger}\n"
	"    serves: {log: solar-live, within: 2m}\n"
	"    gates: nrmse\n"
	"  \"demo:icu-deterioration\":\n"
	"    metric: val/auc\n"
	"    aliases: {serving: champion, next: challenger}\n"
	"    serves: {log: icu-live, within: 2m}\n"
	"    gates: icu\n"
	"gates:\n"
	"  auc:\n"
	"    auc: {metric: val/auc, min: .85, vs: champion, by: .002, "
	"same_data: yes}\n"
	"    logloss: {metric: val/logloss, max: .3, same_data: yes}\n"
	"  nrmse:\n"
	"    nrmse: {metric: val/nrmse, max: .1, vs: champion, by: .0005, "
	"same_data: yes}\n"
	"  icu:\n"
	"    auc: {metric: val/auc, min: .7, vs: champion, by: .005, "
	"same_data: yes}\n"
	"    recall: {metric: val/recall, min: .2}\n";

static void add_monitor(struct buf *out, const char *dir, const struct world *w)
{
	char name[80];

	snprintf(name, sizeof(name), "%s.csv", w->name);
	buf_addf(out,
		 "  %s-live:\n    model: demo:%s@champion\n    rows: ", w->name,
		 w->model);
	add_path(out, dir, name);
	buf_addf(out,
		 "\n    roles: {id: request_id, event_time: ts, version: "
		 "version, prediction: prediction%s, latency: latency_ms}\n"
		 "    baseline: {rows: ",
		 w->is_regression ? "" : ", score: proba");
	snprintf(name, sizeof(name), "baselines/%s-{version}.csv", w->model);
	add_path(out, dir, name);
	buf_adds(out, "}\n    window: {rows: 600, every: 5s}\n"
		      "    drift: {columns: [");
	for (size_t i = 0; i < w->n_columns; i++)
		buf_addf(out, "%s%s", i ? ", " : "", w->columns[i].name);
	buf_adds(out, "], alpha: .01, psi: .25, min_rows: 300, for: 10s}\n");
}

void demo_config_text(const char *dir, struct buf *out)
{
	buf_adds(out, head);
	buf_adds(out, "sources:\n  demo: {path: ");
	add_path(out, dir, "mlflow.db");
	buf_adds(out, ", kind: mlflow, write: yes}\nstate: {dir: ");
	add_path(out, dir, "state");
	buf_adds(out, "}\nmonitors:\n");
	for (int i = 0; i < WORLD_N; i++)
		add_monitor(out, dir, world_get((enum world_id)i));
}
