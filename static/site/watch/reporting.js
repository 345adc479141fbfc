/**
 * Tells the server which spans were played: every five seconds, and when the film stops. What
 * could not be sent is kept on this device and goes with the next report.
 *
 * `tell(event, detail)` hears "progress" (the server's JSON), "offline", "back", "login",
 * "refused".
 */
import { send } from "../sending.js";
import { merge } from "./spans.js";

const EVERY = 5_000;

export class Reporting {
  #unsent;
  #flying = null;
  #position = 0;
  #told = 0;
  #notBefore = 0;

  /** `key` names person and lesson on this device; without it nothing outlives the page. */
  constructor({ url, key, recorder, tell }) {
    Object.assign(this, { url, key: key && `watch-${key}`, recorder, tell, offline: false });
    this.#unsent = this.#kept();
    setInterval(() => this.report(), EVERY);
  }

  at(position) {
    this.#position = Math.round(position * 10) / 10;
  }

  /** Send what is new; `now` also while another report is under way or after a failure. */
  async report({ now = false, keepalive = false } = {}) {
    this.#gather();
    const waiting = this.#flying || performance.now() < this.#notBefore;
    const news = this.#unsent.length || this.#position !== this.#told;
    if (!news || (waiting && !now)) return;
    const sent = { spans: this.#unsent, position: this.#position };
    const delivery = send("POST", this.url, sent, { keepalive });
    this.#flying = delivery;
    const { kind, body, wait } = await delivery;
    if (this.#flying === delivery) this.#flying = null;
    this.#sort(kind, body, wait, sent);
  }

  #sort(kind, body, wait, sent) {
    if (kind === "offline" || kind === "login") {
      this.#notBefore = performance.now() + Math.max(wait, EVERY);
      if (!this.offline || kind === "login") this.tell(kind);
      this.offline = true;
      return;
    }
    this.#told = sent.position;
    this.#unsent = this.#unsent.filter((span) => !sent.spans.includes(span));
    this.#keep();
    if (kind !== "ok") return this.tell("refused");
    if (this.offline) this.tell("back");
    this.offline = false;
    this.tell("progress", body);
  }

  #gather() {
    const fresh = this.recorder.take();
    if (!fresh.length) return;
    this.#unsent = this.#flying ? [...this.#unsent, ...fresh] : merge([...this.#unsent, ...fresh]);
    this.#keep();
  }

  #kept() {
    try {
      return JSON.parse(this.key && localStorage.getItem(this.key)) ?? [];
    } catch {
      return [];
    }
  }

  #keep() {
    if (!this.key) return;
    try {
      if (this.#unsent.length) localStorage.setItem(this.key, JSON.stringify(this.#unsent));
      else localStorage.removeItem(this.key);
    } catch {
      // Without storage the spans last as long as the page.
    }
  }
}
