"""A file dropped onto the look-up page's form, in a real browser."""

import pytest
from playwright.sync_api import Page, expect

from tests.site.answering import Server

pytestmark = pytest.mark.browser

DROP = """names => {
  const held = new DataTransfer();
  for (const name of names) held.items.add(new File(["%PDF-1.7 " + name], name));
  const over = { dataTransfer: held, bubbles: true, cancelable: true };
  const form = document.querySelector("form");
  form.dispatchEvent(new DragEvent("dragover", over));
  const marked = form.classList.contains("dropping");
  form.dispatchEvent(new DragEvent("drop", over));
  return marked;
}"""


def open_page(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/drop")
    page.wait_for_load_state("networkidle")


def test_a_dropped_file_is_sent_at_once(page: Page, server: Server) -> None:
    open_page(page, server)
    assert page.evaluate(DROP, ["a.pdf"])
    expect(page.get_by_role("heading", name="Compared")).to_be_visible()
    (sent,) = server.compared
    assert b'name="file"; filename="a.pdf"' in sent
    assert b"%PDF-1.7 a.pdf" in sent


def test_a_chosen_file_is_sent_at_once(page: Page, server: Server) -> None:
    open_page(page, server)
    chosen = {"name": "b.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"}
    page.get_by_label("Giấy chứng nhận").set_input_files(chosen)
    expect(page.get_by_role("heading", name="Compared")).to_be_visible()
    assert len(server.compared) == 1


def test_several_files_at_once_are_not_sent(page: Page, server: Server) -> None:
    open_page(page, server)
    page.evaluate(DROP, ["a.pdf", "b.pdf"])
    page.wait_for_timeout(200)
    assert server.compared == []
