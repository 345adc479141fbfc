/**
 * The server's time, and the time left.
 *
 * `new Clock({ serverTime, deadline, tick, warn, last, zero })`; times are ISO 8601, `deadline`
 * may be empty (no limit). `tick(seconds left)` is called every second, `warn(minutes left)` when
 * five minutes and one minute are left, `last()` shortly before the end, `zero()` at the end.
 *
 * It runs on the page's own stopwatch, not on the device's clock: a phone that corrects its date
 * in the middle of a test must not end it. A stopwatch may stand still while a device sleeps, so
 * every answer of the server sets the time anew.
 */
const WARNINGS = [5, 1];
const LAST_CALL = 3;

export class Clock {
  #server;
  #started;
  #deadline;
  #done = new Set();

  constructor({ serverTime, deadline, tick, warn, last, zero }) {
    Object.assign(this, { tick, warn, last, zero });
    this.set({ serverTime, deadline });
    const left = this.left();
    // What passed before the page was opened needs no announcement.
    for (const minutes of WARNINGS) if (left <= 60 * minutes) this.#done.add(minutes);
    this.#look();
    setInterval(() => this.#look(), 1000);
  }

  set({ serverTime, deadline }) {
    if (serverTime) {
      this.#server = Date.parse(serverTime);
      this.#started = performance.now();
    }
    if (deadline !== undefined) this.#deadline = deadline ? Date.parse(deadline) : Infinity;
    // More time was given: what was said and done shortly before the end is to come again.
    if (this.left() > LAST_CALL) for (const end of ["last", "zero"]) this.#done.delete(end);
    for (const minutes of WARNINGS) {
      if (this.left() > 60 * minutes + LAST_CALL) this.#done.delete(minutes);
    }
  }

  /** The server's time in milliseconds, as well as it is known here. */
  now() {
    return this.#server + performance.now() - this.#started;
  }

  /** Seconds until the deadline; Infinity without one. */
  left() {
    return (this.#deadline - this.now()) / 1000;
  }

  #look() {
    const left = this.left();
    this.tick(left);
    // A device that slept is told what is left, not what it missed.
    const minutesLeft = () => this.warn(Math.ceil(left / 60));
    for (const minutes of WARNINGS) this.#once(minutes, left <= 60 * minutes, minutesLeft);
    this.#once("last", left <= LAST_CALL, this.last);
    this.#once("zero", left <= 0, this.zero);
  }

  #once(name, due, act) {
    if (!due || this.#done.has(name)) return;
    this.#done.add(name);
    act();
  }
}
