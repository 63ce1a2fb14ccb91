// Where the person is: the part of the address after `#`, so that the phone's back button works.
import { Store } from "./store";

export interface Route {
  /** With its query: also the name of the form's draft. */
  address: string;
  parts: string[];
  query: URLSearchParams;
}

function read(): Route {
  const address = location.hash.slice(1) || "/";
  const [path = "/", query = ""] = address.split("?");
  return { address, parts: path.split("/").filter(Boolean).map(decodeURIComponent), query: new URLSearchParams(query) };
}

export const route = new Store<Route>(read());

/** Screens of this app that lie behind the present one; kept in the history so that a reload does not forget it. */
let depth = 0;
/** The first entry was not made by a link in the app. */
let followed = false;
const scrolled = new Map<string, number>();

export function followAddress(): void {
  history.scrollRestoration = "manual";
  arrive();
  addEventListener("popstate", arrive);
  addEventListener("scroll", () => scrolled.set(route.get().address, scrollY), { passive: true });
}

function arrive(): void {
  const known = (history.state as { depth: number } | null)?.depth;
  // A link was followed: the browser has made an entry that carries no state yet.
  const arrived = read();
  if (known === undefined) {
    history.replaceState({ depth: followed ? depth + 1 : 0 }, "");
    scrolled.delete(arrived.address);
  }
  depth = known ?? (followed ? depth + 1 : 0);
  followed = true;
  if (arrived.address !== route.get().address) route.set(arrived);
}

export function restoreScroll(): void {
  scrollTo(0, scrolled.get(route.get().address) ?? 0);
}

export function go(address: string): void {
  location.hash = address;
}

/** Replaces the present screen, so that "back" does not lead into a form that is done. */
export function goInstead(address: string): void {
  scrolled.delete(address);
  history.replaceState({ depth }, "", `#${address}`);
  arrive();
}

/** The screen stays, and is found under another address from now on. */
export function renameAddress(from: string, to: string): void {
  if (read().address === from) history.replaceState({ depth }, "", `#${to}`);
}

/** Back in the app; to `otherwise` where this screen was the first. */
export function goBack(otherwise = "/"): void {
  if (depth > 0) history.back();
  else goInstead(otherwise);
}
