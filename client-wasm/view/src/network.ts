// What the browser believes about the network. It errs on the hopeful side, so the engine's word goes first.
import { Store } from "./store";

export const online = new Store(navigator.onLine);

export function followNetwork(): void {
  addEventListener("online", () => online.set(true));
  addEventListener("offline", () => online.set(false));
}
