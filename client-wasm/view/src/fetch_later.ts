// The part of the app that nobody needs to record (`later/`): its own file, fetched after everything else. The service
// worker keeps it for offline and tells when it is there; then it is loaded at once, so that a page never has to look for
// the part of a version that has been replaced meanwhile.
import { status } from "./engine";
import { online } from "./network";
import { Store } from "./store";
import { fetchTheRest } from "./update";

export type Later = typeof import("./later");

export const later = new Store<Later | null>(null);

let fetching = false;
let failures = 0;

export function followLater(): void {
  const again = () => {
    if (failures > 0) void fetchLater();
  };
  // The engine's state changes whenever something went through, or did not.
  status.watch(again);
  online.watch(() => {
    if (!online.get()) return;
    fetchTheRest();
    again();
  });
}

export async function fetchLater(): Promise<void> {
  if (fetching || later.get()) return;
  fetching = true;
  const address = document.documentElement.dataset.later ?? "";
  try {
    // A browser does not fetch a module again that failed: under another address it does.
    later.set((await import(failures === 0 ? address : `${address}?${failures}`)) as Later);
  } catch {
    failures += 1;
  }
  fetching = false;
}
