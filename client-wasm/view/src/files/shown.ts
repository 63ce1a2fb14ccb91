// A file on the screen: from this phone where it is here, else from the server, and the large ones only when asked for.
import { useEffect, useState } from "preact/hooks";
import type { Problem, RecordId } from "../api";
import { call, status } from "../engine";

export type Shown =
  | { at: "loading" }
  | { at: "photo"; src: string; whole: boolean }
  | { at: "recording"; src: string }
  /** It may be fetched, or could not be. */
  | { at: "away"; problem: Problem | null };

/** `record` null: a form's file, which is here or nowhere. `open` fetches all of it. */
export function useFile(record: RecordId | null, hash: string, recording: boolean): { shown: Shown; open: () => void } {
  const [shown, setShown] = useState<Shown>({ at: "loading" });
  useEffect(() => {
    let left = false;
    void find(record, hash, recording).then((found) => left || setShown(found));
    return () => {
      left = true;
    };
  }, [record, hash]);
  const open = async () => {
    const answer = await call("file", { record, hash, preview: false });
    setShown("ok" in answer ? whole(answer.ok) : { at: "away", problem: answer.problem });
  };
  return { shown, open: () => void open() };
}

async function find(record: RecordId | null, hash: string, recording: boolean): Promise<Shown> {
  if (!recording) {
    const from = status.get()?.text_only ? null : record;
    const preview = await call("file", { record: from, hash, preview: true });
    if ("ok" in preview) return { ...whole(preview.ok), whole: false } as Shown;
  }
  const here = await call("file", { record: null, hash, preview: false });
  return "ok" in here ? whole(here.ok) : { at: "away", problem: null };
}

/** What base64 begins with, by what the file begins with. Whatever else it may be is heard, not seen. */
const PICTURES: [string, string][] = [
  ["/9j/", "image/jpeg"],
  ["iVBORw0KGgo", "image/png"],
  ["UklGR", "image/webp"],
];
const SOUNDS: [string, string][] = [
  ["GkXfo", "audio/webm"],
  ["T2dnU", "audio/ogg"],
  ["AAAA", "audio/mp4"],
];

function whole(base64: string): Shown {
  const typeIn = (types: [string, string][]) => types.find(([beginning]) => base64.startsWith(beginning))?.[1];
  const picture = typeIn(PICTURES);
  if (picture) return { at: "photo", src: `data:${picture};base64,${base64}`, whole: true };
  return { at: "recording", src: `data:${typeIn(SOUNDS) ?? "audio/mpeg"};base64,${base64}` };
}
