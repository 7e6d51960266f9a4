#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""An MLflow server as mltower reads and writes it. MLflow's own client is the
judge of what stands there."""
import json
import threading
import time

from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

from lib_live import MLFLOWS, Emulator, Screen, Test
from lib_rest import Proxy, Server

CONFIG = """
sources:
  prod: {url: "%s", write: yes}
models:
  prod:m: {metric: val/auc, gates: strict}
gates:
  strict:
    auc: {metric: val/auc, min: 0.85}
"""


class World:
    """A model m of five versions, v4 of them poor, and one with odd names."""

    def __init__(self, t, url):
        self.t = t
        self.client = c = MlflowClient(url)
        self.experiment = c.create_experiment("cards")
        c.create_registered_model("m", tags={"team": "risk"},
                                  description="card fraud")
        c.create_registered_model("odd's \"name\"")
        self.runs = []
        for i, auc in enumerate((.9, .91, .92, .5, .93)):
            run = c.create_run(self.experiment, run_name=f"rf-{i}").info.run_id
            c.log_param(run, "depth", str(i))
            for step in range(20):
                c.log_metric(run, "val/auc", auc * (step + 1) / 20, step=step)
            c.log_metric(run, "odd", float("nan"))
            c.set_terminated(run)
            self.runs.append(run)
            c.create_model_version("m", f"runs:/{run}/model", run,
                                   tags={"n": str(i)}, description=f"no {i}")
        c.create_model_version("odd's \"name\"", f"runs:/{run}/model", run)
        c.transition_model_version_stage("m", "2", "Staging")
        with open(t.path("conf.yaml"), "w") as f:
            f.write(CONFIG % url)
        t.env["MLTOWER_CONFIG"] = t.path("conf.yaml")

    def holder(self, alias="champion"):
        try:
            v = self.client.get_model_version_by_alias("m", alias)
        except MlflowException:
            return None
        return str(v.version)

    def promote(self, version, current, *args, status=0):
        return self.t.json("promote", "m", version, "--alias", "champion",
                           "--if-current", current, *args,
                           status=status) or {}


def reading(t, w):
    w.client.set_registered_model_alias("m", "shadow", 3)
    models = {m["name"]: m for m in t.json("models")}
    t.equal(sorted(models), ["m", "odd's \"name\""], "the models")
    m = models["m"]
    t.equal((m["description"], m["tags"], m["aliases"], m["latest_version"],
             m["n_versions"]),
            ("card fraud", {"team": "risk"}, {"shadow": "3"}, "5", 5), "m")
    theirs = {v.version: v for v in
              w.client.search_model_versions("name='m'")}
    for v in t.json("versions", "m"):
        its = theirs[type(next(iter(theirs)))(v["version"])]
        t.equal((v["stage"], v["run_id"], v["description"], v["tags"],
                 v["created_ms"], v["updated_ms"], v["status"]),
                (its.current_stage, its.run_id, its.description, its.tags,
                 its.creation_timestamp, its.last_updated_timestamp,
                 its.status), f"version {v['version']}")
    t.equal(sorted(r["run_id"] for r in t.json("runs")), sorted(w.runs),
            "the runs that versions name")
    got = t.json("show", w.runs[2])
    its = w.client.get_run(w.runs[2])
    t.equal((got["name"], got["experiment"], got["params"],
             [(m["name"], m["version"]) for m in got["models"]]),
            ("rf-2", "cards", its.data.params, [("m", "3")]), "a run")
    t.equal(got["metrics"]["val/auc"], its.data.metrics["val/auc"],
            "its metric")
    t.equal(got["metrics"]["odd"], "NaN", "its NaN")
    points = t.json("history", w.runs[1], "val/auc")[0]["points"]
    its = w.client.get_metric_history(w.runs[1], "val/auc")
    t.equal([(p["step"], p["time_ms"], p["value"]) for p in points],
            [(p.step, p.timestamp, p.value) for p in its], "a history")
    alone = w.client.create_run("0", run_name="alone").info.run_id
    t.equal(t.json("show", alone)["name"], "alone",
            "a run that no version names, by its id")
    t.equal([r["name"] for r in t.json("runs", "--filter",
                                       "params.depth > 2 and "
                                       "metrics.\"val/auc\" < 0.6")],
            ["rf-3"], "a filter")


def promoting(t, w):
    t.equal(w.promote("1", "none").get("outcome"), "promoted", "the first")
    t.equal(w.holder(), "1", "MLflow sees it")
    t.equal(w.promote("4", "1", status=1).get("outcome"), "blocked",
            "a gate on what the server says")
    t.equal(w.promote("2", "1").get("outcome"), "promoted", "the next")
    tag = json.loads(w.client.get_model_version("m", "2").tags
                     ["mltower.promotion"])
    t.equal(tag["previous"], "1", "its tag")
    w.client.set_registered_model_alias("m", "champion", 5)
    t.equal(w.promote("3", "2", status=5).get("outcome"), "conflict",
            "moved by MLflow's client")
    t.equal(w.holder(), "5", "nothing was written")
    t.equal(w.promote("3", "5").get("outcome"), "promoted", "with what stands")
    t.run("rollback", "m", "--alias", "champion", "--if-current", "3")
    t.equal(w.holder(), "5", "back to what stood before")
    t.run("--readonly", "promote", "m", "1", "--alias", "champion",
          "--if-current", "5", status=4)
    t.equal(w.holder(), "5", "the closed gate held")
    got = t.json("promote", "m", "3", "--stage", "staging", "--if-current",
                 "2") or {}
    t.equal(got.get("outcome"), "promoted", "a stage")
    t.equal([w.client.get_model_version("m", v).current_stage
             for v in ("2", "3")], ["Archived", "Staging"],
            "MLflow sees both stages")
    t.run("audit", "--verify")


def racing(t, w, rounds=8):
    """Two at once: one is told that it lost, before or after."""
    told = []
    for _ in range(rounds):
        w.client.set_registered_model_alias("m", "champion", 1)
        got = {}

        def run(version):
            got[version] = t.json("promote", "m", version, "--alias",
                                  "champion", "--if-current", "1",
                                  status=None) or {}

        threads = [threading.Thread(target=run, args=(v,)) for v in "23"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        held = w.holder()
        lost = got["2" if held == "3" else "3"]
        won = got.get(held, {})
        t.equal(won.get("outcome"), "promoted", f"who holds it: {got}")
        t.check(lost.get("outcome") == "conflict" or
                "moved on" in (lost.get("message") or ""),
                f"who lost is told: {got}")
        told.append(lost.get("outcome"))
    print(f"measured: {rounds} races, the losers were told "
          f"{sorted(set(told))}")


def on_screen(t, w):
    """What others do is seen, and a promotion by keys stands."""
    w.client.set_registered_model_alias("m", "champion", 1)
    e = Emulator(t)
    t.check(e.wait_for("@v1"), "the Tower shows the holder")
    t.check(e.wait_for("prod: runs of its newest versions"), "and whose runs")
    w.client.set_registered_model_alias("m", "champion", 2)
    seconds = e.wait_for("@v2")
    t.check(seconds is not None and seconds < 6, f"a move: {seconds} s")
    w.client.create_model_version("m", f"runs:/{w.runs[0]}/model", w.runs[0])
    t.check(e.wait_for("v6"), "a new version")
    e.type("3", "P")
    t.check(e.wait_for("requests, one after another"), "what will be sent")
    e.type("Tab", "prod/m/6", "Enter")
    t.check(e.wait_for("promoted") or e.wait_for("@v6"), "by keys")
    for _ in range(50):
        if w.holder() == "6":
            break
        time.sleep(.1)
    t.equal(w.holder(), "6", "MLflow sees it")
    t.equal(e.end(), 0, "it ends")


def quick(t, w, n=10):
    """How long a promotion takes beside the server's own round trips."""
    start = time.monotonic()
    for _ in range(n):
        w.client.get_registered_model("m")
    trip = (time.monotonic() - start) / n
    w.client.set_registered_model_alias("m", "champion", 1)
    start = time.monotonic()
    held = "1"
    for i in range(n):
        version = "23"[i % 2]
        w.promote(version, held)
        held = version
    each = (time.monotonic() - start) / n
    print(f"measured: a promotion over REST {each * 1000:.0f} ms, MLflow's "
          f"client asks for a model in {trip * 1000:.0f} ms")


OLD = """
import sys
from mlflow import MlflowClient
c = MlflowClient(sys.argv[1])
c.create_registered_model("m")
for i in range(2):
    run = c.create_run("0", run_name=f"old-{i}").info.run_id
    c.log_metric(run, "val/auc", .9 + i / 100)
    c.create_model_version("m", f"runs:/{run}/model", run)
c.set_registered_model_alias("m", "champion", 1)
print(1)
"""


def an_old_server(t):
    server = Server(t, "2")
    try:
        t.mlflow(OLD, server.url, version="2")
        t.equal([(m["name"], m["aliases"], m["n_versions"])
                 for m in t.json("models", server.url)],
                [("m", {"champion": "1"}, 2)], "MLflow 2: the models")
        t.equal(sorted(r["name"] for r in t.json("runs", server.url)),
                ["old-0", "old-1"], "MLflow 2: the runs")
        got = t.json("promote", "m", "2", "--alias", "champion",
                     "--if-current", "1", "--source", server.url) or {}
        t.equal(got.get("outcome"), "promoted", "MLflow 2: promoted")
        t.equal(t.json("models", server.url)[0]["aliases"],
                {"champion": "2"}, "MLflow 2: it stands there")
    finally:
        server.end()


def nothing_is_changed(t, server):
    """Behind a closed gate no request goes out that changes anything."""
    proxy = Proxy(server)
    t.run("--readonly", "promote", "m", "2", "--alias", "champion",
          "--if-current", "6", "--source", f"prod={proxy.url}", status=None)
    t.env["MLTOWER_READONLY"] = "1"
    t.run("rollback", "m", "--alias", "champion", "--if-current", "6",
          "--source", f"prod={proxy.url}", status=None)
    del t.env["MLTOWER_READONLY"]
    s = Screen(t, "wall", f"prod={proxy.url}")
    s.wait_for("rf-4")
    s.type("PBRTDU\r3PB\r:promote m 2\r")
    s.settle(3)
    t.equal(s.end(), 0, "the wall ends")
    t.check(len(proxy.requests) > 10, f"it was read: {proxy.requests}")
    t.equal(proxy.changes, [], "nothing was sent that changes anything")
    proxy.end()


def main():
    t = Test()
    server = Server(t)
    try:
        w = World(t, server.url)
        reading(t, w)
        promoting(t, w)
        racing(t, w)
        on_screen(t, w)
        nothing_is_changed(t, server)
        quick(t, w)
    finally:
        server.end()
    if MLFLOWS["2"]:
        an_old_server(t)
    t.end()


if __name__ == "__main__":
    main()
