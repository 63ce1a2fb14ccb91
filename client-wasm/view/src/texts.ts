// All words of the app, in the language that the person chose. Chinese comes with the pages; English is fetched when
// somebody wants it, and kept for offline like the rest.
import zh from "first:words";
import type all from "../generated/words.zh.json";
import { preferences, type Language } from "./preferences";
import { Store } from "./store";

export type TextKey = keyof typeof all;

type Words = Record<string, string>;

const known: Partial<Record<Language, Words>> = { zh };

/** The Chinese words that `later/` brings along. */
export function learnWords(words: Words): void {
  Object.assign(zh, words);
}

/** The language that is shown: the one that was chosen, once its words are here. */
export const spoken = new Store<Language>("zh");

/** Whether the words of the chosen language could not be fetched. */
export const lacksWords = new Store(false);

/** Speaks the chosen language from now on, or as soon as its words are here: `signal` says when to look again. */
export function followLanguage(signal: Store<unknown>): void {
  preferences.watch(() => void speak());
  signal.watch(() => {
    if (lacksWords.get()) void speak();
  });
  void speak();
}

async function speak(): Promise<void> {
  const { language } = preferences.get();
  if (language === "en" && !known.en) {
    try {
      known.en = await fetchEnglish();
    } catch {
      lacksWords.set(true);
      return;
    }
  }
  lacksWords.set(false);
  if (preferences.get().language !== language || spoken.get() === language) return;
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  spoken.set(language);
}

async function fetchEnglish(): Promise<Words> {
  const response = await fetch(__ENGLISH_URL__);
  if (!response.ok) throw new Error(`no words: ${response.status}`);
  return response.json();
}

/** `{name}` in a text is replaced by the parameter of that name. */
export function t(key: TextKey, parameters: Record<string, string | number> = {}): string {
  return words(key).replace(/\{(\w+)\}/g, (whole, name: string) => String(parameters[name] ?? whole));
}

/** For a key that is put together; itself where a newer server or engine has words that this view lacks. */
export function textOf(key: string): string {
  return isTextKey(key) ? t(key) : key;
}

/** For keys that the engine or the server names: an older view may not know the newest. */
export function isTextKey(key: string): key is TextKey {
  return key in zh;
}

/** The words of a key as they stand. */
export function words(key: string): string {
  return known[spoken.get()]?.[key] ?? zh[key] ?? key;
}
