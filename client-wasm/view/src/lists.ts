// Lists and records as the engine has them, asked for again whenever something changed.
import { useEffect, useState } from "preact/hooks";
import type { Answer, Calls, RecordId, RecordView, Row } from "./api";
import { call, engineState, onChanged } from "./engine";
import { onOtherPerson } from "./session";
import { useStore } from "./store";

export type Filter = Calls["list"]["in"];

/** While received pages are applied, changes come in bursts. */
const SETTLE_MS = 250;

/** The last answers, so that a screen that is returned to is there at once and at its old place. */
const lastRows = new Map<string, Answer<Row[]>>();
const lastRecords = new Map<RecordId, Answer<RecordView>>();

/** `null` until the first answer. */
export function useRows(filter: Filter): Answer<Row[]> | null {
  return useAnswer(lastRows, JSON.stringify(filter), () => call("list", filter));
}

export function useRecord(id: RecordId): Answer<RecordView> | null {
  return useAnswer(lastRecords, id, () => call("record", { id }), id);
}

/** One account never sees what another one was shown. */
export function followAccount(): void {
  onOtherPerson(() => {
    lastRows.clear();
    lastRecords.clear();
  });
}

function useAnswer<T>(
  kept: Map<string, Answer<T>>,
  key: string,
  ask: () => Promise<Answer<T>>,
  only?: RecordId,
): Answer<T> | null {
  const [, redraw] = useState({});
  const ready = useStore(engineState).at !== "starting";
  useEffect(() => {
    if (!ready) return;
    let left = false;
    let again = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const load = async () => {
      const answer = await ask();
      kept.set(key, answer);
      if (!left) redraw({});
    };
    // The first change is shown at once, so that a record never lags behind the banner; what follows is gathered.
    const change = () => {
      if (timer !== undefined) {
        again = true;
        return;
      }
      again = false;
      timer = setTimeout(() => {
        timer = undefined;
        if (again) change();
      }, SETTLE_MS);
      void load();
    };
    const stop = onChanged((ids) => {
      if (!only || ids.includes(only)) change();
    });
    void load();
    return () => {
      left = true;
      clearTimeout(timer);
      stop();
    };
  }, [ready, key]);
  return kept.get(key) ?? null;
}
