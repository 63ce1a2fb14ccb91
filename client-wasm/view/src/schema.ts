// What records are made of, as `shared` declares it. Labels, options and required marks come from here only.
import exported from "first:schema";
import type { Kind, Row } from "./api";
import { isTextKey, spoken, words } from "./texts";
import { today } from "./time";

export type FieldClass =
  "once" | "shown" | "quiet" | "prose" | "author_prose" | "set" | "counter" | "log" | "flag" | "entries";

export type FieldType =
  | "prose"
  | "date"
  | "date_time"
  | "number"
  | "bool"
  | "any_ref"
  | "blob"
  | "point"
  | { line: { chars_max: number } }
  | { code: { list: string } }
  | { ref: { kind: Kind } }
  | { each: { of: FieldType; value: FieldType } };

export interface Field {
  key: string;
  /** The key of its words. */
  label: string;
  class: FieldClass;
  type: FieldType;
  need: "create" | "submit" | "optional";
  /** No form offers it any more. */
  retired?: boolean;
}

export interface Schema {
  kinds: Partial<Record<Kind, Omit<Field, "label">[]>>;
  codes: Record<string, string[]>;
  /** The lists that the district may change. */
  open: string[];
}

/** What the district says of a code of an open list, as the row of a `code_entry`: list (`code`), code (`status`), name
 * (`title`), place (`number`), first day (`date`). */
export type CodeEntry = Pick<Row, "code" | "status" | "title" | "number" | "date" | "tags">;

const schema = exported;
const fields = new Map<Kind, Field[]>();
let entries: CodeEntry[] = [];

/** The kinds that nobody needs to record come with `later/`. */
export function learnSchema({ kinds, codes }: Omit<Schema, "open">): void {
  Object.assign(schema.kinds, kinds);
  Object.assign(schema.codes, codes);
}

export function kindLabel(kind: Kind): string {
  return words(`kind.${kind}`);
}

export function fieldsOf(kind: Kind): Field[] {
  const known = schema.kinds[kind];
  if (known && !fields.has(kind)) {
    fields.set(
      kind,
      known.map((field) => ({ ...field, label: `field.${kind}.${field.key}` })),
    );
  }
  return fields.get(kind) ?? [];
}

/** Throws on a key that the schema does not have: a mistake of the view, seen the first time it runs. */
export function fieldOf(kind: Kind, key: string): Field {
  const field = fieldsOf(kind).find((field) => field.key === key);
  if (!field) throw new Error(`no field ${kind}.${key}`);
  return field;
}

export function fieldLabel(kind: Kind, key: string): string {
  const label = `field.${kind}.${key}`;
  return isTextKey(label) ? words(label) : key;
}

/** An entry of a list that is not open says nothing (`server/src/console/codes.rs`). */
export function learnEntries(all: CodeEntry[]): void {
  entries = all.filter(({ code }) => schema.open.includes(code));
}

/** The keys that a code list offers today: its own have the places 10, 20, 30 and so on. */
export function codesOf(list: string): string[] {
  const own = schema.codes[list] ?? [];
  const added = entries.filter(({ code, status, date }) => code === list && !own.includes(status) && date <= today());
  const placed = [...own, ...added.map(({ status }) => status)].map((key, index) => {
    const entry = entryOf(list, key);
    const until = entry && tagOf(entry, "until:");
    const place = index < own.length ? 10 * (index + 1) : Infinity;
    return { key, ended: !!until && until < today(), place: entry?.number || place };
  });
  return placed
    .filter(({ ended }) => !ended)
    .sort((a, b) => (a.place < b.place ? -1 : Number(a.place > b.place)))
    .map(({ key }) => key);
}

/** A value that a newer version wrote, or whose entry is not here yet, is shown as it is. */
export function codeLabel(list: string, key: string): string {
  const label = `code.${list}.${key}`;
  const entry = entryOf(list, key);
  // Until its day the old name stands.
  if (entry && !(isTextKey(label) && entry.date > today())) {
    return (spoken.get() === "en" && tagOf(entry, "en:")) || entry.title;
  }
  return isTextKey(label) ? words(label) : key;
}

function entryOf(list: string, key: string): CodeEntry | undefined {
  return entries.find(({ code, status }) => code === list && status === key);
}

function tagOf({ tags }: CodeEntry, name: string): string | undefined {
  return tags.find((tag) => tag.startsWith(name))?.slice(name.length);
}

export function codeListOf(field: Field): string | null {
  return typeof field.type === "object" && "code" in field.type ? field.type.code.list : null;
}

/** The two sides of a field of entries, each as a field of its own. */
export function sidesOf(field: Field): { element: Field; value: Field } {
  const each = typeof field.type === "object" && "each" in field.type ? field.type.each : null;
  return { element: { ...field, type: each?.of ?? "any_ref" }, value: { ...field, type: each?.value ?? "any_ref" } };
}

export function refKindOf(field: Field): Kind | null {
  return typeof field.type === "object" && "ref" in field.type ? field.type.ref.kind : null;
}
