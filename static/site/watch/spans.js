/**
 * Which seconds were played. A span is `[from, to]` in seconds of the film, `from < to`.
 */

/** Sorted, without overlaps, touching spans joined, to a tenth of a second. */
export function merge(spans) {
  const joined = [];
  for (const [from, to] of [...spans].sort((a, b) => a[0] - b[0])) {
    const last = joined.at(-1);
    if (last && from <= last[1] + 0.05) last[1] = Math.max(last[1], to);
    else joined.push([from, to]);
  }
  return joined
    .map(([from, to]) => [Math.round(from * 10) / 10, Math.round(to * 10) / 10])
    .filter(([from, to]) => from < to);
}

/**
 * Turns positions seen while the film plays into spans. A step counts as played only when the
 * film could have run that far since the position before; anything else is a jump.
 */
export class Recorder {
  #spans = [];
  #last = null;
  #at = 0;

  /** `now` in milliseconds of a stopwatch, `rate` the playing speed. */
  move(position, now, rate = 1) {
    if (this.#last !== null) {
      const step = position - this.#last;
      const possible = ((now - this.#at) / 1000) * rate + 1;
      if (step > 0 && step <= possible) this.#spans.push([this.#last, position]);
    }
    this.#last = position;
    this.#at = now;
  }

  /** The film stopped or jumped: the next position begins a new span. */
  rest() {
    this.#last = null;
  }

  /** The spans since the last call, merged. */
  take() {
    const spans = merge(this.#spans);
    this.#spans = [];
    return spans;
  }
}
