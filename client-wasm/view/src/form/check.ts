// What is missing or doubtful in a form, and the words for it. The rules are the engine's, the same as at the server
// (shared/src/check); here is only what cannot be asked because it is no value yet.
import { useEffect, useState } from "preact/hooks";
import type { Answer, Finding } from "../api";
import { call, engineState } from "../engine";
import { fieldOf } from "../schema";
import { useStore } from "../store";
import { isTextKey, t } from "../texts";
import { today } from "../time";
import type { FormKind } from "./layout";
import { editsBetween, isEmpty, valueOf, type FormValues } from "./values";

/** So that the engine is not asked at every key. */
const PAUSE_MS = 300;

export function findingsIn(kind: FormKind, initial: FormValues, values: FormValues): Promise<Answer<Finding[]>> {
  const before = editsBetween(kind, {}, initial);
  return call("check", { kind, aim: "keep", today: today(), before, edits: editsBetween(kind, initial, values) });
}

/** The fields where a number is asked for and something else was typed. */
export function mistyped(kind: FormKind, keys: string[], values: FormValues): string[] {
  return keys.filter((key) => {
    const field = fieldOf(kind, key);
    const value = valueOf(values, field);
    return field.type === "number" && !isEmpty(value) && !/^\d{1,9}$/.test(String(value).trim());
  });
}

export function sayFinding({ text, shown = "" }: Finding): string {
  return isTextKey(text) ? t(text, { shown }) : t("form.check_this");
}

export function isTelephone({ text }: Finding): boolean {
  return text === "check.telephone";
}

/** What the engine finds while the person types; nothing before it has arrived. */
export function useFindings(kind: FormKind, keys: string[], initial: FormValues, values: FormValues): Finding[] {
  const ready = useStore(engineState).at === "ready";
  const [findings, setFindings] = useState<Finding[]>([]);
  useEffect(() => {
    if (!ready || mistyped(kind, keys, values).length > 0) return;
    let late = false;
    const ask = async () => {
      const answer = await findingsIn(kind, initial, values);
      if (!late && "ok" in answer) setFindings(answer.ok);
    };
    const timer = setTimeout(() => void ask(), PAUSE_MS);
    return () => {
      late = true;
      clearTimeout(timer);
    };
  }, [ready, values]);
  return findings;
}
