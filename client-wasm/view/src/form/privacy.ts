// A villager's telephone or identity number does not belong into a record that colleagues read and merge. What one
// looks like, the engine says: the same check as at the server.
import { useEffect, useState } from "preact/hooks";
import { call } from "../engine";
import { isTextKey, t } from "../texts";
import type { FormValues } from "./values";

/** Words of warning by field. */
export type Warnings = Record<string, string>;

/** So that the engine is not asked at every key. */
const PAUSE_MS = 300;

export function useWarnings(values: FormValues): Warnings {
  const [warnings, setWarnings] = useState<Warnings>({});
  const texts = Object.entries(values).filter(([, value]) => typeof value === "string" && /[\d０-９]/.test(value));
  const asked = JSON.stringify(Object.fromEntries(texts));
  useEffect(() => {
    let late = false;
    const ask = async () => {
      const answer = await call("slips", { texts: JSON.parse(asked) as Record<string, string> });
      if (late || "problem" in answer) return;
      const said = Object.entries(answer.ok).flatMap(([field, { text, shown }]) =>
        isTextKey(text) ? [[field, t(text, { shown })] as const] : [],
      );
      setWarnings(Object.fromEntries(said));
    };
    if (asked === "{}") return setWarnings({});
    const timer = setTimeout(() => void ask(), PAUSE_MS);
    return () => {
      late = true;
      clearTimeout(timer);
    };
  }, [asked]);
  return warnings;
}
