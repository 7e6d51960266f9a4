#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""soak: is memory flat while a store lives?

    soak.py [--minutes N] [--runs N] [--work DIR] MLTOWER

A Tower at 120x36 looks at a store of N runs (10,000) while a writer, as a
training would, logs 100 points a second to two running runs and every 10 s
ends the older of them and starts another. Every minute the Tower's resident
memory is printed, with runs and points so far; in between keys are pressed. At
the end: what a minute added, from the first quarter on (before it caches
fill), and what the new runs are worth by themselves. Prints and judges nothing
but a Tower that ended.
"""
import argparse
import os
import sqlite3
import sys
import tempfile
import threading
import time

import bench_tower
from bench_tower import DOWN, Terminal, clean_env, memory_mib, newest_name

KEYS = [DOWN] * 6 + [b"G", b"g", b"/auc > 0.5\r", b"/\x15\r"]


class Writer(threading.Thread):
    def __init__(self, path):
        super().__init__(daemon=True)
        self.path, self.stop = path, threading.Event()
        self.n_runs = self.n_points = 0

    def start_run(self, db, now):
        run = os.urandom(16).hex()
        self.n_runs += 1
        name = f"soak-{self.n_runs}"
        db.execute("INSERT INTO runs(run_uuid, name, user_id, status, "
                   "start_time, lifecycle_stage, artifact_uri, experiment_id)"
                   " VALUES (?, ?, 'bench', 'RUNNING', ?, 'active', '.', 1)",
                   (run, name, now))
        db.execute("INSERT INTO tags(key, value, run_uuid) VALUES "
                   "('mlflow.runName', ?, ?)", (name, run))
        return [run, 0]

    def log(self, db, run, now):
        run[1] += 1
        for key in ("auc", "loss"):
            value = 1 - 1 / (1 + run[1] / 50)
            db.execute("INSERT INTO metrics(key, value, timestamp, run_uuid, "
                       "step, is_nan) VALUES (?, ?, ?, ?, ?, 0)",
                       (key, value, now, run[0], run[1]))
            db.execute("INSERT OR REPLACE INTO latest_metrics(key, value, "
                       "timestamp, step, is_nan, run_uuid) VALUES "
                       "(?, ?, ?, ?, 0, ?)", (key, value, now, run[1], run[0]))
            self.n_points += 1

    def run(self):
        db = sqlite3.connect(self.path, timeout=30)
        began = time.time()
        running = [self.start_run(db, int(began * 1000)) for _ in range(2)]
        while not self.stop.wait(.04):
            now = int(time.time() * 1000)
            if time.time() - began > 10:
                began = time.time()
                db.execute("UPDATE runs SET status='FINISHED', end_time=? "
                           "WHERE run_uuid=?", (now, running.pop(0)[0]))
                running.append(self.start_run(db, now))
            for run in running:
                self.log(db, run, now)
            db.commit()
        db.close()


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    p.add_argument("--minutes", type=int, default=60)
    p.add_argument("--runs", type=int, default=10000)
    p.add_argument("--work", default=tempfile.gettempdir())
    p.add_argument("mltower")
    opt = p.parse_args()
    path = os.path.join(opt.work, f"store-{opt.runs}.db")
    if os.path.exists(path):
        os.unlink(path)     # what an earlier soak added goes
    path = bench_tower.store(opt, opt.runs)
    t = Terminal([opt.mltower, path], clean_env(opt))
    t.wait_for(newest_name(path)[:12].encode(), 30)
    writer = Writer(path)
    writer.start()
    rss = []
    for minute in range(opt.minutes + 1):
        until = time.monotonic() + (60 if minute else 10)
        for key in KEYS:
            t.key(key)
        while time.monotonic() < until:
            t.listen(5)
            t.seen = b""    # this program's own memory
        rss.append(memory_mib(t.pid)[0])
        print(f"{minute:4} min  {rss[-1]:7.2f} MiB  {writer.n_runs:5} new runs"
              f"  {writer.n_points:8} points", flush=True)
    writer.stop.set()
    writer.join()
    late = rss[len(rss) // 4:]
    slope = (late[-1] - late[0]) / max(1, len(late) - 1)
    print(f"{slope * 60:.2f} MiB an hour; {writer.n_runs} runs of about 350 "
          f"bytes are {writer.n_runs * 350 / 2**20:.2f} MiB")
    if t.end(b"Q") is None:
        sys.exit("the Tower did not end")


if __name__ == "__main__":
    main()
