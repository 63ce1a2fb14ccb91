// Recording something new: an activity, what a villager said, or a suggestion.
import type { Account, RecordId, Row } from "../api";
import { FormView } from "../form/form_view";
import { newLayout } from "../form/layout";
import type { FormValues } from "../form/values";
import { goInstead, route } from "../route";
import { kindLabel } from "../schema";
import { t } from "../texts";
import { now, sayDate, today } from "../time";
import { Screen } from "../ui/frame";

interface NewProperties {
  person: Account;
  space: number;
}

export function NewActivityPage({ person, space }: NewProperties) {
  const defaults: FormValues = { start: now(), attendees: person.mandate ? [person.mandate] : [] };
  const task = {
    kind: "activity" as const,
    person,
    target: { new: "activity" as const, space },
    defaults,
    initial: {},
    base: null,
    onSaved: (id: RecordId) => goInstead(`/saved/${id}?again=${encodeURIComponent("/new/activity")}`),
  };
  return (
    <Screen title={t("new.activity")}>
      <FormView task={task} {...newLayout("activity", [])} />
    </Screen>
  );
}

/** Drafted by oneself: nobody else reads it before somebody is asked to sign or it is handed in. */
export function NewSuggestionPage({ person, space }: NewProperties) {
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

/** Where a voice was heard, as far as that answers fields of its form. Carried by the form's address, so that it needs
 * no record to be read first. */
export function newVoiceAddress(row: Row): string {
  if (row.kind === "reception_day") return `/new/voice?${new URLSearchParams({ day: row.id, date: row.date })}`;
  const channel = CHANNELS[row.code] ?? "";
  return `/new/voice?${new URLSearchParams({ activity: row.id, date: row.date, village: row.place ?? "", channel })}`;
}

/** How people were met at an activity of this kind. */
const CHANNELS: Record<string, string> = { home_visit: "visit", courtyard: "courtyard", reception: "reception" };

export function NewVoicePage({ person, space, query }: NewProperties & { query: URLSearchParams }) {
  const { defaults, given, from } = fromContext(person, query);
  const again = route.get().address;
  const task = {
    kind: "voice" as const,
    person,
    target: { new: "voice" as const, space },
    defaults,
    initial: {},
    base: null,
    onSaved: (id: RecordId, values: FormValues) => {
      const query = new URLSearchParams({ slip: String(values.slip_no ?? ""), again });
      goInstead(`/saved/${id}?${query}`);
    },
  };
  return (
    <Screen title={t("new.voice")}>
      <FormView
        task={task}
        // Staff who record for a deputy have to say for whom.
        {...newLayout("voice", given, person.mandate ? [] : ["collectors"])}
        intro={({ values }) => (
          <>
            {from && <p class="context">{t("new.from", { source: from })}</p>}
            <SlipNumber number={String(values.slip_no ?? "")} help={t("privacy.no_names")} />
          </>
        )}
      />
    </Screen>
  );
}

function fromContext(person: Account, query: URLSearchParams) {
  const asked = (name: string) => query.get(name) ?? "";
  const date = asked("date") || today();
  const defaults: FormValues = { date, collectors: person.mandate ? [person.mandate] : [] };
  if (asked("day")) {
    return {
      defaults: { ...defaults, source_day: asked("day"), channel: "reception" },
      given: ["channel"],
      from: t("title.day", { date: sayDate(date) }),
    };
  }
  if (!asked("activity")) return { defaults, given: [], from: null };
  const given = asked("channel") ? ["channel"] : [];
  const known = { source_activity: asked("activity"), village: asked("village"), channel: asked("channel") };
  return { defaults: { ...defaults, ...known }, given, from: `${kindLabel("activity")} ${sayDate(date)}` };
}

export function SlipNumber({ number, help }: { number: string; help?: string }) {
  return (
    <div class="slip">
      <p>{t("slip.read_aloud")}</p>
      {number ? <strong data-testid="slip-number">{number}</strong> : <span class="hint">{t("slip.coming")}</span>}
      {help && <p class="slip-help">{help}</p>}
    </div>
  );
}
