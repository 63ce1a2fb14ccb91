// Villages, stations and deputies, which other records name, and what the district has made of code lists. Few, so they
// are held, and remembered for the next start, when a form must offer them before the engine has opened its storage.
import type { Account, Kind, RecordId, Row } from "./api";
import { call, engineState, onSettled } from "./engine";
import { recall, remember } from "./memory";
import { learnEntries, type CodeEntry } from "./schema";
import { account, accountKey } from "./session";
import { Store } from "./store";

export interface Ref {
  id: RecordId;
  kind: Kind;
  title: string;
  code: string;
  space: number;
  station: RecordId | null;
}

const KINDS: Kind[] = ["admin_unit", "station", "mandate", "code_entry"];

export const refs = new Store<Map<RecordId, Ref>>(new Map());

export function followRefs(): void {
  const restore = () => {
    learnEntries(recall<CodeEntry[]>(accountKey("codes")) ?? []);
    refs.set(toMap(recall<Ref[]>(accountKey("refs")) ?? []));
  };
  restore();
  account.watch(() => {
    restore();
    void load();
  });
  onSettled(() => void load());
}

async function load(): Promise<void> {
  if (!account.get() || engineState.get().at !== "ready") return;
  const answer = await call("list", { kinds: KINDS });
  if ("problem" in answer) return;
  const isEntry = ({ kind }: Row) => kind === "code_entry";
  const entries = answer.ok.filter(isEntry).map(toEntry);
  learnEntries(entries);
  remember(accountKey("codes"), entries);
  const found = answer.ok.filter((row) => !isEntry(row)).map(toRef);
  refs.set(toMap(found));
  remember(accountKey("refs"), found);
}

function toEntry({ code, status, title, number, date, tags }: Row): CodeEntry {
  return { code, status, title, number, date, tags };
}

function toRef({ id, kind, title, code, space, station }: Row): Ref {
  return { id, kind, title, code, space, station };
}

function toMap(found: Ref[]): Map<RecordId, Ref> {
  return new Map(found.map((ref) => [ref.id, ref]));
}

export function refTitle(id: RecordId | null): string {
  return (id && refs.get().get(id)?.title) || "";
}

/** The villages to choose from: those of the person's own town where the device also holds others. */
export function villages(person: Account): Ref[] {
  const towns = new Set(person.spaces.filter(({ space }) => space.kind === "town_public").map(({ space }) => space.id));
  const all = [...refs.get().values()].filter(({ kind, code }) => kind === "admin_unit" && isVillage(code));
  const own = all.filter(({ space }) => towns.has(space));
  return byTitle(own.length > 0 ? own : all);
}

function isVillage(level: string): boolean {
  return level === "village" || level === "community";
}

/** The deputies of the person's station; of all that are known where the person has none. Oneself first. */
export function deputies(person: Account): Ref[] {
  const all = [...refs.get().values()].filter(({ kind }) => kind === "mandate");
  const own = all.filter(({ id, station }) => id === person.mandate || station === person.station);
  const shown = byTitle(person.station && own.length > 0 ? own : all);
  return [...shown.filter(({ id }) => id === person.mandate), ...shown.filter(({ id }) => id !== person.mandate)];
}

function byTitle(found: Ref[]): Ref[] {
  return found.sort((a, b) => a.title.localeCompare(b.title, "zh"));
}
