// Recording something new: an activity, or what a villager said.
import type { Account, RecordId } from "../api";
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

/** What the address of the form carries (`newVoiceAddress` in ../later/record.tsx). */
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
