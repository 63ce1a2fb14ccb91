// One record: what it says now, who wrote it, what is in conflict, where it has got to, and its history.
import { useEffect, useState } from "preact/hooks";
import type { Account, Edit, Finding, Kind, Problem, RecordId, RecordView, Row } from "../api";
import { announce } from "../announce";
import { call } from "../engine";
import { sayFinding } from "../form/check";
import { editsBetween } from "../form/values";
import { useRecord, useRows } from "../lists";
import { deputies, refs } from "../refs";
import { sayTitle } from "../say";
import { fieldOf, fieldsOf, kindLabel, type Field } from "../schema";
import { useStore } from "../store";
import { t, words } from "../texts";
import { sayMoment } from "../time";
import { Button, LinkButton } from "../ui/button";
import { ChooseMany } from "../ui/choice";
import { Screen } from "../ui/frame";
import { Icon } from "../ui/icon";
import { Notice, sayProblem } from "../ui/notice";
import { Rows } from "../ui/rows";
import { State } from "../ui/state";
import { Conflicts } from "./conflicts";
import { FilesCard } from "./files_card";
import { findingsOf } from "./from_record";
import { History } from "./history";
import { hasForm } from "./layout";
import { Official } from "./official";
import { sayField, sayRefusal, saySingle } from "./say";
import { SealedCard } from "./sealed";

/** Said elsewhere on the page, or of use only to the machine. */
const NOT_LISTED = ["files", "audio", "deleted", "title", "source_day", "source_activity", "slip_no"];

export function RecordPage({ person, id }: { person: Account; id: RecordId }) {
  const answer = useRecord(id);
  useStore(refs);
  const title = answer && "ok" in answer ? kindLabel(answer.ok.row.kind) : t("record.title");
  return (
    <Screen title={title}>
      {answer === null && <p class="empty">{t("home.opening")}</p>}
      {answer && "problem" in answer && <Notice tone="bad">{sayProblem(answer.problem)}</Notice>}
      {answer && "ok" in answer && <Record person={person} record={answer.ok} />}
    </Screen>
  );
}

function Record({ person, record }: { person: Account; record: RecordView }) {
  const { row } = record;
  const mayWrite = person.spaces.some(({ space, access }) => space.id === row.space && access === "write");
  const editing = useEditing(record);
  const tools = { record, editing, mayWrite };
  const signedIn = SIGNED_IN[row.kind];
  return (
    <>
      <section class="card record-head">
        <h2 class="record-title" data-testid="record-title">
          {sayTitle(row)}
        </h2>
        <State state={row.state} />
        {row.state.at === "refused" && (
          <Notice tone="bad" testid="refusal">
            {sayRefusal(row.state, row.kind)}
            {mayWrite && <OfferAgain id={row.id} />}
          </Notice>
        )}
        <Source record={record} />
      </section>
      <div role="alert">{editing.problem && <Notice tone="bad">{sayProblem(editing.problem)}</Notice>}</div>
      {row.deleted && <Deleted {...tools} />}
      {row.conflicts > 0 && <Conflicts {...tools} />}
      {mayWrite && !row.deleted && <Actions person={person} {...tools} />}
      {record.case && <Official record={record} />}
      {signedIn && mayWrite && !row.deleted && isOpen(record) && (
        <Present person={person} {...tools} field={signedIn} />
      )}
      <Missing record={record} />
      <Fields record={record} />
      {(record.fields.files || record.fields.audio) && <FilesCard record={record} />}
      {row.kind === "voice" && <SealedCard voice={row.id} mayWrite={mayWrite && !row.deleted} />}
      {row.kind !== "voice" && <Voices row={row} mayWrite={mayWrite} />}
      <History record={record} />
      {mayWrite && !row.deleted && isOpen(record) && <Delete {...tools} />}
    </>
  );
}

/** The wording of a suggestion stands once it is handed in, unless it came back to be revised; what deputies did, once it
 * is verified. */
function isOpen({ row, case: view }: RecordView): boolean {
  const state = view?.row.state ?? "draft";
  return row.kind === "suggestion" ? ["draft", "revision"].includes(state) : !["verified", "void"].includes(state);
}

/** The rules, the rights or the app may be others than when the server refused it. */
function OfferAgain({ id }: { id: RecordId }) {
  const [problem, setProblem] = useState<Problem | null>(null);
  const offer = async () => {
    const answer = await call("offer_again", { id });
    setProblem("problem" in answer ? answer.problem : null);
  };
  return (
    <>
      <Button testid="offer-again" onPress={() => void offer()}>
        {t("state.offer_again")}
      </Button>
      {problem && <p>{sayProblem(problem)}</p>}
    </>
  );
}

export interface Tools {
  record: RecordView;
  editing: Editing;
  mayWrite: boolean;
}

interface Editing {
  busy: boolean;
  problem: Problem | null;
  edit: (edits: Edit[]) => void;
}

/** Edits that take one tap. */
function useEditing({ row, heads }: RecordView): Editing {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const edit = async (edits: Edit[]) => {
    setBusy(true);
    const answer = await call("edit", { target: { record: row.id }, base: heads, edits });
    setBusy(false);
    setProblem("problem" in answer ? answer.problem : null);
    if ("ok" in answer) announce(t("saved.on_phone"));
  };
  return { busy, problem, edit: (edits) => void edit(edits) };
}

function Source({ record }: { record: RecordView }) {
  const sources = ["source_day", "source_activity"].flatMap((key) => {
    const value = record.fields[key];
    return value?.shape === "single" ? [{ field: fieldOf("voice", key), id: String(value.value) }] : [];
  });
  const slip = record.fields.slip_no;
  return (
    <>
      {slip?.shape === "single" && (
        <p class="record-slip">
          {words(fieldOf("voice", "slip_no").label)} <strong data-testid="record-slip">{String(slip.value)}</strong>
        </p>
      )}
      {sources.map(({ field, id }) => (
        <a class="link" key={field.key} href={`#/record/${id}`}>
          {words(field.label)}: {saySingle(field, id, record.titles)}
          <Icon name="next" />
        </a>
      ))}
    </>
  );
}

function Actions({ person, record, editing }: Tools & { person: Account }) {
  const { row } = record;
  const { mandate } = person;
  const onDuty = mandate !== null && row.people.includes(mandate);
  return (
    <div class="buttons">
      {row.kind === "reception_day" && mandate && !onDuty && (
        <Button
          look="main"
          icon="check"
          busy={editing.busy}
          testid="sign-in-day"
          onPress={() => editing.edit([{ field: "deputies", op: "add", element: mandate }])}
        >
          {t("day.sign_in")}
        </Button>
      )}
      {row.kind === "reception_day" && (
        <LinkButton look="record" icon="plus" to={newVoiceAddress(row)} testid="add-voice">
          {t("day.add_voice")}
        </LinkButton>
      )}
      {hasForm(row.kind) && isOpen(record) && (
        <LinkButton icon="edit" to={`/edit/${row.id}`} testid="edit">
          {t(row.kind === "reception_day" ? "day.edit" : "record.edit")}
        </LinkButton>
      )}
      {row.kind === "activity" && (
        <LinkButton icon="voice" to={newVoiceAddress(row)} testid="add-voice">
          {t("day.add_voice")}
        </LinkButton>
      )}
    </div>
  );
}

/** Where a voice was heard, as far as that answers fields of its form. Carried by the form's address, so that it needs
 * no record to be read first. */
function newVoiceAddress(row: Row): string {
  if (row.kind === "reception_day") return `/new/voice?${new URLSearchParams({ day: row.id, date: row.date })}`;
  const channel = CHANNELS[row.code] ?? "";
  return `/new/voice?${new URLSearchParams({ activity: row.id, date: row.date, village: row.place ?? "", channel })}`;
}

/** How people were met at an activity of this kind. */
const CHANNELS: Record<string, string> = { home_visit: "visit", courtyard: "courtyard", reception: "reception" };

/** 签到: the field with the deputies who are here, of what they come to. */
const SIGNED_IN: Partial<Record<Kind, string>> = { reception_day: "deputies", activity: "attendees" };

/** Who of the station is here, whoever holds the phone. */
function Present({ person, record, editing, field }: Tools & { person: Account; field: string }) {
  const value = record.fields[field];
  const here = value?.shape === "set" ? value.elements : [];
  const options = deputies(person).map(({ id, title }) => ({ key: id, label: title }));
  const change = (now: string[]) => editing.edit(editsBetween(record.row.kind, { [field]: here }, { [field]: now }));
  return (
    <section class="card" data-testid="present">
      <ChooseMany legend={t("day.present")} name="present" options={options} value={here} onChange={change} />
      <p class="hint">{t("day.present_help")}</p>
    </section>
  );
}

export function nameOf(record: RecordView, actor: string | null): string {
  return (actor && record.people[actor]) || t("record.somebody");
}

/** What is to be done before it is handed in: the same as at the desk. */
function Missing({ record }: { record: RecordView }) {
  const { kind } = record.row;
  const [findings, setFindings] = useState<Finding[]>([]);
  useEffect(() => {
    let late = false;
    const ask = async () => {
      const answer = hasForm(kind) ? await findingsOf(kind, record) : null;
      if (!late && answer && "ok" in answer) setFindings(answer.ok);
    };
    void ask();
    return () => {
      late = true;
    };
  }, [record]);
  if (findings.length === 0) return null;
  const label = ({ field }: Finding) => words(fieldOf(kind, field).label);
  const missing = findings.filter(({ text }) => text === "check.missing_to_hand_in");
  const others = findings.filter((finding) => !missing.includes(finding));
  return (
    <Notice tone="info" icon="edit" testid="missing">
      {missing.length > 0 && <p>{t("record.missing", { labels: missing.map(label).join(t("value.separator")) })}</p>}
      {others.map((finding) => (
        <p key={finding.field + finding.text}>{`${label(finding)} · ${sayFinding(finding)}`}</p>
      ))}
    </Notice>
  );
}

function Fields({ record }: { record: RecordView }) {
  const filled = fieldsOf(record.row.kind).filter(
    (field) => record.fields[field.key] && !NOT_LISTED.includes(field.key),
  );
  return (
    <section class="card">
      <h2>{t("record.contents")}</h2>
      <dl class="facts">
        {filled.map((field) => (
          <div key={field.key} class={isLong(field) ? "fact-long" : undefined}>
            <dt>{words(field.label)}</dt>
            <dd data-testid={`value-${field.key}`}>
              <FieldText record={record} field={field} />
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function isLong(field: Field): boolean {
  return field.type === "prose" || field.class === "log";
}

function FieldText({ record, field }: { record: RecordView; field: Field }) {
  const value = record.fields[field.key];
  if (!value) return null;
  if (value.shape !== "log") return <>{sayField(field, value, record.titles)}</>;
  return (
    <ul class="plain">
      {value.entries.map(({ text, actor, time_ms }) => (
        <li key={`${time_ms} ${text}`}>
          {text}
          <span class="hint">{t("conflict.by", { name: nameOf(record, actor), time: sayMoment(time_ms) })}</span>
        </li>
      ))}
    </ul>
  );
}

function Voices({ row, mayWrite }: { row: Row; mayWrite: boolean }) {
  const answer = useRows({ kinds: ["voice"], link: row.id });
  const rows = answer && "ok" in answer ? answer.ok : [];
  if (rows.length === 0 && row.kind !== "reception_day") return null;
  return (
    <section class="day" data-testid="voices">
      <h2>{t("day.voices", { n: rows.length })}</h2>
      {rows.length === 0 ? (
        <p class="hint">{t(mayWrite ? "day.no_voices" : "day.no_voices_yet")}</p>
      ) : (
        <Rows rows={rows} />
      )}
    </section>
  );
}

function Delete({ record, editing }: Tools) {
  const [asking, setAsking] = useState(false);
  if (!fieldsOf(record.row.kind).some(({ key }) => key === "deleted")) return null;
  if (!asking) {
    return (
      <Button onPress={() => setAsking(true)} testid="delete">
        {t("delete.do")}
      </Button>
    );
  }
  return (
    <section class="card">
      <p>{t("delete.explain")}</p>
      <div class="buttons">
        <Button look="main" onPress={() => setAsking(false)}>
          {t("delete.keep")}
        </Button>
        <Button
          look="danger"
          busy={editing.busy}
          testid="delete-sure"
          onPress={() => editing.edit([{ field: "deleted", op: "put", value: true }])}
        >
          {t("delete.sure")}
        </Button>
      </div>
    </section>
  );
}

function Deleted({ editing, mayWrite }: Tools) {
  return (
    <Notice tone="wait" icon="alert" testid="deleted">
      <p>{t("delete.done")}</p>
      {mayWrite && (
        <Button
          busy={editing.busy}
          testid="restore"
          onPress={() => editing.edit([{ field: "deleted", op: "put", value: false }])}
        >
          {t("delete.undo")}
        </Button>
      )}
    </Notice>
  );
}
