// The official side of a record: where it stands, what was done, what was asked for, what can be asked now.
import { useState } from "preact/hooks";
import type { Act, CaseView, Problem, RecordView, RequestView, Returned } from "../api";
import { announce } from "../announce";
import { call } from "../engine";
import { fieldLabel } from "../schema";
import { isTextKey, t, textOf, type TextKey } from "../texts";
import { sayDate, sayMoment, today } from "../time";
import { Button } from "../ui/button";
import { ChooseOne } from "../ui/choice";
import { Notice } from "../ui/notice";
import { Prose } from "../ui/prose";

type Choice = "attitude" | "fault" | "opinion" | "result" | "way";
type Ask = "on" | "text" | Choice;

/** What a person says in an act, beside what the engine fills in. */
const ASKS: Record<string, Ask[]> = {
  withdraw: ["text"],
  correct: ["text"],
  void: ["text"],
  object: ["text"],
  // Of a reply attitude and result are judged, each by itself (征询意见表).
  evaluate: ["attitude", "result", "text"],
  cosigner_view: ["attitude", "result", "text"],
  feedback: ["on", "way", "text", "opinion"],
  miss: ["on", "way"],
  contest: ["fault", "text"],
};

const OPINIONS = ["satisfied", "mostly", "dissatisfied"];
/** What can be chosen, with the family of its words. */
const CHOICES: Record<Choice, { family: string; keys: string[]; label: TextKey }> = {
  attitude: { family: "opinion", keys: OPINIONS, label: "case.attitude" },
  result: { family: "opinion", keys: OPINIONS, label: "case.result" },
  opinion: { family: "opinion", keys: OPINIONS, label: "case.villager" },
  fault: { family: "fault", keys: ["wrong", "duplicate", "missing"], label: "case.fault" },
  way: {
    family: "way",
    keys: ["phone", "visit", "meeting", "consultation", "letter", "online", "other"],
    label: "case.way",
  },
};

/** What an act asks for in this case. Of a petition nothing is told (信访引导). */
function asksOf(act: string, state: string): Ask[] {
  const asks = ASKS[act] ?? [];
  return state.startsWith("petition") ? asks.filter((ask) => ask !== "text") : asks;
}

export function Official({ record }: { record: RecordView }) {
  const view = record.case;
  const [taken, setTaken] = useState<RequestView | null>(null);
  if (!view) return null;
  return (
    <section class="card" data-testid="official">
      <h2>{t("case.title")}</h2>
      <Standing record={record} view={view} />
      <Requests record={record} requests={view.requests} onAgain={setTaken} />
      {taken ? (
        <ActForm key={taken.id} record={record} act={taken.act.act} taken={taken} onDone={() => setTaken(null)} />
      ) : (
        view.offered.map(({ act }) => <ActForm key={act} record={record} act={act} taken={null} onDone={() => {}} />)
      )}
      <Events view={view} />
    </section>
  );
}

function Standing({ record, view }: { record: RecordView; view: CaseView }) {
  const { row } = view;
  return (
    <>
      <p>
        <strong data-testid="case-state">{textOf(`state.${record.row.kind}.${row.state}`)}</strong>
        {row.number && ` · ${row.number}`}
        {row.lead && ` · ${t("case.lead")} ${row.lead.name}`}
      </p>
      {row.dues?.map(({ clock, on }) => (
        <p key={clock} data-testid="case-due">
          {textOf(`clock.${clock}`)} {sayDate(on)}
        </p>
      ))}
      {/* A limit that an office has changed since is not known here. */}
      {view.as_of_ms !== null && <p class="hint">{t("case.as_of", { time: sayMoment(view.as_of_ms) })}</p>}
    </>
  );
}

function Requests(properties: { record: RecordView; requests: RequestView[]; onAgain: (taken: RequestView) => void }) {
  const { record, requests, onAgain } = properties;
  return (
    <>
      {requests.map((request) => {
        const { state, act, id } = request;
        const name = textOf(`act.${act.act}`);
        if (state.at !== "returned") {
          return (
            <Notice key={id} tone="wait" testid="request-waiting">
              <strong>{name}</strong> · {t(state.at === "phone" ? "case.waiting" : "case.accepted")}
              {act.text && <p>{act.text}</p>}
            </Notice>
          );
        }
        return (
          <Notice key={id} tone="bad" testid="request-returned">
            <p>
              <strong>{name}</strong> · {sayReturned(record, state.why)}
            </p>
            {act.text && <p data-testid="request-text">{act.text}</p>}
            <div class="buttons">
              <Button look="main" testid="request-again" onPress={() => onAgain(request)}>
                {t("case.again")}
              </Button>
              <Button testid="request-dismiss" onPress={() => void call("dismiss", { id })}>
                {t("case.dismiss")}
              </Button>
            </div>
          </Notice>
        );
      })}
    </>
  );
}

function ActForm(properties: { record: RecordView; act: string; taken: RequestView | null; onDone: () => void }) {
  const { record, act, taken, onDone } = properties;
  const asks = asksOf(act, record.case?.row.state ?? "");
  const [open, setOpen] = useState(taken !== null || act === "submit");
  const [said, setSaid] = useState(() => saidBefore(asks, taken?.act));
  const [problem, setProblem] = useState<Problem | null>(null);
  const file = async () => {
    const missing = asks.find((ask) => ask !== "text" && ask !== "opinion" && !said[ask]);
    if (missing) {
      setProblem({ text: missing === "on" ? "case.choose_day" : "case.choose_all" });
      return;
    }
    const filed = filled(record, act, said, taken);
    const answer = await call("act", { record: record.row.id, act: filed, replaces: taken?.id ?? null });
    setProblem("problem" in answer ? answer.problem : null);
    if ("ok" in answer) {
      announce(t("case.saved"));
      onDone();
    }
  };
  const name = textOf(`act.${act}`);
  if (!open) {
    return (
      <Button testid={`open-${act}`} onPress={() => setOpen(true)}>
        {name}
      </Button>
    );
  }
  return (
    <div class="act" role="group" aria-label={name}>
      {asks.length > 0 && <h3>{name}</h3>}
      {asks.map((ask) => (
        <Asked
          key={ask}
          act={act}
          ask={ask}
          value={said[ask] ?? ""}
          onChange={(value) => setSaid({ ...said, [ask]: value })}
        />
      ))}
      {isTextKey(`case.${act}_help`) && <p class="hint">{textOf(`case.${act}_help`)}</p>}
      {act === "submit" && record.row.kind === "suggestion" && <p class="hint">{t("case.declared")}</p>}
      <div role="alert">{problem && <Notice tone="bad">{sayFilingProblem(record, problem)}</Notice>}</div>
      <Button look="main" testid={`act-${act}`} onPress={() => void file()}>
        {name}
      </Button>
    </div>
  );
}

function Asked({
  act,
  ask,
  value,
  onChange,
}: {
  act: string;
  ask: Ask;
  value: string;
  onChange: (value: string) => void;
}) {
  const id = `act-${act}-${ask}`;
  if (ask === "text") {
    return (
      <div class="field">
        <label class="label" for={id}>
          {t("case.text")}
        </label>
        <Prose id={id} name={act} value={value} rows={3} invalid={false} onInput={onChange} />
      </div>
    );
  }
  if (ask === "on") {
    return (
      <div class="field">
        <label class="label" for={id}>
          {t("case.on")}
        </label>
        <input
          id={id}
          class="input"
          type="date"
          max={today()}
          value={value}
          data-testid={`field-${act}-on`}
          onInput={(event) => onChange(event.currentTarget.value)}
        />
      </div>
    );
  }
  const { family, keys, label } = CHOICES[ask];
  const options = keys.map((key) => ({ key, label: textOf(`${family}.${key}`) }));
  const mayBeEmpty = ask === "opinion";
  return <ChooseOne {...{ options, value, onChange, mayBeEmpty }} legend={t(label)} name={ask} recent={[]} />;
}

type Said = Partial<Record<Ask, string>>;

/** How an act names what a person says: the villager's opinion of the whole is told as an attitude. */
const nameIn = (ask: Ask) => (ask === "opinion" ? "attitude" : ask);

/** What a returned request said; a new one is of today. */
function saidBefore(asks: Ask[], act: Act | undefined): Said {
  const from: Record<string, unknown> = { on: today(), ...act, ...act?.view };
  return Object.fromEntries(asks.map((ask) => [ask, String(from[nameIn(ask)] ?? "")]));
}

/** The act with what was said; what it does not ask for stays as the engine offers it. */
function filled(record: RecordView, act: string, said: Said, taken: RequestView | null): Act {
  const offered: Act = taken?.act ?? record.case?.offered.find((offer) => offer.act === act) ?? { act };
  // An opinion that the villager has not given, or that was taken back, is none.
  const typed = Object.fromEntries(
    Object.entries(said).map(([ask, value]) => [nameIn(ask as Ask), ask === "opinion" ? value || null : value]),
  );
  // Of a petition no words are said, and the act has them all the same.
  if (act === "feedback") typed.text ??= "";
  // What is contested is this record, unless something is missing or the dossier as a whole is meant.
  const isEntry = record.row.kind !== "mandate" && said.fault !== "missing";
  const about = act === "contest" ? { about: isEntry ? record.row.id : null } : {};
  return offered.view ? { ...offered, view: { ...offered.view, ...typed } } : { ...offered, ...typed, ...about };
}

function Events({ view }: { view: CaseView }) {
  if (view.events.length === 0) return null;
  const latestFirst = [...view.events].reverse();
  return (
    <details>
      <summary data-testid="case-history">{t("case.history")}</summary>
      <ol class="history">
        {latestFirst.map(({ seq, act, by, received_ms }) => (
          <li key={seq} data-testid="case-event">
            <p class="hint">{t("conflict.by", { name: by.name, time: sayMoment(received_ms) })}</p>
            <p>
              {textOf(`act.${act.act}`)}
              {act.text ? `：${act.text}` : ""}
            </p>
            <Chosen act={act} />
          </li>
        ))}
      </ol>
    </details>
  );
}

/** What was chosen in an act: how, what is wrong, what is thought of it. */
function Chosen({ act }: { act: Act }) {
  const chosen: Record<string, unknown> = { ...act, ...act.view };
  const said = (Object.keys(CHOICES) as Choice[]).filter((ask) => typeof chosen[ask] === "string");
  if (said.length === 0) return null;
  const words = said.map((ask) => {
    const word = textOf(`${CHOICES[ask].family}.${String(chosen[ask])}`);
    return ask === "result" || (ask === "attitude" && "result" in chosen) ? `${t(CHOICES[ask].label)} ${word}` : word;
  });
  return <p class="hint">{words.join(" · ")}</p>;
}

function sayReturned(record: RecordView, why: Returned): string {
  const { happened } = why;
  const who = happened?.by ?? t("record.somebody");
  const when = happened ? sayMoment(happened.at_ms) : "";
  return sayReason(record, `returned.${why.reason}`, why.detail, who, when);
}

function sayFilingProblem(record: RecordView, problem: Problem): string {
  return sayReason(record, problem.text, problem.detail ?? "", t("record.somebody"), "");
}

function sayReason(record: RecordView, key: string, detail: string, who: string, when: string): string {
  // What is no field's key stays as it is.
  const said = fieldLabel(record.row.kind, detail);
  return isTextKey(key) ? t(key, { detail: said, who, when }) : t("problem.unknown", { detail: key });
}
