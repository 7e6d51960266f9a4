#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A promotion by mltower is one that MLflow's client sees, and a move by
MLflow's client is one that mltower does not write over."""
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

from lib_live import Test


def promote(t, db, version, current, status=0):
    return t.json("promote", "m", version, "--alias", "champion",
                  "--if-current", current, "--reason", "live test",
                  "--source", db, status=status) or {}


def main():
    t = Test()
    db = t.path("mlflow.db")
    client = MlflowClient(f"sqlite:///{db}")
    run = client.create_run("0").info.run_id
    client.create_registered_model("m")
    for _ in range(4):
        client.create_model_version("m", "models/m", run)

    def holder():
        try:
            version = client.get_model_version_by_alias("m", "champion")
        except MlflowException:
            return None
        return str(version.version)

    t.equal(promote(t, db, "1", "none").get("outcome"), "promoted",
            "the first champion")
    t.equal(holder(), "1", "MLflow sees it")
    t.equal(promote(t, db, "1", "1").get("outcome"), "already",
            "the same again writes nothing")
    t.equal(promote(t, db, "2", "1").get("outcome"), "promoted", "the next")
    t.equal(holder(), "2", "MLflow sees the next")
    tags = client.get_model_version("m", "2").tags
    t.check("mltower.promotion" in tags, f"the version's tag: {tags}")

    client.set_registered_model_alias("m", "champion", 3)
    t.equal(promote(t, db, "4", "2", status=5).get("outcome"), "conflict",
            "MLflow moved it in between")
    t.equal(holder(), "3", "nothing was written")
    t.run("--readonly", "promote", "m", "4", "--alias", "champion",
          "--if-current", "3", "--source", db, status=4)
    t.equal(holder(), "3", "the closed gate held")

    t.equal(promote(t, db, "4", "3").get("outcome"), "promoted", "v4")
    t.run("rollback", "m", "--alias", "champion", "--if-current", "4",
          "--source", db)
    t.equal(holder(), "3", "rollback puts back what the record says")
    t.run("audit", "--verify")
    outcomes = [e["outcome"] for e in t.json("audit", "m") or []]
    t.equal(outcomes, ["promoted", None] * 4, "outcomes and intents")
    t.end()


if __name__ == "__main__":
    main()
