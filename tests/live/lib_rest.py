# SPDX-License-Identifier: GPL-3.0-or-later
"""An MLflow server of its own, and a proxy before it that fails as it is told."""
import contextlib
import http.client
import http.server
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
import urllib.request

from lib_live import MLFLOWS


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Server:
    """`mlflow server` over an SQLite file in the test's folder."""

    def __init__(self, t, version="3"):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        store = t.path(f"server{version}")
        with open(f"{store}.log", "w") as log:
            self.process = subprocess.Popen(
                [MLFLOWS[version], "-m", "mlflow", "server",
                 "--backend-store-uri", f"sqlite:///{store}.db",
                 "--default-artifact-root", f"{store}-artifacts",
                 "--host", "127.0.0.1", "--port", str(self.port),
                 "--workers", "1"],
                env=dict(t.env, MLFLOW_SERVER_ENABLE_JOB_EXECUTION="false"),
                cwd=t.dir, stdout=log, stderr=log, start_new_session=True)
        for _ in range(600):
            with contextlib.suppress(OSError):
                with urllib.request.urlopen(f"{self.url}/health", timeout=5):
                    return
            time.sleep(.2)
        sys.exit("the MLflow server does not start")

    def end(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


class Proxy:
    """Hands requests on to a server. `plan(method, path, n)` says what becomes
    of the n-th request since `afresh()`: None, or one of the names below."""

    def __init__(self, server):
        self.upstream = server.port
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.lock = threading.Lock()
        self.afresh()
        proxy = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *args):
                pass

            def do(self):
                proxy.handle(self)

            do_GET = do_POST = do_PATCH = do_DELETE = do

        self.httpd = http.server.ThreadingHTTPServer(
            ("127.0.0.1", self.port), Handler)
        self.httpd.daemon_threads = True
        threading.Thread(target=self.httpd.serve_forever,
                         daemon=True).start()

    def afresh(self, plan=None, act=None):
        self.plan = plan or (lambda method, path, n: None)
        self.act = act
        self.requests = []

    @property
    def changes(self):
        return [r for r in self.requests if r[0] != "GET"]

    def forward(self, h, body):
        up = http.client.HTTPConnection("127.0.0.1", self.upstream,
                                        timeout=60)
        up.request(h.command, h.path, body,
                   {"Content-Type": h.headers.get("Content-Type", "")}
                   if body else {})
        answer = up.getresponse()
        text = answer.read()
        up.close()
        return answer.status, answer.headers.get("Content-Type", ""), text

    @staticmethod
    def reset(h):
        h.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                struct.pack("ii", 1, 0))
        h.close_connection = True
        os.close(h.connection.detach())

    @staticmethod
    def reply(h, status, kind, text, length=None):
        h.send_response(status)
        h.send_header("Content-Type", kind)
        h.send_header("Content-Length", str(length or len(text)))
        h.end_headers()
        h.wfile.write(text)

    def handle(self, h):
        body = h.rfile.read(int(h.headers.get("Content-Length", 0)))
        with self.lock:
            self.requests.append((h.command, h.path))
            fault = self.plan(h.command, h.path, len(self.requests))
        with contextlib.suppress(OSError, ValueError):
            self.answer(h, body, fault)

    def answer(self, h, body, fault):
        if fault == "reset before":
            return self.reset(h)
        if fault == "kill before":
            self.act()
            return self.reset(h)
        if fault == "hang":
            time.sleep(45)
            return self.reset(h)
        if fault == "redirect":
            h.send_response(307)
            h.send_header("Location", "http://localhost:1/login")
            h.send_header("Content-Length", "0")
            return h.end_headers()
        status, kind, text = self.forward(h, body)
        if fault == "kill after":
            self.act()
        if fault in ("reset after", "kill after"):
            return self.reset(h)
        if fault == "cut":
            self.reply(h, status, kind, text[:1], len(text) + 9)
            return self.reset(h)
        if fault == "500 after":
            return self.reply(h, 500, "text/html", b"<h1>sorry</h1>")
        if fault == "wrong json":
            return self.reply(h, 200, "application/json", b"{\"a\":")
        return self.reply(h, status, kind, text)

    def end(self):
        self.httpd.shutdown()
        self.httpd.server_close()
