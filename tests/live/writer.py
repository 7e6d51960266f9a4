#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""mltower is no burden to a writer: MLflow logs at full speed while a Tower
polls, and sees no lock error. How much it is slowed down is printed beside its
speed alone; other load on the machine is in that figure, so it judges nothing."""
import os
import statistics
import subprocess
import sys
import time

from lib_live import Screen, Test

# Batches of 20 metrics, as a training loop logs them, for a time.
LOG = r"""
import sys, time
from mlflow import MlflowClient
from mlflow.entities import Metric
c = MlflowClient(sys.argv[1])
r = c.create_run('0', run_name='writer').info.run_id
until, n = time.monotonic() + float(sys.argv[2]), 0
while time.monotonic() < until:
    now = int(time.time() * 1000)
    c.log_batch(r, [Metric('m%d' % k, n + k, now, n) for k in range(20)])
    n += 1
c.set_terminated(r)
print(n)
"""
ROUND_S = 4.0


def log_round(t, db):
    """Batches written in one round; None where MLflow met an error."""
    done = subprocess.run([sys.executable, "-c", LOG, f"sqlite:///{db}",
                           str(ROUND_S)], env=t.env, capture_output=True,
                          text=True)
    locked = "locked" in done.stderr
    t.check(done.returncode == 0 and not locked,
            f"MLflow logs without error: {done.stderr[-500:]}")
    return int(done.stdout.split()[-1]) if done.returncode == 0 else None


def measure(t, mode):
    db = t.path(f"{mode}.db")
    log_round(t, db)    # makes the store
    if mode == "wal":
        import sqlite3
        sqlite3.connect(db).execute("PRAGMA journal_mode = WAL").close()
    alone, watched = [], []
    for _ in range(3):  # in turn: noise meets both
        alone.append(log_round(t, db))
        screen = Screen(t, db)
        t.check(screen.wait_for("writer"), "the Tower shows the writer's run")
        # Its frames have to be read while MLflow writes.
        reader = os.fork()
        if not reader:
            screen.settle(ROUND_S + 30)
            os._exit(0)
        watched.append(log_round(t, db))
        os.kill(reader, 9)
        os.waitpid(reader, 0)
        t.equal(screen.end(), 0, "q ends it")
    if None in alone + watched:
        return
    a, w = (statistics.median(x) / ROUND_S for x in (alone, watched))
    print(f"measured: {mode}: {a:.0f} batches of 20 a second alone, "
          f"{w:.0f} with the Tower ({w / a:.2f})")


def main():
    t = Test()
    for mode in ("delete", "wal"):
        measure(t, mode)
    t.end()


if __name__ == "__main__":
    main()
