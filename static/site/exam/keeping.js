/**
 * Keeps the answers of one attempt on this device (IndexedDB) until the server has given its
 * receipt, so that a lost line or a closed window loses nothing.
 *
 * `await openKeeping(attempt)` gives `{ records, write, forget }`; a record is
 * `{ slot, seq, response, saved }`. Where the browser refuses storage (some private windows),
 * everything still works as long as the page stays open.
 */
const STALE = 14 * 24 * 3600 * 1000;
const PATIENCE = 2_000;

export async function openKeeping(attempt) {
  const database = await open();
  const within = (mode, work) => database && run(database, mode, work);

  const all = (await within("readonly", (store) => store.getAll())) ?? [];
  const mine = all.filter((record) => record.attempt === attempt);
  const old = all.filter((record) => record.at < Date.now() - STALE);
  const drop = (records) =>
    within("readwrite", (store) => {
      for (const record of records) store.delete([record.attempt, record.slot]);
    });
  if (old.length) await drop(old);

  return {
    records: mine,
    write: (record) =>
      within("readwrite", (store) => store.put({ ...record, attempt, at: Date.now() })),
    forget: async () => {
      const records = (await within("readonly", (store) => store.getAll())) ?? [];
      await drop(records.filter((record) => record.attempt === attempt));
    },
  };
}

/** The database, or null where there is none to be had. */
function open() {
  return new Promise((resolve) => {
    setTimeout(() => resolve(null), PATIENCE);
    try {
      const request = indexedDB.open("exam", 1);
      request.onupgradeneeded = () =>
        request.result.createObjectStore("answers", { keyPath: ["attempt", "slot"] });
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => resolve(null);
    } catch {
      resolve(null);
    }
  });
}

/** One transaction; the result of the request that `work(store)` returns, null on failure. */
function run(database, mode, work) {
  return new Promise((resolve) => {
    try {
      const transaction = database.transaction("answers", mode);
      const request = work(transaction.objectStore("answers"));
      transaction.oncomplete = () => resolve(request?.result ?? null);
      transaction.onabort = () => resolve(null);
    } catch {
      resolve(null);
    }
  });
}
