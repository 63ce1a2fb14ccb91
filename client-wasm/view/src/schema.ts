// What records are made of, as `shared` declares it. Labels, options and required marks come from here only.
import exported from "first:schema";
import type { Kind } from "./api";
import { isTextKey, words } from "./texts";

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
}

const schema = exported;
const fields = new Map<Kind, Field[]>();

/** The kinds that have no form here come with `later/`. */
export function learnSchema({ kinds, codes }: Schema): void {
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

/** The keys of a code list. */
export function codesOf(list: string): string[] {
  return schema.codes[list] ?? [];
}

/** A value that a newer version wrote is shown as it is. */
export function codeLabel(list: string, key: string): string {
  const label = `code.${list}.${key}`;
  return isTextKey(label) ? words(label) : key;
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
