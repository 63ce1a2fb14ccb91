// How a person likes to read: language and size of type. Belongs to the phone, not to the account.
import { recall, remember } from "./memory";
import { Store } from "./store";

export type Language = "zh" | "en";

export interface Preferences {
  language: Language;
  large: boolean;
}

export const preferences = new Store<Preferences>({ language: "zh", large: false, ...recall<Preferences>("view") });

export function prefer(change: Partial<Preferences>): void {
  preferences.set({ ...preferences.get(), ...change });
  remember("view", preferences.get());
  applyPreferences();
}

export function applyPreferences(): void {
  const { large } = preferences.get();
  document.documentElement.toggleAttribute("data-large", large);
}
