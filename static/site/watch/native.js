/** Watches a `<video>`: calls `move(position, rate)` while it plays, `rest()` when it stops. */
export function followVideo(video, { at, move, rest, stopped }) {
  const here = () => move(video.currentTime, video.playbackRate);
  const stop = () => {
    rest();
    stopped();
  };
  const resume = () => {
    // Somebody who saw the end begins again at the beginning.
    if (at > 0 && at < video.duration - 1) video.currentTime = at;
  };
  if (video.readyState >= HTMLMediaElement.HAVE_METADATA) resume();
  else video.addEventListener("loadedmetadata", resume, { once: true });

  video.addEventListener("playing", here);
  video.addEventListener("timeupdate", () => {
    if (!video.seeking && !video.paused) here();
  });
  video.addEventListener("seeking", rest);
  video.addEventListener("ratechange", () => video.paused || here());
  for (const name of ["pause", "ended"]) {
    video.addEventListener(name, () => {
      if (!video.seeking) here();
      stop();
    });
  }
}
