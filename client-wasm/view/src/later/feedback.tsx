// What somebody says of this app: written like a record.
import type { Account, RecordId } from "../api";
import { FormView } from "../form/form_view";
import { newLayout } from "../form/layout";
import { goInstead } from "../route";
import { kindLabel } from "../schema";
import { today } from "../time";
import { Screen } from "../ui/frame";

/** 反馈投诉: what users say of this app. The district reads it with all that the station records. */
export function NewFeedbackPage({ person, space }: { person: Account; space: number }) {
  const version = document.documentElement.dataset.version;
  const task = {
    kind: "app_feedback" as const,
    person,
    target: { new: "app_feedback" as const, space },
    defaults: { date: today(), ...(version && { app_version: version }) },
    initial: {},
    base: null,
    onSaved: (id: RecordId) => goInstead(`/record/${id}`),
  };
  return (
    <Screen title={kindLabel("app_feedback")}>
      <FormView task={task} {...newLayout("app_feedback", [])} />
    </Screen>
  );
}
