// New versions of the app: fetched in the background by the service worker, put in use only when no form is open.
import { hasWork } from "./engine";

/** Not more often, when a phone is unlocked again and again. */
const LOOK_EVERY_MS = 30 * 60_000;

let openForms = 0;
let registration: ServiceWorkerRegistration | undefined;

/** Marks a form as open until the returned function is called. */
export function withForm(): () => void {
  openForms += 1;
  return () => {
    openForms -= 1;
  };
}

function isBusy(): boolean {
  return openForms > 0 || hasWork();
}

/** Called once the app works, so that keeping it for offline does not take the line from loading it. */
export async function keepAppOffline(onAllHere: () => void): Promise<void> {
  const { serviceWorker } = navigator;
  let controlled = serviceWorker.controller !== null;
  serviceWorker.addEventListener("controllerchange", () => {
    // The first service worker that takes over changes nothing; a later one has brought a new app.
    if (controlled && !isBusy()) location.reload();
    controlled = true;
  });
  serviceWorker.addEventListener("message", ({ data, ports }: MessageEvent<{ ask: string; version?: string }>) => {
    if (data.ask === "busy") ports[0]?.postMessage(isBusy());
    if (data.ask !== "load the rest") return;
    if (data.version === document.documentElement.dataset.version) onAllHere();
    // The rest of this page's version may be gone.
    else if (!isBusy()) location.reload();
  });
  try {
    registration = await serviceWorker.register("/sw.js", { updateViaCache: "none" });
    letWaitingTakeOver();
    followVisibility();
    fetchTheRest();
  } catch {
    // No network, or a full phone: the app works now and the next start tries again.
  }
}

/** What nobody needs to record, where the service worker has not got all of it yet. */
export function fetchTheRest(): void {
  navigator.serviceWorker.controller?.postMessage("fetch the rest");
}

/** The service worker asks all windows of the app first; one that is busy keeps the present version. */
function letWaitingTakeOver(): void {
  if (!isBusy()) registration?.waiting?.postMessage("take over");
}

/** When the server no longer speaks with this version: looks for the new one, which takes over when it has arrived. */
export async function updateNow(): Promise<void> {
  try {
    await registration?.update();
  } catch {
    // No network: nothing can be had now, and reloading would only start the old version again.
    return;
  }
  const coming = registration?.installing;
  if (coming) coming.addEventListener("statechange", () => letWaitingTakeOver());
  else letWaitingTakeOver();
}

/** A new version comes into use while nobody looks, or at the next start; never before a reader's eyes. */
function followVisibility(): void {
  let looked_ms = Date.now();
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") return letWaitingTakeOver();
    if (Date.now() - looked_ms < LOOK_EVERY_MS) return;
    looked_ms = Date.now();
    registration?.update().catch(() => undefined);
  });
}
