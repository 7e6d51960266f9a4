#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Promotions where it is hard: gates on what MLflow logged, a person at a
terminal, another writer at full speed, a locked store, a full disk, kill -9.
MLflow's client is the judge of what stands there."""
import os
import resource
import signal
import sqlite3
import subprocess
import threading
import time

from mlflow import MlflowClient
from mlflow.entities import Dataset, DatasetInput, InputTag
from mlflow.exceptions import MlflowException

from lib_live import MLTOWER, Screen, Test

CONFIG = """
sources:
  prod: {path: mlflow.db, write: yes}
models:
  prod:m: {metric: val/auc, gates: strict}
gates:
  strict:
    auc: {metric: val/auc, min: 0.85, vs: champion, same_data: yes}
"""


class World:
    """A model m: v1 .90, v2 .95, v3 .80 (worse), v4 .97 on other data."""

    def __init__(self, t):
        self.t = t
        self.db = t.path("mlflow.db")
        self.client = MlflowClient(f"sqlite:///{self.db}")
        self.client.create_registered_model("m")
        for auc, digest in ((.9, "d1"), (.95, "d1"), (.8, "d1"), (.97, "d2")):
            self.client.create_model_version("m", "models/m",
                                             self.run(auc, digest))
        with open(t.path("conf.yaml"), "w") as f:
            f.write(CONFIG)
        t.env["MLTOWER_CONFIG"] = t.path("conf.yaml")

    def run(self, auc, digest):
        run = self.client.create_run("0").info.run_id
        self.client.log_metric(run, "val/auc", auc)
        self.client.log_inputs(run, [DatasetInput(
            Dataset("cards", digest, "local", "{}"),
            [InputTag("mlflow.data.context", "eval")])])
        return run

    def holder(self, alias="champion"):
        try:
            v = self.client.get_model_version_by_alias("m", alias)
        except MlflowException:
            return None
        return str(v.version)

    def put(self, version, alias="champion"):
        self.client.set_registered_model_alias("m", alias, version)

    def promote(self, version, current, *args, status=0, alias="champion"):
        return self.t.json("promote", "m", version, "--alias", alias,
                           "--if-current", current, *args,
                           status=status) or {}

    def outcomes(self):
        return [e["outcome"] for e in self.t.json("audit") or []
                if e["kind"] == "outcome"]


def gates(t, w):
    t.run("promote", "m", "1", "--alias", "champion", status=2)
    got = w.promote("1", "none", "--dry-run")
    t.equal((got.get("outcome"), got.get("audit_id")), ("dry_run", None),
            "a dry run")
    t.equal(w.holder(), None, "a dry run writes nothing")
    t.equal(w.promote("1", "none").get("outcome"), "promoted", "v1")
    got = w.promote("3", "1", status=1)
    t.equal(got.get("outcome"), "blocked", "below the minimum")
    t.equal([(g["gate"], g["passed"]) for g in got.get("gates", [])],
            [("auc", False)], "the gate says so")
    t.equal(w.promote("4", "1", status=1).get("outcome"), "blocked",
            "on other data")
    t.equal(w.holder(), "1", "blocked writes nothing")
    t.equal(w.promote("3", "none", alias="shadow").get("outcome"), "promoted",
            "an alias that does not serve is not guarded")
    got = w.promote("4", "1", "--waive", "auc=labels are late")
    t.equal(got.get("outcome"), "promoted", "waived")
    last = t.json("audit", "m")[0]
    t.equal(last["waivers"], [{"gate": "auc", "reason": "labels are late"}],
            "the waiver is on record")
    t.equal(t.json("audit", "prod:m"), t.json("audit", "m"),
            "a model by its source too")
    t.equal(t.json("audit", "lab:m"), [], "and not of another source")
    t.run("rollback", "m", "--alias", "champion", "--if-current", "4")
    t.equal(w.holder(), "1", "the way back is not barred")


def stages(t, w):
    t.json("promote", "m", "1", "--stage", "Production", "--if-current",
           "none")
    got = t.json("promote", "m", "2", "--stage", "production",
                 "--if-current", "v1") or {}
    t.equal((got.get("previous_version"), got.get("outcome")),
            ("1", "promoted"), "a stage")
    t.equal([w.client.get_model_version("m", v).current_stage
             for v in ("1", "2")], ["Archived", "Production"],
            "MLflow sees both stages")


def person(t, w):
    """v1 holds; what is typed decides."""
    args = ("promote", "m", "2", "--alias", "champion")
    s = Screen(t, *args)
    s.type("prod/m/2\r")  # before anything was shown
    t.check(s.wait_for("Type prod/m/2") is not None, "it asks all the same")
    s.settle(.5)
    t.equal(w.holder(), "1", "what was typed ahead is no answer")
    os.kill(s.pid, signal.SIGKILL)
    os.waitpid(s.pid, 0)
    os.close(s.fd)
    for typed, holder, code in (("yes\r", "1", 130), ("prod/m/2\r", "2", 0)):
        s = Screen(t, *args)
        t.check(s.wait_for("Type prod/m/2") is not None, "it asks")
        t.check(b"Will send" in s.seen and b"0.9500" in s.seen,
                "and shows what it will do")
        s.type(typed)
        s.settle(5)  # ends when it has ended
        _, status = os.waitpid(s.pid, 0)
        os.close(s.fd)
        t.equal(os.waitstatus_to_exitcode(status), code, f"typed {typed!r}")
        t.equal(w.holder(), holder, f"after {typed!r}")


def race(t, w):
    """MLflow's client moves the alias all the while: of every promotion said
    to have taken place MLflow has the tag, and no other has one."""
    stop = threading.Event()

    def mover():
        own = MlflowClient(f"sqlite:///{w.db}")
        while not stop.is_set():
            for version in (1, 2):
                own.set_registered_model_alias("m", "race", version)

    w.put(1, "race")
    thread = threading.Thread(target=mover)
    thread.start()
    seen, tries = {}, 40
    for _ in range(tries):
        current = w.holder("race")
        done = subprocess.run(
            [MLTOWER, "promote", "m", "3", "--alias", "race",
             "--if-current", current, "--json"], env=t.env, cwd=t.dir,
            capture_output=True, text=True, stdin=subprocess.DEVNULL)
        seen[done.returncode] = seen.get(done.returncode, 0) + 1
        t.check(done.returncode in (0, 3, 5), f"race: {done.stderr}")
    stop.set()
    thread.join()
    print(f"measured: {tries} promotions against a moving alias: "
          f"{seen.get(0, 0)} promoted, {seen.get(5, 0)} conflicts, "
          f"{seen.get(3, 0)} found it locked")
    t.check(seen.get(5, 0) > 0, f"some met a conflict: {seen}")
    t.run("audit", "--verify")
    promoted = [e for e in t.json("audit") if e["alias"] == "race"
                and e["outcome"] == "promoted"]
    tag = w.client.get_model_version("m", "3").tags.get("mltower.promotion")
    if promoted:
        t.check(tag and promoted[0]["id"] in tag, "the last one left its tag")


def locked(t, w):
    """Another program holds the store for reading too, or for writing."""
    before = w.holder()
    for how in ("EXCLUSIVE", "IMMEDIATE"):
        other = sqlite3.connect(w.db, isolation_level=None)
        other.execute(f"BEGIN {how}")
        start = time.monotonic()
        t.run("promote", "m", "1", "--alias", "champion", "--if-current",
              before, "--waive", "auc=test", status=3)
        t.check(time.monotonic() - start < 20, f"{how}: it gives up in time")
        other.execute("ROLLBACK")
        other.close()
        t.equal(w.holder(), before, f"{how}: nothing is written")
    t.equal(w.outcomes()[0], "failed", "and that is on record")


def full_disk(t, w):
    before, trail = w.holder(), w.outcomes()

    def no_room():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))

    done = subprocess.run(
        [MLTOWER, "promote", "m", "1", "--alias", "champion", "--waive",
         "auc=test", "--if-current", before], env=t.env, cwd=t.dir,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=no_room,
        stdin=subprocess.DEVNULL)
    t.equal(done.returncode, 3, f"full disk: {done.stderr!r}")
    t.equal(w.holder(), before, "a full disk promotes nothing")
    t.equal(w.outcomes(), trail, "and puts nothing on record")
    t.run("audit", "--verify")


def killed(t, w):
    """Killed at any moment: what the next start says is what MLflow sees."""
    n_killed = 0
    for i in range(40):
        w.put(1, "crash")
        child = subprocess.Popen(
            [MLTOWER, "promote", "m", "2", "--alias", "crash",
             "--if-current", "1"], env=t.env, cwd=t.dir,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL)
        time.sleep(i * .001)
        child.kill()
        n_killed += child.wait() == -signal.SIGKILL
        # Any promotion settles first; this one is there already.
        t.run("promote", "m", w.holder("crash"), "--alias", "crash",
              "--if-current", w.holder("crash"))
        trail = [e for e in t.json("audit") if e["alias"] == "crash"]
        # An intent and its outcome, whatever was killed.
        t.equal(len(trail) % 2, 0, f"kill {i}: no intent is left open")
        moved = w.holder("crash") == "2"
        told = (trail[0]["id"] if trail else "",
                trail[0]["outcome"] if trail else None)
        tag = w.client.get_model_version("m", "2").tags.get(
            "mltower.promotion", "")
        if moved:
            t.check(told[1] == "promoted" and told[0] in tag,
                    f"kill {i}: moved, and told {told}")
        elif trail and told[0] in tag:
            t.equal(told[1], "promoted", f"kill {i}: an older one")
    print(f"measured: {n_killed} of 40 promotions were killed")
    t.check(n_killed > 0, "some were killed")
    t.run("audit", "--verify")
    t.equal(w.client.get_registered_model("m").name, "m",
            "MLflow still reads its store")


def main():
    t = Test()
    w = World(t)
    gates(t, w)
    stages(t, w)
    person(t, w)
    race(t, w)
    locked(t, w)
    full_disk(t, w)
    killed(t, w)
    t.end()


if __name__ == "__main__":
    main()
