"""The server of the live page: one page, this machine's own names, no files."""

from __future__ import annotations

import http.client
import threading

import pytest

from featevo.errors import UserError
from featevo.page.live import LivePage
from featevo.page.server import ADDRESS, PageServer


@pytest.fixture
def serve():
    """Start a server of some folders; returns its port."""
    servers = []

    def start(*folders):
        server = PageServer(LivePage(folders), 0)
        servers.append(server)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        return server.server_port

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def answer(port, path="/", method="GET", **headers):
    """Status, headers and text of an answer; `Host` is as a browser sends it, None: none."""
    connection = http.client.HTTPConnection(ADDRESS, port, timeout=10)
    connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
    for name, value in {"Host": f"{ADDRESS}:{port}", **headers}.items():
        if value is not None:
            connection.putheader(name.replace("_", "-"), value)
    connection.endheaders()
    found = connection.getresponse()
    text = found.read().decode()
    connection.close()
    return found.status, found.headers, text


def test_it_serves_the_page_and_its_version(serve, make_run):
    port = serve(make_run())
    status, headers, text = answer(port)
    assert status == 200
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert headers["Cache-Control"] == "no-store"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "<title>scenes · featevo</title>" in text
    assert f"data-version={headers['ETag']}" in text
    assert answer(port, If_None_Match=headers["ETag"])[::2] == (304, "")
    assert answer(port, If_None_Match='"another"')[0] == 200


@pytest.mark.parametrize(
    "path",
    [
        *("/report.html", "/run.json", "/evolution/index.jsonl", "/evolution/epoch=001/000.png", "/state"),
        *("/../run.json", "/..%2frun.json", "/../../../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "//etc/passwd"),
        *("/?run.json", "/.", "run.json", "http://evil.example/", "*"),
    ],
)
def test_no_path_leads_to_anything_else(serve, make_run, path):
    status, _, text = answer(serve(make_run()), path)
    assert (status, text) == (404, "There is only the page /.\n")


@pytest.mark.parametrize(
    ("host", "status"),
    [
        *((host, 200) for host in ("127.0.0.1", "localhost", "LOCALHOST:80", "localhost:9000")),  # 9000: of a tunnel
        *((host, 403) for host in ("evil.example", "evil.example:80", "127.0.0.1.evil.example", "localhost.evil")),
        *((host, 403) for host in ("", None, "evil@localhost", "localhost:", "localhost:x", "0.0.0.0", "[::1]")),
    ],
)
def test_only_own_names_are_answered(serve, make_run, host, status):
    found, _, text = answer(serve(make_run()), Host=host)
    assert found == status
    assert ("scenes" in text) == (status == 200)


def test_two_hosts_are_refused(serve, make_run):
    port = serve(make_run())
    connection = http.client.HTTPConnection(ADDRESS, port, timeout=10)
    connection.putrequest("GET", "/", skip_host=True)
    for host in ("localhost", "evil.example"):
        connection.putheader("Host", host)
    connection.endheaders()
    assert connection.getresponse().status == 403
    connection.close()


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "HEAD"])
def test_nothing_can_be_written(serve, make_run, method):
    assert answer(serve(make_run()), method=method)[0] == 501


def test_it_listens_on_loopback_alone(serve, make_run):
    with PageServer(LivePage([make_run()]), 0) as server:
        assert server.socket.getsockname()[0] == "127.0.0.1"
        assert server.url == f"http://127.0.0.1:{server.server_port}/"


@pytest.mark.parametrize("port", [-1, 65536, 99999])
def test_a_port_that_is_none_is_a_user_error(make_run, port):
    with pytest.raises(UserError, match=rf"--port {port} cannot be used"):
        PageServer(LivePage([make_run()]), port)


def test_a_port_in_use_is_a_user_error(serve, make_run):
    port = serve(make_run())
    with pytest.raises(UserError, match=rf"--port {port} cannot be used \(Address already in use\); --port 0"):
        PageServer(LivePage([make_run("other")]), port)


def test_a_browser_that_leaves_early_is_no_error(serve, make_run, capsys):
    port = serve(make_run())
    connection = http.client.HTTPConnection(ADDRESS, port, timeout=10)
    connection.putrequest("GET", "/")
    connection.close()
    assert answer(port)[0] == 200
    assert capsys.readouterr() == ("", "")
