"""Serve a review to a browser on this machine, and to nobody else.

The address is the loopback's. All that is known of pages is given only to those who know a random token, which the
browser learns from the address's fragment and never sends to another place; names other than the loopback's are
refused, so that no page of the web can reach it by having its name lead here.

Requests are taken in threads, and answered by the main thread, one after the other: extractors crash in threads, and
only the main one can be stopped by an alarm.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from concurrent.futures import Future
from hmac import compare_digest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import SimpleQueue
from secrets import token_urlsafe
from typing import Any, Final, TypeAlias

from cleaner.errors import CleanError
from cleaner.render import plain
from cleaner.report import shell
from cleaner.review import Review

ADDRESS: Final = "127.0.0.1"
NAMES: Final = (ADDRESS, "localhost")
HEADER: Final = "X-Clean-Token"
#: A verdict quotes one block's text; nothing longer is listened to.
MOST_BYTES: Final = 16 * 1024 * 1024
SECONDS: Final = 30

Job: TypeAlias = Callable[[], Any]


class _RefusedError(Exception):
    """A request that is not answered: a status, and why."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


class Server:
    """A review at an address of its own. `port` 0 takes any that is free; raises `OSError` if one is taken."""

    def __init__(self, review: Review, port: int = 0) -> None:
        self.token = token_urlsafe(32)
        self._review = review
        self._jobs: SimpleQueue[tuple[Job, Future[Any]] | None] = SimpleQueue()
        self._http = ThreadingHTTPServer((ADDRESS, port), _handler(self))
        self._http.daemon_threads = True
        self.port = self._http.server_address[1]

    @property
    def address(self) -> str:
        """What to open in a browser."""
        return f"http://{ADDRESS}:{self.port}/#token={self.token}"

    def run(self) -> None:
        """Answer until interrupted, or stopped from another thread."""
        threading.Thread(target=self._http.serve_forever, daemon=True).start()
        try:
            while waiting := self._jobs.get():
                job, future = waiting
                try:
                    future.set_result(job())
                except Exception as error:
                    future.set_exception(error)
        finally:
            self._http.shutdown()
            self._http.server_close()

    def stop(self) -> None:
        """Answer what was asked before, and nothing more."""
        self._jobs.put(None)

    def answer(self, method: str, path: str, body: bytes) -> Any:
        """What is at a path. Raises `_RefusedError` where there is nothing."""
        parts = path.strip("/").split("/")
        if method == "GET" and parts == ["run"]:
            return self._in_turn(self._review.run)
        if method == "GET" and parts[0] == "page" and len(parts) == 2 and parts[1].isascii() and parts[1].isdecimal():
            return self._in_turn(lambda: self._review.page(int(parts[1])))
        if method == "POST" and parts == ["verdict"]:
            said = _parsed(body)
            return self._in_turn(lambda: self._review.take(said))
        raise _RefusedError(404, "there is nothing at this address")

    def _in_turn(self, job: Job) -> Any:
        future: Future[Any] = Future()
        self._jobs.put((job, future))
        return future.result()


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise _RefusedError(400, "the request is no JSON") from error


def _handler(server: Server) -> type[BaseHTTPRequestHandler]:
    class Handler(_Handler):
        owner = server

    return Handler


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    owner: Server
    server_version = "clean"
    sys_version = ""
    timeout = SECONDS

    def do_GET(self) -> None:
        self._respond()

    def do_POST(self) -> None:
        self._respond()

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is logged: standard error is the reader's."""

    def _respond(self) -> None:
        try:
            self._check_origin()
            if self.command == "GET" and self.path == "/":
                self._send(200, "text/html; charset=utf-8", shell("review", "'self'").encode())
                return
            self._check_token()
            self._send_json(200, self.owner.answer(self.command, self.path, self._body()))
        except _RefusedError as refused:
            self._send_json(refused.status, {"error": str(refused)})
        except CleanError as error:
            self._send_json(409, {"error": str(error)})
        except Exception as error:
            self._send_json(500, {"error": f"{type(error).__name__}: {error}"})

    def _check_origin(self) -> None:
        hosts = [f"{name}:{self.owner.port}" for name in NAMES]
        if self.headers.get("Host") not in hosts:
            raise _RefusedError(421, "this is not the server of that name")
        origin = self.headers.get("Origin")
        if origin is not None and origin not in [f"http://{host}" for host in hosts]:
            raise _RefusedError(403, "pages of other places are not answered")

    def _check_token(self) -> None:
        given = self.headers.get(HEADER, "")
        if not compare_digest(given.encode(), self.owner.token.encode()):
            raise _RefusedError(403, "the token is wrong")

    def _body(self) -> bytes:
        if self.command != "POST":
            return b""
        if self.headers.get_content_type() != "application/json":
            raise _RefusedError(415, "only JSON is understood")
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdecimal()) or int(length) > MOST_BYTES:
            raise _RefusedError(413, "the request is too long, or does not say how long it is")
        return self.rfile.read(int(length))

    def _send_json(self, status: int, value: Any) -> None:
        data = json.dumps(plain(value), ensure_ascii=False, allow_nan=False).encode()
        self._send(status, "application/json; charset=utf-8", data)

    def _send(self, status: int, form: str, data: bytes) -> None:
        self.send_response(status)
        for name, value in {**_HEADERS, "Content-Type": form, "Content-Length": str(len(data))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)


_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
