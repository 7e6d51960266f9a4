#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""bench_tower: what the Tower costs, from the other end of its terminal.

    bench_tower.py [--work DIR] [--sizes N,N,..] [--keys N] [--idle SEC] MLTOWER

For stores of each size (made by make_store.py, kept in DIR) and for htop, in
the same run and at 120x36:

    first   from start to the first byte, and to the newest run on the screen
    key     from writing Down to the last byte of the frame that answers it,
            median and 95th percentile; bytes of that frame; bytes of what the
            pane beside the cursor adds once the cursor rests
    idle    bytes, CPU milliseconds and wake-ups a second with no key pressed
    memory  resident now and at its highest
    quit    from writing q to the end of the process

Then `mltower runs --json` at 1,000 runs of 50 metrics against the same rows
made by the sqlite3 shell, and against MLflow's own client where the Python
that runs this has it. The rows are compared. Times are printed and judge
nothing; a Tower that does not start, or rows that differ, are failures.
Needs Python's standard library, and sqlite3 and htop to compare with.
"""
import argparse
import fcntl
import json
import math
import os
import pty
import select
import shutil
import signal
import sqlite3
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time

HERE = os.path.dirname(os.path.abspath(__file__))
DOWN = b"\x1bOB"
ROWS, COLUMNS = 36, 120
GAP = .06       # an answer has ended when nothing came for so long
REST = .35      # the pane beside the cursor has followed by then


class Terminal:
    """A program on a pseudo-terminal that is always read."""

    def __init__(self, argv, env):
        self.started = time.monotonic()
        self.pid, self.fd = pty.fork()
        if not self.pid:
            fcntl.ioctl(0, termios.TIOCSWINSZ,
                        struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
            os.execvpe(argv[0], argv, env)
        self.seen = b""
        self.status = None

    def read(self, timeout):
        """One chunk and the time it came, or None."""
        if not select.select([self.fd], [], [], max(timeout, 0))[0]:
            return None
        try:
            chunk = os.read(self.fd, 65536)
        except OSError:
            return None
        now = time.monotonic()
        self.seen += chunk
        return (chunk, now) if chunk else None

    def wait_for(self, text, limit):
        """Seconds from start to the first byte and to text; None: never."""
        first = None
        while (left := self.started + limit - time.monotonic()) > 0:
            got = self.read(left)
            if not got:
                break
            first = first or got[1] - self.started
            if text in self.seen:
                return first, got[1] - self.started
        return first, None

    def drain(self, gap):
        """Reads until nothing came for gap seconds: bytes, last time."""
        n, last = 0, None
        while got := self.read(gap):
            n, last = n + len(got[0]), got[1]
        return n, last

    def key(self, key):
        """(seconds to the end of the answer or None, its bytes)."""
        start = time.monotonic()
        os.write(self.fd, key)
        n, last = self.drain(GAP)
        return (last - start if last else None), n

    def listen(self, seconds):
        until, n = time.monotonic() + seconds, 0
        while (left := until - time.monotonic()) > 0:
            got = self.read(left)
            n += len(got[0]) if got else 0
        return n

    def end(self, key, limit=3):
        """Seconds from key to the end of the process; None: had to be killed."""
        start = time.monotonic()
        try:
            os.write(self.fd, key)
        except OSError:
            pass  # it has ended already
        while time.monotonic() - start < limit:
            self.read(.002)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
                os.close(self.fd)
                return time.monotonic() - start
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.fd)
        return None


def thread_sums(pid):
    """CPU nanoseconds and voluntary switches, over all threads."""
    cpu = wakes = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        try:
            with open(f"/proc/{pid}/task/{task}/schedstat") as f:
                cpu += int(f.read().split()[0])
            with open(f"/proc/{pid}/task/{task}/status") as f:
                wakes += sum(int(line.split()[1]) for line in f
                             if line.startswith("voluntary_ctxt"))
        except FileNotFoundError:
            pass  # a thread that ended in between
    return cpu, wakes


def memory_mib(pid):
    with open(f"/proc/{pid}/status") as f:
        facts = dict(line.split(":", 1) for line in f)
    return [int(facts[k].split()[0]) / 1024 for k in ("VmRSS", "VmHWM")]


def p95(values):
    return sorted(values)[max(0, int(len(values) * .95 + .5) - 1)]


def ms(seconds):
    return "-" if seconds is None else f"{seconds * 1000:.1f}"


def measure(name, argv, env, text, opt):
    """Prints one line of figures; true if the program did its part."""
    t = Terminal(argv, env)
    first, shown = t.wait_for(text, opt.limit)
    if shown is None:
        print(f"{name:<16} never showed {text.decode()!r}")
        t.end(b"q")
        return False
    t.drain(REST)
    times, sizes, rests = [], [], []
    for _ in range(opt.keys):
        took, n = t.key(DOWN)
        if took is not None:
            times.append(took)
            sizes.append(n)
        rests.append(t.drain(REST)[0])
    before, start = thread_sums(t.pid), time.monotonic()
    idle_bytes = t.listen(opt.idle)
    after, span = thread_sums(t.pid), time.monotonic() - start
    now, high = memory_mib(t.pid)
    quit_s = t.end(b"q")
    if not times:
        print(f"{name:<16} answers no key")
        return False
    print(f"{name:<16} {ms(first):>7} {ms(shown):>7}  "
          f"{ms(statistics.median(times)):>6} {ms(p95(times)):>6} "
          f"{statistics.median(sizes):>6.0f} {statistics.median(rests):>6.0f}  "
          f"{idle_bytes / span:>7.0f} "
          f"{(after[0] - before[0]) / 1e6 / span:>6.2f} "
          f"{(after[1] - before[1]) / span:>6.1f}  "
          f"{now:>7.1f} {high:>7.1f}  {ms(quit_s):>7}", flush=True)
    if quit_s is None:
        print(f"{name:<16} did not end by q")
    return quit_s is not None


def store(opt, runs, *extra):
    """A store of this size; made once, again when the generator changed."""
    os.makedirs(opt.work, exist_ok=True)
    path = os.path.join(opt.work, f"store-{runs}.db")
    make = os.path.join(HERE, "make_store.py")
    if not os.path.exists(path) or \
            os.path.getmtime(path) < os.path.getmtime(make):
        subprocess.run([sys.executable, make, path, "--runs", str(runs),
                        *extra], check=True)
    return path


def newest_name(path):
    db = sqlite3.connect(path)
    name, = db.execute("SELECT name FROM runs ORDER BY rowid DESC"
                       " LIMIT 1").fetchone()
    db.close()
    return name


def clean_env(opt):
    """Nothing of the caller's config, state or colours."""
    home = os.path.join(opt.work, "home")
    shutil.rmtree(home, ignore_errors=True)
    os.makedirs(home)
    keep = {k: os.environ[k] for k in ("PATH",) if k in os.environ}
    return {**keep, "HOME": home, "TERM": "xterm-256color",
            "LANG": "C.UTF-8", "MLTOWER_STATE": os.path.join(home, "state")}


def bench_screen(opt):
    print(f"terminal of {COLUMNS}x{ROWS}; {opt.keys} keys, {opt.idle:g} s "
          "without; ms, bytes, MiB; budgets: rows 50, key p95 5, bytes 400,\n"
          "idle 100 bytes, 2 ms, 5 wakes a second")
    print(f"{'':<16} {'first':>7} {'rows':>7}  {'key':>6} {'p95':>6} "
          f"{'bytes':>6} {'rest':>6}  {'idle B':>7} {'cpu':>6} {'wakes':>6}  "
          f"{'rss':>7} {'high':>7}  {'quit':>7}")
    ok = bad = 0
    for runs in opt.sizes:
        path = store(opt, runs)
        with open(path, "rb") as f:     # warm: no disk in the figures
            while f.read(1 << 24):
                pass
        text = newest_name(path)[:12].encode()
        if measure(f"{runs} runs", [opt.mltower, path], clean_env(opt), text,
                   opt):
            ok += 1
        else:
            bad += 1
    if shutil.which("htop"):
        measure("htop", ["htop"], clean_env(opt), b"PID", opt)
    else:
        print("skipped: no htop here")
    return ok, bad


SHELL_QUERY = """
SELECT json_group_array(json_object(
 'source', 'store', 'run_id', run_uuid, 'name', name,
 'experiment', experiment, 'experiment_id', experiment_id,
 'status', status, 'lifecycle', lifecycle_stage, 'user', user_id,
 'start_time_ms', start_time, 'end_time_ms', end_time, 'parent_run_id', NULL,
 'params', (SELECT json_group_object(key, value) FROM params p
            WHERE p.run_uuid = r.run_uuid),
 'metrics', (SELECT json_group_object(key, value) FROM latest_metrics m
             WHERE m.run_uuid = r.run_uuid),
 'tags', (SELECT json_group_object(key, value) FROM tags t
          WHERE t.run_uuid = r.run_uuid)))
FROM (SELECT r.*, e.name AS experiment FROM runs r
      JOIN experiments e USING (experiment_id)
      WHERE r.lifecycle_stage = 'active' ORDER BY start_time DESC) r
"""

CLIENT = """
import json, sys, time
start = time.monotonic()
from mlflow import MlflowClient
loaded = time.monotonic()
client = MlflowClient('sqlite:///' + sys.argv[1])
rows, token = [], None
while True:
    page = client.search_runs([str(e) for e in range(6)], max_results=1000,
                              page_token=token)
    rows += [{**dict(r.info), **r.data.to_dictionary()} for r in page]
    token = page.token
    if not token:
        break
json.dump(rows, open('/dev/null', 'w'))
print(json.dumps([loaded - start, time.monotonic() - loaded, len(rows)]))
"""


def timed(argv, env, out):
    """Seconds until argv ended well, with its output in the file out."""
    with open(out, "wb") as f:
        start = time.monotonic()
        subprocess.run(argv, stdout=f, env=env, check=True)
        return time.monotonic() - start


def facts(path):
    """By run: what both must agree on."""
    with open(path, encoding="utf-8") as f:
        rows = json.load(f)
    return {r["run_id"]: ((r["name"], r["status"], r["start_time_ms"],
                           r["end_time_ms"], r["experiment"], r["params"],
                           r["tags"]), r["metrics"]) for r in rows}


def same_rows(a, b):
    """The shell writes 15 digits of a number, mltower as many as it takes to
    read the same number again."""
    return a.keys() == b.keys() and all(
        a[run][0] == b[run][0] and a[run][1].keys() == b[run][1].keys()
        and all(math.isclose(v, b[run][1][k], rel_tol=1e-14)
                for k, v in a[run][1].items()) for run in a)


def bench_shell(opt, path, env, out):
    if not shutil.which("sqlite3"):
        print("skipped: no sqlite3 shell here")
        return 0, 0
    ours = [opt.mltower, "runs", path, "--json"]
    shell = ["sqlite3", "-readonly", path, SHELL_QUERY]
    a, b = [], []
    try:
        for _ in range(11):     # in turn: noise meets both
            a.append(timed(ours, env, out + "-ours.json"))
            b.append(timed(shell, env, out + "-shell.json"))
        same = same_rows(facts(out + "-ours.json"), facts(out + "-shell.json"))
    except (subprocess.CalledProcessError, KeyError, ValueError) as e:
        print(f"mltower runs --json: {e!r}")
        return 0, 1
    opt.ours_s = statistics.median(a)
    print(f"mltower runs --json {ms(opt.ours_s)} ms, sqlite3 shell "
          f"{ms(statistics.median(b))} ms: "
          f"{opt.ours_s / statistics.median(b):.2f} times (to reach: 1.5); "
          f"best {ms(min(a))} and {ms(min(b))}; rows "
          f"{'the same' if same else 'DIFFER'}")
    return int(same), int(not same)


def bench_client(opt, path, env):
    answer = subprocess.run([sys.executable, "-c", CLIENT, path], env={
        **env, "MLFLOW_DISABLE_TELEMETRY": "true"}, capture_output=True)
    if answer.returncode:
        print("skipped: no MLflow in", sys.executable)
        return
    load, call, n = json.loads(answer.stdout.splitlines()[-1])
    print(f"MLflow's client, {n} runs: {ms(load)} ms to load, {ms(call)} ms "
          f"to read: {call / opt.ours_s:.0f} times ours to read alone "
          f"(to reach: 50), {(load + call) / opt.ours_s:.0f} from start")


def bench_rows(opt):
    path = os.path.join(opt.work, "rows.db")
    if not os.path.exists(path):
        subprocess.run([sys.executable, os.path.join(HERE, "make_store.py"),
                        path, "--runs", "1000", "--metrics", "50"], check=True)
    env, out = clean_env(opt), os.path.join(opt.work, "rows")
    print("\n1,000 runs of 50 metrics as JSON, median of 11")
    opt.ours_s = None
    ok, bad = bench_shell(opt, path, env, out)
    if opt.ours_s:
        bench_client(opt, path, env)
    return ok, bad


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    p.add_argument("mltower")
    p.add_argument("--work")
    p.add_argument("--sizes", default="100,10000,100000")
    p.add_argument("--keys", type=int, default=40)
    p.add_argument("--idle", type=float, default=6)
    p.add_argument("--limit", type=float, default=20)
    opt = p.parse_args()
    opt.sizes = [int(n) for n in opt.sizes.split(",") if n]
    opt.mltower = os.path.abspath(opt.mltower)
    scratch = None
    if not opt.work:
        scratch = opt.work = tempfile.mkdtemp(prefix="mltower-bench-")
    opt.work = os.path.abspath(opt.work)
    try:
        counts = [bench_screen(opt), bench_rows(opt)]
    finally:
        if scratch:
            shutil.rmtree(scratch)
    ok, bad = (sum(c) for c in zip(*counts))
    print(f"{ok} passed, {bad} failed")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
