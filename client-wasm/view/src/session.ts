// Who is signed in. Remembered beside the engine's own data, so that forms can be filled in while the engine starts.
import type { Account } from "./api";
import { call, engineState, onSettled, status } from "./engine";
import { forget, recall, remember } from "./memory";
import { Store } from "./store";

export const account = new Store<Account | null>(recall<Account>("account"));

/** True when the browser threw away the engine's data although nobody had signed out. */
export const evicted = new Store(false);

export function setAccount(value: Account | null): void {
  account.set(value);
  if (value) evicted.set(false);
  rememberWho();
}

/** Who has a PIN is shown to nobody before it was entered: only that somebody is here is remembered. */
function rememberWho(): void {
  const lock = status.get()?.lock ?? "none";
  const person = lock === "none" ? account.get() : null;
  if (person) remember("account", person);
  else forget("account");
  if (lock === "open") remember(HAS_PIN, true);
  if (lock === "none") forget(HAS_PIN);
}

/** One person's screens and telephones are nothing for the next one. */
export function onOtherPerson(act: () => void): void {
  let user = account.get()?.user;
  account.watch(() => {
    if (account.get()?.user === user) return;
    user = account.get()?.user;
    act();
  });
}

export function followEngine(): void {
  engineState.watch(() => {
    if (engineState.get().at === "ready") void refreshAccount();
  });
  status.watch(() => {
    if (account.get()) rememberWho();
    // While nobody is signed in the number still tells what was lost.
    const now = status.get();
    if (now && asked && !evicted.get() && account.get() !== null) remember(UNSENT, now.unsent);
  });
  // The station of a person who has just signed in arrives with the first records; posts may change at any time.
  onSettled(() => void refreshAccount());
}

async function refreshAccount(): Promise<void> {
  const answer = await call("account", {});
  if ("problem" in answer) return;
  // Later the account may be gone because another window has signed out.
  const expected = account.get() !== null || (recall<boolean>(HAS_PIN) ?? false);
  const { ended, lock } = status.get() ?? {};
  if (!asked) evicted.set(answer.ok === null && expected && !ended && lock !== "locked");
  asked = true;
  if (JSON.stringify(answer.ok) !== JSON.stringify(account.get())) setAccount(answer.ok);
}

/** Whether the engine has said once who is signed in. */
let asked = false;

/** Beside it: an account with a PIN was open here last. */
const HAS_PIN = "has_pin";

/** Kept outside the engine's storage: what the phone held alone, should the browser throw that away. */
const UNSENT = "unsent";

/** How many changes were on this phone only when the page last heard of it. */
export function lostUnsent(): number {
  return recall<number>(UNSENT) ?? 0;
}

/** The name of a key that belongs to the account, in localStorage. */
export function accountKey(name: string): string {
  return `${account.get()?.user ?? "nobody"}.${name}`;
}

/** The space in which nobody else reads what this person drafts. */
export function privateSpace(person: Account): number | null {
  return person.spaces.find(({ space, access }) => space.kind === "private" && access === "write")?.space.id ?? null;
}

/** The space in which this person writes, if there is one and it may be written. */
export function writableSpace(person: Account): number | null {
  const space = person.spaces.find(({ space }) => space.id === person.home_space);
  return space?.access === "write" ? space.space.id : null;
}
