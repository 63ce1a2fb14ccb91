// What a deputy has done, told from the rows on this phone: nothing here asks the network.
import type { Account, Kind, Row } from "../api";
import { useRows } from "../lists";
import { refs } from "../refs";
import { byDate, daysAfter } from "../time";

/** What counts as a deputy's work. */
export const WORK: Kind[] = ["activity", "reception_day", "voice", "suggestion", "training", "duty_report"];
/** Of which records it is said how many people came: activities, reception days, duty reports. */
const MEETS: Kind[] = ["activity", "reception_day", "duty_report"];
/** The limits that a deputy keeps; the others are the offices' and the units'. */
const OWN_CLOCKS = ["feedback", "evaluate"];
/** From so many days before its end a limit is told. */
const NEAR_DAYS = 14;

/** The records in which this person takes part; `null` while they are being read. */
export function useMine(person: Account): Row[] | null {
  const answer = useRows({ kinds: WORK });
  if (!answer) return null;
  return "ok" in answer ? answer.ok.filter(({ people }) => people.includes(person.mandate ?? "")) : [];
}

export function yearOf({ date }: Row): string {
  return date.slice(0, 4);
}

export interface Year {
  /** How many of each kind, by its key. */
  kinds: [Kind, number][];
  /** Activities by kind, role and focus: code and how many, the most frequent first. */
  activities: [string, number][];
  roles: [string, number][];
  focuses: [string, number][];
  /** 人次: who comes twice counts twice. What says no number counts for none. */
  met: number;
  verified: number;
}

/** A year in figures (DOMAIN §7.0): what is planned is not done yet, and nothing is ranked. */
export function figuresOf(rows: Row[], year: string, today: string): Year {
  const all = rows.filter((row) => yearOf(row) === year && row.date <= today && row.case?.state !== "void");
  const activities = all.filter(({ kind }) => kind === "activity");
  const tagged = (list: string) =>
    counted(activities.flatMap(({ tags }) => tags.filter((tag) => tag.startsWith(`${list}:`))).map(codeOfTag));
  return {
    kinds: WORK.map((kind): [Kind, number] => [kind, all.filter((row) => row.kind === kind).length]),
    activities: counted(activities.map(({ code }) => code).filter(Boolean)),
    roles: tagged("role"),
    focuses: tagged("focus"),
    met: all.filter(({ kind }) => MEETS.includes(kind)).reduce((sum, { number }) => sum + number, 0),
    verified: all.filter((row) => row.case?.state === "verified").length,
  };
}

function codeOfTag(tag: string): string {
  return tag.slice(tag.indexOf(":") + 1);
}

function counted(keys: string[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a);
}

export interface Deadline {
  row: Row;
  clock: string;
  on: string;
  over: boolean;
}

/** What this person has to do in cases whose limit has passed or is near, the first one first. */
export function deadlinesOf(rows: Row[], today: string): Deadline[] {
  const until = daysAfter(today, NEAR_DAYS);
  return rows
    .flatMap((row) => (row.case?.dues ?? []).map(({ clock, on }) => ({ row, clock, on, over: on < today })))
    .filter(({ clock, on }) => OWN_CLOCKS.includes(clock) && on <= until)
    .sort((a, b) => byDate(a.on, b.on));
}

/** The reception days to come on which this person is on duty, the first one first. */
export function dutyDays(rows: Row[], today: string): Row[] {
  const days = rows.filter(({ kind, date }) => kind === "reception_day" && date >= today);
  return days.sort((a, b) => byDate(a.date, b.date));
}

/** The pairings of a year in which this person's town or street takes part. */
export function pairingsOf(rows: Row[], person: Account, year: string): Row[] {
  const spaces = person.spaces.filter(({ space }) => space.kind === "town_public").map(({ space }) => space.id);
  const isOwn = (unit: string | null) => {
    const ref = refs.get().get(unit ?? "");
    return !!ref && spaces.includes(ref.space) && ["town", "street"].includes(ref.code);
  };
  return rows.filter((row) => String(row.number) === year && (isOwn(row.place) || isOwn(row.status)));
}
