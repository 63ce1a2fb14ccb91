// What a form holds, and how it becomes edits: only fields that the person changed, each in the way in which it merges.
import type { Edit, Kind, Value } from "../api";
import { fieldOf, type Field } from "../schema";

/** Single values and prose as text, sets as their elements, photos and recordings as their hashes, flags as yes or no. */
export type FormValue = string | string[] | boolean;
export type FormValues = Record<string, FormValue>;

export function emptyValue(field: Field): FormValue {
  if (field.class === "set" || field.class === "entries") return [];
  if (field.class === "flag" || field.type === "bool") return false;
  return "";
}

export function valueOf(values: FormValues, field: Field): FormValue {
  return values[field.key] ?? emptyValue(field);
}

export function editsBetween(kind: Kind, initial: FormValues, values: FormValues): Edit[] {
  return Object.keys(values).flatMap((key) => {
    const field = fieldOf(kind, key);
    return editsOfField(field, valueOf(initial, field), valueOf(values, field));
  });
}

function editsOfField(field: Field, before: FormValue, after: FormValue): Edit[] {
  const { key } = field;
  if (Array.isArray(after)) {
    const old = Array.isArray(before) ? before : [];
    return [
      ...after.filter((element) => !old.includes(element)).map((element) => added(field, element)),
      ...old
        .filter((element) => !after.includes(element))
        .map((element): Edit => ({ field: key, op: "remove", element })),
    ];
  }
  if (after === before) return [];
  if (typeof after === "boolean") {
    if (field.class === "flag") return [{ field: key, op: after ? "mark" : "unmark" }];
    return [{ field: key, op: "put", value: after }];
  }
  switch (field.class) {
    case "prose":
    case "author_prose":
      return [{ field: key, op: "write", text: after }];
    case "counter":
      return Number(after) > 0 ? [{ field: key, op: "increment", by: Number(after) }] : [];
    case "log":
      return after.trim() ? [{ field: key, op: "append", text: after.trim() }] : [];
    default:
      return after.trim() === ""
        ? [{ field: key, op: "clear" }]
        : [{ field: key, op: "put", value: toSingle(field, after.trim()) }];
  }
}

/** A photo comes without a caption. */
function added({ key, class: of }: Field, element: string): Edit {
  return of === "entries" ? { field: key, op: "enter", element, value: "" } : { field: key, op: "add", element };
}

function toSingle(field: Field, text: string): Value {
  return field.type === "number" ? Number(text) : text;
}

export function isEmpty(value: FormValue): boolean {
  return typeof value === "string" ? value.trim() === "" : Array.isArray(value) ? value.length === 0 : !value;
}

export function sameValues(a: FormValues, b: FormValues): boolean {
  const plain = (values: FormValues) =>
    JSON.stringify(
      Object.entries(values)
        .filter(([, value]) => !isEmpty(value))
        .map(([key, value]) => [key, Array.isArray(value) ? [...value].sort() : value])
        .sort(([x], [y]) => (String(x) < String(y) ? -1 : 1)),
    );
  return plain(a) === plain(b);
}
