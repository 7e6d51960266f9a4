#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs that mltower changed are, to MLflow's client, runs it changed itself;
what MLflow changed meanwhile is not written over; a bulk is all or nothing,
also when it is killed."""
import os
import random
import signal
import sqlite3
import subprocess
import threading
import time

from mlflow import MlflowClient
from mlflow.entities import ViewType

from lib_live import MLTOWER, Test

NOTE = "mlflow.note.content"


def edit(t, db, *args, status=0):
    if status == 2:
        return t.run("edit", *args, "--source", db, status=status)
    return t.json("edit", *args, "--source", db, status=status) or []


def rows_of(db, run):
    """All that the store holds of the run but what no two runs share."""
    c = sqlite3.connect(db)
    try:
        facts = c.execute("SELECT name, status, lifecycle_stage, deleted_time "
                          "IS NULL FROM runs WHERE run_uuid = ?", (run,))
        tags = c.execute("SELECT key, value FROM tags WHERE run_uuid = ? "
                         "ORDER BY key", (run,))
        return facts.fetchall(), tags.fetchall()
    finally:
        c.close()


def test_each_change(t, db, client):
    """One run changed by mltower, its twin by MLflow: no difference."""
    ours, theirs = (client.create_run("0", tags={"mlflow.user": "ada"},
                                      run_name="twin").info.run_id
                    for _ in range(2))
    steps = (
        (("--name", "žluť \U0001f40e", "--if-current", "twin"),
         lambda: client.update_run(theirs, name="žluť \U0001f40e")),
        (("--tag", "team/a b=x=y", "--if-current", "none"),
         lambda: client.set_tag(theirs, "team/a b", "x=y")),
        (("--tag", "team/a b=", "--if-current", "x=y"),
         lambda: client.set_tag(theirs, "team/a b", "")),
        (("--untag", "team/a b", "--if-current", ""),
         lambda: client.delete_tag(theirs, "team/a b")),
        (("--note", "# Title\n*text*", "--if-current", "none"),
         lambda: client.set_tag(theirs, NOTE, "# Title\n*text*")),
        (("--delete", "--if-current", "active"),
         lambda: client.delete_run(theirs)),
        (("--restore", "--if-current", "deleted"),
         lambda: client.restore_run(theirs)),
    )
    for args, mlflow_does in steps:
        said = edit(t, db, ours, *args)
        t.equal([r["outcome"] for r in said], ["changed"], f"{args}")
        mlflow_does()
        t.equal(rows_of(db, ours), rows_of(db, theirs), f"{args}: the store")
        a, b = client.get_run(ours), client.get_run(theirs)
        t.equal((a.info.run_name, a.info.lifecycle_stage, a.data.tags),
                (b.info.run_name, b.info.lifecycle_stage, b.data.tags),
                f"{args}: MLflow's client")
    # And the other way round: what MLflow did is what mltower expects.
    client.update_run(theirs, name="again")
    said = edit(t, db, theirs, "--name", "once more", "--if-current", "again")
    t.equal(said[0]["previous"], "again", "MLflow's name is seen")
    client.delete_run(theirs)
    edit(t, db, theirs, "--restore", "--if-current", "deleted")
    t.equal(client.get_run(theirs).info.lifecycle_stage, "active",
            "restored for MLflow as well")


def test_what_mlflow_refuses(t, db, client):
    run = client.create_run("0").info.run_id
    client.set_tag(run, "k", "v" * 8000)
    t.equal(edit(t, db, run, "--tag", "k=" + "w" * 8000, "--if-current",
                 "v" * 8000)[0]["outcome"], "changed", "8,000 characters")
    edit(t, db, run, "--tag", "k=" + "w" * 8001, "--if-current", "w" * 8000,
         status=2)
    for key in ("a//b", "/a", "../a", "a,b", "x" * 251):
        edit(t, db, run, "--tag", key + "=1", "--if-current", "none", status=2)
        try:
            client.set_tag(run, key, "1")
            t.check(False, f"MLflow takes the tag {key}")
        except Exception:
            t.passed += 1
    client.delete_run(run)
    edit(t, db, run, "--tag", "a=1", "--if-current", "none", status=2)


def test_meanwhile(t, db, client):
    runs = [client.create_run("0").info.run_id for _ in range(3)]
    client.set_tag(runs[2], "stage", "theirs")
    said = edit(t, db, *runs, "--tag", "stage=ours", "--if-current", "none",
                status=5)
    t.equal({r["outcome"] for r in said}, {"conflict"}, "one of three moved")
    tags = [client.get_run(r).data.tags.get("stage") for r in runs]
    t.equal(tags, [None, None, "theirs"], "nothing was written")


def log_for_ever(db, stop, failures, counts):
    client = MlflowClient(f"sqlite:///{db}")
    run = client.create_run("0", run_name="writer").info.run_id
    while not stop.is_set():
        try:
            client.log_metric(run, "loss", random.random(),
                              step=counts["logged"])
            counts["logged"] += 1
        except Exception as e:
            failures.append(e)


def test_a_bulk(t, db, client):
    """500 runs in one step while MLflow logs."""
    made = [client.create_run("0", tags={"bulk": "yes"}).info.run_id
            for _ in range(500)]
    stop, failures, counts = threading.Event(), [], {"logged": 0}
    writer = threading.Thread(target=log_for_ever,
                              args=(db, stop, failures, counts))
    writer.start()
    while counts["logged"] < 5:
        time.sleep(.01)
    took = []
    for value, was in (("1", "none"), ("2", "1"), ("3", "2")):
        start, before = time.monotonic(), counts["logged"]
        said = edit(t, db, "--filter", "tags.bulk = 'yes'", "--expect", "500",
                    "--tag", f"grade={value}", "--if-current", was)
        took.append(time.monotonic() - start)
        t.equal({r["outcome"] for r in said}, {"changed"}, f"grade {value}")
        while counts["logged"] == before:
            time.sleep(.01)
    stop.set()
    writer.join()
    t.equal(failures, [], "MLflow went on")
    found = client.search_runs(["0"], "tags.grade = '3'", max_results=1000)
    t.equal({r.info.run_id for r in found}, set(made), "MLflow sees all 500")
    edit(t, db, "--filter", "tags.bulk = 'yes'", "--expect", "500",
         "--delete", "--if-current", "active")
    found = client.search_runs(["0"], "tags.grade = '3'",
                               ViewType.DELETED_ONLY, max_results=1000)
    t.equal(len(found), 500, "MLflow sees all 500 in its bin")
    print(f"500 runs tagged in {max(took):.2f} s at most, "
          f"{counts['logged']} points logged meanwhile")


def test_killed(t, db, client):
    """SIGKILL at some moment: all or nothing, and the trail says which."""
    made = [client.create_run("0", tags={"kill": "yes"}).info.run_id
            for _ in range(100)]
    seen = {"changed": 0, "failed": 0}
    value = "none"
    for i in range(40):
        p = subprocess.Popen(
            [MLTOWER, "edit", "--filter", "tags.kill = 'yes'", "--expect",
             "100", "--tag", f"try={i}", "--if-current", value, "--source",
             db], env=t.env, cwd=t.dir, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        time.sleep(random.uniform(.002, .03))
        os.kill(p.pid, signal.SIGKILL)
        p.wait()
        c = sqlite3.connect(db)
        now = {v for v, in c.execute(
            "SELECT value FROM tags WHERE key = 'try'")}
        n = c.execute("SELECT count(*) FROM tags WHERE key = 'try'"
                      ).fetchone()[0]
        c.close()
        t.check(n in (0, 100) and len(now) <= 1, f"torn: {n} {now}")
        # What the crash left is settled by the next call that may write.
        edit(t, db, made[0], "--tag", f"settle=s{i}", "--if-current",
             f"s{i - 1}" if i else "none")
        last = [e for e in t.json("audit") or []
                if e["kind"] == "outcome" and
                any(c["key"] == "try" and c["value"] == str(i)
                    for c in e["change"]["changes"])]
        if last:
            seen[last[0]["outcome"]] += 1
            t.equal(last[0]["outcome"] == "changed", now == {str(i)},
                    f"try {i}: the trail agrees with the store")
        else:
            t.check(str(i) not in now, f"try {i}: written without a record")
        value = next(iter(now), "none")
    t.run("audit", "--verify")
    print("killed 40 times, on record:", seen)


def main():
    t = Test()
    db = t.path("mlflow.db")
    client = MlflowClient(f"sqlite:///{db}")
    for test in (test_each_change, test_what_mlflow_refuses, test_meanwhile,
                 test_a_bulk, test_killed):
        test(t, db, client)
    t.run("--readonly", "edit", "--filter", "tags.kill = 'yes'", "--expect",
          "100", "--delete", "--if-current", "active", "--source", db,
          status=4)
    t.end()


if __name__ == "__main__":
    main()
