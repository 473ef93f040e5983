"""A server on this machine that replays what a test tells it, in the pieces that the test names."""

import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple


class Reply(NamedTuple):
    """What the next request is answered with."""

    pieces: list
    status: int = 200
    content_type: str = "application/json"
    headers: tuple = ()
    #: Seconds between two pieces.
    delay: float = 0.0
    #: Close the connection after the last piece, without an end.
    drop: bool = False
    #: Close the connection without a word.
    silent: bool = False
    #: Seconds before the first word.
    wait: float = 0.0


class Server(ThreadingHTTPServer):
    """Answers with ``reply``, or with what that makes of a request, and remembers what was asked, how and when."""

    daemon_threads = True
    request_queue_size = 128
    reply = Reply([b"{}"])

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked = []
        self.headers = []
        self.times = []

    def handle_error(self, request, client_address):
        """A client that went away is what some tests are about."""

    def choose(self, asked, headers):
        """The reply to a request."""
        return self.reply if isinstance(self.reply, Reply) else self.reply(asked)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/v1"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self):
        length = int(self.headers.get("content-length", 0))
        asked = json.loads(self.rfile.read(length))
        self.server.asked.append(asked)
        self.server.headers.append(self.headers)
        self.server.times.append(time.monotonic())
        reply = self.server.choose(asked, self.headers)
        time.sleep(reply.wait)
        if reply.silent:
            self.close_connection = True
            return
        self.send_response(reply.status)
        self.send_header("content-type", reply.content_type)
        self.send_header("transfer-encoding", "chunked")
        for name, value in reply.headers:
            self.send_header(name, value)
        self.end_headers()
        for piece in filter(None, reply.pieces):
            self.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
            self.wfile.flush()
            time.sleep(reply.delay)
        if reply.drop:
            self.close_connection = True
        else:
            self.wfile.write(b"0\r\n\r\n")

    def log_message(self, *_):
        """Say nothing."""


@contextmanager
def serving(kind=Server):
    """A server while the block runs."""
    server = kind()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
