#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The examples of the README, run as they stand in a demo's folder.

Run from the build folder with srcdir and MLTOWER set.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

SRCDIR = os.environ.get("srcdir", ".")
MLTOWER = os.path.abspath(os.environ.get("MLTOWER", "./mltower"))
ANSWERS_NO = ("watch", "drift")     # 1 is an answer of these


def examples():
    """The block of lines below "Scripts get the same answers"."""
    with open(os.path.join(SRCDIR, "README.md"), encoding="utf-8") as f:
        part = f.read().split("## Scripts get the same answers")[1]
    return [line.strip() for line in part.split("\n## ")[0].splitlines()
            if re.match(r"    (mltower|export) ", line)]


def main():
    home = tempfile.mkdtemp(prefix="mltower-test-")
    folder = os.path.join(home, "demo")
    environ = {k: v for k, v in os.environ.items()
               if not k.startswith(("MLTOWER_", "MLFLOW_", "XDG_"))}
    environ.update(HOME=home, PATH=f"{home}:{os.environ['PATH']}")
    os.symlink(MLTOWER, os.path.join(home, "mltower"))
    n_failed = n_passed = 0
    setting = ""
    try:
        subprocess.run([MLTOWER, "demo", "--dir", folder], env=environ,
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                       check=True, timeout=60)
        for line in examples():
            if line.startswith("export"):
                setting = line + "; "
                continue
            done = subprocess.run(["sh", "-c", setting + line], cwd=folder,
                                  env=environ, stdin=subprocess.DEVNULL,
                                  capture_output=True, timeout=60, check=False)
            if done.returncode == 0 or (done.returncode == 1 and
                                        line.split()[1] in ANSWERS_NO):
                n_passed += 1
                continue
            n_failed += 1
            print("not ok:", line, done.returncode, done.stderr)
    finally:
        shutil.rmtree(home)
    print(f"{n_passed} passed, {n_failed} failed")
    return n_failed > 0 or n_passed < 8


if __name__ == "__main__":
    sys.exit(main())
