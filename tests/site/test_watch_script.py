"""The lesson page's script in a real browser, with a real film of eight seconds."""

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.site.answering import Server

pytestmark = pytest.mark.browser


def until(page: Page, expression: str) -> None:
    """Wait for an expression; Playwright's own wait needs ``eval``, which the policy forbids."""
    for _ in range(150):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"never true: {expression}")


def open_lesson(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/watch")
    until(page, "document.querySelector('video').readyState >= 2")


def play(page: Page, seconds: float) -> None:
    page.evaluate("document.querySelector('video').play()")
    end = page.evaluate("document.querySelector('video').currentTime") + seconds
    until(page, f"document.querySelector('video').currentTime >= {end}")
    page.evaluate("document.querySelector('video').pause()")


def seek(page: Page, position: float) -> None:
    page.evaluate(f"document.querySelector('video').currentTime = {position}")
    until(page, "!document.querySelector('video').seeking")


def test_spans_are_merged_and_a_jump_is_not_played(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/watch")
    merged, played = page.evaluate(
        """async () => {
          const { merge, Recorder } = await import("/static/site/watch/spans.js");
          const recorder = new Recorder();
          recorder.move(0, 0);
          recorder.move(0.25, 250);
          recorder.move(1.5, 1500);
          recorder.move(6, 1750);    // a jump: the film cannot have run that far
          recorder.move(6.5, 2250);
          recorder.rest();
          recorder.move(2, 2300);
          recorder.move(1, 2500);    // backwards
          recorder.move(3, 3500, 2); // at double speed
          return [merge([[6, 8], [0, 1.02], [1, 4.21], [4.2, 4.2]]), recorder.take()];
        }"""
    )
    assert merged == [[0, 4.2], [6, 8]]
    assert played == [[0, 3], [6, 6.5]]


def test_what_was_played_is_reported_and_what_was_skipped_is_not(
    page: Page, server: Server
) -> None:
    open_lesson(page, server)
    play(page, 1.0)
    seek(page, 6.0)
    play(page, 1.0)
    expect(page.locator("[data-words]")).to_contain_text("Phần tua qua không được tính")
    until(page, "document.querySelectorAll('[data-bar] rect').length >= 2")
    covered = sorted(server.spans)
    assert covered[0][0] == 0
    assert all(not (from_ < 5.5 and to > 2.5) for from_, to in covered)
    assert max(to for _from, to in covered) >= 6.8
    assert server.watched[-1]["position"] >= 6.8


def test_the_next_lesson_is_offered_when_complete(page: Page, server: Server) -> None:
    open_lesson(page, server)
    expect(page.get_by_role("link", name="Bài tiếp theo")).to_be_hidden()
    play(page, 7.6)
    link = page.get_by_role("link", name="Bài tiếp theo")
    expect(link).to_be_visible()
    expect(link).to_have_attribute("href", "/lesson-2")
    expect(page.locator("[data-announce]")).to_have_text("Đã học xong bài này.")


def test_spans_played_without_a_line_are_sent_later(
    page: Page, context: BrowserContext, server: Server
) -> None:
    open_lesson(page, server)
    server.status = 503
    play(page, 1.0)
    expect(page.locator("[data-announce]")).to_contain_text("Mất kết nối.")
    page.close()

    server.status = 200
    again = context.new_page()
    open_lesson(again, server)
    again.evaluate("window.dispatchEvent(new Event('online'))")
    # One bar or several: a busy machine plays with pauses.
    expect(again.locator("[data-bar] rect").first).to_be_attached()
    assert server.spans[0][0] == 0
    assert again.evaluate("localStorage.getItem('watch-31-7')") is None


def test_the_film_goes_on_where_it_was_left(page: Page, server: Server) -> None:
    server.page = {"position": "3.5", "covered": "[[0, 3.5]]"}
    open_lesson(page, server)
    until(page, "document.querySelector('video').currentTime >= 3.4")
    expect(page.locator("[data-bar] rect")).to_have_count(1)
    play(page, 0.5)
    page.wait_for_timeout(300)
    assert min(from_ for from_, _to in server.spans) >= 3.4


def test_a_blocked_youtube_gives_our_own_copy_back(page: Page, server: Server) -> None:
    asked: list[str] = []

    def refuse(route: Route) -> None:
        asked.append(route.request.url)
        route.abort()

    page.route("https://www.youtube.com/**", refuse)
    open_lesson(page, server)
    assert asked == [], "YouTube is asked at the click only"
    page.get_by_role("button", name="Xem trên YouTube").click()
    expect(page.locator("[data-announce]")).to_have_text(
        "YouTube không tải được; xem bản lưu tại đây."
    )
    assert asked == ["https://www.youtube.com/iframe_api"]
    expect(page.locator("video")).to_be_visible()
    expect(page.get_by_role("button", name="Xem trên YouTube")).to_be_visible()


def test_what_plays_on_youtube_counts_as_well(page: Page, server: Server) -> None:
    # YouTube's own script cannot be had in a test; this stands at its address, with its contract.
    page.route(
        "https://www.youtube.com/iframe_api",
        lambda route: route.fulfill(
            content_type="text/javascript",
            body="""
              window.YT = {
                PlayerState: { PLAYING: 1, PAUSED: 2 },
                Player: class {
                  constructor(place, { videoId, host, events }) {
                    this.began = null;
                    window.player = Object.assign(this, { videoId, host, events });
                    setTimeout(() => events.onReady({ target: this }), 50);
                  }
                  play() {
                    this.began = performance.now();
                    this.events.onStateChange({ data: 1 });
                  }
                  pauseVideo() {
                    this.events.onStateChange({ data: 2 });
                  }
                  getCurrentTime() {
                    return this.began ? (performance.now() - this.began) / 1000 : 0;
                  }
                  getPlaybackRate() {
                    return 1;
                  }
                },
              };
              window.onYouTubeIframeAPIReady();
            """,
        ),
    )
    open_lesson(page, server)
    page.get_by_role("button", name="Xem trên YouTube").click()
    until(page, "window.player")
    assert page.evaluate("[player.videoId, player.host]") == [
        "aaaaaaaaaaa",
        "https://www.youtube-nocookie.com",
    ]
    expect(page.locator("video")).to_be_hidden()
    page.evaluate("player.play()")
    page.wait_for_timeout(1_200)
    page.evaluate("player.pauseVideo()")
    expect(page.locator("[data-bar] rect")).not_to_have_count(0)
    assert server.spans[0][0] == 0
    assert 1.0 <= server.spans[-1][1] <= 2.5
