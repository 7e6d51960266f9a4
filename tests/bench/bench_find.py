#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""bench_find: finding runs in a store, and how the cost grows with it.

    bench_find.py [--work DIR] [--sizes N,N,..] [--client N] MLTOWER

For stores of each size (make_store.py, kept in DIR):

    first   the Tower: from start until the newest run is on the screen
    all     until the screen stands still: every run is read
    filter  from Enter behind a filter to the last byte of its answer
    key     Down in the filtered list, 95th percentile; resident memory then
    verb    `mltower runs --filter --sort --limit 100` from start to end
    shell   the same question asked of sqlite3's shell
    client  and of MLflow's client (search_runs alone, without its start), at
            sizes up to --client (100,000)

The run ids of all three must be the same, in the same order. A last column
says how many times as long as at a tenth of the size. Times judge nothing.
Needs Python's standard library; sqlite3 and MLflow where they are there.
"""
import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile

from bench_tower import (DOWN, Terminal, clean_env, memory_mib, ms,
                         newest_name, p95, store, timed)

QUIET = 1.5     # a screen that stands still
FILTER = "metrics.auc > 0.9 and params.lr LIKE '0.0%'"
SORT = "metrics.auc:desc"
SQL = """
SELECT r.run_uuid FROM runs r
JOIN latest_metrics m ON m.run_uuid = r.run_uuid AND m.key = 'auc'
JOIN params p ON p.run_uuid = r.run_uuid AND p.key = 'lr'
WHERE r.lifecycle_stage = 'active' AND m.value > 0.9 AND NOT m.is_nan
AND p.value LIKE '0.0%' ORDER BY m.value DESC, r.start_time DESC, r.run_uuid
LIMIT 100
"""
CLIENT = """
import json, sys, time
from mlflow import MlflowClient
client = MlflowClient('sqlite:///' + sys.argv[1])
ask = dict(filter_string=sys.argv[2], order_by=['metrics.auc DESC'],
           max_results=100)
client.search_runs(['99'], **ask)   # the engine is made
start = time.monotonic()
rows = client.search_runs([str(e) for e in range(6)], **ask)
print(json.dumps([time.monotonic() - start, [r.info.run_id for r in rows]]))
"""


def tower(opt, path, row):
    """A Tower that reads everything, filters, and moves."""
    t = Terminal([opt.mltower, path], clean_env(opt))
    _, row["first"] = t.wait_for(newest_name(path)[:12].encode(), 60)
    if row["first"] is None:
        t.end(b"Q")
        return "never showed the newest run"
    # The count moves on until all is read.
    _, last = t.drain(QUIET)
    row["all"] = last - t.started if last else row["first"]
    os.write(t.fd, b"/" + FILTER.encode())
    t.drain(1)
    row["filter"], _ = t.key(b"\r")
    t.drain(1)
    times = [took for took, _ in (t.key(DOWN) for _ in range(30)) if took]
    row["key"] = p95(times) if times else None
    row["mib"] = memory_mib(t.pid)[0]
    return None if t.end(b"Q") is not None else "did not end"


def verb(opt, path, row):
    out = os.path.join(opt.work, "find.json")
    argv = [opt.mltower, "runs", path, "--filter", FILTER, "--sort", SORT,
            "--limit", "100", "--columns", "run_id", "--json"]
    row["verb"] = min(timed(argv, clean_env(opt), out) for _ in range(3))
    with open(out, encoding="utf-8") as f:
        return [r["run_id"] for r in json.load(f)]


def shell(opt, path, row):
    if not shutil.which("sqlite3"):
        return None
    out = os.path.join(opt.work, "find.txt")
    argv = ["sqlite3", "-readonly", "-cmd", "PRAGMA case_sensitive_like=ON",
            path, SQL]
    row["shell"] = min(timed(argv, clean_env(opt), out) for _ in range(3))
    with open(out, encoding="utf-8") as f:
        return f.read().split()


def client(opt, path, runs, row):
    if runs > opt.client:
        return None
    done = subprocess.run([sys.executable, "-c", CLIENT, path, FILTER],
                          env={**clean_env(opt),
                               "MLFLOW_DISABLE_TELEMETRY": "true"},
                          capture_output=True)
    if done.returncode:
        return None
    row["client"], ids = json.loads(done.stdout.splitlines()[-1])
    return ids


def growth(row, before):
    if not before:
        return ""
    return " ".join(f"{k} {row[k] / before[k]:.1f}"
                    for k in ("first", "all", "filter", "verb", "client")
                    if row.get(k) and before.get(k))


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    p.add_argument("--work", default=tempfile.gettempdir())
    p.add_argument("--sizes", default="1000,10000,100000",
                   type=lambda s: [int(n) for n in s.split(",")])
    p.add_argument("--client", type=int, default=100000)
    p.add_argument("mltower")
    opt = p.parse_args()
    opt.mltower = os.path.abspath(opt.mltower)
    print(f"filter {FILTER!r}\nby {SORT}; ms and MiB; budgets: first 300 at a "
          f"million, key p95 5")
    print(f"{'runs':>9} {'first':>7} {'all':>9} {'filter':>7} {'key':>6} "
          f"{'rss':>7} {'verb':>9} {'shell':>9} {'client':>9}  times a tenth")
    before, ok, bad = None, 0, 0
    for runs in opt.sizes:
        path = store(opt, runs, *(("--metrics", "2", "--params", "2")
                                  if runs > 100000 else ()))
        row = {}
        wrong = tower(opt, path, row)
        ids = verb(opt, path, row)
        answers = {"shell": shell(opt, path, row),
                   "client": client(opt, path, runs, row)}
        print(f"{runs:>9} {ms(row['first']):>7} {ms(row['all']):>9} "
              f"{ms(row.get('filter')):>7} {ms(row.get('key')):>6} "
              f"{row.get('mib', 0):>7.1f} {ms(row['verb']):>9} "
              f"{ms(row.get('shell')):>9} {ms(row.get('client')):>9}  "
              f"{growth(row, before)}", flush=True)
        for who, theirs in answers.items():
            if theirs is None:
                print(f"skipped: no {who} at {runs} runs")
            elif theirs != ids:
                wrong = f"{who} finds other runs"
        if wrong:
            print(wrong)
        ok, bad, before = ok + (not wrong), bad + bool(wrong), row
    print(f"{ok} passed, {bad} failed")
    sys.exit(bool(bad))


if __name__ == "__main__":
    main()
