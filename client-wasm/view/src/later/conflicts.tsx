// Values that were written at the same time, and the choice between them.
import type { Candidate, Edit, Value } from "../api";
import { fieldsOf, type Field } from "../schema";
import { t, words } from "../texts";
import { sayMoment } from "../time";
import { Button } from "../ui/button";
import { Icon } from "../ui/icon";
import { nameOf, type Tools } from "./record";
import { sayEntry, saySingle } from "./say";

interface Conflict {
  field: Field;
  /** Of a field of entries, which one. */
  element: string | null;
  candidates: Candidate[];
}

export function Conflicts({ record, editing, mayWrite }: Tools) {
  const conflicts = fieldsOf(record.row.kind).flatMap((field): Conflict[] => {
    const value = record.fields[field.key];
    if (value?.shape === "entries") {
      return Object.entries(value.entries)
        .filter(([, entry]) => entry.others.length > 0)
        .map(([element, entry]) => ({ field, element, candidates: [entry.by, ...entry.others] }));
    }
    return value?.shape === "single" && value.others.length > 0
      ? [{ field, element: null, candidates: [value.by, ...value.others] }]
      : [];
  });
  const say = (field: Field, element: string | null, value: Value) =>
    element === null ? saySingle(field, value, record.titles) : sayEntry(field, element, value, record.titles);
  const choice = (field: Field, element: string | null, value: Value): Edit =>
    element === null ? { field: field.key, op: "put", value } : { field: field.key, op: "enter", element, value };
  if (conflicts.length === 0) return null;
  return (
    <section class="card conflicts" data-testid="conflicts">
      <h2>
        <Icon name="merge" />
        {t("conflict.title")}
      </h2>
      <p>{t(mayWrite ? "conflict.explain" : "conflict.explain_read_only")}</p>
      {conflicts.map(({ field, element, candidates }) => (
        <div key={`${field.key} ${element ?? ""}`} class="conflict" role="group" aria-label={words(field.label)}>
          <h3>{field.key === "deleted" ? t("delete.revived") : words(field.label)}</h3>
          {candidates.map((candidate) => (
            <div class="candidate" key={candidate.change ?? String(candidate.value)}>
              <p>
                <strong>{say(field, element, candidate.value)}</strong>
                <span class="hint">
                  {t("conflict.by", { name: nameOf(record, candidate.actor), time: sayMoment(candidate.time_ms) })}
                </span>
              </p>
              {mayWrite && (
                <Button
                  busy={editing.busy}
                  testid={`choose-${field.key}`}
                  onPress={() => editing.edit([choice(field, element, candidate.value)])}
                >
                  {t("conflict.choose")}
                </Button>
              )}
            </div>
          ))}
        </div>
      ))}
    </section>
  );
}
