// What records are made of, as `shared` declares it. Labels, options and required marks come from here only.
import exported from "../generated/schema.json";
import type { Kind } from "./api";
import { words, type Words } from "./texts";

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
  label: Words;
  class: FieldClass;
  type: FieldType;
  need: "create" | "submit" | "optional";
  /** No form offers it any more. */
  retired?: boolean;
}

export interface Code {
  key: string;
  label: Words;
}

interface Schema {
  kinds: Record<Kind, { label: Words; fields: Field[] }>;
  codes: Record<string, Code[]>;
  notice_version: string;
}

const schema = exported as unknown as Schema;

/** Which words of the spoken notice the texts hold. */
export const NOTICE_VERSION = schema.notice_version;

export function kindLabel(kind: Kind): string {
  return words(schema.kinds[kind].label);
}

export function fieldsOf(kind: Kind): Field[] {
  return schema.kinds[kind].fields;
}

/** Throws on a key that the schema does not have: a mistake of the view, seen the first time it runs. */
export function fieldOf(kind: Kind, key: string): Field {
  const field = fieldsOf(kind).find((field) => field.key === key);
  if (!field) throw new Error(`no field ${kind}.${key}`);
  return field;
}

export function fieldLabel(kind: Kind, key: string): string {
  const field = fieldsOf(kind).find((field) => field.key === key);
  return field ? words(field.label) : key;
}

export function codesOf(list: string): Code[] {
  return schema.codes[list] ?? [];
}

/** A value that a newer version wrote is shown as it is. */
export function codeLabel(list: string, key: string): string {
  const code = codesOf(list).find((code) => code.key === key);
  return code ? words(code.label) : key;
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
