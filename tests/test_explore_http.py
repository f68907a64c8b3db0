"""The explorer over HTTP: who is let in, what is refused, and that no request ends in a fault of ours."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from unittest import SkipTest

import pytest

pytest.importorskip("fastapi")

from asgi import Client
from asgi import client as client_of
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from worlds import tiny

import kctopt
from kctopt.cli import main
from kctopt.errors import UsageError
from kctopt.explore import serve, server
from kctopt.explore.explorer import Explorer
from kctopt.explore.guard import LARGEST, Guard
from kctopt.explore.queue import Queue
from kctopt.explore.server import Application
from kctopt.extras import NEEDS
from kctopt.progress import report

TOKEN, PORT = "a-token", 4321
HOST = f"http://127.0.0.1:{PORT}"
Events = list[tuple[str, Any]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("explored")


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[Client]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(server, "vega_bundle", lambda: "window.vega = 1")  # bundling takes longer than all tests here
        application = Application(Explorer(tiny()), folder)
        guarded = Guard(application.app, PORT, TOKEN)
        with client_of(guarded, f"127.0.0.1:{PORT}", f"/{TOKEN}") as made:
            yield made


def events(client: Client, path: str, **asked: Any) -> Events:
    """Events of an answer, by name, with their data."""
    done = client.post(path, asked)
    assert done.status == 200, done.text
    assert done.headers["content-type"].startswith("text/event-stream")
    told = [dict(line.split(": ", 1) for line in event.split("\n")) for event in done.text.strip().split("\n\n")]
    return [(one["event"], json.loads(one["data"])) for one in told]


def test_the_page_is_served_with_its_parts_and_no_script_inline(client: Client) -> None:
    for name, kind in server.PAGE.items():
        done = client.get("/" if name == "index.html" else f"/{name}")
        assert done.status == 200 and done.headers["content-type"].startswith(kind)
        policy = done.headers["content-security-policy"]
        assert "default-src 'self'" in policy and "unsafe" not in policy
        assert done.headers["referrer-policy"] == "no-referrer" and done.headers["cache-control"] == "no-store"
    assert client.get("/vega.js").text == "window.vega = 1"
    page = client.get("/").text
    assert "<style" not in page and "javascript:" not in page and "onclick" not in page and "http" not in page
    assert all("src=" in tag for tag in page.split("<script")[1:])


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        (f"/{TOKEN}/", {}, 200),
        (f"/{TOKEN}/", {"host": f"localhost:{PORT}"}, 200),
        (f"/{TOKEN}/", {"origin": HOST}, 200),
        (f"/{TOKEN}/", {"host": "kctopt.example"}, 421),
        (f"/{TOKEN}/", {"host": "127.0.0.1:80"}, 421),
        (f"/{TOKEN}/", {"host": f"127.0.0.1.example:{PORT}"}, 421),
        (f"/{TOKEN}/", {"origin": "http://kctopt.example"}, 403),
        (f"/{TOKEN}/", {"origin": "null"}, 403),
        (f"/{TOKEN}/", {"origin": f"https://127.0.0.1:{PORT}"}, 403),
        (f"/{TOKEN}/", {"sec-fetch-site": "cross-site"}, 403),
        ("/", {}, 404),
        (f"/{TOKEN}", {}, 404),
        (f"/{TOKEN[:-1]}/", {}, 404),
        ("/api/page", {}, 404),
        (f"/{TOKEN}/../../etc/passwd", {}, 404),
        (f"/{TOKEN}/%2e%2e/state.py", {}, 404),
        (f"/{TOKEN}/docs", {}, 404),
    ],
)
def test_strangers_are_refused(client: Client, path: str, headers: dict[str, str], status: int) -> None:
    assert client.send("GET", path, headers).status == status


def test_a_body_is_no_larger_than_a_state(client: Client) -> None:
    large = b"{" + b" " * LARGEST + b"}"
    assert client.post("/api/answer", content=large).status == 413
    assert client.post("/api/answer", content=[large[:9], large[9:]]).status == 413


def test_the_page_knows_texts_and_levers_in_both_languages(client: Client) -> None:
    for lang, title in (("en", "Levers"), ("zh", "调节项")):
        page = client.get("/api/page", lang=lang).json()
        assert page["words"]["levers"] == title and page["folder"]
        assert {lever["group"] for lever in page["levers"]} >= {"money", "world", "response", "weights"}
    found = client.get("/api/search", q="carry share").json()
    assert [lever["id"] for lever in found] == ["money.carry_share"]
    assert client.get("/api/page", lang="fr").status == 422


def test_an_answer_is_told_as_it_comes(client: Client) -> None:
    state = {"scale": {"budget": 0.9}}
    told = events(client, "/api/answer", state=state, figures=["allocation", "gaps"])
    names = [name for name, _ in told if name != "progress"]
    assert names == ["held", "planned", "worth", "end"]
    answers = dict(told)
    assert [figure["name"] for figure in answers["held"]["figures"]] == ["allocation", "gaps"]
    assert [figure["name"] for figure in answers["planned"]["figures"]] == ["allocation", "gaps"]
    head = {item["key"]: item for item in answers["planned"]["head"]}
    assert head["status"]["text"] == "optimal" and head["objective"]["delta"].startswith("−")
    assert head["objective"]["aside"].endswith(", beyond the gap)")
    assert answers["worth"]["head"][0]["key"] == "value"
    for figure in answers["planned"]["figures"]:
        assert figure["spec"]["$schema"].startswith("https://vega.github.io/schema/vega-lite/")
        assert figure["table"]["rows"] and figure["description"]
    chinese = dict(events(client, "/api/answer", state=state, lang="zh", figures=["security"]))
    assert {item["key"]: item["text"] for item in chinese["planned"]["head"]}["status"] == "最优"


def test_another_plan_can_be_the_one_that_is_held_and_compared(client: Client) -> None:
    base, state = {"scale": {"budget": 0.93}}, {"scale": {"budget": 0.94}}
    first = events(client, "/api/answer", state=state, base=base)
    assert [name for name, _ in first if name != "progress"] == ["held", "planned", "worth", "end"]
    plain, against = dict(events(client, "/api/answer", state=state)), dict(first)
    again = dict(events(client, "/api/answer", state=state, base=base))  # its plan is known by now
    assert {name: again[name] for name in ("held", "planned", "worth")} == {
        name: against[name] for name in ("held", "planned", "worth")
    }
    heads = [{item["key"]: item for item in one["planned"]["head"]} for one in (plain, against)]
    assert heads[0]["objective"]["text"] == heads[1]["objective"]["text"]
    assert heads[0]["objective"]["delta"].startswith("−") and heads[1]["objective"]["delta"].startswith("+")
    same = dict(events(client, "/api/answer", state=base, base=base))
    assert {item["key"]: item for item in same["planned"]["head"]}["objective"]["delta"] == ""
    assert client.post("/api/answer", {"base": {"set": {"nothing": 1}}}).status == 422


def test_a_saved_file_gives_the_numbers_told(client: Client, folder: Path) -> None:
    state = {"set": {"controls.intensity": 0.6}}
    saved = dict(events(client, "/api/save", state=state, name="tighter", folder=True))["saved"]
    again = kctopt.solve(folder / "tighter.yaml")
    assert (saved["objective"], saved["bound"]) == (again.objective, again.bound)
    assert (folder / "tighter.yaml").read_text(encoding="utf-8") == saved["text"]
    twice = dict(events(client, "/api/save", state=state, name="tighter", folder=True, lang="zh"))
    assert twice["fault"] == {"faults": ["tighter.yaml 已存在：请换一个名称"]}
    for name in ("../out", "/etc/x", "a/b", ".hidden", "nul"):
        told = dict(events(client, "/api/save", state=state, name=name, folder=True))
        assert "cannot be the name" in told["fault"]["faults"][0]
    only = dict(events(client, "/api/save", state=state, name="loose"))["saved"]
    assert not only["written"]
    assert [file.name for file in folder.iterdir()] == ["tighter.yaml"]


def test_the_run_and_the_report_are_saved_beside_the_file(tmp_path: Path) -> None:
    with client_of(Guard(Application(Explorer(tiny()), tmp_path).app, PORT, TOKEN), HOST[7:], f"/{TOKEN}") as made:
        asked = {"state": {"scale": {"budget": 0.95}}, "name": "lean", "folder": True, "also": ["html", "run", "pdf"]}
        saved = dict(events(made, "/api/save", **asked, lang="zh"))["saved"]
        assert {one.name for one in tmp_path.iterdir()} == {"lean", "lean.html", "lean.pdf", "lean.yaml"}
        assert "lean.html" in saved["told"] and "lean.pdf" in saved["told"]
        run = kctopt.open(tmp_path / "lean")
        assert run.objective == saved["objective"] == kctopt.solve(tmp_path / "lean.yaml").objective
        assert kctopt.verify(tmp_path / "lean") == []
        assert 'lang="zh' in (tmp_path / "lean.html").read_text(encoding="utf-8")
        assert (tmp_path / "lean.pdf").read_bytes().startswith(b"%PDF")
        (tmp_path / "lean.yaml").unlink()
        told = dict(events(made, "/api/save", **asked))["fault"]["faults"]
        assert told == ["lean, lean.html, lean.pdf is there already: choose another name"]
        assert not (tmp_path / "lean.yaml").exists()
        assert made.post("/api/save", asked | {"also": ["xlsx"]}).status == 422


def test_no_plan_is_told_with_what_loosening_takes_and_that_works(client: Client) -> None:
    domain = tiny().domains[0].id
    state = {"policies": {"much": {"kind": "floor", "domain": domain, "amount": 60.0, "years": "2027"}}}
    told = dict(events(client, "/api/answer", state=state))
    assert told["planned"]["status"] == "infeasible" and not told["planned"]["figures"]
    assert any("much" in line for line in told["diagnosis"]["lines"])
    ways = told["diagnosis"]["loosen"]
    assert any(way["text"].startswith("policies[much].amount: enter") for way in ways)
    for way in ways:
        assert dict(events(client, "/api/answer", state=way["state"]))["planned"]["status"] == "optimal", way


@pytest.mark.parametrize(
    ("state", "text"),
    [
        ({"set": {"controls.intensty": 1}}, "did you mean 'intensity'?"),
        ({"set": {"controls.intensity": 2}}, "must lie between 0 and 1"),
        ({"set": {"security.economy": 0.9}}, "must sum to 1"),
        ({"state": 1}, "unknown key"),
    ],
)
def test_what_does_not_fit_together_is_told_before_anything_is_solved(
    client: Client, state: dict[str, Any], text: str
) -> None:
    for path, more in (("/api/answer", {}), ("/api/save", {"name": "x"})):
        done = client.post(path, {"state": state, **more})
        assert done.status == 422 and text in "\n".join(done.json()["faults"])


def test_malformed_requests_are_refused_in_plain_words(client: Client) -> None:
    bodies = [
        b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"state": []}', b'{"lang": "fr"}', b'{"tab": "a b"}', b'{"x": 1}',
        b'{"figures": ["none"]}', b'{"state": {"set": {"budget": NaN}}}', b'{"state": {"set": {"budget": 1e999}}}',
        b'{"state": {"\\ud800": {}}}', b'{"state": {"set": {"\\ud800": 1}}}', b'{"state": ' + b"[" * 30_000,
        b'{"state": {"set": {"lines[*].growth": {"2026": -1e300}}}}', b'{"state": {"scale": {"budget": 1e14}}}',
    ]  # fmt: skip
    for body in bodies:
        done = client.post("/api/answer", content=body)
        assert 400 <= done.status < 500 or b"1e14" in body, (body[:60], done.status)
    assert client.post("/api/save", {"name": ""}).status == 422
    assert client.send("PUT", f"/{TOKEN}/api/answer", body=b"{}").status == 405
    assert client.get("/api/search", q="x" * 300).status == 422


NUMBERS = st.one_of(st.floats(-2, 2), st.floats(allow_nan=False, allow_infinity=False), st.integers(-5, 5))
VALUES = st.one_of(NUMBERS, st.booleans(), st.text(max_size=8), st.none(), st.lists(NUMBERS, max_size=2),
                   st.dictionaries(st.sampled_from(["2026", "2027", "x"]), NUMBERS, max_size=2))  # fmt: skip
PATHS = st.one_of(
    st.sampled_from([
        "budget", "budget.2027", "controls.intensity", "rival.growth_shift", "lines[*].growth", "lines", "rungs[F].eta",
        "policies", "horizon.last_year", "kct.form", "domains[a].weight", "security.economy", "cut_off.denial", "label",
        "money.carry_share", "[]", "a[b=c].d", "calibration.yields", "modes", "objective.discount",
    ]),
    st.text(max_size=12),
)  # fmt: skip
RULES = st.dictionaries(
    st.sampled_from(["kind", "domain", "amount", "years", "min_ratio", "by", "type", "id"]),
    st.one_of(VALUES, st.sampled_from(["floor", "cap", "target", "band", "2026", "2027-2026"])), max_size=5,
)  # fmt: skip
STATES = st.one_of(
    VALUES,
    st.fixed_dictionaries({}, optional={
        "set": st.dictionaries(PATHS, VALUES, max_size=3), "scale": st.dictionaries(PATHS, VALUES, max_size=2),
        "add": st.dictionaries(PATHS, VALUES, max_size=2),
        "policies": st.dictionaries(st.text(max_size=5), st.one_of(st.none(), RULES, VALUES), max_size=2),
    }),
)  # fmt: skip


CALMLY = {"deadline": None, "derandomize": True, "suppress_health_check": list(HealthCheck)}


@given(state=STATES)
@settings(max_examples=50, **CALMLY)
def test_no_state_ends_in_a_fault_of_ours(client: Client, state: Any) -> None:
    saves(client, state)


@pytest.mark.long
@given(state=STATES)
@settings(max_examples=500, **CALMLY)
def test_no_state_of_many_ends_in_a_fault_of_ours(client: Client, state: Any) -> None:
    saves(client, state)


def saves(client: Client, state: Any) -> None:
    """A state is saved under a name that no file can have: all is done but the solve, and nothing of ours fails."""
    done = client.post("/api/save", {"state": state, "name": "a/b"})
    assert done.status in (200, 422), (state, done.text)
    if done.status == 200:
        assert "cannot be the name" in done.text, done.text


@pytest.mark.long
def test_random_requests_by_the_schema_end_in_no_fault_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests made from the OpenAPI of the application, fitting and not; nothing is solved, which others test."""
    schemathesis = pytest.importorskip("schemathesis")
    explorer = Explorer(tiny())
    monkeypatch.setattr(server, "vega_bundle", lambda: "")
    monkeypatch.setattr(explorer, "planned", lambda state: explorer.scenario(state) and explorer.base)
    monkeypatch.setattr(server, "save", saves_nothing)
    application = Application(explorer)
    asked: list[int] = []
    schema = schemathesis.openapi.from_asgi("/api/openapi.json", application.app)
    for result in schema.get_all_operations():
        operation = result.ok()

        @settings(max_examples=100, **CALMLY)
        @given(case=operation.as_strategy(generation_mode=schemathesis.GenerationMode.POSITIVE))
        def fits(case: Any) -> None:
            asked.append(case.call().status_code)
            assert asked[-1] < 500, case.as_curl_command()

        @settings(max_examples=100, **CALMLY)
        @given(case=operation.as_strategy(generation_mode=schemathesis.GenerationMode.NEGATIVE))
        def does_not_fit(case: Any) -> None:
            asked.append(case.call().status_code)
            assert asked[-1] < 500, case.as_curl_command()

        fits()
        with suppress(Unsatisfiable, SkipTest):  # what takes nothing cannot be given it wrong
            does_not_fit()
    application.queue.close()
    assert len(asked) >= 500 and set(asked) > {200, 422}


def saves_nothing(*_: object) -> None:
    raise UsageError("nothing is saved")


def test_the_latest_request_of_a_tab_alone_is_kept() -> None:
    queue, begun, dropped, done = Queue(), threading.Event(), list[int](), list[str]()

    def long() -> None:
        begun.set()
        while True:
            report("search", 1.0)
            time.sleep(0.001)

    queue.put("one", long, dropped=lambda: dropped.append(0))
    assert begun.wait(10)
    queue.put("one", lambda: done.append("older"), dropped=lambda: dropped.append(1))
    queue.put("other", lambda: done.append("other"))
    queue.put("one", lambda: done.append("latest"))
    queue.close(finish=True)
    assert sorted(dropped) == [0, 1]
    assert sorted(done) == ["latest", "other"]
    late = queue.put("one", lambda: done.append("late"))
    assert late.over and "late" not in done


def test_a_request_that_comes_behind_a_later_one_is_dropped() -> None:
    queue, done = Queue(), list[int]()
    held = threading.Event()
    queue.put("other", lambda: held.wait(10))
    queue.put("tab", lambda: done.append(2), turn=2)
    assert queue.put("tab", lambda: done.append(1), turn=1).over
    held.set()
    queue.close(finish=True)
    assert done == [2]


def test_a_closed_queue_stops_what_it_is_at() -> None:
    queue, begun, dropped = Queue(), threading.Event(), list[int]()

    def long() -> None:
        begun.set()
        while True:
            report("search", 1.0)
            time.sleep(0.001)

    queue.put("one", long, dropped=lambda: dropped.append(1))
    assert begun.wait(10)
    queue.close()
    assert dropped == [1]


def test_the_command_prints_an_address_that_holds_a_secret(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    addresses: list[str] = []
    monkeypatch.setattr(serve._Server, "run", lambda self, sockets: addresses.append(str(sockets[0].getsockname())))
    monkeypatch.setattr(server, "vega_bundle", lambda: "")
    Explorer(tiny()).base.save(tmp_path / "run")
    done = [
        CliRunner().invoke(main, ["explore", str(tmp_path / "run"), "--no-browser", "--json", "--lang", "zh"])
        for _ in range(2)
    ]
    told = [json.loads(one.stdout)["address"] for one in done]
    assert told[0] != told[1] and all(one.startswith("http://127.0.0.1:") for one in told)
    assert all(one.endswith("/#lang=zh") and len(one.split("/")[3]) >= 32 for one in told)
    assert all("127.0.0.1" in address for address in addresses)
    missing = CliRunner().invoke(main, ["explore", "nosuch", "--no-browser"])
    assert missing.exit_code == 3


def test_the_command_says_what_is_not_installed_before_it_solves(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in NEEDS["explore"].modules:
        with monkeypatch.context() as hidden:
            hidden.setitem(sys.modules, module, None)
            done = CliRunner().invoke(main, ["explore", "baseline", "--no-browser"])
            assert done.exit_code == 2 and 'pip install "kctopt[explore]"' in done.stderr.replace("\n", "")
