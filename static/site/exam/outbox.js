/**
 * Sends answers in batches and keeps each until the server's receipt.
 *
 * `new Outbox({ url, keeping, tell })`; `tell(event, detail)` hears
 *   "changed"  { slot }                 waits to be sent
 *   "saved"    { slot, at }             the server has it; `at` is the server's time
 *   "refused"  { slot }                 the server will not take this answer
 *   "answered" { body }                 any good answer of the server (its time, the deadline)
 *   "offline"                           once, when the line is lost
 *   "back"     { count }                once, when it is there again
 *   "login", "closed"
 * A receipt counts only for the sequence number it names: an answer changed meanwhile goes again.
 */
import { send } from "../sending.js";

const GATHER = 1_500;
const FIRST_RETRY = 2_000;
const LAST_RETRY = 30_000;

export class Outbox {
  #waiting = new Map();
  #flying = null;
  #timer = null;
  #failures = 0;
  #seq = 0;

  constructor({ url, keeping, tell }) {
    Object.assign(this, { url, keeping, tell, offline: false });
  }

  /** Numbers already used, by the server or by this device; the next is higher. */
  startAfter(seq) {
    this.#seq = Math.max(this.#seq, seq);
  }

  get slots() {
    return [...this.#waiting.keys()];
  }

  add(slot, response) {
    this.restore({ slot, response, seq: ++this.#seq });
    this.keeping.write({ ...this.#waiting.get(slot), saved: false });
  }

  restore({ slot, seq, response }) {
    this.startAfter(seq);
    this.#waiting.set(slot, { slot, seq, response });
    this.tell("changed", { slot });
    this.#sendIn(this.#failures ? null : GATHER);
  }

  /** Send now, one request at a time; with nothing to send, ask the time. Returns the kind. */
  async flush() {
    while (this.#flying) await this.#flying;
    this.#flying = this.#deliver([...this.#waiting.values()]);
    try {
      return await this.#flying;
    } finally {
      this.#flying = null;
    }
  }

  /** Send until nothing waits: "ok", or the kind that stopped it. */
  async drain() {
    for (let round = 0; round < 3; round += 1) {
      const kind = await this.flush();
      if (kind !== "ok" || !this.#waiting.size) return kind;
    }
    return "offline";
  }

  /** The page may be gone in a moment: send what waits and do not wait for the answer. */
  leave() {
    if (this.#waiting.size) this.#deliver([...this.#waiting.values()], { keepalive: true });
  }

  /** The line is gone; said once. */
  lose() {
    if (this.offline) return;
    this.offline = true;
    this.tell("offline");
  }

  #sendIn(delay) {
    if (delay === null || this.#timer) return;
    this.#timer = setTimeout(() => this.flush(), delay);
  }

  async #deliver(answers, options) {
    clearTimeout(this.#timer);
    this.#timer = null;
    const { kind, body, wait } = await send("PUT", this.url, { answers }, options);
    if (kind === "ok") {
      this.#receive(answers, body);
    } else if (kind === "offline") {
      this.#retry(wait);
    } else if (kind === "refused" && answers.length > 1) {
      // One bad answer must not hold back the others.
      for (const answer of answers) await this.#deliver([answer], options);
      return "ok";
    } else if (kind === "refused") {
      this.#drop(answers);
      return "ok";
    } else {
      this.tell(kind);
      if (kind === "login") this.#sendIn(LAST_RETRY);
    }
    return kind;
  }

  #receive(answers, body) {
    this.#failures = 0;
    const receipts = body.saved ?? [];
    for (const { slot, seq, saved_at: at } of receipts) {
      const answer = this.#waiting.get(slot);
      if (!answer || seq < answer.seq) continue;
      if (seq > answer.seq) {
        // Another window answered under a higher number; what was done here is later.
        this.startAfter(seq);
        this.add(slot, answer.response);
        continue;
      }
      this.#waiting.delete(slot);
      this.keeping.write({ ...answer, saved: true });
      this.tell("saved", { slot, at });
    }
    this.tell("answered", { body });
    if (this.offline) {
      this.offline = false;
      this.tell("back", { count: receipts.length });
    }
    const unreceipted = answers.some(({ slot, seq }) => this.#waiting.get(slot)?.seq === seq);
    if (unreceipted) this.#retry(0);
    else if (this.#waiting.size) this.#sendIn(GATHER);
  }

  #drop([answer]) {
    if (!answer || this.#waiting.get(answer.slot)?.seq !== answer.seq) return;
    this.#waiting.delete(answer.slot);
    this.tell("refused", { slot: answer.slot });
  }

  #retry(wait) {
    this.lose();
    const backoff = Math.min(FIRST_RETRY * 2 ** this.#failures, LAST_RETRY);
    this.#failures += 1;
    // Spread, because a whole office comes back at the same moment.
    this.#sendIn(Math.max(wait, backoff * (0.75 + Math.random() / 2)));
  }
}
