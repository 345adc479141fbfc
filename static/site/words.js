/**
 * Words for people, taken from the page: scripts carry no text of their own.
 *
 * `data-say-saved="Answer {number} saved at {time}"` on the root is said with
 * `say(root, "saved", { number: 12, time: "10:32:05" })`. Where the sentence differs for none or
 * for one, the page may add `data-say-sent-none` and `data-say-sent-one`; `count` chooses.
 * A sentence that the page does not have is "".
 */
export function say(root, name, values = {}) {
  const form = { 0: "-none", 1: "-one" }[values.count] ?? "";
  const sentence =
    root.getAttribute(`data-say-${name}${form}`) ?? root.getAttribute(`data-say-${name}`) ?? "";
  return sentence.replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);
}

/** Set a text only when it differs, so that a live region does not repeat itself. */
export function show(element, text) {
  if (element && element.textContent !== text) element.textContent = text;
}

/** A moment (ISO 8601) as a time of day, 24 hours, in the zone of `data-time-zone`. */
export function timeOfDay(root, moment) {
  return new Intl.DateTimeFormat("en-GB", {
    timeStyle: "medium",
    timeZone: root.dataset.timeZone || undefined,
  }).format(new Date(moment));
}
