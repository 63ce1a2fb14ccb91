// What records hold, in words: values of every shape, and refusals.
import type { FieldValue, Kind, RecordState, RecordView, Value } from "../api";
import { refTitle } from "../refs";
import { codeLabel, codeListOf, fieldLabel, kindLabel, refKindOf, sidesOf, type Field } from "../schema";
import { isTextKey, t } from "../texts";
import { sayDate } from "../time";

type Titles = RecordView["titles"];

export function saySingle(field: Field, value: Value, titles: Titles): string {
  if (typeof value === "boolean") return t(value ? "value.yes" : "value.no");
  if (typeof value === "number") return String(value);
  const list = codeListOf(field);
  if (list) return codeLabel(list, value);
  const refKind = refKindOf(field);
  if (refKind) return sayReference(refKind, titles[value] || refTitle(value));
  if (field.type === "date") return sayDate(value);
  if (field.type === "date_time") return sayDateTime(value);
  return value;
}

function sayReference(kind: Kind, title: string): string {
  if (!title) return t("value.unknown_record");
  return kind === "reception_day" ? `${kindLabel(kind)} ${sayDate(title)}` : title;
}

export function sayField(field: Field, value: FieldValue, titles: Titles): string {
  switch (value.shape) {
    case "single":
      return saySingle(field, value.value, titles);
    case "prose":
      return value.text;
    case "set":
      return value.elements.map((element) => saySingle(field, element, titles)).join(t("value.separator"));
    case "count":
      return String(value.count);
    case "flag":
      return t(value.on ? "value.yes" : "value.no");
    case "log":
      return value.entries.map(({ text }) => text).join("\n");
    case "entries":
      return Object.entries(value.entries)
        .map(([element, entry]) => sayEntry(field, element, entry.value, titles))
        .join("\n");
  }
}

/** A file has no name but its hash, which says nothing to people: its caption speaks for it. */
export function sayEntry(field: Field, element: string, value: Value, titles: Titles): string {
  const sides = sidesOf(field);
  const said = saySingle(sides.value, value, titles);
  return sides.element.type === "blob" ? said : `${saySingle(sides.element, element, titles)}: ${said}`;
}

function sayDateTime(value: string): string {
  const [date = "", clock = ""] = value.split("T");
  return clock ? `${sayDate(date)} ${clock}` : sayDate(date);
}

/** Why the server did not take it, and what that means. */
export function sayRefusal(state: Extract<RecordState, { at: "refused" }>, kind: Kind): string {
  const why = isTextKey(state.reason) ? t(state.reason) : t("state.refused_unknown", { reason: state.reason });
  const note = state.note && t("state.refused_note", { note: state.note });
  return (state.field ? t("state.refused_field", { label: fieldLabel(kind, state.field) }) : "") + why + note;
}
