// Browsers give the promise not to throw data away only to a page that asks; the engine then sees that it was given.
import { account } from "./session";

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
