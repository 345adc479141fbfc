/**
 * After a test: sends what this device still keeps of it, because its line was cut until the end
 * of the time; the server keeps it as evidence. Then the device forgets the test.
 *
 * <p id="leftovers" role="status" data-attempt="17" data-save-url="…" data-say-late="…"></p>
 */
import { keeping as keepingOf } from "./exam/keeping.js";
import { Outbox } from "./exam/outbox.js";
import { say, show } from "./words.js";

const place = document.getElementById("leftovers");
if (place) start(place);

async function start(place) {
  const keeping = keepingOf(Number(place.dataset.attempt));
  const hear = {
    late: () => show(place, say(place, "late")),
    answered: forget,
    refused: forget,
  };
  const outbox = new Outbox({
    url: place.dataset.saveUrl,
    keeping,
    now: () => Date.now(),
    tell: (event, detail) => hear[event]?.(detail),
  });
  function forget() {
    if (!outbox.slots.length) keeping.forget();
  }

  const { answers, events } = await keeping.found;
  const unsent = answers.filter((answer) => !answer.saved);
  for (const { slot, seq, response } of unsent) outbox.restore({ slot, seq, response });
  outbox.restoreEvents(events);
  if (unsent.length || events.length) outbox.flush();
  else forget();
  window.addEventListener("online", () => outbox.slots.length && outbox.flush());
}
