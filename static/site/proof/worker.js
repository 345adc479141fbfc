/**
 * The service worker of `/T/`: without a network it shows the page that checks a QR by itself.
 * With one, the server's answer stands, and nothing of it is kept.
 *
 * The script that imports this one sets `self.SHELL`, the address of that page, and `self.KEPT`,
 * the addresses of all that it needs, itself included.
 */
const CACHE = "proof";
// A line so slow is none; the page offers to ask again.
const PATIENCE = 10_000;
// Once it was none, the page's own files, which ask for each other, are not waited for in turn.
const BRIEFLY = 500;
const ILL = [502, 503, 504];
const { SHELL, KEPT } = self;
let poorUntil = 0;

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(keep());
});

self.addEventListener("activate", (event) => {
  event.waitUntil(Promise.all([self.clients.claim(), forgetTheRest()]));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  if (request.mode === "navigate") event.respondWith(answer(request));
  else if (KEPT.includes(new URL(request.url).pathname)) event.respondWith(fresh(request));
});

async function keep() {
  const cache = await caches.open(CACHE);
  await cache.addAll(KEPT.map((address) => new Request(address, { cache: "no-cache" })));
}

async function forgetTheRest() {
  const cache = await caches.open(CACHE);
  for (const request of await cache.keys()) {
    if (!KEPT.includes(new URL(request.url).pathname)) await cache.delete(request);
  }
}

async function answer(request) {
  try {
    const response = await soon(fetch(request), PATIENCE);
    if (!ILL.includes(response.status)) return response;
  } catch {
    // no network
  }
  poorUntil = Date.now() + PATIENCE;
  return (await kept(SHELL)) ?? Response.error();
}

/** From the network where there is one, and then kept anew: keys are put in and retired. */
async function fresh(request) {
  try {
    const response = await soon(fetch(request), Date.now() < poorUntil ? BRIEFLY : PATIENCE);
    if (response.ok) {
      const cache = await caches.open(CACHE);
      await cache.put(request, response.clone());
      return response;
    }
  } catch {
    // no network
  }
  return (await kept(request)) ?? Response.error();
}

function kept(request) {
  return caches.match(request, { cacheName: CACHE, ignoreVary: true });
}

function soon(promise, patience) {
  return new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error("too slow")), patience);
    promise.then(resolve, reject);
  });
}
