// Browsers give the promise not to throw data away only to a page that asks; the engine then sees that it was given.
import { onSettled } from "./engine";
import { account } from "./session";
import { Store } from "./store";

/** Bytes that the app uses, and that it may use; null where the browser does not tell (Safari before 17). */
export const room = new Store<{ used: number; quota: number } | null>(null);

/** Beyond this share the person is warned, before a record or a photo finds no place. */
const USED_MAX = 0.8;

export function isNearlyFull(): boolean {
  const now = room.get();
  return now !== null && now.used > now.quota * USED_MAX;
}

/** Looked at when the app starts and once records have changed: a photo comes with the form that names it. */
export function followRoom(): void {
  const look = () =>
    void navigator.storage?.estimate?.().then(({ usage, quota }) => {
      if (usage !== undefined && quota) room.set({ used: usage, quota });
    });
  onSettled(look);
  look();
}

/** Asks once somebody has signed in: before that there is nothing to keep, and some browsers ask the person. */
export function askToKeepData(): void {
  let asked = false;
  const ask = () => {
    if (asked || account.get() === null) return;
    asked = true;
    // A refusal is shown by the engine's status; there is nothing to do about it here.
    void navigator.storage?.persist?.().catch(() => undefined);
  };
  account.watch(ask);
  ask();
}
