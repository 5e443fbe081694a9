"""The browser of the tests of the pages, for what it receives."""

from __future__ import annotations

from tests.browser.conftest import chromium

__all__ = ["chromium"]
