/**
 * Keeps the answers and events of one attempt on this device (IndexedDB) until the server has
 * given its receipt, so that a lost line or a closed window loses nothing.
 *
 * `keeping(attempt)` gives
 *   found              a promise of `{ answers, events }` kept here: `{ slot, seq, response, saved }`
 *                      and `{ kind, at }`
 *   answer(record)     keeps an answer; an older one never takes the place of a newer one
 *   event(record)      keeps an event;   eventsSent(records) forgets them
 *   forget()           forgets all of the attempt
 *   works              false once the browser refused to keep something (some private windows);
 *                      everything else still works as long as the page stays open
 */
const STALE = 14 * 24 * 3600 * 1000;

export function keeping(attempt) {
  const database = open();
  const kept = { works: true };

  /** `work(store)` in one transaction; its request's result, null on failure. */
  async function within(name, mode, work) {
    const found = (await database) && (await run(await database, name, mode, work));
    if (!found) kept.works = false;
    return found?.result ?? null;
  }

  async function drop(name, wanted) {
    await within(name, "readwrite", (store) => {
      const walk = store.openCursor();
      walk.onsuccess = () => {
        const cursor = walk.result;
        if (!cursor) return;
        if (wanted(cursor.value)) cursor.delete();
        cursor.continue();
      };
    });
  }

  async function find(name) {
    const all = (await within(name, "readonly", (store) => store.getAll())) ?? [];
    return all.filter((record) => record.attempt === attempt);
  }

  async function findAll() {
    const [answers, events] = [await find("answers"), await find("events")];
    const stale = (record) => new Date(record.at) < Date.now() - STALE;
    for (const name of ["answers", "events"]) drop(name, stale);
    return { answers, events };
  }

  return Object.assign(kept, {
    found: findAll(),
    answer: (record) =>
      within("answers", "readwrite", (store) => {
        const held = store.get([attempt, record.slot]);
        held.onsuccess = () => {
          // Another window of this device may have kept a newer one.
          if ((held.result?.seq ?? 0) > record.seq) return;
          store.put({ ...record, attempt, at: Date.now() });
        };
      }),
    event: (record) =>
      within("events", "readwrite", (store) => store.put({ ...record, attempt })),
    eventsSent: (records) =>
      within("events", "readwrite", (store) => {
        for (const { kind, at } of records) store.delete([attempt, kind, at]);
      }),
    forget: async () => {
      const mine = (record) => record.attempt === attempt;
      for (const name of ["answers", "events"]) await drop(name, mine);
    },
  });
}

/** The database, or null where there is none to be had. */
function open() {
  return new Promise((resolve) => {
    try {
      const request = indexedDB.open("exam", 2);
      request.onupgradeneeded = () => {
        const { objectStoreNames: known } = request.result;
        const make = (name, keyPath) =>
          known.contains(name) || request.result.createObjectStore(name, { keyPath });
        make("answers", ["attempt", "slot"]);
        make("events", ["attempt", "kind", "at"]);
      };
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => resolve(null);
    } catch {
      resolve(null);
    }
  });
}

/** One transaction; `{ result }` of the request that `work(store)` returns, null on failure. */
function run(database, name, mode, work) {
  return new Promise((resolve) => {
    try {
      // Strict: written to the disk, because a telephone may also run out of power.
      const transaction = database.transaction(name, mode, { durability: "strict" });
      const request = work(transaction.objectStore(name));
      transaction.oncomplete = () => resolve({ result: request?.result });
      transaction.onabort = () => resolve(null);
    } catch {
      resolve(null);
    }
  });
}
