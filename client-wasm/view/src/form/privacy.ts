// A villager's telephone or identity number does not belong into a record that colleagues read and merge.
import type { FormValues } from "./values";

// Without lookbehind: older Safari does not even start a script that has one.
const TELEPHONE = /(?:^|\D)1[3-9]\d(?:[ -]?\d{4}){2}(?!\d)/;
const IDENTITY_NUMBER = /(?:^|\D)\d{17}[\dXx](?!\d)/;

export type Slip = "privacy.telephone" | "privacy.identity";

export function slipIn(text: string): Slip | null {
  if (IDENTITY_NUMBER.test(text)) return "privacy.identity";
  return TELEPHONE.test(text) ? "privacy.telephone" : null;
}

export function slipsIn(values: FormValues): Record<string, Slip> {
  const found: Record<string, Slip> = {};
  for (const [key, value] of Object.entries(values)) {
    const slip = typeof value === "string" ? slipIn(value) : null;
    if (slip) found[key] = slip;
  }
  return found;
}
