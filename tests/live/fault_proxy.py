#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A promotion over REST through a proxy that fails, and one that is killed, at
every single request.

None of it may lead to a second write, or to a word that is not so: the trail
and the registry agree, or the trail says that what came of it is not known.
"""
import json
import os
import subprocess
import sys

from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

from lib_live import MLTOWER, Test
from lib_rest import Proxy, Server

CONFIG = """
sources:
  prod: {url: "%s", write: yes}
"""
FAULTS = ("reset before", "reset after", "cut", "500 after", "wrong json",
          "redirect")
MAX_REQUESTS = 60
LAST_REQUESTS = 14


class World:
    """v1 is champion before each promotion to v2; each has its own trail."""

    def __init__(self, t, server, proxy):
        self.t, self.proxy = t, proxy
        self.client = MlflowClient(server.url)
        run = self.client.create_run("0").info.run_id
        self.client.create_registered_model("m")
        for _ in range(3):
            self.client.create_model_version("m", f"runs:/{run}/model", run)
        with open(t.path("conf.yaml"), "w") as f:
            f.write(CONFIG % proxy.url)
        t.env["MLTOWER_CONFIG"] = t.path("conf.yaml")
        self.n = 0

    def afresh(self, plan=None, act=None):
        self.n += 1
        self.t.env["MLTOWER_STATE"] = self.t.path(f"state{self.n}")
        self.client.set_registered_model_alias("m", "champion", 1)
        self.client.delete_model_version_tag("m", "2", "mltower.promotion")
        self.proxy.afresh(plan, act)

    def holder(self):
        try:
            v = self.client.get_model_version_by_alias("m", "champion")
        except MlflowException:
            return None
        return str(v.version)

    def tag(self):
        text = self.client.get_model_version("m", "2").tags.get(
            "mltower.promotion")
        return json.loads(text)["id"] if text else None

    def start(self):
        return subprocess.Popen(
            [MLTOWER, "promote", "m", "2", "--alias", "champion",
             "--if-current", "1", "--json"],
            env=self.t.env, cwd=self.t.dir, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)

    def trail(self):
        """What the trail says of the promotion, newest first."""
        done = subprocess.run([MLTOWER, "audit", "--json"], env=self.t.env,
                              cwd=self.t.dir, capture_output=True, text=True)
        return json.loads(done.stdout) if not done.returncode else []

    def check_trail(self, what, settled):
        t = self.t
        t.run("audit", "--verify")
        trail = self.trail()
        kinds = [e["kind"] for e in trail]
        if not t.check(kinds in ([], ["outcome", "intent"]),
                       f"{what}: the trail {kinds}"):
            return None
        if not trail:
            t.equal((self.holder(), self.tag()), ("1", None),
                    f"{what}: nothing without an intent")
            return None
        outcome, held, tag = trail[0]["outcome"], self.holder(), self.tag()
        if tag:
            t.equal(tag, trail[0]["id"], f"{what}: whose tag it is")
        if outcome == "promoted":
            t.equal(held, "2", f"{what}: promoted")
        elif outcome in ("failed", "conflict"):
            t.equal((held, tag), ("1", None), f"{what}: {outcome}")
        else:
            t.equal(outcome, "unknown", f"{what}: the outcome")
        if held == "2" and not settled:
            t.equal(outcome, "promoted", f"{what}: found by looking")
        return outcome


def nth_change(wanted, fault):
    """A plan: the n-th request that changes something fails."""
    seen = []

    def plan(method, path, n):
        if method == "GET":
            return None
        seen.append(path)
        return fault if len(seen) == wanted else None
    return plan


def fault_at(w, wanted, fault):
    t, what = w.t, f"{fault}, change {wanted}"
    w.afresh(nth_change(wanted, fault))
    p = w.start()
    out, errs = p.communicate(timeout=120)
    t.check(p.returncode in (0, 3, 6), f"{what}: exit {p.returncode} {errs}")
    changes = w.proxy.changes
    t.equal(len(changes), len(set(changes)), f"{what}: sent once: {changes}")
    outcome = w.check_trail(what, settled=False)
    t.equal(json.loads(out)["outcome"] if out else None, outcome,
            f"{what}: told as recorded")
    return outcome


def count_requests(w):
    w.afresh()
    w.start().communicate(timeout=120)
    w.t.equal(w.holder(), "2", "a promotion that nothing disturbs")
    return len(w.proxy.requests)


def other_requests_fail(w, first):
    """A GET that fails at any place: nothing is written, or all is told."""
    t, n, k = w.t, first - 1, first - 1
    while n == k:
        k += 1
        w.afresh(lambda method, path, i, k=k:
                 "reset after" if method == "GET" and i == k else None)
        p = w.start()
        p.communicate(timeout=120)
        changes = w.proxy.changes
        t.equal(len(changes), len(set(changes)), f"request {k}: sent once")
        w.check_trail(f"request {k} fails", settled=False)
        n = min(k, len(w.proxy.requests))
    return k - first


def killed_at(w, k, when):
    """mltower is killed at its k-th request. False: it has none."""
    t, what = w.t, f"killed {when} request {k}"
    died = []

    def die():
        p.kill()
        p.wait()
        died.append(True)

    w.afresh(lambda method, path, n: f"kill {when}" if n == k else None, die)
    p = w.start()
    p.communicate(timeout=120)
    if not died:
        return False
    before = (w.holder(), w.tag())
    w.proxy.afresh()
    # A start that has nothing to do but what the crash left.
    done = subprocess.run([MLTOWER, "promote", "m", before[0], "--alias",
                           "champion", "--if-current", before[0]],
                          env=t.env, cwd=t.dir, capture_output=True,
                          text=True, stdin=subprocess.DEVNULL)
    t.equal(done.returncode, 0, f"{what}: the next start: {done.stderr}")
    t.equal((w.holder(), w.tag()), before, f"{what}: settling writes nothing")
    t.equal(w.proxy.changes, [], f"{what}: settling sends no change")
    w.check_trail(what, settled=True)
    return True


def main():
    t = Test()
    server = Server(t)
    proxy = Proxy(server)
    try:
        w = World(t, server, proxy)
        told = {(fault, n): fault_at(w, n, fault)
                for fault in FAULTS for n in (1, 2)}
        told["hang", 1] = fault_at(w, 1, "hang")
        t.equal(told["reset before", 1], "unknown", "it may still come")
        t.equal(told["redirect", 1], "failed", "a redirect is no answer")
        # Those before it looks at what stands there only read the registry.
        first = max(1, count_requests(w) - LAST_REQUESTS)
        n = other_requests_fail(w, first)
        t.check(n > 5, f"only {n} requests")
        kills = 0
        for when in ("before", "after"):
            for k in range(first, MAX_REQUESTS):
                if not killed_at(w, k, when):
                    break
                kills += 1
        t.check(kills > 10, f"only {kills} kills")
        print(f"measured: a promotion over REST failed at {len(told)} writes "
              f"and {n} reads, and was killed at {kills} requests")
    finally:
        proxy.end()
        server.end()
    t.end()


if __name__ == "__main__":
    main()
