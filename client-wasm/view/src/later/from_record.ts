// A record as its form begins with it, and what it lacks.
import type { Answer, FieldValue, Finding, RecordView } from "../api";
import { call } from "../engine";
import type { FormKind } from "../form/layout";
import { editsBetween, type FormValue, type FormValues } from "../form/values";
import { fieldsOf } from "../schema";
import { today } from "../time";

/** The form's values of a record. Counters and logs only grow, so their inputs start empty. */
export function fromRecord(record: RecordView, keys: string[]): FormValues {
  const values: FormValues = {};
  for (const key of keys) {
    const value = record.fields[key];
    const input = value && toInput(value);
    if (input !== undefined) values[key] = input;
  }
  return values;
}

function toInput(value: FieldValue): FormValue | undefined {
  switch (value.shape) {
    case "single":
      return typeof value.value === "boolean" ? value.value : String(value.value);
    case "prose":
      return value.text;
    case "set":
      return value.elements;
    case "entries":
      return Object.keys(value.entries);
    case "flag":
      return value.on;
    default:
      return undefined;
  }
}

/** What a record lacks before it is handed in, and what looks wrong in it. */
export function findingsOf(kind: FormKind, record: RecordView): Promise<Answer<Finding[]>> {
  const keys = fieldsOf(kind).map(({ key }) => key);
  const before = editsBetween(kind, {}, fromRecord(record, keys));
  return call("check", { kind, aim: "hand_in", today: today(), before, edits: [] });
}
