"""What the tests of this course share: they start the learner's server and make real requests to it."""

import http.client
import socket
import subprocess
import time
from contextlib import contextmanager
from urllib.parse import urlencode


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read().decode("utf-8", errors="replace")


class Site:
    def __init__(self, port):
        self.port = port

    def ask(self, method, path, form=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        body, headers = None, {}
        if form is not None:
            body = urlencode(form)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            connection.request(method, path, body=body, headers=headers)
            return Answer(connection.getresponse())
        except (OSError, http.client.HTTPException) as mistake:
            raise AssertionError(f"The server gave no answer to {method} {path}: {mistake or type(mistake).__name__}.") from None
        finally:
            connection.close()

    def get(self, path):
        return self.ask("GET", path)

    def post(self, path, **form):
        return self.ask("POST", path, form)


@contextmanager
def serving(file):
    """Runs the learner's server on a free port for as long as a test needs it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(["learner", f"PORT={port}", "python3", file],
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        wait(server, port)
        yield Site(port)
    finally:
        server.kill()
        server.communicate()


def wait(server, port):
    until = time.monotonic() + 10
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if server.poll() is not None:
            said = server.stderr.read().strip().splitlines()
            raise AssertionError("The server ended at once" + (f": {said[-1]}" if said else ". Does it call serve_forever?"))
        time.sleep(0.02)
    raise AssertionError("The server does not listen on the port that the variable PORT names.")
