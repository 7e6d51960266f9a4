#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verbs that read, held against what SQLite says of the same store.

Run from the build folder with srcdir and MLTOWER set. The store is made by
tests/bench/make_store.py, with a few rows of the nasty kind on top.
"""
import csv
import io
import json
import math
import os
import select
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import termios

SRCDIR = os.environ.get("srcdir", ".")
MLTOWER = os.environ.get("MLTOWER", "./mltower")
MAKE_STORE = os.path.join(SRCDIR, "tests", "bench", "make_store.py")
NOW_MS = 1_790_100_000_000
INF = 1.7976931348623157e308
counts = {"passed": 0, "failed": 0}


def check(what, ok, *more):
    counts["passed" if ok else "failed"] += 1
    if not ok:
        print("not ok:", what, *[str(m)[:400] for m in more])
    return ok


def equal(what, got, expected):
    check(what, got == expected, "got", got, "expected", expected)


class Store:
    """A folder of its own with a store, and mltower run in it."""

    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix="mltower-test-")
        self.path = os.path.join(self.dir, "mlflow.db")
        subprocess.run([sys.executable, MAKE_STORE, self.path, "--runs", "60",
                        "--metrics", "5", "--histories", "3", "--points",
                        "40"], check=True)
        self.spoil()
        self.db = sqlite3.connect(self.path)

    def spoil(self):
        """Values that are hard to print, and a run in the bin."""
        db = sqlite3.connect(self.path)
        ids = [r[0] for r in db.execute(
            "SELECT run_uuid FROM runs ORDER BY start_time")]
        self.ids = ids
        db.execute("UPDATE latest_metrics SET value = 0, is_nan = 1 "
                   "WHERE run_uuid = ? AND key = 'loss'", (ids[0],))
        db.execute("UPDATE latest_metrics SET value = ? WHERE run_uuid = ? "
                   "AND key = 'loss'", (INF, ids[1]))
        db.execute("DELETE FROM latest_metrics WHERE run_uuid = ? "
                   "AND key = 'auc'", (ids[2],))
        db.execute("UPDATE runs SET lifecycle_stage = 'deleted' "
                   "WHERE run_uuid = ?", (ids[3],))
        for table, column, key in (("runs", "name", "run_uuid"),
                                   ("tags", "value", "key='mlflow.runName' "
                                    "AND run_uuid")):
            db.execute(f"UPDATE {table} SET {column} = ? WHERE {key} = ?",
                       ('evil\x1b[31m, "x"\n\u202e', ids[4]))
        db.commit()
        db.close()

    def environ(self):
        environ = {k: v for k, v in os.environ.items()
                   if not k.startswith("MLTOWER_") and k not in
                   ("MLFLOW_TRACKING_URI", "XDG_CONFIG_HOME")}
        environ.update({"MLTOWER_NOW_MS": str(NOW_MS), "HOME": self.dir,
                        "XDG_STATE_HOME": os.path.join(self.dir, "state"),
                        "LC_ALL": "C.UTF-8", "TZ": "UTC"})
        return environ

    def run(self, *args, env=None):
        return subprocess.run([os.path.abspath(MLTOWER), *args], cwd=self.dir,
                              env={**self.environ(), **(env or {})}, capture_output=True, timeout=60,
                              stdin=subprocess.DEVNULL)

    def json(self, *args):
        done = self.run(*args, "--json")
        check(f"{args}: ends with 0", done.returncode == 0, done.returncode,
              done.stderr)
        try:
            return json.loads(done.stdout)
        except ValueError as why:
            check(f"{args}: JSON", False, why, done.stdout)
            return []

    def status(self, what, expected, *args, **more):
        done = self.run(*args, **more)
        equal(f"{what}: exit status", done.returncode, expected)
        return done

    def rows(self, sql, *args):
        return self.db.execute(sql, args).fetchall()


def value(v, is_nan):
    if is_nan:
        return "NaN"
    return "Infinity" if v >= INF else v


def expected_runs(s, deleted=False):
    """All runs as `runs --json` should say them, newest first."""
    out = []
    for row in s.rows(
            "SELECT run_uuid, r.name, e.name, e.experiment_id, status, "
            "r.lifecycle_stage, start_time, end_time FROM runs r "
            "JOIN experiments e USING (experiment_id) WHERE "
            "r.lifecycle_stage = ? ORDER BY start_time DESC",
            "deleted" if deleted else "active"):
        run = dict(zip(("run_id", "name", "experiment", "experiment_id",
                        "status", "lifecycle", "start_time_ms",
                        "end_time_ms"), row))
        run["experiment_id"] = str(run["experiment_id"])
        run["metrics"] = {k: value(v, n) for k, v, n in s.rows(
            "SELECT key, value, is_nan FROM latest_metrics "
            "WHERE run_uuid = ?", run["run_id"])}
        for name, table in (("params", "params"), ("tags", "tags")):
            run[name] = dict(s.rows(
                f"SELECT key, value FROM {table} WHERE run_uuid = ?",
                run["run_id"]))
        out.append(run)
    return out


def names(runs):
    return [r["name"] for r in runs]


def test_runs(s):
    got, expected = s.json("runs"), expected_runs(s)
    equal("runs: how many", len(got), len(expected))
    for g, e in zip(got, expected):
        for field, v in e.items():
            equal(f"runs: {field} of {e['run_id'][:8]}", g.get(field, "-"), v)
    if got:
        equal("runs: fields", list(got[0]), [
            "source", "run_id", "name", "experiment", "experiment_id",
            "status", "lifecycle", "user", "start_time_ms", "end_time_ms",
            "parent_run_id", "params", "metrics", "tags"])
        equal("runs: source", {r["source"] for r in got}, {"mlflow"})
    equal("runs --deleted", names(s.json("runs", "--deleted")),
          names(expected_runs(s, True)))
    equal("runs SOURCE", names(s.json("runs", s.path)), names(expected))
    lines = s.run("runs", "-o", "jsonl").stdout.splitlines()
    equal("runs -o jsonl", [json.loads(x) for x in lines], got)
    equal("runs -o name", s.run("runs", "-o", "name").stdout.decode().split(),
          [r["run_id"] for r in expected])
    rows = list(csv.DictReader(io.StringIO(
        s.run("runs", "--csv").stdout.decode(), newline="")))
    equal("runs --csv: names", names(rows), names(expected))
    equal("runs --csv: metrics",
          [r["metrics.auc"] and float(r["metrics.auc"]) for r in rows],
          [e["metrics"].get("auc", "") for e in expected])


def test_filter_and_order(s):
    runs = expected_runs(s)
    equal("filter by metric",
          names(s.json("runs", "--filter", "metrics.auc > 0.5")),
          [r["name"] for r in runs if r["metrics"].get("auc", 0) > .5])
    equal("filter by param and status", names(s.json(
        "runs", "--filter", "params.max_depth = 8 and status = 'FINISHED'")),
        [r["name"] for r in runs if r["params"]["max_depth"] == "8"
         and r["status"] == "FINISHED"])
    equal("filter by tag", names(s.json(
        "runs", "--filter", "tags.team LIKE 'f%'")),
        [r["name"] for r in runs if r["tags"]["team"] == "fraud"])
    equal("filter by a word", names(s.json("runs", "--filter", "AMBER")),
          [r["name"] for r in runs if "amber" in r["name"]])
    equal("nothing found", s.json("runs", "--filter", "no-such-run"), [])
    equal("--experiment", names(s.json("runs", "--experiment", "bench-2")),
          [r["name"] for r in runs if r["experiment"] == "bench-2"])
    with_auc = [r for r in runs if "auc" in r["metrics"]]
    without = [r for r in runs if "auc" not in r["metrics"]]
    ordered = sorted(with_auc, key=lambda r: -r["metrics"]["auc"])
    equal("--sort, missing last", names(s.json(
        "runs", "--sort", "metrics.auc:desc")), names(ordered + without))
    # Of a few runs values are looked up, of many whole tables are read.
    every = s.json("runs")
    for n in (1, 3, len(runs) // 2, len(runs)):
        equal(f"--limit {n}", s.json("runs", "--limit", str(n)), every[:n])
    got = s.json("runs", "--columns", "name,params.lr,auc", "--limit", "2")
    equal("--columns", got, [
        {"name": r["name"], "params.lr": r["params"]["lr"],
         "auc": r["metrics"].get("auc")} for r in runs[:2]])
    whole = s.json("runs", "--limit", "2")
    for name in ("params", "metrics", "tags"):
        equal(f"--columns {name}: all of them",
              s.json("runs", "--columns", name, "--limit", "2"),
              [{name: run[name]} for run in whole])
        check(whole[0][name], f"there are {name}")
    equal("--columns in quotes", s.json(
        "runs", "--columns", "attributes.run_name,param.`lr`,\"auc\"",
        "--limit", "2"), got)
    done = s.run("runs", "--filter", "metrics.auc_typo > 1 or has params.x",
                 "--sort", "metrics.auc_typo")
    check(not done.returncode and done.stderr.decode() ==
          "mltower: no run here has metric auc_typo\n"
          "mltower: no run here has param x\n", "a name none has: a hint",
          done.stderr)
    text = s.run("runs", "--columns", "name,metric,value", "--limit", "1",
                 "-o", "table").stdout.decode().splitlines()[1]
    check(text.split()[1] in runs[0]["metrics"] and
          "." in text.split()[2], "--columns value: the main metric's")


def test_one_run(s):
    run = s.json("show", s.ids[-1][:8])
    e = expected_runs(s)[0]
    for field in ("run_id", "name", "params", "metrics", "tags"):
        equal(f"show: {field}", run.get(field), e[field])
    for field in ("datasets", "models", "children"):
        check(f"show: {field}", isinstance(run.get(field), list))
    text = s.status("show as text", 0, "show", e["name"]).stdout.decode()
    check("show: a param is there", "max_depth" in text, text)
    s.status("show: unknown", 7, "show", "no-such-run")
    s.status("show: ambiguous", 7, "show", "", )
    got = s.json("history", e["run_id"], "auc", "val/auc")
    equal("history: metrics", [h["metric"] for h in got], ["auc", "val/auc"])
    for h in got:
        points = s.rows("SELECT step, timestamp, value FROM metrics WHERE "
                        "run_uuid = ? AND key = ? ORDER BY step, timestamp, "
                        "value", e["run_id"], h["metric"])
        equal(f"history: {h['metric']}",
              [(p["step"], p["time_ms"], p["value"]) for p in h["points"]],
              points)
        equal("history: n_total", h["n_total"], len(points))
    got = s.json("history", e["run_id"], "auc", "--points", "12")
    check("history: reduced", 2 <= len(got[0]["points"]) <= 12, got)
    equal("history: n_total stays", got[0]["n_total"], 40)
    s.status("history: unknown metric", 7, "history", e["run_id"], "nope")


def test_compare(s):
    a, b = expected_runs(s)[:2]
    got = s.json("compare", a["run_id"], b["name"])
    equal("compare: runs", [r["run_id"] for r in got["runs"]],
          [a["run_id"], b["run_id"]])
    rows = {(r["kind"], r["name"]): r for r in got["rows"]}
    equal("compare: metric", rows["metric", "auc"]["values"],
          [a["metrics"].get("auc"), b["metrics"].get("auc")])
    equal("compare: param", rows["param", "lr"]["values"],
          [a["params"]["lr"], b["params"]["lr"]])
    same = [k for k, r in rows.items() if r["values"][0] == r["values"][1]]
    check("compare: differs", all(not rows[k]["differs"] for k in same))
    less = s.json("compare", a["run_id"], b["run_id"], "--diff-only")
    equal("compare --diff-only", len(less["rows"]), len(rows) - len(same))
    s.status("compare: one run only", 2, "compare", a["run_id"])
    text = s.status("compare as text", 0, "compare", a["run_id"], b["run_id"],
                    "--baseline", b["run_id"]).stdout.decode()
    check("compare: the baseline", b["name"] + " base" in text, text)


def test_registry(s):
    got = s.json("models")
    equal("models", [(m["name"], m["n_versions"], m["latest_version"])
                     for m in got],
          [(n, c, str(v)) for n, c, v in s.rows(
              "SELECT name, count(*), max(version) FROM model_versions "
              "GROUP BY name ORDER BY name")])
    equal("models: aliases", got[0]["aliases"],
          {a: str(v) for a, v in s.rows(
              "SELECT alias, version FROM registered_model_aliases "
              "WHERE name = ?", got[0]["name"])})
    name = got[0]["name"]
    got = s.json("versions", name)
    equal("versions", [(v["version"], v["run_id"], v["created_ms"])
                       for v in got],
          [(str(v), r, c) for v, r, c in s.rows(
              "SELECT version, run_id, creation_time FROM model_versions "
              "WHERE name = ? ORDER BY version DESC", name)])
    equal("versions: aliases", got[0]["aliases"], ["challenger"])
    s.status("versions: with the source", 0, "versions", "mlflow:" + name)
    s.status("versions: unknown", 7, "versions", "no-such-model")
    s.status("models as text", 0, "models")


def test_events_and_sources(s):
    got = s.json("events")
    check("events: newest first",
          all(a["time_ms"] >= b["time_ms"] for a, b in zip(got, got[1:])))
    starts = [e for e in got if e["kind"] == "run-started"]
    equal("events: starts", len(starts), len(expected_runs(s)))
    equal("events: fields", list(got[0])[:5],
          ["time_ms", "source", "kind", "subject", "text"])
    age = (NOW_MS - got[5]["time_ms"]) // 1000
    equal("events --since", [e for e in got
                             if e["time_ms"] >= NOW_MS - age * 1000],
          s.json("events", "--since", f"{age}s"))
    got = s.json("sources")
    equal("sources", [(x["name"], x["kind"], x["state"], x["writable"])
                      for x in got], [("mlflow", "mlflow", "live", False)])
    equal("sources: path", got[0]["where"], "mlflow.db")


def read_line(stream, seconds):
    """The next line, or an empty one when none came in time."""
    ready, _, _ = select.select([stream], [], [], seconds)
    return stream.readline() if ready else b""


def test_events_are_followed(s):
    now = s.environ()
    del now["MLTOWER_NOW_MS"]
    n = len(s.json("events"))
    with subprocess.Popen(
            [os.path.abspath(MLTOWER), "events", "--follow", "-o", "jsonl",
             "--source", s.path], cwd=s.dir, env=now, bufsize=0,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        times = [json.loads(read_line(child.stdout, 20))["time_ms"]
                 for _ in range(n)]
        equal("follow: the oldest first", times, sorted(times))
        db = sqlite3.connect(s.path)
        db.execute("INSERT INTO runs SELECT '%032x', 'newcomer', source_type, "
                   "source_name, entry_point_name, user_id, 'FINISHED', 1000, "
                   "2000, source_version, lifecycle_stage, artifact_uri, "
                   "experiment_id, deleted_time FROM runs LIMIT 1" % 7)
        db.commit()
        line = json.loads(read_line(child.stdout, 20) or "{}")
        equal("follow: what came", (line.get("subject"), line.get("kind")),
              ("newcomer", "run-started"))
        line = json.loads(read_line(child.stdout, 20) or "{}")
        equal("follow: and more", (line.get("subject"), line.get("kind")),
              ("newcomer", "run-finished"))
        child.send_signal(signal.SIGINT)
        equal("follow: interrupted", child.wait(20), 130)
        equal("follow: quiet", child.stderr.read(), b"")
        db.execute("DELETE FROM runs WHERE name = 'newcomer'")
        db.commit()
        db.close()


def test_a_store_that_comes_is_followed(s):
    late = os.path.join(s.dir, "late.db")
    with subprocess.Popen(
            [os.path.abspath(MLTOWER), "events", "--follow", "-o", "jsonl",
             "--source", late], cwd=s.dir, env=s.environ(), bufsize=0,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        line = read_line(child.stderr, 20)
        check("late: absent first", b"no such file" in line, line)
        shutil.copy(s.path, late + ".new")
        os.rename(late + ".new", late)
        line = {"kind": "source"}
        while line.get("kind") == "source":
            line = json.loads(read_line(child.stdout, 20) or "{}")
        check("late: its events", line.get("kind") in (
            "run-started", "run-finished", "run-failed", "version"), line)
        child.send_signal(signal.SIGINT)
        child.stdout.read()
        equal("late: interrupted", child.wait(20), 130)


def test_what_is_shown_is_harmless(s):
    for args in (["runs"], ["runs", "-o", "wide"], ["show", s.ids[4]],
                 ["compare", s.ids[4], s.ids[5]], ["events"],
                 ["history", s.ids[4], "auc"]):
        out = s.run(*args).stdout
        check(f"{args}: no escape", b"\x1b" not in out and
              "\u202e".encode() not in out, out)
    done = s.run("show", "x\x1b[31m")
    check("a message: no escape", b"\x1b" not in done.stderr, done.stderr)
    out = s.run("runs", "--color", "always").stdout
    check("--color always", b"\x1b[" in out)


def test_exits(s):
    done = s.status("a wrong filter", 2, "runs", "--filter", "metrics.auc >")
    check("a wrong filter: where", b"column 14" in done.stderr and
          b"a number" in done.stderr, done.stderr)
    s.status("an unknown option", 2, "runs", "--no-such")
    s.status("an option of another verb", 2, "runs", "--points", "9")
    s.status("an unknown verb", 2, "no-such-verb")
    s.status("a missing value", 2, "runs", "--filter")
    s.status("an unknown form", 2, "runs", "-o", "xml")
    s.status("a wrong limit", 2, "runs", "--limit", "-1")
    s.status("an unknown experiment", 7, "runs", "--experiment", "nope")
    done = s.status("a source that is not there", 3, "runs", "--json",
                    "nope.db")
    equal("a source that is not there: answer", done.stdout, b"[]\n")
    check("a source that is not there: message",
          done.stderr.startswith(b"mltower: nope"), done.stderr)
    done = s.status("some of the sources", 3, "runs", "--json", "nope.db",
                    "lab=mlflow.db")
    equal("some of the sources: answer", len(json.loads(done.stdout)), 59)
    s.status("--partial-ok", 0, "runs", "--partial-ok", "nope.db",
             "mlflow.db")
    s.status("--help", 0, "--help")
    done = s.status("VERB --help", 0, "runs", "--help")
    check("VERB --help: its options", b"--filter" in done.stdout)
    s.status("--version", 0, "--version")
    s.status("-- ends the options", 3, "runs", "--", "--json")
    s.status("options before the verb", 0, "--json", "runs")


def test_texts_from_the_tables(s):
    keys = s.json("keys")
    check("keys", any(k["command"] == "filter" and k["key"] == "/"
                      for k in keys), keys)
    s.status("config", 0, "config")
    s.status("config --check", 0, "config", "--check")
    out = s.status("config --init", 0, "config", "--init").stdout
    check("config --init", b"mlflow.db" in out, out)
    manual = s.status("manual", 0, "manual").stdout
    helps = s.run("--help").stdout
    for verb in (b"runs", b"history", b"compare", b"config"):
        check(f"help names {verb}", b"mltower " + verb in helps)
        check(f"manual names {verb}", b"mltower " + verb in manual)
    bash = s.status("completion", 0, "completion", "bash").stdout
    done = subprocess.run(["bash", "-n"], input=bash, capture_output=True,
                          check=False)
    equal("completion: bash takes it", done.returncode, 0)
    for typed, expected in (("runs -o j", ["json", "jsonl"]),
                            ("ver", ["versions"]),
                            ("alerts --state f", ["firing"]),
                            ("runs --state f", []),
                            ("help ru", ["runs"]),
                            ("drift --tes", ["--test"]),
                            ("completion z", ["zsh"])):
        words = ["mltower", *typed.split()]
        script = bash.decode() + (
            f"COMP_WORDS=({' '.join(words)}); COMP_CWORD={len(words) - 1}\n"
            "_mltower; printf '%s\\n' ${COMPREPLY[@]}\n")
        done = subprocess.run(["bash"], input=script.encode(), cwd=s.dir,
                              capture_output=True, check=False)
        equal(f"completion: {typed}", done.stdout.decode().split(), expected)
    s.status("completion: unknown", 2, "completion", "tcsh")


def test_a_reader_that_leaves(s):
    done = subprocess.run(
        f"{os.path.abspath(MLTOWER)} runs --json mlflow.db | head -c 10; "
        "echo ${PIPESTATUS[0]}", shell=True, executable="/bin/bash",
        cwd=s.dir, capture_output=True, timeout=60, check=False)
    equal("head: quiet", done.stderr, b"")
    equal("head: the status", done.stdout[10:].strip(), b"0")


def test_an_answer_that_does_not_arrive(s):
    for args in (["runs", "--json"], ["models"], ["--help"], ["manual"]):
        with open("/dev/full", "wb") as full:
            done = subprocess.run(
                [os.path.abspath(MLTOWER), *args], cwd=s.dir, stdout=full,
                env=s.environ(), stderr=subprocess.PIPE, timeout=60,
                check=False)
        equal(f"{args}: full", done.returncode, 3)
        check(f"{args}: says so", b"standard output: " in done.stderr,
              done.stderr)
    before = os.path.getsize(s.path)
    done = subprocess.run(f"{os.path.abspath(MLTOWER)} runs --json mlflow.db "
                          ">&-", shell=True, cwd=s.dir, env=s.environ(),
                          capture_output=True, timeout=60, check=False)
    equal("closed: the status", (done.returncode, done.stderr), (0, b""))
    equal("closed: the store", os.path.getsize(s.path), before)


def test_slips_of_the_pen(s):
    for option in ("--sort", "--columns"):
        done = s.status(f"{option} nosuch", 2, "runs", option, "nosuch")
        check(f"{option}: names it", b"'nosuch'" in done.stderr, done.stderr)
        s.status(f"{option} auc", 0, "runs", option, "auc")
        s.status(f"{option} metrics.nosuch", 0, "runs", option,
                 "metrics.nosuch")


def test_a_history_of_few_points(s):
    points = s.json("history", s.ids[-1], "auc")[0]["points"]
    values = [p["value"] for p in points]
    for n in range(1, 8):
        few = s.json("history", s.ids[-1], "auc", "--points", str(n))[0]
        few = few["points"]
        equal(f"{n} points: as many", len(few), n)
        equal(f"{n} points: the last", few[-1], points[-1])
        if n > 2:
            equal(f"{n} points: the extremes",
                  (min(p["value"] for p in few), max(p["value"] for p in few)),
                  (min(values), max(values)))


def test_an_alias_is_checked_before_anything(s):
    client = sqlite3.connect(s.path)
    model = client.execute("SELECT name, version FROM model_versions").fetchone()
    client.close()
    if not check("a version is there", model):
        return
    state = os.path.join(s.dir, "state-alias")
    done = s.status("promote to 'bad alias!'", 2, "promote", model[0],
                    str(model[1]), "--alias", "bad alias!", "--if-current",
                    "none", "--source", "mlflow.db", "--state", state)
    check("bad alias: named", b"'bad alias!'" in done.stderr, done.stderr)
    trail = s.run("audit", "--json", "--state", state).stdout
    check("bad alias: no intent", trail.strip() in (b"[]", b""), trail)


def test_an_alias_is_no_belief(s):
    """What stands there now is what stands there now: it guards nothing."""
    client = sqlite3.connect(s.path)
    model, version = client.execute(
        "SELECT name, version FROM model_versions").fetchone()
    client.close()
    for belief in ("@champion", f"models:/{model}@champion"):
        for verb in (("promote", model, str(version)), ("rollback", model)):
            done = s.status(f"{verb[0]} if {belief}", 2, *verb, "--alias",
                            "champion", "--if-current", belief, "--source",
                            "mlflow.db")
            check(f"{belief}: what is expected",
                  b"the version that you believe" in done.stderr, done.stderr)


def test_two_sources_of_the_same_runs(s):
    """What is ambiguous is answered with what can be typed instead."""
    both = ("--source", "a=mlflow.db", "--source", "b=mlflow.db")
    run = s.ids[-1]
    for verb in (("show", run), ("history", run, "auc"),
                 ("compare", run, s.ids[-2])):
        done = s.status(f"{verb[0]}: in two", 7, *verb, *both)
        for name in ("a", "b"):
            check(f"{verb[0]}: {name}", f"{name}:{run[:12]}".encode() in
                  done.stderr, done.stderr)
    s.status("show SOURCE:RUN", 0, "show", "a:" + run[:12], *both)
    s.status("history SOURCE:RUN", 0, "history", "b:" + run, "auc", *both)
    s.status("compare SOURCE:RUN", 0, "compare", "a:" + run, "b:" + run,
             "--baseline", "b:" + run, *both)
    model = s.json("models")[0]["name"]
    done = s.status("versions: in two", 7, "versions", model, *both)
    check("versions: candidates", f"a:{model}, b:{model}".encode() in
          done.stderr, done.stderr)
    s.status("versions SOURCE:MODEL", 0, "versions", "b:" + model, *both)


def test_what_is_sought_beside_a_lost_source(s):
    lost = ("--source", "a=mlflow.db", "--source", "nope.db")
    s.status("found elsewhere", 3, "show", s.ids[-1], *lost)
    s.status("found, --partial-ok", 0, "show", s.ids[-1], "--partial-ok",
             *lost)
    s.status("it may be there", 3, "show", "no-such-run", *lost)
    done = s.status("it is not here", 7, "show", "no-such-run",
                    "--partial-ok", *lost)
    check("it is not here: says so", b"no run" in done.stderr, done.stderr)
    s.status("ambiguous all the same", 7, "show", s.ids[-1], "--source",
             "b=mlflow.db", *lost)


def test_one_run_is_no_comparison(s):
    done = s.status("compare X X", 2, "compare", s.ids[-1], s.ids[-1][:8])
    check("compare X X: says so", b"are one run" in done.stderr, done.stderr)


def configured(s, text):
    with open(os.path.join(s.dir, "c.yaml"), "w", encoding="utf-8") as out:
        out.write(text)
    return ("--config", "c.yaml")


def test_all_that_is_wrong_with_a_config(s):
    config = configured(s, """\
sources:
  lab: {path: mlflow.db, wirte: yes}
  logs: {path: logs, kind: tensorbord}
  later: {url: "tensorboard+http://logs.example"}
notify: {}
wall: {every: soon, pages: [tower, nights]}
monitors: {live: {drift: {min_rows: many}}}
theme: pink
keys: {runs: {x: nonsuch}}
""")
    done = s.status("config --check", 2, "config", "--check", *config)
    lines = done.stderr.decode().splitlines()
    for line, word in ((2, "did you mean \"write\""),
                       (3, "no kind tensorbord (kinds now: mlflow, mlflow-server)"),
                       (4, "not supported yet (kinds now: mlflow, mlflow-server)"),
                       (5, "not used by this version"),
                       (6, "expected a duration"), (6, "no page \"nights\""),
                       (7, "a whole number"),
                       (7, "needs rows"), (8, "dark, light, mono"),
                       (9, "nonsuch")):
        check(f"line {line}: {word}", any(
            x.startswith(f"mltower: c.yaml:{line}:") and word in x
            for x in lines), lines)
    done = s.status("runs", 2, "runs", *config)
    check("runs: how many", b"first of 5 errors" in done.stderr, done.stderr)
    check("runs: one line", done.stderr.count(b"\n") == 1, done.stderr)


def test_what_is_wrong_with_a_view(s):
    config = configured(s, """\
sources: {lab: {path: mlflow.db}}
views:
  night: {key: 1, filter: "age < soon"}
  other: {key: 1, sort: ","}
  third: {key: 12}
  "a 3": {filters: x}
""")
    done = s.status("config --check", 2, "config", "--check", *config)
    lines = done.stderr.decode().splitlines()
    for line, word in ((3, "views.night.filter: column 7: expected a dur"),
                       (4, "views.night has this key"), (4, "views.other.sort"),
                       (5, "1 to 9"), (6, "filter"), (6, "expected a name")):
        check(f"line {line}: {word}", any(
            x.startswith(f"mltower: c.yaml:{line}:") and word in x
            for x in lines), lines)


def test_the_wall_shows_a_view(s):
    config = configured(s, """\
sources: {lab: {path: mlflow.db}}
views:
  night: {filter: "status = 'FAILED'", columns: [name, trend, status]}
wall: {pages: [night, tower]}
""")
    got = s.run("wall", *config).stdout
    check("its view before our page", b"runs  / status = 'FAILED'" in got, got)
    check("its columns", b"STATUS" in got and b"TREND" not in got, got)
    got = s.run("wall", "--view", "night", "--filter", "name = 'nobody'",
                *config).stdout
    check("--filter over its own", b"0 of " in got and b"No run matches." in
          got, got)
    check("once", got.count(b"night") == 1, got)
    config = configured(s, """\
sources: {lab: {path: mlflow.db}}
views:
  states: {group: status, group_sort: ["count:desc"]}
wall: {pages: [states]}
""")
    got = s.run("wall", *config).stdout
    check("groups of a view", b" runs by status" in got and b"RUNS" in got and
          b" 0 groups" not in got, got)
    s.status("a filter that fails", 2, "wall", "--filter", "status =", *config)
    s.status("no such view", 7, "wall", "--view", "nobody", *config)
    done = s.status("sort name:up", 2, "runs", "--sort", "name:up")
    check("what is expected", b"COLUMN:asc or COLUMN:desc" in done.stderr,
          done.stderr)


def test_runs_of_a_view(s):
    config = configured(s, """\
sources: {lab: {path: mlflow.db}}
views:
  failed: {key: 2, filter: "status = 'FAILED'", columns: [name=12, trend, status], sort: ["name:desc"]}
  deep: {filter: "params.max_depth = 8", group: status}
  most: {group: status, group_sort: ["count:desc"], sort: [name], tree: yes}
  tree: {tree: yes, group_sort: [count]}
""")
    got = s.run("runs", "--view", "failed", "--csv", *config).stdout
    equal("view", got, s.run("runs", "--filter", "status = 'FAILED'",
                             "--columns", "name,status", "--sort", "name:desc",
                             "--csv").stdout)
    equal("view by key", s.run("runs", "--view", "2", "--csv", *config).stdout,
          got)
    got = s.run("runs", "--view", "failed", "--columns", "name", "--csv",
                *config).stdout
    equal("order of groups",
          s.run("runs", "--view", "most", "--csv", *config).stdout,
          s.run("runs", "--group", "status", "--sort", "count:desc",
                "--csv").stdout)
    equal("tree", s.run("runs", "--view", "tree", "--csv", *config).stdout,
          s.run("runs", "--tree", "--csv", *config).stdout)
    equal("an option over it", got.split(b"\r\n")[0], b"name")
    equal("group", s.run("runs", "--view", "deep", "--json", *config).stdout,
          s.run("runs", "--filter", "params.max_depth = 8", "--group",
                "status", "--json").stdout)
    done = s.status("no such view", 7, "runs", "--view", "nobody", *config)
    check("no such view: what to do", b":save" in done.stderr, done.stderr)


def test_an_unknown_kind_fails_alone(s):
    config = configured(s, "sources:\n  lab: {path: mlflow.db}\n"
                        "  logs: {path: logs, kind: tensorbord}\n")
    done = s.status("config --check", 2, "config", "--check", *config)
    check("config --check: which", b"sources.logs" in done.stderr, done.stderr)
    done = s.status("runs", 3, "runs", "-o", "name", *config)
    equal("runs of the others", len(done.stdout.split()), 59)
    s.status("--partial-ok", 0, "runs", "--partial-ok", *config)
    got = json.loads(s.run("sources", "--json", *config).stdout)
    equal("sources", [(x["name"], x["state"]) for x in got],
          [("lab", "live"), ("logs", "failed")])
    check("sources: why", "kinds now" in got[1]["error"], got)


def test_what_comes_later_is_no_error(s):
    config = configured(s, "sources: {tb: {path: logs, kind: tensorboard}}\n"
                        "notify: {}\n")
    done = s.status("config", 0, "config", *config)
    equal("config: warnings", done.stderr.count(b"\n"), 2)


def test_a_source_that_cannot_be_read_is_no_good_config(s):
    for text, word in (("{tb: {path: logs, kind: tensorboard}}", b"supported"),
                       ("{k: {url: 'kubeflow+http://x'}}", b"supported"),
                       ("{no: {path: nope.db}}", b"no: nope.db: no such"),
                       ("{c: {path: c.yaml}}", b"not a store"),
                       ("{c: {path: c.yaml, kind: mlflow}}", b"not a store")):
        config = configured(s, f"sources: {text}\n")
        done = s.status(f"check {text}", 3, "config", "--check", *config)
        check(f"check {text}: why", word in done.stderr, done.stderr)
    config = configured(s, "sources: {lab: {path: mlflow.db}}\n")
    s.status("check: can be read", 0, "config", "--check", *config)


def test_a_config_names_all_stores_that_are_here(s):
    here = os.path.join(s.dir, "stores")
    os.makedirs(os.path.join(here, "mlruns", "0"))
    with open(os.path.join(here, "mlruns", "0", "meta.yaml"), "wb"):
        pass
    for name in ("lab.db", "runs.sqlite"):
        shutil.copy(s.path, os.path.join(here, name))
    sqlite3.connect(os.path.join(here, "other.db")).execute(
        "CREATE TABLE t (x)").connection.close()

    def at_home(*args):
        return subprocess.run([os.path.abspath(MLTOWER), *args], cwd=here,
                              env=s.environ(), capture_output=True,
                              timeout=60, check=False)
    text = at_home("config", "--init").stdout.decode()
    for word in ('"lab":', '"runs":', 'path: "lab.db"',
                 'path: "runs.sqlite"'):
        check(f"config --init: {word}", word in text, text)
    for word in ("other.db", '"mlruns'):
        check(f"config --init: not {word}", word not in text, text)
    with open(os.path.join(here, "c.yaml"), "w", encoding="utf-8") as out:
        out.write(text)
    done = at_home("config", "--check", "--config", "c.yaml")
    equal("config --init: is good", (done.returncode, done.stderr), (0, b""))


def test_no_config_at_all(s):
    done = s.status("config", 0, "config", "--json")
    for word in (b".config/mltower/config.yaml", b"/etc/mltower",
                 b"--init"):
        check(f"no config: {word}", word in done.stderr, done.stderr)
    got = {v["path"]: v for v in json.loads(done.stdout)}
    equal("a default", (got["theme"]["value"], got["theme"]["from"]),
          ("dark", "default"))
    got = json.loads(s.run("config", "--json", "--state", "there").stdout)
    equal("a folder that was named", [(v["value"], v["from"]) for v in got
                                      if v["path"] == "state.dir"],
          [("there", "--state-dir")])


def on_a_terminal(s, rows, columns, *args):
    """What it writes to a terminal of this size that can do nothing."""
    master, slave = os.openpty()
    termios.tcsetwinsize(slave, (rows, columns))
    with subprocess.Popen([os.path.abspath(MLTOWER), *args], cwd=s.dir,
                          env={**s.environ(), "TERM": "dumb"}, stdin=slave,
                          stdout=slave, stderr=subprocess.DEVNULL) as child:
        os.close(slave)
        out = b""
        try:
            while select.select([master], [], [], 20)[0]:
                more = os.read(master, 65536)
                if not more:
                    break
                out += more
        except OSError:     # all is read, and the terminal is gone
            pass
        equal("a dumb terminal: exit status", child.wait(20), 0)
    os.close(master)
    return out.decode().replace("\r", "").splitlines()


def test_a_dumb_terminal(s):
    for rows, columns in ((24, 80), (36, 120)):
        lines = on_a_terminal(s, rows, columns, "mlflow.db")
        equal(f"{columns}x{rows}: above the prompt", len(lines), rows - 2)
        check(f"{columns}x{rows}: fits", max(map(len, lines)) <= columns,
              lines)
        check(f"{columns}x{rows}: ASCII", not any(
            "\u2800" <= c < "\u2900" or "\u2500" <= c < "\u2580"
            for c in "".join(lines)), lines)
        check(f"{columns}x{rows}: it is read", not any(
            "reading" in line for line in lines), lines)


def test_a_journal_that_cannot_be_read(s):
    done = s.status("events", 3, "events", "--json", "--state-dir",
                    "/proc/nowhere")
    check("events: of the store", len(json.loads(done.stdout)) > 50)
    s.status("events --partial-ok", 0, "events", "--partial-ok",
             "--state-dir", "/proc/nowhere")


def test_help_of_a_verb(s):
    equal("help VERB", s.status("help VERB", 0, "help", "runs").stdout,
          s.run("runs", "--help").stdout)
    equal("help", s.status("help", 0, "help").stdout, s.run("--help").stdout)
    verbs = [line.split()[1] for line in s.run("help").stdout.decode()
             .splitlines() if line.startswith("  mltower ")]
    for verb in ["", *(v for v in verbs if v[0] != "[")]:
        for line in s.run("help", verb).stdout.decode().splitlines():
            check(f"help {verb}: 80 columns", len(line) <= 80, line)
    s.status("help: no verb", 2, "help", "nope")
    filters = s.run("help", "filters").stdout.decode()
    for word in ("metrics.NAME", "dataset.name", "duration", "IS NULL", "~"):
        check(f"help filters: {word}", word in filters)
    for line in filters.splitlines():
        check("help filters: 80 columns", len(line) <= 80, line)


def test_gates_are_on_record(s):
    store = os.path.join(s.dir, "written.db")
    shutil.copy(s.path, store)
    db = sqlite3.connect(store)
    db.execute("DELETE FROM registered_model_aliases")
    db.commit()
    model, version = db.execute(
        "SELECT name, version FROM model_versions").fetchone()
    db.close()
    config = configured(s, f"""\
sources: {{prod: {{path: {store}, write: yes}}}}
gates: {{g: {{auc: {{metric: no-such, min: 1}}}}}}
models: {{"*": {{gates: g}}}}
state: {{dir: {os.path.join(s.dir, "state-gates")}}}
""")
    promote = ("promote", model, str(version), "--if-current", "none", *config)
    dry = s.status("a plan for the eye", 1, "promote", model, str(version),
                   "--alias", "champion", "--dry-run", *config).stderr.decode()
    check("plan: the gates", "FAILED  auc" in dry and "no-such" in dry, dry)
    check("plan: both sides", "NOW" in dry and "THEN" in dry, dry)
    s.status("promote", 0, *promote, "--alias", "champion", "--waive",
             "auc=it; is=late", "--json")
    said = json.loads(s.run("audit", "--json", *config).stdout)
    gates = said[0]["gates"]
    equal("gates", [(g["gate"], g["passed"], g["waived"]) for g in gates],
          [("auc", False, True)])
    check("gates: evidence", "no-such" in gates[0]["evidence"], gates)
    rows = list(csv.DictReader(io.StringIO(
        s.run("audit", "--csv", *config).stdout.decode())))
    equal("csv: the same", json.loads(rows[0]["gates"]), gates)
    equal("csv: waivers", json.loads(rows[0]["waivers"]),
          [{"gate": "auc", "reason": "it; is=late"}])
    table = s.run("audit", *config).stdout.decode()
    check("a story", f"{model} @champion nobody → v{version}" in table, table)
    check("and who let it pass", "auc: it; is=late" in table, table)
    s.status("promote to a stage", 0, *promote, "--stage", "Staging")
    table = s.run("audit", *config).stdout.decode()
    check("a stage", f"{model} Staging nobody → v{version}" in table, table)
    s.status("what was believed comes first", 5, *promote, "--stage",
             "Staging")
    s.status("it is so already", 0, "promote", model, str(version), "--stage",
             "Staging", "--if-current", str(version), *config)
    equal("--source", json.loads(s.run("audit", "--json", *config, "--source",
                                       s.path).stdout), [])


def test_a_rollback_is_not_undone_by_another(s):
    store = os.path.join(s.dir, "back.db")
    shutil.copy(s.path, store)
    db = sqlite3.connect(store)
    db.execute("DELETE FROM registered_model_aliases")
    model, old = db.execute(
        "SELECT name, version FROM model_versions").fetchone()
    db.execute("CREATE TEMP TABLE v AS SELECT * FROM model_versions "
               "WHERE name = ? AND version = ?", (model, old))
    new = old + 70
    db.execute("UPDATE v SET version = ?", (new,))
    db.execute("INSERT INTO model_versions SELECT * FROM v")
    db.commit()
    db.close()
    more = ("--alias", "champion", "--source", store, "--state-dir",
            os.path.join(s.dir, "state-back"))
    s.status("one", 0, "promote", model, str(old), "--if-current", "none",
             *more)
    s.status("two", 0, "promote", model, str(new), "--if-current", str(old),
             *more)
    s.status("back", 0, "rollback", model, "--if-current", str(new), *more)
    done = s.status("back again", 7, "rollback", model, "--if-current",
                    str(old), *more)
    check("what it would do", f"would put v{new} back, which was rolled back "
          "from at ".encode() in done.stderr and b"--to-version" in
          done.stderr, done.stderr)
    table = s.run("audit", *more[2:]).stdout.decode()
    check("the story", f"{model} @champion v{new} → v{old}" in table and
          "rolled back" in table, table)
    s.status("forward, if that is meant", 0, "rollback", model, "--if-current",
             str(old), "--to-version", str(new), *more)


def test_runs_are_changed(s):
    store = os.path.join(s.dir, "edited.db")
    shutil.copy(s.path, store)
    db = sqlite3.connect(store)
    one, two = s.ids[10:12]
    more = ("--source", store, "--state-dir", os.path.join(s.dir, "edits"))

    def edit(status, *args):
        done = s.status(f"edit {args}", status, "edit", *args, *more, "--json")
        try:
            return json.loads(done.stdout)
        except ValueError:
            return done.stderr.decode()

    def tags(key):
        return db.execute("SELECT run_uuid, value FROM tags WHERE key = ? "
                          "ORDER BY value", (key,)).fetchall()

    said = edit(0, one, "--tag", "grade=a=b", "--if-current", "none",
                "--reason", "why not")
    equal("edit: JSON", {k: said[0][k] for k in (
        "source", "run_id", "kind", "key", "previous", "value", "outcome",
        "audit_id")}, {
        "source": "edited", "run_id": one, "kind": "tag", "key": "grade",
        "previous": None, "value": "a=b", "outcome": "changed",
        "audit_id": 2})
    equal("edit: written", tags("grade"), [(one, "a=b")])
    said = edit(0, one, two, one, "--tag", "grade=a=b", "--tag", "b=1",
                "--dry-run")
    equal("edit: dry run, and what is so already",
          [(r["run_id"], r["key"], r["outcome"]) for r in said],
          [(one, "grade", "already"), (one, "b", "dry_run"),
           (two, "grade", "dry_run"), (two, "b", "dry_run")])
    said = edit(5, one, "--untag", "grade", "--if-current", "c")
    equal("edit: conflict", said[0]["outcome"], "conflict")
    edit(0, one, "--untag", "grade", "--if-current", "a=b")
    equal("edit: untagged", tags("grade"), [])
    old = db.execute("SELECT name FROM runs WHERE run_uuid = ?",
                     (one,)).fetchone()[0]
    edit(0, one, "--name", "none", "--if-current", old)
    equal("edit: a run called none", edit(
        0, one, "--name", old, "--if-current", "none")[0]["previous"], "none")
    edit(0, one, two, "--delete", "--if-current", "active")
    edit(2, one, "--note", "x", "--if-current", "none")
    edit(0, two, "--restore", "--if-current", "deleted")

    n = len(s.rows("SELECT 1 FROM runs WHERE status = 'FAILED' AND "
                   "lifecycle_stage = 'active' AND run_uuid <> ?", one))
    some = ("--filter", "status = 'FAILED'", "--note", "bad", "--if-current",
            "none")
    edit(2, *some)
    edit(5, *some, "--expect", str(n + 1))
    equal("edit: by a filter", len(edit(0, *some, "--expect", str(n))), n)
    equal("edit: notes", len(tags("mlflow.note.content")), n)
    edit(7, "--filter", "status = 'NONE'", "--delete", "--dry-run")

    for args in (("--name", "x"), (one, "--delete", "--restore"),
                 (one, "--tag", "x"), (one, "--name", ""), (one,),
                 (one, "--filter", "age < 1d", "--delete"),
                 (one, "--tag", "a//b=1"), (one, "--untag", "mlflow.runName")):
        edit(2, *args, "--if-current", "none")
    edit(2, one, "--delete")
    edit(7, "nobody", "--delete", "--if-current", "active")
    equal("edit: read-only", edit(
        4, two, "--delete", "--if-current", "active",
        "--readonly")[0]["outcome"], "refused")
    s.status("edit: a tag is named once", 2, "edit", "0123", "--tag", "a=1",
             "--tag", "a=2")
    s.status("edit: a source of the config is read-only", 4, "edit", two,
             "--delete", "--if-current", "active", *configured(
                 s, f"sources: {{e: {{path: {store}}}}}\nstate: {{dir: e}}\n"))

    trail = s.run("audit", "--json", *more[2:])
    entries = json.loads(trail.stdout)
    change = entries[-1]["change"]
    equal("audit: the change", (change["changes"], change["edits"]),
          ([{"key": "grade", "value": "a=b"}],
           [{"run_id": one, "change": 0, "previous": None}]))
    equal("audit: the reason", entries[-1]["reason"], "why not")
    table = s.run("audit", *more[2:]).stdout.decode()
    check("audit: for people", f"run {one[:12]}: grade=a=b" in table and
          f"{n} runs: mlflow.note.content=bad" in table, table)
    edit(0, two, "--tag", "p=1", "--tag", "q=2", "--if-current", "none")
    table = s.run("audit", *more[2:]).stdout.decode()
    check("audit: every tag", ": p=1, q=2 " in table, table)
    db.close()


def test_markdown(s):
    lines = s.run("runs", "mlflow.db", "--columns", "name,metrics.auc", "-o",
                  "md").stdout.decode().splitlines()
    equal("md: heads", lines[:2], ["| NAME | auc |", "| --- | ---: |"])
    equal("md: rows", len(lines), 2 + 59)
    check("md: nothing is cut or obeyed", any(
        "evil\\\\x1b\\[31m" in line for line in lines), lines)


def test_signs_follow_the_locale(s):
    for locale, sign in (("C.UTF-8", "\u2713"), ("C", "+")):
        out = s.run("runs", "mlflow.db", env={"LC_ALL": locale}).stdout
        check(f"{locale}: {sign}", f" {sign} finished" in out.decode(), out)


def test_a_locked_store_is_not_called_empty(s):
    locked = os.path.join(s.dir, "locked.db")
    shutil.copy(s.path, locked)
    db = sqlite3.connect(locked, isolation_level=None)
    db.execute("BEGIN EXCLUSIVE")
    for verb in (("versions", "nobody"), ("show", "nobody")):
        done = s.status(f"locked: {verb[0]}", 3, *verb, "--source",
                        "locked.db")
        check("locked: says so", b"locked" in done.stderr, done.stderr)
        check("locked: not absent", b"no model" not in done.stderr and
              b"no run" not in done.stderr, done.stderr)
    db.close()


def test_a_frame_of_a_locked_store(s):
    locked = os.path.join(s.dir, "locked.db")
    shutil.copy(s.path, locked)
    db = sqlite3.connect(locked, isolation_level=None)
    db.execute("BEGIN EXCLUSIVE")
    frame = s.status("locked: a frame", 0, "locked.db").stdout.decode()
    check("locked: says so", "locked ! busy" in frame and
          "locked: locked by another program" in frame, frame)
    check("locked: does not read", "reading" not in frame, frame)
    db.close()


def test_a_frame_of_a_store_that_is_not_there(s):
    frame = s.status("absent: a frame", 0, "nope.db").stdout.decode()
    check("absent: says so", "nope ! absent" in frame and
          "no such file" in frame and "reading" not in frame, frame)


def test_a_frame_waits_for_all_runs(s):
    many = os.path.join(s.dir, "many.db")
    subprocess.run([sys.executable, MAKE_STORE, many, "--runs", "20000",
                    "--metrics", "2", "--histories", "2", "--points", "9"],
                   check=True)
    for _ in range(3):
        frame = s.status("many: a frame", 0, "many.db").stdout.decode()
        check("many: all of them", " 20,000 \u2501" in frame, frame[:1000])


def add_run(db, run, experiment, metrics, status="FINISHED"):
    db.execute("INSERT INTO runs (run_uuid, name, status, experiment_id, "
               "lifecycle_stage, start_time) VALUES (?, ?, ?, ?, 'active', ?)",
               (run, run, status, experiment, NOW_MS))
    for key, v in metrics.items():
        db.execute("INSERT INTO latest_metrics (key, value, timestamp, step, "
                   "is_nan, run_uuid) VALUES (?, ?, ?, 0, 0, ?)",
                   (key, v, NOW_MS, run))


def small_store(s, name):
    """A store without runs, to be filled."""
    shutil.copy(s.path, os.path.join(s.dir, name))
    db = sqlite3.connect(os.path.join(s.dir, name))
    for table in ("runs", "experiments", "latest_metrics", "metrics"):
        db.execute("DELETE FROM " + table)
    for number, label in ((1, "one"), (2, "two")):
        db.execute("INSERT INTO experiments (experiment_id, name, "
                   "lifecycle_stage) VALUES (?, ?, 'active')",
                   (number, label))
    return db


def test_the_tower_and_runs_choose_one_metric(s):
    db = small_store(s, "mains.db")
    add_run(db, "run-a", 1, {"val/acc": 0.25, "loss": 2})
    add_run(db, "run-b", 2, {"m": 0.75, "system/cpu": 3})
    db.commit()
    db.close()
    for verb in (("runs",), ("runs", "--columns", "name,metric,value"), ()):
        done = s.status("mains", 0, *verb, "mains.db")
        text = done.stdout.decode()
        for run, metric, v in (("run-a", "val/acc", "0.2500"),
                               ("run-b", "m", "0.7500")):
            line = [x for x in text.splitlines()
                    if run in x and metric in x][-1]
            check(f"main metric: {verb} {run}",
                  metric in line.split() and v in line, text)


def add_points(db, run, metric, first_ms, n):
    for i in range(n):
        db.execute("INSERT INTO metrics (key, value, timestamp, run_uuid, "
                   "step, is_nan) VALUES (?, ?, ?, ?, ?, 0)",
                   (metric, i / n, first_ms + i * 1000, run, i))


def line_of(text, *words):
    """The last line that has all the words."""
    lines = [x for x in text.splitlines() if all(w in x for w in words)]
    return lines[-1] if lines else ""


def test_silent_runs_are_called_so(s):
    db = small_store(s, "silent.db")
    for run, ago_ms in (("run-quiet", 3_600_000), ("lively", 20_000)):
        add_run(db, run, 1, {"val/acc": 0.5}, "RUNNING")
        add_points(db, run, "val/acc", NOW_MS - ago_ms, 20)
    add_run(db, "queued", 1, {}, "SCHEDULED")
    db.commit()
    db.close()
    for verb in (("runs",), ("runs", "--columns", "name,status"), ()):
        text = s.status("silent", 0, *verb, "silent.db").stdout.decode()
        for run, word in (("run-quiet", "\u25cc silent"),
                          ("lively", "\u25cf running"),
                          ("queued", "\u2192 scheduled")):
            check(f"silent: {verb} {run}",
                  word in line_of(text, run, word[2:]), text[:2000])
    text = s.status("silent: one", 0, "show", "run-quiet", "--source",
                    "silent.db").stdout.decode()
    check("silent: one run", "\u25cc silent" in text, text)
    runs = json.loads(s.run("runs", "silent.db", "--json", "--filter",
                            "status = 'RUNNING'").stdout)
    equal("silent: data and filters have the store's word",
          sorted(r["name"] for r in runs), ["lively", "run-quiet"])


def add_version(db, version, run):
    db.execute("INSERT INTO model_versions (name, version, creation_time, "
               "current_stage, run_id, status) VALUES "
               "('waiting', ?, ?, 'None', ?, 'READY')",
               (version, NOW_MS, run))


def test_a_model_has_one_value(s):
    db = small_store(s, "waiting.db")
    for table in ("registered_model_aliases", "model_versions",
                  "registered_models"):
        db.execute("DELETE FROM " + table)
    db.execute("INSERT INTO registered_models (name, creation_time) "
               "VALUES ('waiting', ?)", (NOW_MS,))
    add_run(db, "run-a", 1, {"val/acc": 0.25})
    add_run(db, "run-b", 1, {"val/acc": 0.75})
    add_version(db, 1, "run-a")
    db.commit()

    def values(words, what):
        for verb in (("models",), ()):
            line = line_of(s.status("waiting", 0, *verb, "waiting.db")
                           .stdout.decode(), "waiting", "v1")
            check(f"a model's value: {what} {verb}",
                  all(w in line for w in words), line)
    values(["0.2500"], "without a champion")
    db.execute("INSERT INTO registered_model_aliases (alias, version, name) "
               "VALUES ('champion', 1, 'waiting')")
    add_version(db, 2, "run-b")
    db.commit()
    values(["0.7500", "+0.5000"], "with a challenger")
    db.execute("UPDATE latest_metrics SET value = ?", (INF,))
    db.commit()
    values(["inf", "\u2013"], "no difference of infinities")
    db.close()


def test_differences_of_infinities(s):
    db = small_store(s, "infinite.db")
    add_run(db, "up", 1, {"val/acc": INF, "loss": INF})
    add_run(db, "down", 1, {"val/acc": -INF, "loss": INF})
    db.commit()
    db.close()
    text = s.status("infinite", 0, "compare", "up", "down", "--source",
                    "infinite.db").stdout.decode()
    equal("infinite: a word, no number",
          line_of(text, "val/acc").split(), ["val/acc", "inf", "-inf",
                                             "worse"])
    equal("infinite: the same", line_of(text, "loss").split(),
          ["loss", "inf", "inf", "same"])


def test_a_long_name_moves_its_own_line_alone(s):
    db = small_store(s, "long.db")
    add_run(db, "n" * 240, 1, {"val/acc": 0.5})
    add_run(db, "short", 1, {"val/acc": 0.5})
    db.commit()
    db.close()
    text = s.status("long", 0, "runs", "long.db").stdout.decode()
    check("long: whole", "n" * 240 in text, text)
    check("long: the others", len(line_of(text, "short")) < 120, text)


def told(values):
    """What is said of a metric's values in a group; None is missing."""
    finite = [v for v in values if v is not None and math.isfinite(v)]
    there = [v for v in values if v is not None]
    return {"n": len(finite), "n_missing": len(values) - len(there),
            "n_not_finite": len(there) - len(finite),
            "mean": statistics.mean(finite) if finite else None,
            "sd": statistics.stdev(finite) if len(finite) > 1 else None,
            "min": min(finite, default=None), "max": max(finite, default=None)}


def is_near(a, b):
    return a == b or (None not in (a, b) and
                      math.isclose(a, b, rel_tol=1e-12, abs_tol=1e-15))


def number(v):
    return None if v is None else float(v)


def test_groups(s):
    runs = s.json("runs")
    keys = sorted(runs[0]["params"])[:1]
    by = ",".join(f"params.{k}" for k in keys) + ",status"
    groups = s.json("runs", "--group", by, "--columns", "auc,loss")
    expected = {}
    for r in runs:
        expected.setdefault((r["params"].get(keys[0]), r["status"]),
                            []).append(r)
    equal("groups: keys", {tuple(g["group"].values()) for g in groups},
          set(expected))
    for g in groups:
        members = expected[tuple(g["group"].values())]
        equal("groups: n", g["n"], len(members))
        for metric, best in (("auc", "max"), ("loss", "min")):
            got = g["metrics"][metric]
            want = told([number(r["metrics"].get(metric)) for r in members])
            for field, v in want.items():
                check(f"groups: {metric} {field}", is_near(got[field], v),
                      got, want)
            check(f"groups: {metric} best", got["best"] == got[best], got)
            check(f"groups: {metric} best run", not got["n"] or any(
                r["run_id"] == got["best_run_id"] and
                r["metrics"][metric] == got["best"] for r in members), got)
        equal("groups: as a filter",
              [r["run_id"] for r in s.json("runs", "--filter", g["filter"])],
              [r["run_id"] for r in members])
    counted = s.json("runs", "--group", by, "--columns", "auc", "--sort",
                     "count:desc,mean", "--limit", "3")
    equal("groups: sorted", [g["n"] for g in counted],
          sorted((g["n"] for g in groups), reverse=True)[:3])
    done = s.run("runs", "--group", "experiment", "--columns", "auc", "--csv")
    row = next(csv.DictReader(io.StringIO(done.stdout.decode())))
    equal("groups: CSV", [k for k in row if "auc" in k][:3],
          ["metrics.auc.best", "metrics.auc.best_run_id", "metrics.auc.max"])
    check("groups: CSV has the key", row["group.experiment"], row)
    for args, word in ((("--group", "start"), b"expected params.NAME"),
                       (("--group", keys[0]), b"is a param"),
                       (("--group", "status", "--sort", "params.x"),
                        b"count, mean"),
                       (("--group", "status", "--columns", "name"),
                        b"metrics are told"),
                       (("--group", "status", "--tree"), b"one of them")):
        done = s.status(f"groups: {args}", 2, "runs", *args)
        check(f"groups: {args} says why", word in done.stderr, done.stderr)


def repeated(s):
    """A store with five runs that repeat each other, one of them apart, and a
    tree of them: the first is the parent of the others."""
    path = os.path.join(s.dir, "repeats.db")
    if os.path.exists(path):
        return path
    subprocess.run([sys.executable, MAKE_STORE, path, "--runs", "8",
                    "--metrics", "2", "--params", "1"], check=True)
    db = sqlite3.connect(path)
    ids = [r[0] for r in db.execute("SELECT run_uuid FROM runs "
                                    "ORDER BY start_time DESC")]
    db.execute("DELETE FROM params")
    db.execute("UPDATE runs SET experiment_id = (SELECT min(experiment_id) "
               "FROM experiments)")
    db.execute("DELETE FROM inputs")
    for i, run in enumerate(ids):
        for key, v in (("depth", "8" if i < 5 else str(i)), ("seed", str(i))):
            db.execute("INSERT INTO params(key, value, run_uuid) "
                       "VALUES (?,?,?)", (key, v, run))
        db.execute("UPDATE latest_metrics SET is_nan = 0, value = ? "
                   "WHERE run_uuid = ? AND key = 'auc'",
                   ([.9806, .9808, .9807, .9809, .5, .1, .2, .3][i], run))
        db.execute("DELETE FROM tags WHERE run_uuid = ? AND key IN "
                   "('mlflow.source.git.commit', 'mlflow.parentRunId')",
                   (run,))
        if 0 < i < 5:
            db.execute("INSERT INTO tags(key, value, run_uuid) VALUES "
                       "('mlflow.parentRunId', ?, ?)",
                       (ids[0] if i < 4 else ids[3], run))
    db.commit()
    db.close()
    return path


def test_repeated_runs(s):
    path = repeated(s)
    groups = s.json("runs", path, "--group", "repeats", "--columns", "auc")
    equal("repeats: n", [g["n"] for g in groups], [5, 1, 1, 1])
    first = groups[0]
    equal("repeats: params", first["group"].get("params.depth"), "8")
    check("repeats: no seed", "params.seed" not in first["group"], first)
    equal("repeats: code", (first["code_known"], first["data_known"]),
          (False, False))
    got = first["metrics"]["auc"]
    equal("repeats: spread", (got["n_within"], got["tolerance"]), (4, .0002))
    equal("repeats: of one run nothing", groups[1]["metrics"]["auc"]["sd"],
          None)
    table = s.run("runs", path, "--group", "repeats", "--columns",
                  "auc").stdout.decode()
    check("repeats: in words", "4 of 5 within .0002" in table, table)
    check("repeats: what is unknown", "unknown" in table, table)


def test_a_tree_of_runs(s):
    path = repeated(s)
    ids = [r["run_id"] for r in s.json("runs", path)]
    tree = s.json("runs", path, "--tree")
    equal("tree: depths", [r["depth"] for r in tree],
          [0, 1, 1, 1, 2, 0, 0, 0])
    equal("tree: all of them", [r["run_id"] for r in tree], ids)
    tree = s.json("runs", path, "--tree", "--sort", "auc")
    equal("tree: siblings in order", [(r["depth"], r["run_id"]) for r in tree],
          [(0, ids[5]), (0, ids[6]), (0, ids[7]), (0, ids[0]), (1, ids[2]),
           (1, ids[1]), (1, ids[3]), (2, ids[4])])
    below = s.json("runs", path, "--tree", "--filter", "metrics.auc <= .98075")
    equal("tree: without its parent at the top",
          [r["depth"] for r in below if r["run_id"] == ids[4]], [0])
    lines = s.run("runs", path, "--tree",
                  "--columns", "name,auc").stdout.decode().splitlines()
    equal("tree: indented", [len(x) - len(x.lstrip()) for x in lines[1:6]],
          [0, 2, 2, 2, 4])
    check("tree: names as they are", all(
        r["name"] == r["name"].strip() for r in tree), tree)


def test_without_a_source(s):
    empty = os.path.join(s.dir, "empty")
    os.mkdir(empty)
    environ = {"HOME": empty, "PATH": os.environ["PATH"]}
    done = subprocess.run([os.path.abspath(MLTOWER), "runs"], cwd=empty,
                          env=environ, capture_output=True, timeout=60,
                          check=False)
    check("no source: fails", done.returncode != 0)
    for word in (b"MLFLOW_TRACKING_URI", b"mlflow.db", b"mltower demo"):
        check(f"no source: names {word}", word in done.stderr, done.stderr)
    done = s.run("runs", "-o", "name", env={
        "MLFLOW_TRACKING_URI": "sqlite:///" + s.path})
    equal("MLFLOW_TRACKING_URI", len(done.stdout.split()), 59)


def main():
    store = Store()
    try:
        for name, test in list(globals().items()):
            if name.startswith("test_"):
                test(store)
    finally:
        store.db.close()
        shutil.rmtree(store.dir)
    print(f"{counts['passed']} passed, {counts['failed']} failed")
    return counts["failed"] > 0


if __name__ == "__main__":
    sys.exit(main())
