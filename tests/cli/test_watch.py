#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Drift, watch, alerts and ack, from rows to a person who took notice.

Run from the build folder with MLTOWER set.
"""
import contextlib
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile

MLTOWER = os.path.abspath(os.environ.get("MLTOWER", "./mltower"))
CONFIG = """\
monitors:
  live:
    rows: {rows}
    baseline: {{rows: "{base}"}}
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

    def store(self):
        with contextlib.closing(sqlite3.connect(self.path("mlflow.db"))) as db:
            db.executescript(REGISTRY)

    def configure(self, name, base="base.csv"):
        with open(self.path("c.yaml"), "w", encoding="utf-8") as out:
            out.write(CONFIG.format(base=self.path(base),
                                    rows=self.path(name)))
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


def sequence(n, mul, add, prime, start=0, scale=1):
    return [start + scale * ((mul * i + add) % prime / prime)
            for i in range(n)]


def write(f, name, head, values):
    with open(f.path(name), "w", encoding="utf-8") as out:
        out.write(head + "\n")
        for v in values:
            out.write(f"{v!r}\n" if isinstance(v, float) else f"{v}\n")


def near(what, got, expected):
    check(what, abs(got / expected - 1) < 1e-9, got, "expected", expected)


def tests_of(f, *args):
    done = f.run("drift", "--baseline", "a.csv", "--current", "b.csv",
                 "--json", "--test", "all", *args)
    return json.loads(done.stdout)["columns"][0]["tests"]


def test_known_answers(f):
    """Of scipy and of Evidently, for the same values."""
    write(f, "a.csv", "x", sequence(500, 7919, 13, 1009))
    write(f, "b.csv", "x", sequence(400, 104729, 7, 1013, .05, .95))
    said = tests_of(f, "--bins", "sturges")
    near("D", said["ks"]["statistic"], .053)
    near("p of D", said["ks"]["p_value"], .5431855288497)
    near("PSI", said["psi"]["statistic"], .0364075019689)
    equal("PSI has no p", said["psi"]["p_value"], None)
    equal("as many bins", tests_of(f, "--bins", "11"), said)
    edges = ",".join(str(i / 10) for i in range(11))
    check("given edges", tests_of(f, "--bins", edges)["psi"] != said["psi"])
    edges = [str(i / 300) for i in range(301)]
    check("many edges", tests_of(f, "--bins", ",".join(edges))["psi"] !=
          tests_of(f, "--bins", ",".join(edges[:256]))["psi"])
    write(f, "a.csv", "k", "a" * 500 + "b" * 300 + "c" * 200)
    write(f, "b.csv", "k", "a" * 420 + "b" * 330 + "c" * 250)
    said = tests_of(f)
    near("chi2", said["chi2"]["statistic"], 13.94064872326)
    near("p of chi2", said["chi2"]["p_value"], .0009393481679145)
    near("PSI of words", said["psi"]["statistic"], .02796475393142)


def test_tests_are_rows_for_people(f):
    said = f.run("drift", "--baseline", "base.csv", "--current", "far.csv",
                 "--test", "all").stdout.decode().splitlines()
    equal("a row a test", [line.split()[:3] for line in said[1:]],
          [["amount", "number", "psi"], ["amount", "number", "ks"],
           ["kind", "category", "psi"], ["kind", "category", "chi2"]])
    for form in ("jsonl", "csv"):
        done = f.run("drift", "--baseline", "base.csv", "--current",
                     "far.csv", "--test", "ks", "-o", form)
        check(f"{form}: the test", b"ks" in done.stdout and b"tests" in
              done.stdout, done.stdout)


def test_half_a_deviation_is_found(f):
    chance = random.Random(1)
    for name, rows, shift in (("a.csv", 5000, 0), ("b.csv", 5000, 0),
                              ("near.csv", 1000, .5)):
        write(f, name, ",".join(f"c{i}" for i in range(10)),
              [",".join(f"{chance.gauss(shift, 1):.6f}" for _ in range(10))
               for _ in range(rows)])
    for name, expected in (("b.csv", 0), ("near.csv", 10)):
        said = json.loads(f.run("drift", "--baseline", "a.csv", "--current",
                                name, "--json").stdout)
        equal(f"{name}: columns found", said["n_drifted"], expected)


def test_columns_that_are_compared(f):
    for name in ("a.csv", "b.csv"):
        with open(f.path(name), "w", encoding="utf-8") as out:
            out.write("id,ts,group,code\n")
            for i in range(300):
                out.write(f"{name}{i},2026-11-24,{'xy'[i % 2]},{i % 30}\n")

    def names(*args):
        done = f.run("drift", "--baseline", "a.csv", "--current", "b.csv",
                     "--json", *args)
        return {c["column"]: c["type"]
                for c in json.loads(done.stdout)["columns"]}

    equal("ids and times are not", names(),
          {"group": "category", "code": "number"})
    equal("unless named", names("--categorical", "id,code"),
          {"group": "category", "code": "category", "id": "category"})


def test_what_is_unknown_is_null(f):
    with open(f.path("more.csv"), "w", encoding="utf-8") as out:
        out.write("amount,more\n")
        for i in range(500):
            out.write(f"{i % 97}.5,{'ab'[i % 2]}\n")
    said = json.loads(drift(f, 0, "more.csv").stdout)
    by_name = {c["column"]: c for c in said["columns"]}
    equal("columns of both", sorted(by_name), ["amount", "kind", "more"])
    for name in ("kind", "more"):
        equal(f"{name}: null", [by_name[name][field] for field in (
            "test", "statistic", "threshold", "effect", "p_value")],
            [None] * 5)
        check(f"{name}: why", by_name[name]["reason"].startswith("not in"))


def test_no_verdict_is_no_all_clear(f):
    with open(f.path("few.csv"), "w", encoding="utf-8") as out:
        out.write("amount,kind\n1,x\n2,x\n3,x\n")
    done = drift(f, 3, "few.csv")
    said = json.loads(done.stdout)
    equal("few rows", (said["drifted"], said["n_drifted"],
                       [c["drifted"] for c in said["columns"]]),
          (None, 0, [None, None]))
    check("few rows: told", b"too few rows to say: 500 in the baseline, 3 in "
          b"the window, 30 needed" in done.stderr, done.stderr)
    done = f.run("drift", "--baseline", "few.csv", "--current", "same.csv")
    check("few rows: a table", done.returncode == 3 and
          b"yes" not in done.stdout, done.stdout)
    for name, text, expected, why in (
            ("head.csv", "amount,kind\n", 3, b"head.csv: no row below"),
            ("other.csv", "x,y\n" + "1,2\n" * 300, 2,
             b"base.csv and other.csv have no column in common")):
        with open(f.path(name), "w", encoding="utf-8") as out:
            out.write(text)
        done = drift(f, expected, name)
        check(f"{name}: why", why in done.stderr, done.stderr)
        equal(f"{name}: no answer", done.stdout, b"")
    for option in ("--categorical", "--numerical"):
        done = f.status(option, 2, "drift", "--baseline", "base.csv",
                        "--current", "same.csv", option, "kind,nope")
        check(f"{option}: what there is", f"{option} 'nope': no such column; "
              "there are amount, kind:".encode() in done.stderr, done.stderr)


def test_drift_refuses(f):
    f.status("one file", 2, "drift", "--baseline", "base.csv")
    for alpha in ("2", "0", "", "nan", ".05x"):
        f.status(f"alpha {alpha}", 2, "drift", "--baseline", "base.csv",
                 "--current", "same.csv", "--alpha", alpha)
    too_many = ",".join(str(i) for i in range(1100))
    for option in (("--test", "js"), ("--bins", "1"), ("--bins", "2,1"),
                   ("--bins", too_many)):
        done = f.status(" ".join(option), 2, "drift", "--baseline", "base.csv",
                        "--current", "same.csv", *option)
        check(f"{option}: what there is", b"expected" in done.stderr)
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


REGISTRY = """\
CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL);
INSERT INTO alembic_version VALUES ('7ac759974ad8');
CREATE TABLE experiments (experiment_id INTEGER PRIMARY KEY, name TEXT,
  artifact_location TEXT, lifecycle_stage TEXT);
CREATE TABLE runs (run_uuid TEXT PRIMARY KEY, name TEXT, user_id TEXT,
  status TEXT, start_time BIGINT, end_time BIGINT, lifecycle_stage TEXT,
  artifact_uri TEXT, experiment_id INTEGER);
CREATE TABLE metrics (key TEXT, value FLOAT, timestamp BIGINT, run_uuid TEXT,
  step BIGINT, is_nan BOOLEAN);
CREATE TABLE params (key TEXT, value TEXT, run_uuid TEXT);
CREATE TABLE tags (key TEXT, value TEXT, run_uuid TEXT);
CREATE TABLE registered_models (name TEXT PRIMARY KEY, creation_time BIGINT,
  last_updated_time BIGINT, description TEXT);
CREATE TABLE model_versions (name TEXT, version INTEGER, creation_time BIGINT,
  last_updated_time BIGINT, description TEXT, user_id TEXT, current_stage TEXT,
  source TEXT, run_id TEXT, status TEXT, status_message TEXT,
  PRIMARY KEY (name, version));
CREATE TABLE registered_model_aliases (alias TEXT, version INTEGER, name TEXT,
  PRIMARY KEY (name, alias));
INSERT INTO registered_models VALUES ('m', 1, 1, '');
INSERT INTO registered_model_aliases VALUES ('champion', 1, 'm');
INSERT INTO model_versions SELECT 'm', value, 1, 1, '', 'ada', 'None', '', '',
  'READY', '' FROM json_each('[1, 2, 3]');
"""


def test_the_way_out(f):
    f.store()
    for version, shift in ((1, 0), (2, 0), (3, 80)):
        f.rows(f"base-{version}.csv", shift)
    config = f.configure("far.csv", "base-{version}.csv")
    with open(f.path("c.yaml"), "a", encoding="utf-8") as out:
        out.write("    model: lab:m@champion\n"
                  f"sources: {{lab: {{path: {f.path('mlflow.db')}}}}}\n")

    def newer():
        f.run(*config, "watch", "--once")
        return json.loads(f.run(*config, "drift", "live",
                                "--json").stdout)["newer"]

    said = newer()
    equal("the newest knows it", (said["version"], said["n_drifted"]),
          ("3", 0))
    check("how well", said["statistic"] < said["threshold"], said)
    check("told to people", b"v3 knows this window: worst PSI 0" in
          f.run(*config, "drift", "live").stderr)
    os.remove(f.path("base-3.csv"))
    equal("nothing to read of it", newer(), None)
    shutil.copy(f.path("base.csv"), f.path("base-3.csv"))
    equal("it knows no more", newer(), None)


def test_rows_of_another_version_are_counted(f):
    with open(f.path("far.csv"), "w", encoding="utf-8") as out:
        out.write("amount,kind,version\n")
        for i in range(500):
            out.write(f"{i % 97}.5,{'ab'[i % 2]},{2 if i % 5 == 1 else 1}\n")
    config = f.configure("far.csv")
    f.run(*config, "watch", "--once")
    said = json.loads(f.run(*config, "drift", "live", "--json").stdout)
    equal("left out", (said["n_left_out"], said["left_out"]), (100, "2"))
    check("told to people", b"100 rows of v2 are left out" in
          f.run(*config, "drift", "live").stderr)


def test_that_nobody_watches_fires(f):
    config = f.configure("same.csv")
    done = f.status("alerts", 1, *config, "alerts", "--json", "--exit-code")
    equal("it fires", [(a["id"], a["state"], a["rule"])
                       for a in json.loads(done.stdout)],
          [(None, "firing", "unwatched")])
    equal("it has no name", f.run(*config, "alerts", "-o", "name").stdout, b"")
    f.status("no ack of it", 2, *config, "ack", "0")
    f.status("somebody did", 0, *config, "watch", "--once")
    f.status("quiet", 0, *config, "alerts", "--exit-code")


def test_the_tower_ends_what_no_monitor_watches(f):
    config = f.configure("far.csv")
    f.store()
    f.status("it fires", 1, *config, "watch", "--once")
    with open(f.path("c.yaml"), "w", encoding="utf-8") as out:
        out.write("theme: dark\n")

    def firing():
        return len(json.loads(f.run("alerts", "--json", "--state",
                                    "firing").stdout))

    f.status("a Tower of somebody else", 0)
    equal("it is not theirs to end", firing(), 1)
    f.status("a Tower whose last monitor left", 0, *config)
    equal("it is over", firing(), 0)


def test_only_what_was_asked_for(f):
    config = f.configure("far.csv")
    with open(f.path("c.yaml"), "a", encoding="utf-8") as out:
        out.write(f"  calm:\n    rows: {f.path('same.csv')}\n"
                  f"    baseline: {{rows: {f.path('base.csv')}}}\n")
    f.status("one fires", 1, *config, "watch", "--once")
    f.status("calm", 0, *config, "watch", "--once", "calm")
    f.status("live", 1, *config, "watch", "--once", "live")


def test_sources_that_were_named(f):
    config = f.configure("far.csv")
    with open(f.path("c.yaml"), "a", encoding="utf-8") as out:
        out.write(f"    model: lab:fraud@champion\n"
                  f"sources: {{lab: {{path: {f.path('mlflow.db')}}}, "
                  f"other: {{path: {f.path('none.db')}}}}}\n")
    lab, other = ("--source", "lab"), ("--source", "other")
    f.status("watch", 1, *config, "watch", "--once", *lab)
    f.status("watch other", 7, *config, "watch", "--once", *other)
    alerts = json.loads(f.run(*config, "alerts", "--json", *lab).stdout)
    equal("alerts", [a["source"] for a in alerts], ["lab"])
    equal("alerts of other", f.run(*config, "alerts", "--json",
                                   *other).stdout, b"[]\n")
    f.status("firing", 1, *config, "alerts", "--exit-code", *lab)
    f.status("firing elsewhere", 0, *config, "alerts", "--exit-code", *other)
    f.status("drift", 1, *config, "drift", "live", *lab)
    f.status("drift of other", 7, *config, "drift", "live", *other)
    for source, n in ((lab, 1), (other, 0)):
        events = json.loads(f.run(*config, "events", "--json", *source).stdout)
        equal(f"events {source}", len([e for e in events
                                       if e["kind"] == "alert"]) > 0, n > 0)
    number = str(alerts[0]["id"])
    f.status("ack of other", 7, *config, "ack", number, *other)
    f.status("ack", 0, *config, "ack", number, *lab)


def test_watch_tells_what_alerts_tells(f):
    config = f.configure("far.csv")
    said = json.loads(f.status("watch", 1, *config, "watch", "--once",
                               "--json").stdout)
    alerts = json.loads(f.run(*config, "alerts", "--json").stdout)
    equal("one", [(a["state"], a["column"]) for a in said],
          [("firing", "amount")])
    for field, value in alerts[0].items():
        equal(f"watch: {field}", said[0].get(field, "-"), value)
    equal("nothing new", json.loads(f.run(
        *config, "watch", "--once", "--json").stdout), [])
    config = f.configure("same.csv")
    line, = f.run(*config, "watch", "--once", "-o", "jsonl").stdout.split(
        b"\n")[:-1]
    equal("jsonl", json.loads(line)["state"], "resolved")
    f.status("csv", 2, *config, "watch", "--once", "--csv")


def test_two_things_named_state(f):
    config = f.configure("far.csv")
    f.status("watch", 1, *config, "watch", "--once", "--state", f.path("s"))
    for folder, n in (("s", 1), ("t", 0)):
        done = f.run(*config, "alerts", "--json", "--state", "firing",
                     "--state-dir", f.path(folder))
        equal(f"alerts in {folder}", len([a for a in json.loads(done.stdout)
                                          if a["monitor"] == "live"]), n)
    done = f.status("a folder", 2, *config, "alerts", "--state", f.path("s"))
    check("a folder: what to say", b"--state-dir" in done.stderr, done.stderr)


def test_superseded_is_not_resolved(f):
    config = f.configure("far.csv")
    for version, shift, expected in ((1, 200, 1), (2, 0, 0)):
        with open(f.path("far.csv"), "w", encoding="utf-8") as out:
            out.write("amount,kind,version\n")
            for i in range(500):
                out.write(f"{i % 97 + shift}.5,{'ab'[i % 2]},{version}\n")
        f.status(f"v{version}", expected, *config, "watch", "--once")
    said = f.run(*config, "alerts").stdout.decode()
    check("superseded: its own sign", "» superseded" in said, said)


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
