// What must be mended before a record can be kept. Everything else may be filled in later.
import { fieldOf } from "../schema";
import type { TextKey } from "../texts";
import type { FormKind } from "./layout";
import { isEmpty, valueOf, type FormValues } from "./values";

export function problemsIn(kind: FormKind, keys: string[], values: FormValues): Record<string, TextKey> {
  const problems: Record<string, TextKey> = {};
  for (const key of keys) {
    const field = fieldOf(kind, key);
    const value = valueOf(values, field);
    if (field.need === "create" && isEmpty(value)) problems[key] = "form.missing";
    else if (field.type === "number" && !isEmpty(value) && !/^\d{1,9}$/.test(String(value).trim())) {
      problems[key] = "form.not_a_number";
    }
  }
  // A voice that says nothing is nobody's voice.
  if (
    kind === "voice" &&
    keys.includes("verbatim") &&
    isEmpty(values.verbatim ?? "") &&
    isEmpty(values.summary ?? "")
  ) {
    problems.verbatim = "form.say_something";
  }
  return problems;
}
