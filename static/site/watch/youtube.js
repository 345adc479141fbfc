/**
 * YouTube as a second source, loaded at the click only: its IFrame API is the one foreign script.
 *
 * Resolves to `{ pause, position }` when the player is ready; rejects when it cannot be had
 * within ten seconds (blocked offices, no line).
 */
const API = "https://www.youtube.com/iframe_api";
const HOST = "https://www.youtube-nocookie.com";
const PATIENCE = 10_000;
const POLL = 500;

export function openYouTube({ id, at, place, move, rest, stopped }) {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(new Error("YouTube did not load"));
    const timer = setTimeout(giveUp, PATIENCE);
    let poll = null;

    const play = () => {
      const player = new window.YT.Player(place, {
        host: HOST,
        videoId: id,
        playerVars: {
          start: Math.floor(at),
          autoplay: 1,
          playsinline: 1,
          rel: 0,
          origin: location.origin,
        },
        events: {
          onReady() {
            clearTimeout(timer);
            resolve({
              pause: () => player.pauseVideo(),
              position: () => player.getCurrentTime(),
            });
          },
          onError: giveUp,
          onStateChange({ data }) {
            clearInterval(poll);
            const here = () => move(player.getCurrentTime(), player.getPlaybackRate());
            if (data === window.YT.PlayerState.PLAYING) {
              here();
              poll = setInterval(here, POLL);
            } else {
              here();
              rest();
              stopped();
            }
          },
        },
      });
    };

    if (window.YT?.Player) return play();
    window.onYouTubeIframeAPIReady = play;
    const script = document.createElement("script");
    script.src = API;
    script.onerror = () => {
      clearTimeout(timer);
      script.remove();
      giveUp();
    };
    document.head.append(script);
  });
}
