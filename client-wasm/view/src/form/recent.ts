// What this person chose last in a long list comes first the next time.
import { recall, remember } from "../memory";
import { accountKey } from "../session";
import type { FormValues } from "./values";

const KEPT = 3;
const FIELDS = ["village", "kind"];

const name = (field: string) => accountKey(`recent.${field}`);

export function recentChoices(field: string): string[] {
  return recall<string[]>(name(field)) ?? [];
}

export function noteChoices(values: FormValues): void {
  for (const field of FIELDS) {
    const value = values[field];
    if (typeof value !== "string" || value === "") continue;
    remember(name(field), [value, ...recentChoices(field).filter((old) => old !== value)].slice(0, KEPT));
  }
}
