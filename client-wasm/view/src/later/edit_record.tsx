// Changing a record that exists. Only what the person changes is sent, with what was seen, so colleagues' edits merge.
import type { Account, Kind, RecordId, RecordView } from "../api";
import { announce } from "../announce";
import { FormView } from "../form/form_view";
import { useRecord } from "../lists";
import { goBack } from "../route";
import { fieldLabel, fieldsOf, kindLabel } from "../schema";
import { t } from "../texts";
import { Screen } from "../ui/frame";
import { Notice, sayProblem } from "../ui/notice";
import { fromRecord } from "./from_record";
import { hasForm, layoutOf } from "./layout";

export function EditPage({ person, id }: { person: Account; id: RecordId }) {
  const answer = useRecord(id);
  const title =
    answer && "ok" in answer ? t("edit.title", { kind: whatOf(answer.ok.row.kind) }) : t("edit.title_plain");
  return (
    <Screen title={title}>
      {answer === null && <p class="empty">{t("home.opening")}</p>}
      {answer && "problem" in answer && <Notice tone="bad">{sayProblem(answer.problem)}</Notice>}
      {answer && "ok" in answer && <EditForm person={person} record={answer.ok} />}
    </Screen>
  );
}

/** Of a deputy's record only this is changed here. */
function whatOf(kind: Kind): string {
  return kind === "deputy" ? fieldLabel(kind, "profile") : kindLabel(kind);
}

function EditForm({ person, record }: { person: Account; record: RecordView }) {
  const { kind, id } = record.row;
  if (!hasForm(kind)) return <Notice tone="info">{t("edit.not_here")}</Notice>;
  const locked = lockedFields(person, record);
  const layout = layoutOf(kind, locked);
  const keys = [...layout.essential, ...layout.more];
  const task = {
    kind,
    person,
    target: { record: id },
    defaults: {},
    initial: fromRecord(record, keys),
    base: record.heads,
    onSaved: () => {
      announce(t("saved.on_phone"));
      goBack(`/record/${id}`);
    },
  };
  return (
    <FormView
      task={task}
      {...layout}
      counted={countsOf(record)}
      intro={() => locked.length > 0 && <Notice tone="info">{t("edit.verbatim_locked")}</Notice>}
    />
  );
}

/** The villager's own words are changed by nobody but the one who heard them. */
function lockedFields(person: Account, { row }: RecordView): string[] {
  if (row.author === null || row.author === person.mandate) return [];
  return fieldsOf(row.kind)
    .filter((field) => field.class === "author_prose")
    .map(({ key }) => key);
}

function countsOf(record: RecordView): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const [key, value] of Object.entries(record.fields)) {
    if (value.shape === "count") counts[key] = value.count;
  }
  return counts;
}
