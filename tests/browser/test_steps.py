"""The steps of the tests wait for what they say they wait for."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, TimeoutError

from .conftest import Server
from .steps import STANDS, settled, visit

pytestmark = pytest.mark.browser
APP = "document.querySelector('[data-testid=stApp]').dataset.testScriptState"


def test_settled_waits_for_a_run_and_for_one_that_was_asked_for(
    offline_page: Page, dashboard: Server
) -> None:
    """A page that runs, or is about to, does not stand; else every step would act too early."""
    page = offline_page
    visit(page, dashboard.url)
    settled(page)
    page.evaluate(f"{APP} = 'running'")
    with pytest.raises(TimeoutError):
        page.wait_for_function(STANDS, timeout=1000)
    page.evaluate(f"{APP} = 'notRunning'")
    settled(page)
    page.evaluate("window.sroAsked = performance.now()")
    with pytest.raises(TimeoutError):
        page.wait_for_function(STANDS, timeout=1000)


def test_a_click_is_noted_before_its_run_begins(offline_page: Page, dashboard: Server) -> None:
    """The page knows at once that it has asked, and forgets it when the run has begun."""
    page = offline_page
    visit(page, dashboard.url)
    assert page.evaluate("window.sroAsked === undefined")
    page.evaluate(
        "() => { window.asked = []; const send = WebSocket.prototype.send;"
        "WebSocket.prototype.send = function (d) {"
        " const r = send.call(this, d); window.asked.push(window.sroAsked > 0); return r; }; }"
    )
    page.get_by_role("radio", name="English").click()
    settled(page)
    assert True in page.evaluate("window.asked")
    assert page.evaluate("window.sroAsked === undefined")
