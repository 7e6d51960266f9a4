#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What MLflow 3 and MLflow 2 wrote, mltower reads as MLflow's client does."""
from lib_live import MLFLOWS, Test

WRITE = r"""
import json, sys, time
from mlflow import MlflowClient
import mlflow
c = MlflowClient(sys.argv[1])
e = c.create_experiment('fraud')
other = c.create_experiment('solar / \u65e5\u672c')
def make(e, name, status=None, **tags):
    r = c.create_run(e, run_name=name, tags=tags).info.run_id
    c.log_param(r, 'max_depth', 7)
    c.log_param(r, 'note', 'a "quoted", \\ text\nof two lines')
    for step in range(30):
        c.log_metric(r, 'val/auc', .5 + step / 100, step=step)
    c.log_metric(r, 'loss', float('nan'), step=0)
    c.log_metric(r, 'up', float('inf'))
    c.log_metric(r, 'down', float('-inf'))
    c.log_metric(r, 'big', 1.7976931348623155e308)
    c.log_metric(r, 'tenth', .1)
    if status:
        c.set_terminated(r, status)
    return r
runs = [make(e, 'plain', 'FINISHED', team='fraud'),
        make(e, 'broken', 'FAILED'), make(e, 'stopped', 'KILLED'),
        make(e, 'running'), make(other, '\u6a21\u578b \U0001f680', 'FINISHED'),
        make(e, 'esc \x1b[31m \u202e \u200b', 'FINISHED')]
child = make(e, 'child', 'FINISHED', **{'mlflow.parentRunId': runs[0]})
gone = make(e, 'gone', 'FINISHED')
c.delete_run(gone)
# Steps that do not come in order: MLflow's last is by step, then by time.
c.log_metric(runs[3], 'late', 9., step=9)
c.log_metric(runs[3], 'late', 1., step=1)
from mlflow.entities import Dataset, DatasetInput
c.log_inputs(runs[0], [DatasetInput(Dataset('train', 'abc123', 'local', '{}'))])
c.create_registered_model('fraud-detector', {'owner': 'me'}, 'finds fraud')
for i in range(3):
    c.create_model_version('fraud-detector', 'models/%d' % i, runs[i])
c.set_registered_model_alias('fraud-detector', 'champion', 2)
c.set_registered_model_alias('fraud-detector', 'challenger', 3)
c.set_model_version_tag('fraud-detector', '2', 'checked', 'yes')
try:
    c.transition_model_version_stage('fraud-detector', '1', 'Archived')
except Exception:
    pass
if hasattr(c, 'register_prompt'):
    c.register_prompt('a-prompt', 'say {{this}}')
def number(v):
    # Its SQL store keeps an infinity as the largest double.
    most = sys.float_info.max
    return ('NaN' if v != v else 'Infinity' if v >= most else
            '-Infinity' if v <= -most else v)
def run(r):
    return dict(run_id=r.info.run_id, name=r.info.run_name,
                experiment_id=r.info.experiment_id, status=r.info.status,
                lifecycle=r.info.lifecycle_stage,
                start_time_ms=r.info.start_time, end_time_ms=r.info.end_time,
                params=r.data.params, tags=r.data.tags,
                metrics={k: number(v) for k, v in r.data.metrics.items()})
print(json.dumps(dict(
    version=mlflow.__version__, child=child, parent=runs[0], gone=gone,
    runs=[run(r) for r in c.search_runs([e, other])],
    history=[[p.step, p.timestamp, p.value]
             for p in c.get_metric_history(runs[0], 'val/auc')],
    versions=[[v.version, v.run_id, v.current_stage]
              for v in c.search_model_versions("name = 'fraud-detector'")])))
"""


def compare_runs(t, db, said):
    got = {r["run_id"]: r for r in t.json("runs", db) or []}
    t.equal(sorted(got), sorted(r["run_id"] for r in said["runs"]),
            "the ids of active runs")
    for want in said["runs"]:
        row = got.get(want["run_id"], {})
        for field, value in want.items():
            have = row.get(field)
            if field == "experiment_id":
                have = str(have)
            t.equal(have, value, f"{field} of {want['name']!r}")
    t.equal(got.get(said["child"], {}).get("parent_run_id"), said["parent"],
            "the parent of a nested run")
    deleted = t.json("runs", db, "--deleted") or []
    t.check(said["gone"] in {r["run_id"] for r in deleted},
            "--deleted shows the deleted run")


def compare_rest(t, db, said):
    source = ("--source", db)
    history = t.json("history", said["parent"], "val/auc", *source) or [{}]
    points = [[p["step"], p["time_ms"], p["value"]]
              for p in history[0].get("points", [])]
    t.equal(points, sorted(said["history"]), "the points of val/auc")
    t.equal(history[0].get("n_total"), 30, "how many points")
    show = t.json("show", said["parent"], *source) or {}
    t.equal([(d["name"], d["digest"]) for d in show.get("datasets", [])],
            [("train", "abc123")], "the dataset of a run")
    models = t.json("models", db) or [{}]
    t.equal([m.get("name") for m in models], ["fraud-detector"],
            "models, without the prompt")
    t.equal(models[0].get("aliases"), {"champion": "2", "challenger": "3"},
            "aliases")
    t.equal(models[0].get("description"), "finds fraud", "description")
    versions = t.json("versions", "fraud-detector", *source) or []
    t.equal(sorted((v["version"], v["run_id"], v["stage"])
                   for v in versions),
            sorted((str(v), r, s) for v, r, s in said["versions"]),
            "versions, their runs and stages")
    t.equal([v["tags"] for v in versions if v["version"] == "2"],
            [{"checked": "yes"}], "tags of a version")
    table = t.run("runs", db)
    t.check("\x1b" not in table and "\u202e" not in table
            and "\u200b" not in table, "a table shows no control character")


def main():
    t = Test()
    for version, python in MLFLOWS.items():
        if not python:
            print(f"skipped: no MLflow {version} here")
            continue
        db = t.path(f"v{version}.db")
        said = t.mlflow(WRITE, f"sqlite:///{db}", version=version)
        print(f"MLflow {said['version']}: {len(said['runs'])} runs")
        compare_runs(t, db, said)
        compare_rest(t, db, said)
    t.end()


if __name__ == "__main__":
    main()
