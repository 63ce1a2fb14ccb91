// What is typed into a form is on the phone at every keystroke, until the engine has it.
// A draft is named by the form's address, so opening that address again brings it back.
import type { ChangeHash, Kind } from "./api";
import { forget, recall, remember, rememberedKeys } from "./memory";
import { accountKey } from "./session";
import type { FormValues } from "./form/values";

export interface Draft {
  kind: Kind;
  values: FormValues;
  /** What the record said when the form was opened, with its heads: colleagues' later edits must merge. */
  initial: FormValues;
  base: ChangeHash[] | null;
  saved_ms: number;
  /** False while it holds nothing that a person has entered (a slip number is kept all the same). */
  touched: boolean;
  /** The beginning of what was typed, for the list of unfinished forms. */
  excerpt: string;
}

export interface NamedDraft extends Draft {
  address: string;
}

const name = (address: string) => accountKey(`draft.${address}`);

export function keepDraft(address: string, draft: Draft): boolean {
  return remember(name(address), draft);
}

export function draftAt(address: string): Draft | null {
  return recall<Draft>(name(address));
}

export function dropDraft(address: string): void {
  forget(name(address));
}

/** Forms that were begun and neither saved nor emptied, the latest first. */
export function unfinishedDrafts(): NamedDraft[] {
  const found: NamedDraft[] = [];
  for (const key of rememberedKeys(accountKey("draft."))) {
    const draft = recall<Draft>(key);
    if (draft?.touched) found.push({ ...draft, address: key.slice(accountKey("draft.").length) });
  }
  return found.sort((a, b) => b.saved_ms - a.saved_ms);
}

/** When an account leaves the phone nothing of it stays. */
export function dropEverythingOfAccount(): void {
  for (const key of rememberedKeys(accountKey(""))) forget(key);
}
