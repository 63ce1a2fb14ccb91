// Whether a voice was stored although its form never heard so: the app was killed, or the window with the engine was
// closed, between storing and answering. Its slip number tells.
import type { RecordId, RecordView } from "../api";
import { call } from "../engine";
import type { FormValues } from "./values";

export interface Twin {
  id: RecordId;
  /** Says the same: the form is done. Otherwise its number is taken and the form needs another one. */
  same: boolean;
}

/** Among the rows in which the number occurs the right one is one of the first. */
const LOOKED_AT = 3;

export async function findTwin(values: FormValues): Promise<Twin | null> {
  const number = String(values.slip_no);
  const found = await call("list", { kinds: ["voice"], text: number, limit: LOOKED_AT });
  if ("problem" in found) return null;
  for (const { id } of found.ok) {
    const record = await call("record", { id });
    if ("problem" in record || textOf(record.ok, "slip_no") !== number) continue;
    const same = ["verbatim", "summary"].every((key) => textOf(record.ok, key) === (values[key] ?? ""));
    return { id, same };
  }
  return null;
}

function textOf(record: RecordView, key: string): string {
  const value = record.fields[key];
  if (value?.shape === "prose") return value.text;
  return value?.shape === "single" ? String(value.value) : "";
}
