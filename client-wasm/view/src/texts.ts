// All words of the app, in the language that the person chose.
import app from "../../../shared/texts/app.json";
import official from "../../../shared/texts/case.json";
import common from "../../../shared/texts/common.json";
import type files from "../../../shared/texts/files.json";
import { preferences } from "./preferences";

export interface Words {
  zh: string;
  en: string;
}

export type TextKey = keyof typeof app | keyof typeof common | keyof typeof official | keyof typeof files;

const texts: Record<string, Words> = { ...common, ...official, ...app };

/** Words that come with a part of the app that is loaded later. */
export function learn(more: Record<string, Words>): void {
  Object.assign(texts, more);
}

/** `{name}` in a text is replaced by the parameter of that name. */
export function t(key: TextKey, parameters: Record<string, string | number> = {}): string {
  return words(texts[key] ?? { zh: key, en: key }).replace(/\{(\w+)\}/g, (whole, name: string) =>
    String(parameters[name] ?? whole),
  );
}

/** For a key that is put together; itself where a newer server or engine has words that this view lacks. */
export function textOf(key: string): string {
  return isTextKey(key) ? t(key) : key;
}

/** For keys that the engine or the server names: an older view may not know the newest. */
export function isTextKey(key: string): key is TextKey {
  return key in texts;
}

export function words(label: Words): string {
  return label[preferences.get().language];
}
