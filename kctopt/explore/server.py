"""The web application over an explorer: a static page, and answers as server-sent events.

| request | answer |
|---|---|
| GET / app.js ask.js draw.js study.js style.css vega.js | the page |
| GET api/page?lang= | texts, levers, what the base is |
| GET api/search?q=&lang= | levers of the numbers that are found |
| GET api/study?lang= | the study that was opened: its members and figures; 404 without one |
| POST api/fan | the fan chart of the members within a brush |
| POST api/answer | events: held, progress, planned, worth, diagnosis, end |
| POST api/save | events: progress, saved, end |

A state comes with every request; the server remembers none. What does not fit together is answered with 422 and its
faults, before anything is solved.
"""

from __future__ import annotations

import asyncio
import functools
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import FastAPI, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from kctopt.api.result import Result
from kctopt.errors import KctoptError, ScenarioErrors
from kctopt.explore.bundle import PAGE, page_file, vega_bundle
from kctopt.explore.explorer import Explorer, Held
from kctopt.explore.queue import Queue
from kctopt.explore.saving import Also, save
from kctopt.explore.state import State
from kctopt.explore.telling import Data, Telling
from kctopt.language import LANGUAGES
from kctopt.progress import Progress
from kctopt.result.text import gap_text

Lang = Literal["en", "zh"]
Tell = Callable[[str, Any], None]
OFTEN = 0.1  # seconds between two records of progress that are passed on
TURN = Field(None, ge=0, le=2**53)  # of requests of a tab, which may come in another order than they were sent
TAB = Field("tab", min_length=1, max_length=40, pattern="^[A-Za-z0-9-]+$")


class Asked(BaseModel):
    """A request for an answer."""

    model_config = ConfigDict(extra="forbid", strict=True)

    state: dict[str, Any] = Field(default_factory=dict)
    base: dict[str, Any] = Field(default_factory=dict)  # the state whose plan is held and compared
    lang: Lang = "en"
    tab: str = TAB
    turn: int | None = TURN
    figures: list[Literal["allocation", "heat", "flows", "gaps", "security"]] = Field(
        default_factory=list, max_length=5
    )
    name: str = Field("", max_length=100)


class SaveAsked(BaseModel):
    """A request to save a state."""

    model_config = ConfigDict(extra="forbid", strict=True)

    state: dict[str, Any] = Field(default_factory=dict)
    lang: Lang = "en"
    tab: str = TAB
    turn: int | None = TURN
    name: str = Field(min_length=1, max_length=100)
    folder: bool = False
    also: list[Also] = Field(default_factory=list, max_length=3)  # in the folder


class BrushAsked(BaseModel):
    """A request for the members within a brush."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)

    brush: dict[str, Annotated[list[float], Field(min_length=2, max_length=2)] | str] = Field(
        default_factory=dict, max_length=200
    )
    lang: Lang = "en"


class Application:
    """An explorer with its queue and what it tells, as a FastAPI application.

    Parameters
    ----------
    explorer : Explorer
        What is asked.
    folder : pathlib.Path, optional
        Where scenarios are saved; nowhere by default, so that they can only be downloaded.
    """

    def __init__(self, explorer: Explorer, folder: Path | None = None) -> None:
        self.explorer, self.folder, self.queue = explorer, folder, Queue()
        self.tellings = {lang: Telling(explorer, lang) for lang in LANGUAGES}
        self.app = FastAPI(
            title="kctopt explore", lifespan=self._alive, docs_url=None, redoc_url=None,
            openapi_url="/api/openapi.json", default_response_class=Json,
        )  # fmt: skip
        self.app.add_exception_handler(RequestValidationError, _invalid)
        for name, kind in PAGE.items():
            path = "/" if name == "index.html" else f"/{name}"
            self.app.get(path, include_in_schema=False)(functools.partial(_static, name, kind))
        self.app.get("/vega.js", include_in_schema=False)(_vega)
        self.app.get("/api/page")(self.page)
        self.app.get("/api/search")(self.search)
        self.app.get("/api/study")(self.study)
        self.app.post("/api/fan")(self.fan)
        self.app.post("/api/answer", response_class=StreamingResponse)(self.answer)
        self.app.post("/api/save", response_class=StreamingResponse)(self.save)

    @asynccontextmanager
    async def _alive(self, _: FastAPI) -> AsyncIterator[None]:
        bundling = asyncio.get_running_loop().run_in_executor(None, vega_bundle)  # the page will ask for it
        yield
        self.queue.close()
        await bundling

    async def page(self, lang: Lang = "en") -> Response:
        """What the page needs before its first answer."""
        folder = "" if self.folder is None else self.folder.resolve().name
        return Json(await run_in_threadpool(self.tellings[lang].page, folder))

    async def search(self, q: Annotated[str, Query(max_length=200)] = "", lang: Lang = "en") -> Response:
        """Levers of the numbers that have these words."""
        found = await run_in_threadpool(self.explorer.levers.search, q, lang)
        return Json([asdict(lever) for lever in found])

    async def study(self, lang: Lang = "en") -> Response:
        """The study that was opened."""
        if self.explorer.study is None:
            return Json({"faults": []}, status_code=404)
        return Json(await run_in_threadpool(self.tellings[lang].study))

    async def fan(self, asked: BrushAsked) -> Response:
        """The fan chart of the members within a brush."""
        brush = {name: part if isinstance(part, str) else (part[0], part[1]) for name, part in asked.brush.items()}
        telling = self.tellings[asked.lang]
        try:
            return Json(await run_in_threadpool(telling.fan, brush))
        except KctoptError as error:
            return Json({"faults": [telling.error(error)]}, status_code=422)

    async def answer(self, asked: Asked) -> Response:
        """The plan held fixed, then the certified one; the first has to wait where its own is not known yet."""
        telling = self.tellings[asked.lang]
        try:
            state, base = State.read(asked.state), State.read(asked.base)
            for each in (base, state) if base.data else (state,):
                await run_in_threadpool(self.explorer.scenario, each)
            own = self.explorer.solved(base)
            first = [] if own is None else [await run_in_threadpool(self._held, own, state, asked)]
        except ScenarioErrors as error:
            return Json(telling.faults(error), status_code=422)

        def work(tell: Tell) -> None:
            self._planned(tell, state, base, first, asked)

        return _stream(self._events((asked.tab, asked.turn), telling, work, *(("held", each[2]) for each in first)))

    def _held(self, own: Result, state: State, asked: Asked) -> tuple[Telling, Held | None, Data]:
        """What is told of a plan held fixed."""
        telling = self.tellings[asked.lang]
        if own is not self.explorer.base and own.has_plan:
            telling = Telling(self.explorer, asked.lang, own)
        held = self.explorer.held(state, telling.against)
        return telling, held, telling.held(held, asked.figures)

    def _planned(
        self, tell: Tell, state: State, base: State, first: Sequence[tuple[Telling, Held | None, Data]], asked: Asked
    ) -> None:
        """Tell the certified plan, then what takes longer."""
        telling, held, told = first[0] if first else self._held(self.explorer.planned(base), state, asked)
        if not first:
            tell("held", told)
        result = self.explorer.planned(state)
        tell("planned", telling.planned(result, held, asked.figures, asked.name))
        if result.has_plan:
            tell("worth", telling.worth(result))
        elif result.status == "infeasible":
            tell("diagnosis", telling.diagnosis(self.explorer.diagnosed(state), state))

    async def save(self, asked: SaveAsked) -> Response:
        """The state as a file, solved as `kctopt solve` does."""
        telling = self.tellings[asked.lang]
        if asked.folder and self.folder is None:
            return Json({"faults": [telling.word("no_folder")]}, status_code=422)
        try:
            state = State.read(asked.state)
            await run_in_threadpool(self.explorer.scenario, state)
        except ScenarioErrors as error:
            return Json(telling.faults(error), status_code=422)

        def work(tell: Tell) -> None:
            folder = self.folder if asked.folder else None
            saved = save(self.explorer, state, asked.name, folder, asked.also, asked.lang)
            tell("saved", telling.saved(saved, f"{asked.name}.yaml"))

        return _stream(self._events((f"{asked.tab} saves", asked.turn), telling, work))

    async def _events(
        self, request: tuple[str, int | None], telling: Telling, work: Callable[[Tell], None], *first: tuple[str, Any]
    ) -> AsyncIterator[bytes]:
        """Events of a job: first what is known already, then what it tells, then its end."""
        loop, messages = asyncio.get_running_loop(), asyncio.Queue[tuple[str, Any]]()
        for event in first:
            yield _event(*event)

        def tell(name: str, data: Any) -> None:
            with suppress(RuntimeError):  # the loop is closed: nobody listens any more
                loop.call_soon_threadsafe(messages.put_nowait, (name, data))

        job = self.queue.put(
            request[0], functools.partial(_guarded, work, tell, telling), _Progress(tell, telling),
            lambda: tell("end", {"superseded": True}), request[1],
        )  # fmt: skip
        try:
            while True:
                name, data = await messages.get()
                yield _event(name, data)
                if name == "end":
                    return
        finally:
            job.drop()


class Json(Response):
    """JSON without nan, its letters escaped, so that no text keeps it from being sent."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        """The content as bytes."""
        return json.dumps(content, allow_nan=False).encode()


class _Progress:
    """Passes on what a solve has by now, not too often."""

    def __init__(self, tell: Tell, telling: Telling) -> None:
        self.tell, self.telling, self.last = tell, telling, 0.0

    def __call__(self, now: Progress) -> None:
        if time.monotonic() - self.last < OFTEN:
            return
        self.last = time.monotonic()
        known = {"objective": now.objective, "bound": now.bound}
        values = {name: "–" if value is None else f"{value:,.2f}" for name, value in known.items()}
        gap = "–" if now.gap is None else gap_text(now.gap, self.telling.lang)
        self.tell("progress", {"text": self.telling.searching(values["objective"], values["bound"], gap)})


def _guarded(work: Callable[[Tell], None], tell: Tell, telling: Telling) -> None:
    """Do the work, tell what goes wrong, and that it has ended."""
    try:
        work(tell)
    except ScenarioErrors as error:
        tell("fault", telling.faults(error))
    except KctoptError as error:
        tell("fault", {"faults": [telling.error(error)]})
    except Exception as error:  # the thread goes on with the next request
        tell("fault", {"faults": [telling.word("failed", error=f"{type(error).__name__}: {error}")]})
    tell("end", {})


def _stream(events: AsyncIterator[bytes]) -> Response:
    return StreamingResponse(events, media_type="text/event-stream", headers={"x-accel-buffering": "no"})


def _event(name: str, data: Any) -> bytes:
    """A server-sent event."""
    return f"event: {name}\ndata: {json.dumps(data, allow_nan=False)}\n\n".encode()


async def _invalid(_: Request, error: Exception) -> Response:
    """A request of another form: where, and what is wrong with it."""
    problems: list[Mapping[str, Any]] = list(error.errors()) if isinstance(error, RequestValidationError) else []
    return Json({"faults": [f"{'.'.join(map(str, one['loc']))[:100]}: {one['msg'][:200]}" for one in problems]}, 422)


async def _static(name: str, kind: str) -> Response:
    return Response(page_file(name), media_type=f"{kind}; charset=utf-8")


async def _vega() -> Response:
    return Response(await run_in_threadpool(vega_bundle), media_type="text/javascript; charset=utf-8")
