"""A server of one page on this machine's loopback address: no path of a request leads to a file."""

from __future__ import annotations

import re
import socketserver
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from featevo.errors import UserError
from featevo.page.live import LivePage

ADDRESS = "127.0.0.1"

OWN_HOST = re.compile(r"(127\.0\.0\.1|localhost)(:\d{1,5})?", re.ASCII | re.IGNORECASE)
"""Hosts of requests that are answered. The browser sends another one for a web page whose name was made to point to
this machine (DNS rebinding), which could read the answer. Any port: that of a tunnel differs."""

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class PageServer(ThreadingHTTPServer):
    """Answers `GET /` with the page: 304 without content if the request has its version as `If-None-Match`.

    Args:
        page: What is served.
        port: From 0 to 65535; 0: a free one.

    Raises:
        UserError: The port cannot be used.
    """

    daemon_threads = True
    allow_reuse_address = sys.platform != "win32"  # there, two servers would share the port

    def __init__(self, page: LivePage, port: int) -> None:
        self.page = page
        try:
            super().__init__((ADDRESS, port), _Handler)
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or error
            raise UserError(f"--port {port} cannot be used ({reason}); --port 0 takes a free one") from error

    def server_bind(self) -> None:
        """Bind without looking up the name of this machine, which may take seconds."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = ADDRESS, self.server_address[1]

    @property
    def url(self) -> str:
        """Where the page is."""
        return f"http://{ADDRESS}:{self.server_port}/"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore a browser that closes its connection early."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: PageServer
    server_version, sys_version = "featevo", ""
    timeout = 30  # seconds that a connection may be silent

    def do_GET(self) -> None:
        hosts = self.headers.get_all("Host", [])
        if len(hosts) != 1 or not OWN_HOST.fullmatch(hosts[0].strip()):
            return self._answer(403, "This server answers only for 127.0.0.1 and localhost.\n")
        if self.path != "/":
            return self._answer(404, "There is only the page /.\n")
        version, text = self.server.page.now()
        tag = {"ETag": f'"{version}"'}
        if self.headers.get("If-None-Match") == tag["ETag"]:
            return self._answer(304, "", tag)
        return self._answer(200, text, {**tag, "Content-Type": "text/html; charset=utf-8"})

    def _answer(self, code: int, text: str, headers: dict[str, str] | None = None) -> None:
        content = text.encode("utf-8", errors="backslashreplace")  # as `featevo.record.files.write_text`
        self.send_response(code)
        fields = {"Content-Type": "text/plain; charset=utf-8", "Content-Length": str(len(content))}
        for name, value in {**HEADERS, **fields, **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Print nothing: the command prints one line."""
