"""A server before the API that hands everything on and spoils one answer."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

# Changes an answer's content.
Spoil = Callable[[Any], Any]


@contextmanager
def spoiling(base_url: str, method: str, path: str, spoil: Spoil) -> Iterator[str]:
    """Where the API is reached with the answers to one method and ending of a path spoilt.

    Args:
        base_url: Where the API is.
        method: Of the requests.
        path: How the paths of the requests end.
        spoil: Takes the content of an answer and returns what is sent in its place; text is sent as it is.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._hand_on()

        def do_POST(self) -> None:
            self._hand_on()

        def _hand_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            kept = {name: value for name, value in self.headers.items() if name.lower() not in ("host", "connection")}
            answer = httpx.request(
                self.command, base_url + self.path, content=body, headers=kept, timeout=30, trust_env=False
            )
            content = answer.content
            if answer.is_success and self.command == method and self.path.partition("?")[0].endswith(path):
                spoilt = spoil(answer.json())
                content = spoilt.encode() if isinstance(spoilt, str) else json.dumps(spoilt).encode()
            self.send_response(answer.status_code)
            for name in ("content-type", "retry-after"):
                if name in answer.headers:
                    self.send_header(name, answer.headers[name])
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the library
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()
