#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the demo factory made is a store that real MLflow opens and shows."""
import os
import subprocess
import time

from mlflow import MlflowClient

from lib_live import MLTOWER, Emulator, Test


def factories(folder):
    """Processes that keep the demo in this folder alive."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as f:
                words = f.read().split(b"\0")
        except OSError:
            continue
        if b"demo-factory" in words and folder.encode() in b" ".join(words):
            found.append(pid)
    return found


def compare(t, folder):
    db = os.path.join(folder, "mlflow.db")
    client = MlflowClient(f"sqlite:///{db}")
    experiments = [e for e in client.search_experiments()
                   if e.name != "Default"]
    t.check(len(experiments) >= 3, f"three domains: {experiments}")
    runs = client.search_runs([e.experiment_id for e in experiments],
                              max_results=500)
    ours = {r["run_id"]: r for r in t.json("runs", db) or []}
    t.check(len(runs) >= 10, f"{len(runs)} runs")
    t.check({r.info.run_id for r in runs} <= set(ours), "mltower sees them")
    t.check(any(r.inputs.dataset_inputs for r in runs), "datasets")
    longest = max((len(client.get_metric_history(r.info.run_id, k))
                   for r in runs[:20] for k in r.data.metrics), default=0)
    t.check(longest >= 10, f"histories: the longest has {longest} points")
    models = client.search_registered_models()
    t.check(len(models) >= 3, f"models: {[m.name for m in models]}")
    for model in models:
        t.check("champion" in model.aliases, f"{model.name} has a champion")
        version = client.get_model_version_by_alias(model.name, "champion")
        t.check(client.get_run(version.run_id).data.metrics,
                f"the run behind {model.name}'s champion has metrics")
    named = {m["name"]: m["aliases"] for m in t.json("models", db) or []}
    t.equal(named, {m.name: {a: str(v) for a, v in m.aliases.items()}
                    for m in models}, "mltower's aliases are MLflow's")


def serve(t, folder):
    """What MLflow's client writes there, the factory and mltower follow."""
    db = os.path.join(folder, "mlflow.db")
    client = MlflowClient(f"sqlite:///{db}")
    fraud = client.get_experiment_by_name("fraud")
    mine = client.create_run(fraud.experiment_id, run_name="mine").info.run_id
    for step in range(5):
        client.log_metric(mine, "val/auc", .5 + step / 100, step=step)
    client.set_terminated(mine)
    t.check(mine in {r["run_id"] for r in t.json("runs", db) or []},
            "a run logged beside the factory's")
    client.set_registered_model_alias("fraud-detector", "champion", 5)
    start, served = time.monotonic(), False
    while not served and time.monotonic() - start < 10:
        time.sleep(.2)
        with open(os.path.join(folder, "fraud.csv"), "rb") as f:
            served = b",fraud-detector,5," in f.read()
    took = time.monotonic() - start
    print(f"measured: the promoted version serves after {took * 1000:.0f} ms")
    t.check(served, "the factory serves the version of the alias")


def main():
    t = Test()
    folder = t.path("factory")
    start = time.monotonic()
    screen = Emulator(t, "demo", "--dir", folder)
    t.check(screen.wait_for("fraud-detector", 10), "the demo opens")
    took = time.monotonic() - start
    print(f"measured: the demo shows its registry after {took * 1000:.0f} ms")
    t.check(factories(folder), "a factory is at work")
    done = subprocess.run([MLTOWER, "demo", "--dir", folder], env=t.env,
                          stdin=subprocess.DEVNULL, capture_output=True,
                          timeout=20)
    t.check(done.returncode == 0 and b"fraud-detector" in done.stdout,
            "a second demo joins, and without a terminal prints one frame")
    compare(t, folder)
    serve(t, folder)
    t.equal(screen.end(), 0, "q ends it")
    for _ in range(50):
        if not factories(folder):
            break
        time.sleep(.1)
    t.equal(factories(folder), [], "nothing is left running")
    t.end()


if __name__ == "__main__":
    main()
