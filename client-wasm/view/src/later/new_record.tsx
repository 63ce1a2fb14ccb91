// What is begun less often than it is recorded in the field: a suggestion, a duty report, feedback on this app.
import type { Account, RecordId } from "../api";
import { FormView } from "../form/form_view";
import type { FormKind } from "../form/layout";
import type { FormValues } from "../form/values";
import { HomePage } from "../pages/home";
import { goInstead } from "../route";
import { kindLabel } from "../schema";
import { privateSpace, writableSpace } from "../session";
import { t } from "../texts";
import { today } from "../time";
import { Screen } from "../ui/frame";
import { layoutOf } from "./layout";

interface Begun {
  kind: FormKind;
  title: string;
  space: number | null;
  defaults: FormValues;
  /** Above the fields. */
  said: string | null;
}

/** `what`: the end of the address `/new/…`. */
export function NewOtherPage({ person, what }: { person: Account; what: string }) {
  const { kind, title, space, defaults, said } = begun(person, what);
  if (space === null) return <HomePage person={person} />;
  const task = {
    kind,
    person,
    target: { new: kind, space },
    defaults: { ...defaults, date: today() },
    initial: {},
    base: null,
    onSaved: (id: RecordId) => goInstead(`/record/${id}`),
  };
  return (
    <Screen title={title}>
      <FormView task={task} {...layoutOf(kind)} intro={() => said && <p class="context">{said}</p>} />
    </Screen>
  );
}

function begun(person: Account, what: string): Begun {
  switch (what) {
    // Nobody else reads it before somebody is asked to sign or it is handed in.
    case "suggestion": {
      const lead: FormValues = person.mandate ? { lead: person.mandate } : {};
      const defaults = { ...lead, type: "suggestion" };
      return {
        kind: "suggestion",
        title: t("new.suggestion"),
        space: privateSpace(person),
        defaults,
        said: t("new.private"),
      };
    }
    // Under one's own mandate, which the engine fills in.
    case "report":
      return {
        kind: "duty_report",
        title: kindLabel("duty_report"),
        space: person.mandate === null ? null : writableSpace(person),
        defaults: {},
        said: t("work.report_what"),
      };
    // The district reads it with all that the station records.
    default: {
      const version = document.documentElement.dataset.version;
      const defaults: FormValues = version ? { app_version: version } : {};
      return {
        kind: "app_feedback",
        title: kindLabel("app_feedback"),
        space: writableSpace(person),
        defaults,
        said: null,
      };
    }
  }
}
