// The official side of a record: where it stands, what was done, what was asked for, what can be asked now.
import { useState } from "preact/hooks";
import type { Act, CaseView, Opinion, Problem, RecordView, RequestView, Returned } from "../api";
import { announce } from "../announce";
import { call } from "../engine";
import { fieldLabel } from "../schema";
import { isTextKey, t, textOf } from "../texts";
import { sayDate, sayMoment } from "../time";
import { Button } from "../ui/button";
import { Notice } from "../ui/notice";
import { Prose } from "../ui/prose";

const OPINIONS: Opinion[] = ["satisfied", "mostly", "dissatisfied"];
/** What is judged of a reply, each by itself (征询意见表). */
const JUDGED = ["attitude", "result"] as const;
type Opinions = { [of in (typeof JUDGED)[number]]?: Opinion };
/** Acts in which a person says why. */
const WITH_TEXT = ["withdraw", "evaluate", "correct", "void"];

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
  const [open, setOpen] = useState(taken !== null || act === "submit");
  const [text, setText] = useState(taken?.act.text ?? "");
  const [opinions, setOpinions] = useState<Opinions>({ result: taken?.act.result, attitude: taken?.act.attitude });
  const [problem, setProblem] = useState<Problem | null>(null);
  const file = async () => {
    if (act === "evaluate" && !(opinions.result && opinions.attitude)) {
      setProblem({ text: "case.choose_both" });
      return;
    }
    const filed = filled(record, act, text, opinions, taken);
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
    <div class="field">
      {WITH_TEXT.includes(act) && (
        <label class="label">
          {t("case.text")}
          <Prose id={`act-${act}`} name={act} value={text} rows={3} invalid={false} onInput={setText} />
        </label>
      )}
      {act === "evaluate" &&
        JUDGED.map((of) => (
          <fieldset key={of}>
            <legend class="label">{t(`case.${of}`)}</legend>
            <div class="buttons">
              {OPINIONS.map((opinion) => (
                <Button
                  key={opinion}
                  look={opinions[of] === opinion ? "main" : "quiet"}
                  pressed={opinions[of] === opinion}
                  testid={`${of}-${opinion}`}
                  onPress={() => setOpinions({ ...opinions, [of]: opinion })}
                >
                  {textOf(`opinion.${opinion}`)}
                </Button>
              ))}
            </div>
          </fieldset>
        ))}
      {act === "submit" && record.row.kind === "suggestion" && <p class="hint">{t("case.declared")}</p>}
      <div role="alert">{problem && <Notice tone="bad">{sayFilingProblem(record, problem)}</Notice>}</div>
      <Button look="main" testid={`act-${act}`} onPress={() => void file()}>
        {name}
      </Button>
    </div>
  );
}

/** The act with what was typed; what the person does not type stays as the engine offers it. */
function filled(record: RecordView, act: string, text: string, opinions: Opinions, taken: RequestView | null): Act {
  const offered = taken?.act ?? record.case?.offered.find((offer) => offer.act === act) ?? { act };
  if (act === "evaluate") return { ...offered, text, ...opinions };
  return WITH_TEXT.includes(act) ? { ...offered, text } : offered;
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
          </li>
        ))}
      </ol>
    </details>
  );
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
