"""A real Chromium on a real server: what the browser tests stand on."""

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, Request, sync_playwright
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from crm.core.db import db, transaction

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
AXE_OPTIONS = {"runOnly": {"type": "tag", "values": WCAG}, "resultTypes": ["violations"]}
NOWHERE = "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"
"""A browser of ours finds no other machine than this one."""
NAMES = ("chromium", "chromium-browser", "google-chrome")


def chromium() -> str | None:
    """Where the browser is: FORANKRA_CHROMIUM, or the first one in the path."""
    named = os.environ.get("FORANKRA_CHROMIUM")
    return named or next((path for name in NAMES if (path := shutil.which(name))), None)


@contextmanager
def launched(executable: str) -> Iterator[Browser]:
    arguments = ["--disable-dev-shm-usage", "--disable-gpu", f"--host-resolver-rules={NOWHERE}"]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")  # Chromium refuses its sandbox to root
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=arguments)
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Live:
    """An app served on this machine, on a database of its own where everything is committed."""

    app: Flask
    url: str = ""

    @contextmanager
    def data(self) -> Iterator[Session]:
        """Make or read rows. Committed at the end; SQLite's write lock is held until then, so
        let the browser wait outside the block."""
        with self.app.app_context(), transaction():
            yield db.session()


@contextmanager
def served(app: Flask) -> Iterator[Live]:
    """Served by threads of this process, so that a test may travel in time with the server."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield Live(app, f"http://127.0.0.1:{server.server_port}")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class Watched:
    """A browser context whose pages report what a person would not see: errors, blocked parts,
    requests to other machines."""

    context: BrowserContext
    origin: str
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        # Watched and not routed through here: that would cost a journey of each stylesheet of
        # each page, for a browser keeps nothing of what is routed.
        self.context.on("request", self._stay_inside)
        self.context.on("page", self._watch)

    def _stay_inside(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme != "data" and f"{parts.scheme}://{parts.netloc}" != self.origin:
            self.faults.append(f"asked another machine for {request.url}")

    def _watch(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.faults.append(f"script error: {error}"))
        page.on("console", self._listen)

    def _listen(self, message: Any) -> None:
        if message.type == "error" and "Content Security Policy" in message.text:
            self.faults.append(message.text)


@contextmanager
def watched_context(browser: Browser, origin: str, **options: Any) -> Iterator[BrowserContext]:
    """A context as a Swedish user has it. At the end, any fault of its pages fails the test."""
    settings: dict[str, Any] = {
        "base_url": origin,
        "locale": "sv-SE",
        "timezone_id": "Europe/Stockholm",
        "viewport": {"width": 1280, "height": 800},
    }
    context = browser.new_context(**(settings | options))
    watched = Watched(context, origin)
    try:
        yield context
    finally:
        context.close()
    assert watched.faults == [], "\n".join(watched.faults)


def violations(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2 AA on the page as it stands; one line for each place."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(_axe())
    found = page.evaluate("(options) => axe.run(options)", AXE_OPTIONS)
    return [
        f"{violation['id']}: {node['html']}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]


@cache
def _axe() -> str:
    return str(Axe().axe_script)


def overflow(page: Page) -> int:
    """By how many CSS pixels the page is wider than its window; 0 is right."""
    return int(
        page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    )
