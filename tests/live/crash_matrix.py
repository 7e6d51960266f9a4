#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A promotion killed at, or failing in, every single call by which it writes.

strace counts the calls of a kind, and at the K-th kills mltower before the
call is made, or lets the call fail. K goes from 1 until a run has no K-th call
of that kind any more. Each time the trail and the registry have to agree: at
once as far as mltower told anything, and in full after the next start. A store
that was left in the midst of a write is repaired by whoever opens it for
writing next, as MLflow's client does; until then mltower says so.
"""
import json
import os
import shutil
import sqlite3
import subprocess
import sys

from mlflow import MlflowClient

from lib_live import MLTOWER, Test

CONFIG = """
sources:
  prod: {path: %s/mlflow.db, write: yes}
"""
CALLS = ("pwrite64", "fdatasync", "fsync", "unlink", "ftruncate")
ERRORS = (("pwrite64", "EIO"), ("pwrite64", "ENOSPC"), ("fdatasync", "EIO"),
          ("fsync", "EIO"), ("unlink", "EIO"), ("ftruncate", "EIO"))
MAX_CALLS = 400


def strace_works():
    try:
        return subprocess.run(
            ["strace", "-o", os.devnull, "-e",
             "inject=getppid:signal=KILL:when=1", "true"],
            capture_output=True).returncode == 0
    except FileNotFoundError:
        return False


class Matrix:
    """A store where v1 is champion by mltower; copied afresh for each run."""

    def __init__(self, t):
        self.t = t
        self.place = t.path("run")
        self.clean = t.path("clean")
        os.mkdir(self.clean)
        client = MlflowClient(f"sqlite:///{self.clean}/mlflow.db")
        run = client.create_run("0").info.run_id
        client.create_registered_model("m")
        for _ in range(2):
            client.create_model_version("m", "models/m", run)
        with open(t.path("conf.yaml"), "w") as f:
            f.write(CONFIG % self.place)
        t.env["MLTOWER_CONFIG"] = t.path("conf.yaml")
        t.env["MLTOWER_STATE"] = os.path.join(self.place, "state")
        shutil.copytree(self.clean, self.place)
        self.promote("1", "none")
        shutil.rmtree(self.clean)
        shutil.copytree(self.place, self.clean)

    def afresh(self):
        shutil.rmtree(self.place)
        shutil.copytree(self.clean, self.place)

    def promote(self, version, current, *trace):
        return subprocess.run(
            [*trace, MLTOWER, "promote", "m", version, "--alias", "champion",
             "--if-current", current, "--json"],
            env=self.t.env, cwd=self.t.dir, capture_output=True, text=True,
            stdin=subprocess.DEVNULL, timeout=120)

    def registry(self):
        """Holder of the alias and the promotion's tag of v2. Opening it for
        writing repairs what was left, as MLflow's client would."""
        db = sqlite3.connect(os.path.join(self.place, "mlflow.db"))
        holder = db.execute("SELECT version FROM registered_model_aliases "
                            "WHERE alias = 'champion'").fetchone()
        tag = db.execute("SELECT value FROM model_version_tags WHERE "
                         "version = 2 AND key = 'mltower.promotion'"
                         ).fetchone()
        whole = db.execute("PRAGMA integrity_check").fetchone()[0]
        db.close()
        return (str(holder[0]) if holder else None,
                json.loads(tag[0])["id"] if tag else None, whole)

    def trail(self):
        """Newest first."""
        done = subprocess.run([MLTOWER, "audit", "--json"], env=self.t.env,
                              cwd=self.t.dir, capture_output=True, text=True)
        return json.loads(done.stdout) if done.returncode == 0 else None

    def start(self):
        """A start that has nothing to do but what a crash left."""
        holder = self.registry()[0]
        return self.promote(holder, holder)

    def check_after(self, what, told):
        """told: outcome said, or None where it was killed."""
        t = self.t
        holder, tag, whole = self.registry()
        t.equal(whole, "ok", f"{what}: the store")
        t.equal(tag is not None, holder == "2",
                f"{what}: alias and tag go together")
        if told in ("promoted", "failed"):
            t.equal(holder, "2" if told == "promoted" else "1",
                    f"{what}: it told {told}")
        done = self.start()
        t.equal(done.returncode, 0, f"{what}: the next start: {done.stderr}")
        t.equal(self.registry()[:2], (holder, tag),
                f"{what}: settling writes nothing")
        t.run("audit", "--verify")
        trail = self.trail()
        if not t.check(trail, f"{what}: the trail can be read"):
            return
        mine = [e for e in trail if e["version"] == "2"]
        kinds = [e["kind"] for e in mine]
        t.check(kinds in ([], ["outcome", "intent"]), f"{what}: {kinds}")
        if holder == "2":
            t.check(mine and mine[0]["outcome"] == "promoted" and
                    mine[0]["id"] == tag,
                    f"{what}: moved, on record "
                    f"{[(e['id'], e['kind'], e['outcome']) for e in mine]}, "
                    f"the tag says {tag}")
        elif mine:
            t.equal(mine[0]["outcome"], "failed", f"{what}: not moved")


def sweep(m, call, action):
    """Runs with the K-th call killed or failed; how many there were."""
    t, n = m.t, 0
    log = t.path("strace.log")
    for k in range(1, MAX_CALLS):
        m.afresh()
        done = m.promote("2", "1", "strace", "-f", "-o", log, "-e",
                         f"trace={call}", "-e",
                         f"inject={call}:{action}:when={k}")
        with open(log, errors="replace") as f:
            text = f.read()
        hit = "INJECTED" in text or "killed by SIGKILL" in text
        told = None
        if "SIGKILL" not in text:
            try:
                told = json.loads(done.stdout)["outcome"]
            except ValueError:
                told = None if done.returncode else "nothing"
            t.check(done.returncode in (0, 3, 6),
                    f"{call} {action} {k}: exit {done.returncode} "
                    f"{done.stderr}")
        m.check_after(f"{call} {action} {k}", told)
        if not hit:
            return n
        n += 1
    t.check(False, f"{call} {action}: more than {MAX_CALLS} calls")
    return n


def main():
    if not strace_works():
        print("skipped: strace cannot inject here")
        sys.exit(77)
    t = Test()
    m = Matrix(t)
    killed = sum(sweep(m, call, "signal=KILL") for call in CALLS)
    failed = sum(sweep(m, call, f"error={e}") for call, e in ERRORS)
    print(f"measured: a promotion killed at {killed} calls and failed in "
          f"{failed}")
    t.check(killed > 10, f"only {killed} kills")
    t.check(failed > 20, f"only {failed} failures")
    t.end()


if __name__ == "__main__":
    main()
