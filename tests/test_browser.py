"""The web UI in a real browser, without its mouse where it can do without: keyboard, facets, phone, hostile captures."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.common import SessionNotCreatedException, StaleElementReferenceException
from selenium.webdriver import Chrome
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support import expected_conditions as expected
from selenium.webdriver.support.wait import WebDriverWait
from werkzeug.serving import make_server

from tests.test_webui import HOSTILE_ID, PLAN, PLEDGES, FakeArchive
from webui import create_app

CHROMIUM, DRIVER = Path("/usr/bin/chromium"), Path("/usr/bin/chromedriver")
PATIENCE = 60  # seconds: on a busy machine one of these takes some; what never comes is waited for that long
FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-proxy-server",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)  # fmt: skip
PAGES = (
    "/", "/search", "/search?q=giảm+nghèo&place=373&year=2021&from=2020-01-01", "/search?q=khongcogi", "/search?page=0",
    f"/articles/{PLAN}", f"/articles/{HOSTILE_ID}", f"/articles/{PLAN}/versions", "/captures/CAP0001/about", "/sources",
    "/places/373", "/places/37", "/places/00145", "/documents/D1", "/documents/D2", "/search?place=37&place=004&kind=Thư",
    '/search?q="cai nghiện" OR LĐTBXH 4000 -tết', "/nowhere", "/en/sources", "/sources/giavien", "/coverage", "/coverage?province=37", "/en/coverage?province=37&year=2020", "/coverage?place=004&year=2013", "/coverage?year=x", "/en/places/37", "/pledges", "/en/pledges?year=1999", "/pledges?name=x",
    *(f"/pledges/{PLEDGES[id].id}" for id in ("P1", "N1", "I1", "X1")), f"/en/pledges/{PLEDGES['D1'].id}",
)  # fmt: skip

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not CHROMIUM.exists() or not DRIVER.exists(), reason="needs chromium and chromedriver in /usr/bin"
    ),
]


@contextmanager
def served(archive: type[FakeArchive], folder: Path) -> Iterator[str]:
    """Serve the app over an archive on loopback; give its address."""
    app = create_app({"OPEN_ARCHIVE": archive, "DATA": folder})
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the app, served on loopback."""
    with served(FakeArchive, tmp_path_factory.mktemp("data")) as address:
        yield address


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    driver = started(tmp_path_factory)
    yield driver
    driver.quit()


def started(folders: pytest.TempPathFactory, tries: int = 3) -> Chrome:
    """Return a browser: its driver waits a minute for it, and a busy machine has taken a third of that."""
    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for flag in (*FLAGS, f"--user-data-dir={folders.mktemp('chromium')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    try:
        return Chrome(options=options, service=Service(str(DRIVER)))
    except SessionNotCreatedException:
        if tries == 1:
            raise
        return started(folders, tries - 1)


def width(browser: Chrome, pixels: int) -> None:
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": pixels, "height": 800, "deviceScaleFactor": 1, "mobile": pixels < 600},
    )


def press(browser: Chrome, *keys: str) -> None:
    for key in keys:
        browser.switch_to.active_element.send_keys(key)


def wait(browser: Chrome, until: Callable[[Chrome], object]) -> None:
    """Wait for what a key sets going: the driver does not always see a navigation begin."""
    WebDriverWait(browser, PATIENCE, ignored_exceptions=(StaleElementReferenceException,)).until(until)


def focused(browser: Chrome) -> str:
    return browser.execute_script("return document.activeElement.outerHTML") or ""


def test_a_reader_searches_and_reads_with_the_keyboard_alone(browser: Chrome, site: str) -> None:
    width(browser, 1200)
    browser.get(site + "/")
    press(browser, Keys.TAB)
    assert "#content" in focused(browser)  # the skip link comes first
    press(browser, Keys.ENTER)
    for _ in range(20):
        press(browser, Keys.TAB)
        if 'name="q"' in focused(browser):
            break
    press(browser, "giảm nghèo", Keys.ENTER)
    wait(browser, expected.url_contains("q=gi%E1%BA%A3m+ngh%C3%A8o"))
    for _ in range(40):
        press(browser, Keys.TAB)
        if "/articles/" in focused(browser):
            break
    press(browser, Keys.ENTER)
    wait(browser, expected.url_contains("/articles/"))


def test_a_facet_narrows_the_search_and_its_chip_widens_it_again(browser: Chrome, site: str) -> None:
    width(browser, 1200)
    browser.get(site + "/search?q=công+tác")
    before = browser.find_element(By.ID, "count").text
    browser.find_element(By.CSS_SELECTOR, "#filters [aria-labelledby=facet-place] .values a").click()
    wait(browser, expected.url_contains("place="))
    assert browser.find_element(By.ID, "count").text != before
    assert browser.find_element(By.CSS_SELECTOR, ".values [aria-current]").is_displayed()
    browser.find_element(By.CSS_SELECTOR, ".chips a").click()
    wait(browser, lambda _: browser.find_element(By.ID, "count").text == before)


def test_the_districts_of_a_province_open_and_are_chosen_with_the_keyboard(browser: Chrome, site: str) -> None:
    width(browser, 1200)
    browser.get(site + "/search")
    district = browser.find_element(By.CSS_SELECTOR, "[aria-labelledby=facet-place] a[href*='place=373']")
    province = browser.find_element(
        By.CSS_SELECTOR, "[aria-labelledby=facet-place] a[href*='place=37']:not([href*='373'])"
    )
    assert not district.is_displayed()
    browser.execute_script("arguments[0].focus()", province)
    press(browser, Keys.TAB)
    assert focused(browser).startswith("<summary")
    press(browser, Keys.ENTER, Keys.TAB)
    assert district.is_displayed()
    assert "place=373" in focused(browser)
    press(browser, Keys.ENTER)
    wait(browser, expected.url_matches(r"\?place=373$"))
    chosen = browser.find_element(By.CSS_SELECTOR, ".tree [aria-current]")
    assert chosen.is_displayed()
    assert "Huyện Gia Viễn" in chosen.text
    chosen.send_keys(Keys.ENTER)
    wait(browser, expected.url_matches("/search$"))


@pytest.mark.parametrize("pixels", [1200, 360])
def test_the_mark_that_opens_a_province_stands_beside_its_name_and_not_on_it(
    browser: Chrome, site: str, pixels: int
) -> None:
    width(browser, pixels)
    browser.get(site + "/search?place=37")
    for item in browser.find_elements(By.CSS_SELECTOR, ".tree > li"):
        mark, link = item.find_element(By.TAG_NAME, "summary"), item.find_element(By.TAG_NAME, "a")
        label = item.find_element(By.CLASS_NAME, "label")
        assert mark.rect["x"] + 20 <= label.rect["x"]
        assert abs(mark.rect["y"] - link.rect["y"]) < 4


def test_how_a_query_was_understood_and_why_a_hit_matches_open_with_the_keyboard(browser: Chrome, site: str) -> None:
    width(browser, 1200)
    browser.get(site + "/search?q=giảm+nghèo")
    for name in ("asked", "why"):
        told = browser.find_element(By.CSS_SELECTOR, f".{name} li")
        assert not told.is_displayed()
        browser.find_element(By.CSS_SELECTOR, f".{name} summary").send_keys(Keys.ENTER)
        assert told.is_displayed()


def test_more_facet_values_open_with_the_keyboard(browser: Chrome, site: str) -> None:
    browser.get(site + "/search")
    summary = browser.find_element(By.CSS_SELECTOR, "[aria-labelledby=facet-topic] summary")
    hidden = browser.find_element(By.CSS_SELECTOR, "[aria-labelledby=facet-topic] details a")
    assert not hidden.is_displayed()
    summary.send_keys(Keys.ENTER)
    assert hidden.is_displayed()


def test_a_quote_leads_to_its_marked_place_in_the_text(browser: Chrome, site: str) -> None:
    width(browser, 1200)
    browser.get(site + f"/articles/{PLAN}")
    link = browser.find_element(By.CSS_SELECTOR, "table a[href^='#']")
    quote = link.text
    link.send_keys(Keys.ENTER)
    wait(browser, lambda _: browser.find_elements(By.CSS_SELECTOR, ".quoted:target"))
    target = browser.find_element(By.CSS_SELECTOR, ".quoted:target")
    assert target.text == quote
    assert target.value_of_css_property("background-color") != "rgba(0, 0, 0, 0)"


@pytest.mark.parametrize("path", PAGES)
def test_a_phone_shows_every_page_without_scrolling_sideways(browser: Chrome, site: str, path: str) -> None:
    width(browser, 360)
    browser.get(site + path)
    assert browser.execute_script("return document.documentElement.scrollWidth") <= 360


@pytest.mark.parametrize("path", PAGES)
def test_no_page_asks_for_what_its_policy_forbids(browser: Chrome, site: str, path: str) -> None:
    browser.get_log("browser")
    browser.get(site + path)
    assert [entry for entry in browser.get_log("browser") if "Content Security Policy" in entry["message"]] == []
    assert browser.get_cookies() == []


def test_a_phone_shows_how_each_portal_does_without_scrolling(browser: Chrome, site: str) -> None:
    width(browser, 360)
    browser.get(site + "/sources")
    states = browser.find_elements(By.CSS_SELECTOR, ".sources .state")
    assert len(states) == 2
    assert all(state.rect["x"] >= 0 and state.rect["x"] + state.rect["width"] <= 360 for state in states)


@pytest.mark.parametrize("path", ["/search?q=công+tác", "/sources", "/sources/giavien", f"/articles/{PLAN}"])
def test_whatever_the_keyboard_reaches_is_outlined(browser: Chrome, site: str, path: str) -> None:
    width(browser, 1200)
    browser.get(site + path)
    reached = 0
    while True:
        press(browser, Keys.TAB)
        if browser.execute_script("return document.activeElement === document.body"):
            break
        reached += 1
        outline = "return getComputedStyle(document.activeElement).outlineStyle"
        assert browser.execute_script(outline) == "solid", focused(browser)
    assert reached > 10


def test_the_picture_of_a_series_is_shown(browser: Chrome, site: str) -> None:
    browser.get(site + "/places/373")
    picture = browser.find_element(By.CSS_SELECTOR, "img.picture")
    browser.execute_script("arguments[0].scrollIntoView()", picture)
    wait(browser, lambda _: browser.execute_script("return arguments[0].naturalWidth", picture) > 0)


def test_a_reader_asks_what_became_of_a_promise_with_the_keyboard_alone(browser: Chrome, site: str) -> None:
    browser.get(site + "/")
    browser.find_element(By.CSS_SELECTOR, "form.ask input[name=name]").send_keys("gia vien", Keys.ENTER)
    wait(browser, expected.url_contains("/pledges?"))
    browser.find_element(By.CSS_SELECTOR, f"a[href='/pledges/{PLEDGES['P1'].id}']").send_keys(Keys.ENTER)
    wait(browser, expected.url_contains(f"/pledges/{PLEDGES['P1'].id}"))
    assert "83,33%" in browser.find_element(By.TAG_NAME, "main").text


def test_the_table_of_coverage_is_reached_and_scrolled_with_the_keyboard_alone(browser: Chrome, site: str) -> None:
    width(browser, 360)
    browser.get(site + "/coverage?province=37")
    region = browser.find_element(By.CSS_SELECTOR, ".scroll[role=region]")
    for _ in range(40):
        press(browser, Keys.TAB)
        if browser.switch_to.active_element == region:
            break
    press(browser, *[Keys.ARROW_RIGHT] * 5)
    wait(browser, lambda _: browser.execute_script("return arguments[0].scrollLeft", region) > 0)
    heading = region.find_element(By.CSS_SELECTOR, "tbody th")
    assert 0 <= heading.rect["x"] < 60  # whose numbers they are stays in sight
    assert browser.execute_script("return document.documentElement.scrollWidth") <= 360


def test_the_months_of_a_place_fit_on_a_phone(browser: Chrome, site: str) -> None:
    width(browser, 360)
    browser.get(site + "/coverage?place=373")
    region = browser.find_element(By.CSS_SELECTOR, ".scroll[role=region]")
    assert browser.execute_script("return arguments[0].scrollWidth - arguments[0].clientWidth", region) <= 1


def test_a_reader_finds_out_why_a_month_is_empty_with_the_keyboard_alone(browser: Chrome, site: str) -> None:
    width(browser, 1200)
    browser.get(site + "/coverage")
    browser.find_element(By.ID, "name").send_keys("gia vien", Keys.ENTER)
    wait(browser, expected.url_matches(r"/coverage\?place=373$"))
    assert "đang không thu thập được" in browser.find_element(By.CLASS_NAME, "legend").text
    assert "bố cục trang đã đổi" in browser.find_element(By.TAG_NAME, "main").text.lower()


def test_a_hostile_captured_page_runs_and_loads_nothing(browser: Chrome, site: str) -> None:
    browser.get(site + "/captures/CAP0001")
    assert "CHAY" not in browser.title
    assert "giảm 120 hộ nghèo" in browser.find_element(By.TAG_NAME, "body").text
    loaded = browser.execute_script("return performance.getEntriesByType('resource').map(entry => entry.name)")
    assert [name for name in loaded if not name.startswith(("data:", site))] == []
    assert browser.execute_script("return window.origin") == "null"


def test_the_browser_would_notice_a_page_that_runs_code(browser: Chrome, tmp_path: Path) -> None:
    """The control of the test above: the same marks, unguarded, do run."""
    unguarded = tmp_path / "unguarded.html"
    unguarded.write_text("<script>document.title = 'CHAY'</script>", "utf-8")
    browser.get(unguarded.as_uri())
    assert browser.title == "CHAY"


def test_text_of_the_dark_scheme_can_be_read(browser: Chrome, site: str) -> None:
    for scheme in ("light", "dark"):
        browser.execute_cdp_cmd(
            "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
        )
        for path in (
            "/search?q=công+tác&place=373",
            "/pledges",
            f"/pledges/{PLEDGES['P1'].id}",
            "/coverage?place=004&year=2013",
            "/coverage?province=37",
            "/sources",
            "/sources/giavien",
            f"/articles/{PLAN}",
        ):
            browser.get(site + path)
            assert browser.execute_script(LOW_CONTRAST) == []


# Every visible text against the nearest background, by the formula of WCAG 2.1 (1.4.3: at least 4.5).
LOW_CONTRAST = """
const rgb = text => (text.match(/[\\d.]+/g) || []).map(Number);
const light = ([r, g, b]) => [r, g, b].map(v => v / 255).map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
  .reduce((sum, v, n) => sum + v * [.2126, .7152, .0722][n], 0);
const ground = node => { for (; node; node = node.parentElement) {
  const colour = rgb(getComputedStyle(node).backgroundColor); if (colour.length === 3 || colour[3] > 0) return colour; } return [255, 255, 255]; };
const bad = [];
for (const node of document.querySelectorAll('body *:not(svg *)')) {
  if (![...node.childNodes].some(child => child.nodeType === 3 && child.data.trim())) continue;
  const [a, b] = [light(rgb(getComputedStyle(node).color)), light(ground(node))].sort((x, y) => y - x);
  if ((a + .05) / (b + .05) < 4.5) bad.push(node.outerHTML);
}
return bad;
"""
