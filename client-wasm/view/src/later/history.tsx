// Who wrote what of a record, and when.
import type { ComponentChildren } from "preact";
import type { FieldChange, Kind, RecordView, Value } from "../api";
import { beginning } from "../say";
import { fieldLabel, fieldsOf } from "../schema";
import { t } from "../texts";
import { sayMoment } from "../time";
import { nameOf } from "./record";
import { sayEntry, saySingle } from "./say";

export function History({ record }: { record: RecordView }) {
  const { history, row, titles } = record;
  const names = [...new Set(history.map(({ actor }) => nameOf(record, actor)))];
  const latestFirst = [...history].reverse();
  return (
    <section class="card">
      <h2>{t("history.title")}</h2>
      <p data-testid="contributors">{t("history.people", { names: names.join(t("value.separator")) })}</p>
      <details>
        <summary data-testid="history">{t("history.show", { n: history.length })}</summary>
        <ol class="history">
          {latestFirst.map(({ change, actor, time_ms, founding, fields }) => (
            <li key={change}>
              <p class="hint">{t("conflict.by", { name: nameOf(record, actor), time: sayMoment(time_ms) })}</p>
              {founding && <p>{t("history.founding")}</p>}
              <Lines lines={fields.map((field) => sayChange(row.kind, field, titles))} />
            </li>
          ))}
        </ol>
      </details>
    </section>
  );
}

function Lines({ lines }: { lines: ComponentChildren[] }) {
  return (
    <ul class="plain">
      {lines.map((line, index) => (
        <li key={index}>{line}</li>
      ))}
    </ul>
  );
}

function sayChange(kind: Kind, change: FieldChange, titles: RecordView["titles"]): string {
  const field = fieldsOf(kind).find(({ key }) => key === change.field);
  const label = fieldLabel(kind, change.field);
  const single = (value: Value) => (field ? saySingle(field, value, titles) : String(value));
  switch (change.what) {
    case "set":
      if (change.after === null) return t("history.cleared", { label });
      return change.before === null
        ? t("history.set", { label, after: single(change.after) })
        : t("history.changed", { label, before: single(change.before), after: single(change.after) });
    case "wrote":
      if (change.before === "") return t("history.wrote", { label, after: beginning(change.after) });
      return t("history.rewrote", { label });
    case "added":
      return t("history.added", { label, element: single(change.element) });
    case "removed":
      return t("history.removed", { label, element: single(change.element) });
    case "counted":
      return t("history.counted", { label, by: change.by });
    case "entered": {
      const after = field && change.after !== null ? sayEntry(field, change.element, change.after, titles) : "";
      return after ? t("history.set", { label, after }) : t("history.removed", { label, element: change.element });
    }
    case "noted":
      return t("history.noted", { label, text: beginning(change.text) });
  }
}
