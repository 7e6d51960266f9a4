#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""make_store: writes an MLflow 3 SQLite store of any size, the same each time.

    make_store.py FILE [--runs N] [--metrics M] [--params P] [--histories H]
                  [--points K] [--experiments E] [--seed S]

FILE is made anew. Every run has M metrics, P params and 4 tags; the last H
runs also have a history of K points a metric. Three models have versions and
aliases. Run ids, names, values and times depend on the seed and the options
alone. Needs Python's standard library only.
"""
import argparse
import math
import os
import random
import sqlite3

SCHEMA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..",
                      "src", "demo", "mlflow-3.sql")
START_MS = 1_790_000_000_000
STEP_MS = 37_000
NAMES = ("auc", "loss", "val/auc", "val/loss", "f1", "accuracy", "precision",
         "recall", "rmse", "mae", "log_loss", "brier", "latency_ms", "epoch_s",
         "grad_norm", "lr", "train/auc", "train/loss", "ece", "gini")
PARAMS = (("max_depth", lambda r: str(r.randint(2, 16))),
          ("lr", lambda r: f"{10 ** r.uniform(-4, -1):.3g}"),
          ("n_estimators", lambda r: str(r.choice((50, 100, 200, 400)))),
          ("batch_size", lambda r: str(2 ** r.randint(4, 10))),
          ("optimizer", lambda r: r.choice(("adam", "sgd", "adamw"))),
          ("seed", lambda r: str(r.randint(0, 99))))
WORDS = (("amber", "brisk", "calm", "deft", "eager", "fleet", "grand", "hazel"),
         ("crane", "dove", "eagle", "finch", "gull", "heron", "ibis", "jay"))
STATUSES = ("FINISHED",) * 17 + ("FAILED",) * 2 + ("KILLED",)


def options():
    p = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    p.add_argument("file")
    p.add_argument("--runs", type=int, default=1000)
    p.add_argument("--metrics", type=int, default=20)
    p.add_argument("--params", type=int, default=6)
    p.add_argument("--histories", type=int, default=50)
    p.add_argument("--points", type=int, default=200)
    p.add_argument("--experiments", type=int, default=5)
    p.add_argument("--seed", type=int, default=20261123)
    return p.parse_args()


def metric_name(i):
    return NAMES[i] if i < len(NAMES) else f"extra/m{i:03d}"


def param(i, rnd):
    if i < len(PARAMS):
        name, make = PARAMS[i]
        return name, make(rnd)
    return f"extra.p{i:03d}", str(rnd.randint(0, 1000))


class Writer:
    """One table's rows, written in slices so that memory stays small."""

    def __init__(self, db, table, n_columns):
        marks = ",".join("?" * n_columns)
        self.sql = f"INSERT INTO {table} VALUES ({marks})"
        self.db, self.rows = db, []

    def put(self, *row):
        self.rows.append(row)
        if len(self.rows) >= 20000:
            self.flush()

    def flush(self):
        self.db.executemany(self.sql, self.rows)
        self.rows.clear()


class Store:
    def __init__(self, opt):
        for name in (opt.file, opt.file + "-wal", opt.file + "-shm",
                     opt.file + "-journal"):
            if os.path.exists(name):
                os.unlink(name)
        self.opt, self.rnd = opt, random.Random(opt.seed)
        self.db = sqlite3.connect(opt.file)
        self.db.executescript("PRAGMA synchronous = OFF;"
                              "PRAGMA cache_size = -200000;")
        with open(SCHEMA, encoding="utf-8") as f:
            tables, self.indexes = f.read().split("-- Indexes")
        self.db.executescript(tables)
        self.out = {t: Writer(self.db, t, n) for t, n in (
            ("experiments", 7), ("runs", 14), ("latest_metrics", 6),
            ("metrics", 6), ("params", 3), ("tags", 3), ("datasets", 8),
            ("inputs", 6), ("registered_models", 5), ("model_versions", 14),
            ("registered_model_aliases", 4))}
        self.run_ids = []

    def experiments(self):
        for e in range(self.opt.experiments + 1):
            name = f"bench-{e}" if e else "Default"
            self.out["experiments"].put(
                e, name, f"./mlruns/{e}", "active", START_MS, START_MS,
                "default")
            if e:
                self.out["datasets"].put(
                    f"{e:032x}", e, f"train-{e}", f"{e:08x}", "local",
                    '{"uri": "train.parquet"}', "{}",
                    '{"num_rows": 10000, "num_elements": 200000}')

    def run(self, i):
        rnd, n = self.rnd, self.opt.runs
        run = f"{rnd.getrandbits(128):032x}"
        name = f"{rnd.choice(WORDS[0])}-{rnd.choice(WORDS[1])}-{i}"
        experiment = 1 + i % self.opt.experiments
        start = START_MS + i * STEP_MS
        took = int(rnd.lognormvariate(12, 1))
        status = "RUNNING" if i >= n - 2 else rnd.choice(STATUSES)
        end = None if status == "RUNNING" else start + took
        self.run_ids.append(run)
        self.out["runs"].put(
            run, name, "LOCAL", "train.py", "", "bench", status, start, end,
            "", "active", f"./mlruns/{experiment}/{run}/artifacts",
            experiment, None)
        self.values(run, start, took, i)
        for k in range(self.opt.params):
            key, value = param(k, rnd)
            self.out["params"].put(key, value, run)
        for key, value in (("mlflow.runName", name), ("mlflow.user", "bench"),
                           ("mlflow.source.name", "train.py"),
                           ("team", rnd.choice(("fraud", "energy", "icu")))):
            self.out["tags"].put(key, value, run)
        if i % 3 == 0:
            self.out["inputs"].put(f"{i:032x}", "DATASET", f"{experiment:032x}",
                                   "RUN", run, 0)

    def values(self, run, start, took, i):
        rnd = self.rnd
        full = i >= self.opt.runs - self.opt.histories
        n = self.opt.points if full else 1
        for k in range(self.opt.metrics):
            key, level = metric_name(k), rnd.random()
            rate = rnd.uniform(3, 8) / n
            value = stamp = 0
            for step in range(n):
                value = level * (1 - math.exp(-rate * (step + 1)))
                if n > 1:
                    value += rnd.gauss(0, .01)
                stamp = start + took * (step + 1) // n
                self.out["metrics"].put(key, value, stamp, run, step, 0)
            self.out["latest_metrics"].put(key, value, stamp, n - 1, 0, run)

    def registry(self):
        for m, model in enumerate(("fraud-detector", "solar-forecast",
                                   "icu-risk")):
            versions = min(20, len(self.run_ids) // 3)
            self.out["registered_models"].put(model, START_MS, START_MS,
                                              f"synthetic: {model}", "default")
            for v in range(1, versions + 1):
                run = self.run_ids[(v * 3 + m) % len(self.run_ids)]
                self.out["model_versions"].put(
                    model, v, START_MS + v * STEP_MS, START_MS + v * STEP_MS,
                    "", "bench", "None", f"runs:/{run}/model", run, "READY",
                    None, "", f"runs:/{run}/model", "default")
            if versions > 1:
                for alias, v in (("champion", versions - 1),
                                 ("challenger", versions)):
                    self.out["registered_model_aliases"].put(alias, v, model,
                                                             "default")

    def write(self):
        self.experiments()
        for i in range(self.opt.runs):
            self.run(i)
        self.registry()
        for writer in self.out.values():
            writer.flush()
        self.db.commit()
        self.db.executescript("-- " + self.indexes)
        self.db.close()


if __name__ == "__main__":
    Store(options()).write()
