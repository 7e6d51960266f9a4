#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Drift, watch, alerts and ack, from rows to a person who took notice.

Run from the build folder with MLTOWER set.
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile

MLTOWER = os.path.abspath(os.environ.get("MLTOWER", "./mltower"))
CONFIG = """\
monitors:
  live:
    rows: {rows}
    baseline: {{rows: {dir}/base.csv}}
    window: {{rows: 400, every: 1s}}
    drift: {{min_rows: 100}}
"""
counts = {"passed": 0, "failed": 0}


def check(what, ok, *more):
    counts["passed" if ok else "failed"] += 1
    if not ok:
        print("not ok:", what, *[str(m)[:400] for m in more])


def equal(what, got, expected):
    check(what, got == expected, "got", got, "expected", expected)


class Folder:
    """Samples, a config and a state folder of its own."""

    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix="mltower-test-")
        self.rows("base.csv", 0)
        self.rows("same.csv", 0)
        self.rows("far.csv", 80)

    def path(self, name):
        return os.path.join(self.dir, name)

    def rows(self, name, shift):
        with open(self.path(name), "w", encoding="utf-8") as out:
            out.write("amount,kind\n")
            for i in range(500):
                out.write(f"{i % 97 + shift}.5,{'ab'[i % 2]}\n")

    def run(self, *args):
        environ = {"HOME": self.dir, "PATH": os.environ["PATH"],
                   "XDG_STATE_HOME": self.path("state"), "TZ": "UTC",
                   "LC_ALL": "C.UTF-8"}
        return subprocess.run([MLTOWER, *args], cwd=self.dir, env=environ,
                              capture_output=True, timeout=60, check=False,
                              stdin=subprocess.DEVNULL)

    def status(self, what, expected, *args):
        done = self.run(*args)
        check(f"{what}: exit status", done.returncode == expected,
              done.returncode, "expected", expected, done.stderr)
        return done

    def configure(self, name):
        with open(self.path("c.yaml"), "w", encoding="utf-8") as out:
            out.write(CONFIG.format(dir=self.dir, rows=self.path(name)))
        return ("--config", self.path("c.yaml"))


def drift(f, expected, current):
    return f.status(f"drift {current}", expected, "drift", "--baseline",
                    "base.csv", "--current", current, "--json")


def test_drift_fields(f):
    for name, expected in (("same.csv", 0), ("far.csv", 1)):
        said = json.loads(drift(f, expected, name).stdout)
        equal(f"{name}: drifted", said["drifted"], bool(expected))
        equal(f"{name}: how many", said["n_drifted"], expected)
        by_name = {c["column"]: c for c in said["columns"]}
        equal(f"{name}: columns", sorted(by_name), ["amount", "kind"])
        amount, kind = by_name["amount"], by_name["kind"]
        equal(f"{name}: types", (amount["type"], kind["type"]),
              ("number", "category"))
        equal(f"{name}: tests", (amount["p_test"], kind["p_test"]),
              ("ks", "chi2"))
        equal(f"{name}: amount", amount["drifted"], bool(expected))
        equal(f"{name}: over its limit",
              amount["statistic"] > amount["threshold"], bool(expected))
        equal(f"{name}: kind", kind["drifted"], False)
        equal(f"{name}: rows", (amount["n_baseline"], amount["n_current"]),
              (500, 500))


def test_drift_refuses(f):
    f.status("one file", 2, "drift", "--baseline", "base.csv")
    f.status("alpha", 2, "drift", "--baseline", "base.csv", "--current",
             "same.csv", "--alpha", "2")
    check("absent: named", b"none.csv" in drift(f, 7, "none.csv").stderr)


def test_from_rows_to_a_person(f):
    config = f.configure("same.csv")
    f.status("quiet", 0, *config, "watch", "--once")
    equal("no alerts", json.loads(f.status(
        "alerts", 0, *config, "alerts", "--json").stdout), [])
    config = f.configure("far.csv")
    f.status("drifted", 1, *config, "watch", "--once")
    done = f.status("alerts", 1, *config, "alerts", "--json", "--exit-code")
    alerts = json.loads(done.stdout)
    equal("one alert", [(a["state"], a["monitor"], a["column"])
                        for a in alerts], [("firing", "live", "amount")])
    number = str(alerts[0]["id"])
    f.status("ack", 0, *config, "ack", number, "--note", "seen")
    check("acknowledged", b"seen" in f.run(*config, "alerts", "--json").stdout)
    f.status("ack of none", 7, *config, "ack", "99")
    f.status("ack of a word", 2, *config, "ack", "x")
    config = f.configure("same.csv")
    f.status("quiet again", 0, *config, "watch", "--once")
    f.status("ack of one that is over", 2, *config, "ack", number)


def test_rows_that_are_missing(f):
    config = f.configure("none.csv")
    done = f.status("missing rows", 3, *config, "watch", "--once")
    check("missing rows: named", b"none.csv" in done.stderr, done.stderr)
    f.status("no such monitor", 7, *config, "watch", "--once", "other")


def main():
    for name, test in list(globals().items()):
        if name.startswith("test_"):
            folder = Folder()
            try:
                test(folder)
            finally:
                shutil.rmtree(folder.dir)
    print(f"{counts['passed']} passed, {counts['failed']} failed")
    return counts["failed"] > 0


if __name__ == "__main__":
    sys.exit(main())
