// Putting the app on the phone's home screen: it opens faster there, and browsers keep its data more faithfully.
import { Store } from "./store";

/** Chromium's event, which the standard library's types do not know. */
interface InstallPrompt extends Event {
  prompt: () => Promise<unknown>;
}

let offer: InstallPrompt | null = null;

/** Whether the browser offers to do it; others have a menu entry. */
export const canInstall = new Store(false);

export function followInstallOffer(): void {
  addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    offer = event as InstallPrompt;
    canInstall.set(true);
  });
}

export async function install(): Promise<void> {
  await offer?.prompt();
  // An offer can be used only once.
  offer = null;
  canInstall.set(false);
}
