#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Groups, repeated runs and trees of runs that MLflow made.

MLflow logs nested runs, five runs of one configuration with other seeds, and
some with values that are hard to quote; Python's statistics module says of what
MLflow's client reads back what `mltower runs --group` has to say.
"""
import json
import math

from lib_live import Test

WRITE = r"""
import json, math, os, random, statistics, sys
import mlflow
from mlflow import MlflowClient
from mlflow.entities import Dataset, DatasetInput, InputTag

mlflow.set_tracking_uri(sys.argv[1])
client = MlflowClient()
rnd = random.Random(11)
COMMIT = 'mlflow.source.git.commit'

def data(run, digest):
    client.log_inputs(run, [DatasetInput(
        Dataset('tx', digest, 'local', '{}'),
        [InputTag('mlflow.data.context', 'train')])])

mlflow.set_experiment('repeats')
for seed in range(5):
    with mlflow.start_run(run_name=f'seed-{seed}') as r:
        mlflow.log_params({'depth': 12, 'lr': .1, 'random_state': seed,
                           'np.seed': seed * 7})
        mlflow.log_metric('val/auc', [.9806, .9808, .9807, .9809, .5][seed])
        mlflow.set_tag(COMMIT, 'c0ffee')
        data(r.info.run_id, '8c1f')
for name, depth, digest, commit in (('other depth', 8, '8c1f', 'c0ffee'),
                                    ('other data', 12, 'e09b', 'c0ffee'),
                                    ('other code', 12, '8c1f', 'decade'),
                                    ('no code', 12, '8c1f', None)):
    with mlflow.start_run(run_name=name) as r:
        mlflow.log_params({'depth': depth, 'lr': .1, 'random_state': 1})
        mlflow.log_metric('val/auc', .98)
        if commit:
            mlflow.set_tag(COMMIT, commit)
        elif COMMIT in client.get_run(r.info.run_id).data.tags:
            mlflow.delete_tag(COMMIT)
        data(r.info.run_id, digest)

mlflow.set_experiment('sweep')
tree = []
def grow(depth, left):
    with mlflow.start_run(run_name=f'd{depth}-{len(tree)}',
                          nested=depth > 0) as r:
        tree.append([depth, r.info.run_id])
        for _ in range(left):
            grow(depth + 1, left - 1)
for _ in range(2):
    grow(0, 3)

mlflow.set_experiment('words')
texts = ['12', "it's", 'say "hi"', "it's \"so\"", 'C:\\', '', 'a b', '\u6a21',
         '1e1', '10']
values = [.5, .25, 1e-9, -3., 1e6, float('nan'), float('inf'), None]
for i in range(60):
    with mlflow.start_run(run_name=f'w{i}'):
        if i % 7:
            mlflow.log_param('a word', rnd.choice(texts))
        mlflow.set_tag('team', rnd.choice(texts))
        v = rnd.choice(values)
        if v is not None:
            mlflow.log_metric('loss', v)

def told(values, goal):
    there = [v for v in values if v is not None]
    # MLflow keeps an infinity as the largest number there is.
    v = [x for x in there if abs(x) < sys.float_info.max]
    return {'n': len(v), 'n_missing': len(values) - len(there),
            'n_not_finite': len(there) - len(v),
            'mean': statistics.mean(v) if v else None,
            'sd': statistics.stdev(v) if len(v) > 1 else None,
            'min': min(v, default=None), 'max': max(v, default=None),
            'best': goal(v, default=None)}

def groups(experiment, metric, goal, key):
    found = {}
    for r in client.search_runs(
            [client.get_experiment_by_name(experiment).experiment_id],
            max_results=1000):
        found.setdefault(json.dumps(key(r)), []).append(r)
    return {k: dict(told([r.data.metrics.get(metric) for r in runs], goal),
                    ids=sorted(r.info.run_id for r in runs))
            for k, runs in found.items()}

print(json.dumps({
    'tree': tree,
    'words': groups('words', 'loss', min, lambda r: [
        r.data.params.get('a word'), r.data.tags['team']]),
    'depth': groups('repeats', 'val/auc', max,
                    lambda r: [r.data.params['depth']]),
}))
"""


def near(a, b):
    return a == b or (None not in (a, b) and
                      math.isclose(a, b, rel_tol=1e-12, abs_tol=1e-18))


def check_groups(t, db, got, want, metric):
    t.equal(len(got), len(want), f"{metric}: groups")
    for g in got:
        key = json.dumps(list(g["group"].values()))
        if not t.check(key in want, f"{metric}: no group {key}"):
            continue
        w = dict(want[key])
        ids = w.pop("ids")
        t.equal(g["n"], len(ids), f"{key}: n")
        for field, v in w.items():
            t.check(near(g["metrics"][metric][field], v),
                    f"{key}: {field}: {g['metrics'][metric]} and {w}")
        runs = t.json("runs", db, "--filter", g["filter"])
        t.equal(sorted(r["run_id"] for r in runs), ids,
                f"{key}: runs of {g['filter']}")


def check_repeats(t, db):
    got = t.json("runs", db, "--experiment", "repeats", "--group", "repeats",
                 "--columns", "val/auc")
    t.equal([g["n"] for g in got], [5, 1, 1, 1, 1], "repeats: n")
    first = got[0]["metrics"]["val/auc"]
    t.equal((first["n_within"], first["tolerance"]), (4, .0002),
            "repeats: 4 of 5 within .0002")
    t.equal([g["code_known"] for g in got].count(False), 1,
            "repeats: one without its code")
    t.check(all(g["data_known"] for g in got), "repeats: data is known")
    text = t.run("runs", db, "--experiment", "repeats", "--group", "repeats")
    t.check("4 of 5 within .0002" in text, f"repeats in words:\n{text}")


def check_tree(t, db, made):
    got = t.json("runs", db, "--experiment", "sweep", "--tree", "--sort",
                 "start")
    t.equal([[r["depth"], r["run_id"]] for r in got], made, "tree: as grown")


def main():
    t = Test()
    db = t.path("mlflow.db")
    made = t.mlflow(WRITE, "sqlite:///" + db)
    check_groups(t, db, t.json("runs", db, "--experiment", "words", "--group",
                               "params.a word,tags.team", "--columns", "loss"),
                 made["words"], "loss")
    check_groups(t, db, t.json("runs", db, "--experiment", "repeats",
                               "--group", "params.depth", "--columns",
                               "val/auc"), made["depth"], "val/auc")
    check_repeats(t, db)
    check_tree(t, db, made["tree"])
    t.end()


if __name__ == "__main__":
    main()
