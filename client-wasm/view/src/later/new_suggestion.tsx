// Drafting a suggestion.
import type { Account, RecordId } from "../api";
import { FormView } from "../form/form_view";
import { newLayout } from "../form/layout";
import type { FormValues } from "../form/values";
import { goInstead } from "../route";
import { t } from "../texts";
import { today } from "../time";
import { Screen } from "../ui/frame";

/** Drafted by oneself: nobody else reads it before somebody is asked to sign or it is handed in. */
export function NewSuggestionPage({ person, space }: { person: Account; space: number }) {
  const lead: FormValues = person.mandate ? { lead: person.mandate } : {};
  const task = {
    kind: "suggestion" as const,
    person,
    target: { new: "suggestion" as const, space },
    defaults: { ...lead, type: "suggestion", date: today() },
    initial: {},
    base: null,
    onSaved: (id: RecordId) => goInstead(`/record/${id}`),
  };
  return (
    <Screen title={t("new.suggestion")}>
      <FormView task={task} {...newLayout("suggestion", [])} intro={() => <p class="context">{t("new.private")}</p>} />
    </Screen>
  );
}
