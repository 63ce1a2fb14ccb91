// The service worker: keeps the whole app on the phone, so that it starts without a network.
// It never touches what is not the app: exchanges (/api/…) and the console go straight to the network.

declare const self: ServiceWorkerGlobalScope;
// A module, so that the line above may say more precisely what `self` is.
export {};

const CACHE = `app-${__APP_VERSION__}`;
/** A window that does not answer may be in the middle of a form. */
const ANSWER_WITHIN_MS = 2000;

self.addEventListener("install", (event) => event.waitUntil(fill()));
self.addEventListener("activate", (event) => event.waitUntil(takeOver().then(fillRest)));

/**
 * A first load gets what is needed to record without a network, and the rest afterwards. A later version comes whole, so
 * that no phone loses offline what it had.
 */
async function fill(): Promise<void> {
  const isFirst = !(await caches.keys()).some((name) => name.startsWith("app-") && name !== CACHE);
  const cache = await caches.open(CACHE);
  const needed = isFirst ? __PRECACHE__ : [...__PRECACHE__, ...__AFTERWARDS__];
  await Promise.all(needed.map((url) => fetchInto(cache, url)));
}

/** What fails now is fetched at the next start, when the network is back, or when it is opened. */
async function fillRest(): Promise<void> {
  const cache = await caches.open(CACHE);
  let isComplete = true;
  for (const url of __AFTERWARDS__) {
    if (await cache.match(url)) continue;
    await fetchInto(cache, url, "low").catch(() => (isComplete = false));
  }
  if (!isComplete) return;
  const message = { ask: "load the rest", version: __APP_VERSION__ };
  for (const client of await self.clients.matchAll({ type: "window" })) client.postMessage(message);
}

/** Names under /assets/ carry the hash of their content: what an earlier version holds need not be fetched again. */
async function fetchInto(cache: Cache, url: string, priority: RequestPriority = "auto"): Promise<void> {
  const hashed = url.startsWith("/assets/");
  const held = hashed ? await caches.match(url) : undefined;
  const response = held ?? (await fetch(url, { cache: hashed ? "default" : "no-cache", priority }));
  if (!(await isOurs(url, response.clone()))) throw new Error(`not the app: ${url} (${response.status})`);
  await cache.put(url, response);
}

/** A captive portal answers everything with a page of its own; that must not become the app. */
async function isOurs(url: string, response: Response): Promise<boolean> {
  if (!response.ok || response.redirected) return false;
  if (url === "/") return (await response.text()).includes(`data-version="${__APP_VERSION__}"`);
  return !response.headers.get("content-type")?.startsWith("text/html");
}

async function takeOver(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(
    names.filter((name) => name.startsWith("app-") && name !== CACHE).map((name) => caches.delete(name)),
  );
  await self.clients.claim();
}

self.addEventListener("message", (event) => {
  if (event.data === "take over") event.waitUntil(takeOverWhenIdle());
  if (event.data === "fetch the rest") event.waitUntil(fillRest());
});

async function takeOverWhenIdle(): Promise<void> {
  const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const busy = await Promise.all(windows.map(isBusy));
  if (!busy.includes(true)) await self.skipWaiting();
}

function isBusy(client: Client): Promise<boolean> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = (message: MessageEvent<boolean>) => resolve(message.data);
    setTimeout(() => resolve(true), ANSWER_WITHIN_MS);
    client.postMessage({ ask: "busy" }, [port2]);
  });
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  // The server gives the app's page at /app too.
  const path = request.mode === "navigate" && /^\/app(\/|$)/.test(url.pathname) ? "/" : url.pathname;
  if (__PRECACHE__.includes(path) || __AFTERWARDS__.includes(path)) event.respondWith(fromCache(path, request));
});

/** Only what was listed is answered, so `/api/*`, `/console*` and anything the server adds are never touched. */
async function fromCache(path: string, request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(path);
  if (kept) return kept;
  if (!__AFTERWARDS__.includes(path)) return fetch(request);
  // Opened before its turn: from now on it is on the phone.
  await fetchInto(cache, path);
  return (await cache.match(path)) ?? fetch(request);
}
