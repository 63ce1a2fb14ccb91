// Rows in words: titles, states, who and where. What a whole record holds is said in `later/say.ts`.
import type { RecordState, Row } from "./api";
import { refTitle } from "./refs";
import { codeLabel, kindLabel } from "./schema";
import { t } from "./texts";
import { sayDate, sayMoment } from "./time";

const EXCERPT_CHARS = 40;

export function beginning(text: string): string {
  const line = text.trim().replace(/\s+/g, " ");
  return line.length > EXCERPT_CHARS ? `${line.slice(0, EXCERPT_CHARS)}…` : line;
}

/** The state in one line, as a row shows it; empty where nothing in the record is this phone's. */
export function sayState(state: RecordState): string {
  switch (state.at) {
    case "phone":
      return t("state.phone");
    case "received":
      return t("state.received", { time: sayMoment(state.received_ms) });
    case "refused":
      return t("state.refused");
    case "theirs":
      return t("state.theirs");
  }
}

export function sayTitle(row: Row): string {
  if (row.kind === "reception_day") return t("title.day", { date: sayDate(row.date) });
  if (row.title) return row.title;
  if (row.kind === "activity" && row.code) return codeLabel("activity_kind", row.code);
  return t("title.none", { kind: kindLabel(row.kind) });
}

/** Who and where, under a row's title. */
export function sayWhoWhere(row: Row): string {
  const people = row.people.map(refTitle).filter(Boolean);
  const named = people.slice(0, 3).join(t("value.separator"));
  const more = people.length > 3 ? t("title.and_more", { n: people.length }) : "";
  const place = row.kind === "reception_day" ? refTitle(row.station) : refTitle(row.place);
  return [place, named + more].filter(Boolean).join(" · ");
}
