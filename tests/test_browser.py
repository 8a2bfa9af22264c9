"""The site in a real browser: `make test-browser`.

Needs the rendered site and a Chromium (``CHROMIUM`` may name one); without a browser every test
is skipped and says so.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urldefrag
from urllib.request import urlopen

import pytest

ROOT = Path(__file__).parents[1]
SITE = ROOT / "site"
PAGES = sorted(
    p.relative_to(SITE).as_posix() for p in SITE.rglob("*.html") if "_static" not in p.parts
)
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
BROWSER = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)
VIEWS = [(width, scheme) for width in (390, 1280) for scheme in ("light", "dark")]
GENERATED = ("data/", "api/")  # one template each: seen narrow in light and wide in dark
SEEN = [
    (name, width, scheme)
    for name in PAGES
    for width, scheme in (VIEWS[::3] if name.startswith(GENERATED) else VIEWS)
]
# WCAG through 2.2, levels A and AA; what axe marks as best practice counts too.
LEVELS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
RULES = {
    "resultTypes": ["violations"],
    "runOnly": {"type": "tag", "values": list(LEVELS)},
    "preload": False,  # of style sheets, which a page opened from a file may not fetch
}

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        BROWSER is None and "REQUIRE_BROWSER" not in os.environ,
        reason="no Chromium here: the browser tests were NOT run",
    ),
    pytest.mark.skipif(not PAGES, reason="no site here: run make first"),
]


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=FLAGS.split())
        yield browser
        browser.close()


@pytest.fixture
def watched(browser):
    """Open pages that note foreign requests and console errors; at the end there are none."""
    contexts, trouble = [], []

    def note_request(request):
        if not request.url.startswith(("file:", "data:", "blob:", "http://127.0.0.1:")):
            trouble.append(f"request: {request.url}")

    def note_message(message):
        if message.type in ("error", "warning"):
            trouble.append(f"console: {message.text}")

    def new_page(width=1280, scheme="light", **options):
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=scheme,
            reduced_motion="reduce",  # colors are measured, not met halfway
            **options,
        )
        contexts.append(context)
        page = context.new_page()
        page.on("request", note_request)
        page.on("console", note_message)
        page.on("pageerror", lambda error: trouble.append(f"script: {error}"))
        return page

    yield new_page
    for context in contexts:
        context.close()
    assert trouble == []


def address(page: str) -> str:
    path, mark, anchor = page.partition("#")
    return (SITE / path).as_uri() + mark + anchor


def violations(page) -> list[str]:
    """Return what axe finds on an open page; of a long table, whose rows are alike, the start."""
    from axe_playwright_python.sync_playwright import Axe

    page.evaluate(
        "for (const body of document.querySelectorAll('tbody'))"
        "  for (const row of [...body.rows].slice(12)) row.remove()"
    )
    found = Axe().run(page, options=RULES).response["violations"]
    return [
        f"{rule['id']}: {node['html'][:160]} {node.get('failureSummary', '')[:200]}"
        for rule in found
        for node in rule["nodes"][:3]
    ]


@pytest.mark.parametrize(("name", "width", "scheme"), SEEN)
def test_a_page_is_accessible_and_fits(watched, name, width, scheme):
    page = watched(width, scheme)
    page.goto(address(name))
    page.wait_for_function("document.documentElement.dataset.theme !== ''")
    assert page.evaluate("document.documentElement.dataset.theme") == scheme
    page.wait_for_function("document.getAnimations().length === 0")
    wide = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide[0] <= wide[1], f"{wide[0]} pixels wide in a window of {wide[1]}"
    assert violations(page) == []


def test_a_fault_is_found(watched):
    page = watched()
    page.set_content(
        "<html lang=en><title>t</title><main><h1>A</h1><img src='data:,'></main></html>"
    )
    assert [v for v in violations(page) if v.startswith("image-alt")]


def test_search_finds_an_organization(watched):
    page = watched()
    page.goto(address("search.html") + "?q=CSTO")
    page.wait_for_selector("#search-results li a")
    assert page.locator("#search-results li").count() >= 2


def test_the_path_from_a_finding_to_its_sentence(watched):
    page = watched()
    page.goto(address("findings.html"))
    page.get_by_label("Only rows that contain").fill("visits.gap_days.3")
    row = page.locator("tbody tr:visible").first
    row.locator("td a[href^='data/visits.html#']").last.click()
    page.wait_for_url("**/data/visits.html#v*")
    target = page.locator("tr:target")
    assert target.is_visible()
    target.locator("ul.locators a").first.click()
    page.wait_for_url("**/data/sentences.html#p*")
    assert page.locator("tr:target").is_visible()


def test_a_table_sorts_by_number_and_back(watched):
    page = watched()
    page.goto(address("findings.html"))

    def values():
        cells = page.locator("tbody tr td:nth-child(2)").evaluate_all(
            "c => c.map(x => x.dataset.value)"
        )
        return [float(value) for value in cells if value]

    page.get_by_role("button", name="value").click()
    assert values() == sorted(values())
    assert page.locator("th[aria-sort=ascending]").count() == 1
    page.get_by_role("button", name="value").click()
    assert values() == sorted(values(), reverse=True)


def test_the_keyboard_reaches_content_and_shows_where_it_is(watched):
    page = watched()
    page.goto(address("index.html"))
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent.trim()") == "Skip to the text"
    page.keyboard.press("Enter")
    for _ in range(4):
        page.keyboard.press("Tab")
        style = "getComputedStyle(document.activeElement)"
        assert page.evaluate(f"{style}.outlineStyle") != "none"
        assert float(page.evaluate(f"{style}.outlineWidth").rstrip("px")) >= 2
    assert page.evaluate("!!document.activeElement.closest('main')")


def test_without_scripts_every_page_is_readable_and_reached_by_visible_links(watched):
    page = watched(390, "dark", java_script_enabled=False)
    seen, ahead = set(), {"index.html"}
    while ahead:
        name = ahead.pop()
        seen.add(name)
        page.goto(address(name))
        assert page.locator("h1").first.is_visible(), name
        shown = page.locator("a[href]:visible").evaluate_all("a => a.map(x => x.href)")
        targets = {urldefrag(href).url for href in shown}
        ahead |= {other for other in PAGES if address(other) in targets} - seen
    assert set(PAGES) - seen <= {"search.html"}


CHAPTERS = [name for name in PAGES if re.fullmatch(r"\d\d_\w+\.html", name)]


def reply(form, answer: str) -> str:
    """Give an answer in an exercise's form; return what the page says to it."""
    if form.get_by_role("radio").count():
        form.get_by_label(answer, exact=True).check()
    else:
        form.get_by_role("textbox").fill(answer)
    form.get_by_role("button").click()
    return form.locator("output").inner_text()


def other_forms(asked: dict) -> Iterator[str]:
    """Yield a right answer as the page shows it, and as people write it."""
    shown = asked["shown"]
    yield shown
    if asked["kind"] == "number":
        yield re.sub(r"^0(?=\.)", "", shown)
        yield f"{shown} or so"
    if asked["kind"] == "list":
        items = shown.split(", ")
        yield json.dumps(items)
        yield ", and ".join(items[::-1])
        yield shown.replace("-", " ").lower()


@pytest.mark.parametrize("name", CHAPTERS)
def test_exercises_answer_back_on_the_page(watched, name):
    page = watched(390)
    page.goto(address(name))
    forms = page.locator("form.try").all()
    assert len(forms) >= 3
    for form in forms:
        asked = json.loads(form.get_attribute("data-question"))
        for form_of_it in other_forms(asked):
            assert reply(form, form_of_it).startswith("Right."), form_of_it
        if asked["kind"] == "number":
            assert reply(form, asked["shown"].replace(".", ",")).startswith("Right.")
            assert reply(form, "a few").startswith("Not yet: write one number.")
            for slip in asked["slips"][:1]:
                assert "percent" in reply(form, slip["shown"])
        for wrong in asked["wrong"]:
            if wrong["shown"]:
                assert "Hint: " in reply(form, wrong["shown"])


@pytest.mark.parametrize("name", CHAPTERS)
def test_exercises_answer_back_without_scripts_too(watched, name):
    page = watched(java_script_enabled=False)
    page.goto(address(name))
    assert not page.locator("form.try >> visible=true").count()
    for fold in page.locator("details.solution").all():
        fold.locator("summary").click()
        assert fold.locator("p, li").first.is_visible()


def test_a_page_prints_without_navigation(watched):
    page = watched(794)
    page.goto(address("findings.html"))
    page.emulate_media(media="print")
    assert not page.locator("#menu").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("name", [p for p in PAGES if re.match(r"\d\d_", p)])
def test_every_picture_is_drawn(watched, name):
    page = watched(390)
    page.goto(address(name))
    shown = page.locator("figure img:visible")  # of each two, the one for the page's theme
    assert shown.count() > 0
    for picture in shown.all():
        picture.scroll_into_view_if_needed()  # it is fetched when it comes near
        picture.evaluate("async picture => await picture.decode()")
    drawn = shown.evaluate_all("i => i.map(x => x.complete && x.naturalWidth > 0)")
    assert all(drawn)


# --- JupyterLab ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """Run JupyterLab on a copy of the notebooks; return its address."""
    folder = tmp_path_factory.mktemp("lab")
    for notebook in (ROOT / "notebooks").glob("*.ipynb"):
        shutil.copy(notebook, folder)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={port}"]
    command += ["--ip=127.0.0.1", "--IdentityProvider.token=", "--ServerApp.password=", str(folder)]
    private = {f"JUPYTER_{name}_DIR": str(folder / name) for name in ("CONFIG", "DATA", "RUNTIME")}
    server = subprocess.Popen(
        command, env=os.environ | private, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    for _ in range(120):
        try:
            urlopen(f"http://127.0.0.1:{port}/api").close()
            break
        except OSError:
            time.sleep(0.5)
    yield f"http://127.0.0.1:{port}"
    server.terminate()
    try:
        server.wait(10)
    except subprocess.TimeoutExpired:  # it may wait for a kernel for ever
        server.kill()
        server.wait()


def start_running(page, running: str) -> None:
    """Choose "Run All Cells" until it takes: the menu answers before the notebook is ready."""
    from playwright.sync_api import TimeoutError as Late

    for _ in range(6):
        page.locator(".jp-Notebook .jp-Cell").first.click()
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_text("Run All Cells", exact=True).click()
        with contextlib.suppress(Late):
            page.wait_for_function(running, timeout=10_000)
            return
        page.keyboard.press("Escape")
    pytest.fail("the notebook never ran")


@pytest.mark.parametrize("name", [p for p in PAGES if re.match(r"01_", p)])
def test_jupyterlab_runs_a_notebook_and_shows_its_figures(browser, lab, name):
    page = browser.new_page(viewport={"width": 1280, "height": 4000})
    notebook = Path(name).with_suffix(".ipynb").name
    page.goto(f"{lab}/lab/tree/{notebook}?reset")
    page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=60_000)
    running = (
        "[...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')]"
        ".some(p => p.textContent.includes('*'))"
    )
    start_running(page, running)
    page.wait_for_function(f"!{running}", timeout=120_000)
    assert page.locator("[data-mime-type*='error'], [data-mime-type*='stderr']").count() == 0
    page.wait_for_function(  # only cells near the place scrolled to are drawn
        "() => { document.querySelector('.jp-WindowedPanel-outer')?.scrollTo(0, 0);"
        " return document.querySelector('.jp-OutputArea figure img'); }",
        timeout=60_000,
    )
    figures = page.locator(".jp-OutputArea figure img")
    assert all(len(alt) > 60 for alt in figures.evaluate_all("i => i.map(x => x.alt)"))
    page.close()
