# SPDX-License-Identifier: GPL-3.0-or-later
"""What the live tests share: a scratch folder, mltower, MLflow, a count.

A live test is run by a Python that has MLflow 3 (PYTHON of .ci/run), with
MLTOWER naming the program and MLFLOW2_PYTHON a Python with MLflow 2.
"""
import fcntl
import json
import os
import pty
import select
import shlex
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time

MLTOWER = os.environ["MLTOWER"]
MLFLOWS = {"3": sys.executable, "2": os.environ.get("MLFLOW2_PYTHON")}


class Test:
    """Counts checks; makes a folder that goes with it."""

    def __init__(self):
        self.passed = self.failed = 0
        self.dir = tempfile.mkdtemp(prefix="mltower-live-")
        self.env = {k: v for k, v in os.environ.items()
                    if not k.startswith(("MLTOWER_", "XDG_"))
                    and k != "MLFLOW_TRACKING_URI"}
        self.env.update(HOME=self.dir, TERM="xterm-256color", LANG="C.UTF-8",
                        MLTOWER_STATE=os.path.join(self.dir, "state"),
                        MLFLOW_DISABLE_TELEMETRY="true",
                        GIT_PYTHON_REFRESH="quiet")

    def path(self, name):
        return os.path.join(self.dir, name)

    def check(self, ok, what):
        if ok:
            self.passed += 1
        else:
            self.failed += 1
            print(f"not ok: {what}", flush=True)
        return bool(ok)

    def equal(self, got, want, what):
        return self.check(got == want,
                          f"{what}:\n   got {got!r}\n  want {want!r}")

    def run(self, *args, status=0):
        """Standard output of mltower; its exit status is checked, unless it
        may be any (None)."""
        done = subprocess.run([MLTOWER, *args], env=self.env, cwd=self.dir,
                              capture_output=True, text=True, timeout=120,
                              stdin=subprocess.DEVNULL)
        self.equal(done.returncode, done.returncode if status is None
                   else status,
                   f"exit of mltower {' '.join(args)} ({done.stderr.strip()})")
        return done.stdout

    def json(self, *args, status=0):
        text = self.run(*args, "--json", status=status)
        try:
            return json.loads(text)
        except ValueError as e:
            self.check(False, f"mltower {' '.join(args)}: {e}: {text[:200]!r}")
            return None

    def mlflow(self, script, *args, version="3"):
        """Runs a script with MLflow; its last line of output is JSON."""
        done = subprocess.run([MLFLOWS[version], "-c", script, *args],
                              env=self.env, cwd=self.dir, capture_output=True,
                              text=True, timeout=300)
        if done.returncode:
            sys.exit(f"MLflow {version} itself failed:\n{done.stderr[-3000:]}")
        lines = done.stdout.strip().splitlines()
        return json.loads(lines[-1]) if lines else None

    def end(self):
        shutil.rmtree(self.dir, ignore_errors=True)
        print(f"{self.passed} passed, {self.failed} failed")
        sys.exit(self.failed > 0)


class Screen:
    """mltower on a terminal of 120x36, and the raw bytes it wrote."""

    def __init__(self, test, *args):
        self.pid, self.fd = pty.fork()
        if not self.pid:
            fcntl.ioctl(0, termios.TIOCSWINSZ,
                        struct.pack("HHHH", 36, 120, 0, 0))
            os.chdir(test.dir)
            os.execve(MLTOWER, [MLTOWER, *args], test.env)
        self.seen = b""

    def wait_for(self, text, limit=10):
        """Seconds until text came after what was read before; None: never."""
        start, have = time.monotonic(), b""
        while (left := start + limit - time.monotonic()) > 0:
            if not select.select([self.fd], [], [], left)[0]:
                break
            try:
                have += os.read(self.fd, 65536)
            except OSError:
                break
            if text.encode() in have:
                self.seen += have
                return time.monotonic() - start
        self.seen += have
        return None

    def settle(self, seconds=.5):
        self.wait_for("\0never\0", seconds)

    def type(self, text):
        os.write(self.fd, text.encode())

    def end(self, limit=3):
        """Exit status after q; None: it had to be killed."""
        start = time.monotonic()
        try:
            self.type("q")
        except OSError:
            pass
        while time.monotonic() - start < limit:
            self.settle(.01)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                os.close(self.fd)
                return os.waitstatus_to_exitcode(status)
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.fd)
        return None


class Emulator:
    """mltower in tmux at 120x36: what a person would see."""

    def __init__(self, test, *args):
        self.socket = test.path("tmux")
        self.env = test.env
        command = " ".join(shlex.quote(a) for a in (MLTOWER, *args))
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", "120", "-y",
                  "36", "-c", test.dir,
                  f"{command}; echo status $?; sleep 60")

    def tmux(self, *args):
        return subprocess.run(["tmux", "-u", "-S", self.socket, *args],
                              env=self.env, check=True, capture_output=True,
                              text=True).stdout

    def text(self):
        return self.tmux("capture-pane", "-p")

    def wait_for(self, text, limit=10):
        """Seconds until text is on the screen; None: it never came."""
        start = time.monotonic()
        while time.monotonic() - start < limit:
            if text in self.text():
                return time.monotonic() - start
            time.sleep(.01)
        return None

    def type(self, *keys):
        self.tmux("send-keys", *keys)

    def end(self):
        """Exit status after q; None: it did not end."""
        self.type("q")
        ended = self.wait_for("status ", 3)
        text = self.text()
        self.tmux("kill-server")
        return None if ended is None else int(text.split("status ")[1].split()[0])
