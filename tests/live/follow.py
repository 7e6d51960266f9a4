#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What MLflow commits is on the screen within a second, and a store that
somebody has locked shows how old it is."""
import sqlite3

from mlflow import MlflowClient

from lib_live import Emulator, Test

LIMIT_S = 1.0


def appears(t, screen, text, commit, what):
    t.check(text not in screen.text(), f"{text!r} is not there before")
    commit()
    took = screen.wait_for(text, 5)
    t.check(took is not None and took <= LIMIT_S,
            f"{what}: on the screen after {took} s")
    if took is not None:
        print(f"measured: {what} on the screen after {took * 1000:.0f} ms")


def main():
    t = Test()
    db = t.path("mlflow.db")
    client = MlflowClient(f"sqlite:///{db}")
    first = client.create_run("0", run_name="zero-run").info.run_id
    client.log_metric(first, "auc", .5)
    client.create_registered_model("m")
    client.create_model_version("m", "models/m", first)
    screen = Emulator(t, db)
    t.check(screen.wait_for("zero-run"), "the Tower opens on the store")
    made = []

    def new_run():
        made.append(client.create_run("0", run_name="seen-live").info.run_id)

    def new_point():
        client.log_metric(made[0], "auc", .8765, step=1)

    appears(t, screen, "seen-live", new_run, "a new run")
    screen.type("g")
    appears(t, screen, ".87", new_point, "a point of a run on screen")
    appears(t, screen, " v2 ", lambda: client.create_model_version(
        "m", "models/m", first), "a new version")
    appears(t, screen, "@v2", lambda: client.set_registered_model_alias(
        "m", "champion", 2), "a new alias")
    writer = sqlite3.connect(db, isolation_level=None)
    writer.execute("PRAGMA journal_mode = DELETE")
    writer.execute("BEGIN EXCLUSIVE")
    t.check(screen.wait_for("! 10s", 15), "locked: its age is shown")
    writer.execute("COMMIT")
    t.check(screen.wait_for("mlflow live", 5), "free again: live")
    t.equal(screen.end(), 0, "q ends it")
    t.end()


if __name__ == "__main__":
    main()
