"""A review over HTTP: verdicts are written down, and nobody but who knows the token gets or changes anything."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Iterator, Mapping
from http.client import HTTPConnection
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from cleaner.golden import Cleaners, check, load_cases
from cleaner.lint import problems, read_rules
from cleaner.model import Failure, Options
from cleaner.read import read
from cleaner.review import Review
from cleaner.serve import ADDRESS, HEADER, Server
from tests.test_cli import HTML, PROSE, SECOND, TEXT, needs_posix, started

SLOGAN = "Quay and Mole, the paper that never sinks"
LONG = f"1,234 Shares\n\n{PROSE}\n\n{SLOGAN}\n\n{SECOND}\n\n{PROSE.replace('last', 'first')}\n"


def lint(folder: Path) -> tuple[int, list[str]]:
    """How many rules are in a folder, and what `clean rules lint` says of them."""
    checked = read_rules([str(folder)])
    return len(checked.rules), problems(checked)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A review of three pages and a failure, served from a thread."""
    folder = tmp_path_factory.mktemp("review")
    pages = folder / "pages"
    pages.mkdir()
    (pages / "a.txt").write_text(LONG, encoding="utf-8")
    (pages / "b.html").write_text(HTML, encoding="utf-8")
    (pages / "c.txt").write_text(TEXT, encoding="utf-8")
    review = Review(Options(), folder / "my-rules", folder / "golden")
    review.read([*read([str(pages)]), Failure("d.txt", "read", "no such file")])
    for page in pages.iterdir():
        page.unlink()
    server = Server(review)
    thread = threading.Thread(target=server.run)
    thread.start()
    yield server
    server.stop()
    thread.join()


class Answer:
    """An answer: its status, its headers, its body and what that is as JSON."""

    def __init__(self, connection: HTTPConnection) -> None:
        response = connection.getresponse()
        self.status, self.headers, self.body = response.status, response.headers, response.read()
        connection.close()

    @property
    def value(self) -> Any:
        return json.loads(self.body)


def ask(server: Server, path: str, said: Any = None, **headers: str | None) -> Answer:
    """Ask as our own page does, unless `headers` say otherwise; None leaves one out."""
    own: dict[str, str | None] = {HEADER: server.token, "Host": f"{ADDRESS}:{server.port}"}
    if said is not None:
        own |= {"Content-Type": "application/json", "Origin": f"http://{ADDRESS}:{server.port}"}
    own |= {name.replace("_", "-"): value for name, value in headers.items()}
    connection = HTTPConnection(ADDRESS, server.port, timeout=60)
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    connection.putrequest("GET" if said is None else "POST", path, skip_host=True, skip_accept_encoding=True)
    for name, value in own.items():
        if value is not None:
            connection.putheader(name, value)
    if said is not None and own.get("Content-Length", "") is not None:
        if "Content-Length" not in own:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
    else:
        connection.endheaders()
    return Answer(connection)


def verdict(
    server: Server, page: int, start: str, *, keep: bool, kind: str, change: Mapping[str, Any] = MappingProxyType({})
) -> Answer:
    blocks = ask(server, f"/page/{page}").value["blocks"]
    at = next(number for number, row in enumerate(blocks) if row[3].startswith(start))
    said = {"page": page, "block": at, "text": blocks[at][3], "keep": keep, "kind": kind, "site": False}
    return ask(server, "/verdict", said | dict(change))


class TestPages:
    def test_the_page_itself_holds_no_data(self, server: Server) -> None:
        answer = ask(server, "/", **{HEADER: None})
        assert answer.status == 200
        assert b'data-mode="review"' in answer.body
        assert b"connect-src 'self'" in answer.body
        assert b"ferry" not in answer.body
        assert server.token.encode() not in answer.body

    def test_the_list(self, server: Server) -> None:
        run = ask(server, "/run").value
        assert [one["id"] for one in run["summaries"]] == ["a.txt", "b.html", "c.txt", "d.txt"]
        assert run["summaries"][3]["failed"] == "read: no such file"
        assert run["rules"]["SHR001"][4] == "rules/share.toml"

    def test_a_page_is_there_though_its_file_is_gone(self, server: Server) -> None:
        page = ask(server, "/page/0").value
        assert [row[3] for row in page["blocks"]][1] == PROSE
        assert isinstance(page["blocks"][0][-1][0], list), "evidence stands with its block"

    @pytest.mark.parametrize("path", ["/page/4", "/page/99", "/page/3"])
    def test_no_such_page(self, server: Server, path: str) -> None:
        assert ask(server, path).status == 409

    @pytest.mark.parametrize(
        "path", ["/nothing", "/page", "/page/-1", "/page/x", "/page/1/2", "/run/../page/0", "/%2e"]
    )
    def test_nothing_else_is_there(self, server: Server, path: str) -> None:
        assert ask(server, path).status == 404


class TestVerdicts:
    """In order: each word changes what the next one meets."""

    def test_should_have_gone_then_should_have_stayed_takes_it_back(self, server: Server) -> None:
        review = server._review
        answer = verdict(server, 0, "Quay and Mole", keep=False, kind="masthead")
        assert answer.status == 200, answer.value
        assert answer.value["told"].startswith("Wrote MST401 into ")
        assert answer.value["told"].endswith("It passes.")
        row = next(row for row in answer.value["page"]["blocks"] if row[3] == SLOGAN)
        assert row[4:6] == [False, "masthead"]
        assert answer.value["page"]["rules"]["MST401"][1] == "masthead"
        assert answer.value["summary"]["kinds"]["masthead"] == [1, len(SLOGAN)]
        assert lint(review.rules_folder) == (1, [])

        answer = verdict(server, 0, "1,234", keep=True, kind="counter")
        assert "Wrote CNT401" in answer.value["told"]
        [case] = load_cases(review.cases_folder)
        assert case.expected.decode().startswith("1,234 Shares\n")
        assert SLOGAN not in case.expected.decode()
        assert check(case, Cleaners(Options()).clean).problems == ()

        answer = verdict(server, 0, "Quay and Mole", keep=True, kind="masthead")
        assert answer.value["told"].startswith("Took back MST401.")
        assert "MST401" not in (review.rules_folder / "review.toml").read_text(encoding="utf-8")
        [case] = load_cases(review.cases_folder)
        assert SLOGAN in case.expected.decode()
        assert review.verdicts == 3

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ({"text": "another"}, "not what it was"),
            ({"block": 99}, "not what it was"),
            ({"block": -1}, "not what it was"),
            ({"page": 99}, "no page 100"),
            ({"page": 3}, "page 4 failed"),
            ({"kind": "boilerplate"}, "no rule can be of this kind"),
            ({"kind": "../x"}, "no rule can be of this kind"),
            ({"keep": 1}, "a verdict has"),
            ({"more": 1}, "a verdict has"),
        ],
    )
    def test_what_makes_no_sense_writes_nothing(self, server: Server, change: dict[str, Any], words: str) -> None:
        before = self._written(server)
        answer = verdict(server, 2, "1,234", keep=True, kind="counter", change=change)
        assert answer.status == 409
        assert words in answer.value["error"]
        assert self._written(server) == before

    def test_the_headline_is_not_spoken_on(self, server: Server) -> None:
        answer = verdict(server, 1, "Late again", keep=True, kind="masthead")
        assert (answer.status, "headline" in answer.value["error"]) == (409, True)

    def _written(self, server: Server) -> dict[Path, bytes]:
        folder = server._review.rules_folder.parent
        return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


class TestStrangers:
    @pytest.mark.parametrize("path", ["/run", "/page/0"])
    @pytest.mark.parametrize("token", [None, "", "x", "ü"])
    def test_nothing_is_told_without_the_token(self, server: Server, path: str, token: str | None) -> None:
        answer = ask(server, path, **{HEADER: token})
        assert answer.status == 403
        assert answer.value == {"error": "the token is wrong"}

    def test_tokens_are_long_and_never_the_same(self, server: Server) -> None:
        assert len(server.token) >= 43
        assert Server(server._review).token != server.token

    @pytest.mark.parametrize(
        "host", ["evil.example", f"evil.example:{1}", "127.0.0.1", "127.0.0.1:1", None, "[::1]:80"]
    )
    @pytest.mark.parametrize("path", ["/", "/run"])
    def test_other_names_are_refused(self, server: Server, path: str, host: str | None) -> None:
        """A page of the web whose name leads here sends that name."""
        assert ask(server, path, Host=host).status == 421

    def test_localhost_is_one_of_our_names(self, server: Server) -> None:
        assert ask(server, "/run", Host=f"localhost:{server.port}").status == 200

    @pytest.mark.parametrize(
        "origin", ["https://evil.example", "null", "http://127.0.0.1", "http://127.0.0.1:1", "file://"]
    )
    def test_other_places_may_not_ask(self, server: Server, origin: str) -> None:
        assert ask(server, "/run", Origin=origin).status == 403
        assert ask(server, "/verdict", {}, Origin=origin).status == 403

    def test_nothing_invites_other_places(self, server: Server) -> None:
        for path in ("/", "/run"):
            headers = ask(server, path).headers
            assert not [name for name in headers if name.lower().startswith("access-control")]
            assert headers["X-Frame-Options"] == "DENY"
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert headers["Cache-Control"] == "no-store"
            assert headers["Referrer-Policy"] == "no-referrer"

    @pytest.mark.parametrize(
        ("body", "headers", "status"),
        [
            (b"{", {}, 400),
            (b"[" * 100_000, {}, 400),
            (b"{}", {"Content_Type": "text/plain"}, 415),
            (b"{}", {"Content_Type": "application/x-www-form-urlencoded"}, 415),
            (b"{}", {"Content_Length": "99999999999"}, 413),
            (b"{}", {"Content_Length": "-1"}, 413),
            (b"{}", {"Content_Length": "x"}, 413),
        ],
    )
    def test_odd_requests(self, server: Server, body: bytes, headers: dict[str, str], status: int) -> None:
        assert ask(server, "/verdict", body, **headers).status == status

    def test_it_listens_on_the_loopback_alone(self, server: Server) -> None:
        assert server._http.server_address[0] == "127.0.0.1"


@needs_posix
class TestCommand:
    def test_it_tells_its_address_and_ends_in_peace(self, tmp_path: Path) -> None:
        page = tmp_path / "page.txt"
        page.write_text(TEXT, encoding="utf-8")
        with started("review", page, "--rules-dir", tmp_path / "r", "--golden-dir", tmp_path / "g") as process:
            assert process.stderr
            address = process.stderr.readline().decode().strip()
            os.kill(process.pid, signal.SIGINT)
            _, said = process.communicate()
        assert address.startswith("http://127.0.0.1:")
        assert "/#token=" in address
        assert b"0 verdicts" in said
        assert process.returncode == 0
        assert [path.name for path in tmp_path.iterdir()] == ["page.txt"]

    def test_a_port_that_is_taken(self, server: Server, tmp_path: Path) -> None:
        page = tmp_path / "page.txt"
        page.write_text(TEXT, encoding="utf-8")
        with started("review", page, "--port", str(server.port)) as process:
            said = process.communicate()[1].decode()
        assert said.startswith(f"clean: can't listen on port {server.port} (")
        assert process.returncode == 2
