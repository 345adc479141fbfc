/**
 * The lesson page: tells the server which parts of the film were played and shows its answer.
 *
 * <div id="watch"
 *   data-watch-url              POST {"spans": [[0, 4.2]], "position": 4.2}
 *   data-keep                   names enrolment and lesson on this device, e.g. "31-7"; spans
 *                               that could not be sent are kept under it (without: not kept)
 *   data-position               where to go on, seconds
 *   data-seconds                length of the film
 *   data-covered                [[0, 4.2], …] as JSON
 *   data-youtube                optional: YouTube's id of the same film
 *   data-say-…                  progress {percent} {needed}   complete   offline   back   login
 *                               refused   youtube-failed>
 *   <video>                     our own copy
 *   [data-bar]                  <svg class="watched" viewBox="0 0 1000 8"
 *                               preserveAspectRatio="none" aria-hidden="true">, empty
 *   [data-words]                the progress in words, written by the server at first
 *   [data-announce]             role=status;  [data-login] a link, hidden
 *   [data-next-link]            a link "next lesson", hidden until complete
 *   [data-youtube-open] and [data-youtube-close]   buttons, the second hidden
 *   [data-youtube-place]        an empty element for the player, hidden
 *
 * The server answers {"percent", "needed", "complete", "covered", "next"}.
 */
import { followVideo } from "./watch/native.js";
import { Reporting } from "./watch/reporting.js";
import { Recorder } from "./watch/spans.js";
import { openYouTube } from "./watch/youtube.js";
import { say, show } from "./words.js";

const root = document.getElementById("watch");
if (root) start(root);

function start(root) {
  const part = (name) => root.querySelector(`[data-${name}]`);
  const video = root.querySelector("video");
  const length = Number(root.dataset.seconds);
  const announce = (name) => {
    show(part("announce"), say(root, name));
    part("login")?.toggleAttribute("hidden", name !== "login");
  };
  let complete = part("next-link") ? !part("next-link").hidden : false;

  const progress = ({ percent, needed, covered, complete: done, next }) => {
    show(part("words"), say(root, "progress", { percent, needed }));
    drawBar(part("bar"), covered, length);
    if (!done) return;
    if (!complete) announce("complete");
    complete = true;
    if (next && part("next-link")) Object.assign(part("next-link"), { href: next, hidden: false });
  };

  const recorder = new Recorder();
  const reporting = new Reporting({
    url: root.dataset.watchUrl,
    key: root.dataset.keep,
    recorder,
    tell: (event, detail) => (event === "progress" ? progress(detail) : announce(event)),
  });
  const watched = {
    move(position, rate) {
      recorder.move(position, performance.now(), rate);
      reporting.at(position);
    },
    rest: () => recorder.rest(),
    stopped: () => reporting.report({ now: true }),
  };

  const at = Number(root.dataset.position) || 0;
  drawBar(part("bar"), JSON.parse(root.dataset.covered || "[]"), length);
  if (video) followVideo(video, { at, ...watched });
  offerYouTube({ root, part, video, watched, announce });

  const leave = () => reporting.report({ now: true, keepalive: true });
  window.addEventListener("pagehide", leave);
  document.addEventListener("visibilitychange", () => document.hidden && leave());
  window.addEventListener("online", () => reporting.report({ now: true }));
}

function drawBar(bar, covered, seconds) {
  if (!bar || !seconds) return;
  bar.replaceChildren(
    ...covered.map(([from, to]) => {
      const rect = document.createElementNS("http://www.w3.org/2000/svg", "rect");
      rect.setAttribute("x", (1000 * from) / seconds);
      rect.setAttribute("width", (1000 * (to - from)) / seconds);
      rect.setAttribute("height", 8);
      return rect;
    }),
  );
}

/** YouTube plays in the place of our own copy, and gives the place back when it cannot. */
function offerYouTube({ root, part, video, watched, announce }) {
  const [opener, closer, place] = ["youtube-open", "youtube-close", "youtube-place"].map(part);
  if (!opener || !root.dataset.youtube) return;
  let player = null;
  const turn = (toYouTube) => {
    place.hidden = closer.hidden = !toYouTube;
    opener.hidden = toYouTube;
    if (video) video.hidden = toYouTube;
  };

  opener.addEventListener("click", async () => {
    video?.pause();
    turn(true);
    if (player) return;
    const target = document.createElement("div");
    place.replaceChildren(target);
    try {
      const at = video?.currentTime ?? Number(root.dataset.position) ?? 0;
      player = await openYouTube({ id: root.dataset.youtube, at, place: target, ...watched });
    } catch {
      place.replaceChildren();
      turn(false);
      announce("youtube-failed");
    }
  });
  closer.addEventListener("click", () => {
    player?.pause();
    turn(false);
    if (player && video) video.currentTime = player.position();
  });
}
