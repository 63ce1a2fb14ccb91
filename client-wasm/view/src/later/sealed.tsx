// A villager's name and telephone: asked for after the spoken notice, kept in the sealed record and nowhere else.
// No draft is kept of this form, no list and no memory of the view holds what is in it.
import schema from "later:schema";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Answer, Problem, RecordId, Sealed, SealedContents } from "../api";
import { announce } from "../announce";
import { call, engineState, onChanged } from "../engine";
import { carried, letGo } from "../form/moved";
import { goInstead } from "../route";
import { useStore } from "../store";
import { isTextKey, t } from "../texts";
import { dateOf, sayDate, sayMoment } from "../time";
import { Button, LinkButton } from "../ui/button";
import { Check, ChooseMany, ChooseOne } from "../ui/choice";
import { Screen } from "../ui/frame";
import { Notice, sayProblem } from "../ui/notice";
import { withForm } from "../update";

type TextField = "alias" | "name" | "phone" | "address" | "note";
const TEXT_FIELDS: TextField[] = ["alias", "name", "phone", "address", "note"];
const BASES = ["consent", "duty"] as const;
const KINDS = ["health", "status", "minor"] as const;

function useSealed(voice: RecordId): Answer<Sealed[]> | null {
  const ready = useStore(engineState).at !== "starting";
  const [answer, setAnswer] = useState<Answer<Sealed[]> | null>(null);
  useEffect(() => {
    if (!ready) return;
    let left = false;
    const load = async () => {
      const answer = await call("sealed", { voice });
      if (!left) setAnswer(answer);
    };
    const stop = onChanged((ids) => {
      if (ids.includes(voice)) void load();
    });
    void load();
    return () => {
      left = true;
      stop();
    };
  }, [ready, voice]);
  return answer;
}

/** On a voice's page: what this person has sealed of it. */
export function SealedCard({ voice, mayWrite }: { voice: RecordId; mayWrite: boolean }) {
  const answer = useSealed(voice);
  const sealed = answer && "ok" in answer ? answer.ok : [];
  if (sealed.length === 0 && !mayWrite) return null;
  return (
    <section class="card" data-testid="sealed">
      <h2>{t("sealed.title")}</h2>
      <p class="hint">{t("sealed.explain")}</p>
      {sealed.map((one) => (
        <SealedOne key={one.id} voice={voice} sealed={one} mayWrite={mayWrite} />
      ))}
      <NotSealedYet voice={voice} />
      {mayWrite && (
        <LinkButton icon="plus" to={`/sealed/${voice}`} testid="sealed-add">
          {t("sealed.add")}
        </LinkButton>
      )}
    </section>
  );
}

/** A number that was taken out of the voice's text is on this screen alone. */
function NotSealedYet({ voice }: { voice: RecordId }) {
  const [phone, setPhone] = useState(carried(voice));
  if (phone === "") return null;
  const forget = () => {
    letGo(voice);
    setPhone("");
    goInstead(`/record/${voice}`);
  };
  return (
    <Notice tone="wait" testid="not-sealed-yet">
      <p>{t("move.not_sealed_yet", { phone })}</p>
      <Button testid="forget-number" onPress={forget}>
        {t("move.forget")}
      </Button>
    </Notice>
  );
}

function SealedOne({ voice, sealed, mayWrite }: { voice: RecordId; sealed: Sealed; mayWrite: boolean }) {
  const { contents, state, openings, expires_ms } = sealed;
  return (
    <div data-testid="sealed-one" data-at={state.at}>
      {contents && <Facts contents={contents} />}
      {!contents && state.at !== "deleted" && <p>{t("sealed.newer")}</p>}
      <p class="hint">{sayState(sealed)}</p>
      {state.at === "received" && expires_ms !== null && (
        <p class="hint">{t("sealed.kept_until", { date: sayDate(dateOf(new Date(expires_ms))) })}</p>
      )}
      {openings.map(({ at_ms, by, reason }) => (
        <p class="hint" key={`${at_ms} ${by}`} data-testid="sealed-opening">
          {t("sealed.opened_by", { name: by, time: sayMoment(at_ms), reason })}
        </p>
      ))}
      {state.at === "conflict" && contents && <Conflict voice={voice} sealed={sealed} mine={contents} />}
      {contents && (
        <div class="buttons">
          {mayWrite && state.at !== "conflict" && (
            <LinkButton icon="edit" to={`/sealed/${voice}?id=${sealed.id}`} testid="sealed-edit">
              {t("record.edit")}
            </LinkButton>
          )}
          <Delete id={sealed.id} />
        </div>
      )}
    </div>
  );
}

function Facts({ contents }: { contents: SealedContents }) {
  return (
    <dl class="facts">
      {TEXT_FIELDS.filter((key) => contents[key] !== "").map((key) => (
        <div key={key}>
          <dt>{t(`sealed.field.${key}`)}</dt>
          <dd data-testid={`sealed-${key}`}>{contents[key]}</dd>
        </div>
      ))}
    </dl>
  );
}

function sayState({ state }: Sealed): string {
  switch (state.at) {
    case "phone":
      return t("state.phone");
    case "received":
      return t("state.received", { time: sayMoment(state.received_ms) });
    case "conflict":
      return t("sealed.conflict");
    case "refused":
      return sayKey(state.reason);
    case "deleted":
      return `${sayKey(state.reason)} ${state.at_ms === null ? t("sealed.deletion_unsent") : sayMoment(state.at_ms)}`;
  }
}

function sayKey(key: string): string {
  return isTextKey(key) ? t(key) : t("state.refused_unknown", { reason: key });
}

/** Both are shown; one tap takes one of them. */
function Conflict({ voice, sealed, mine }: { voice: RecordId; sealed: Sealed; mine: SealedContents }) {
  const [problem, setProblem] = useState<Problem | null>(null);
  const theirs = sealed.state.at === "conflict" ? sealed.state.theirs : null;
  const take = async (contents: SealedContents) => {
    const answer = await call("seal", { id: sealed.id, voice, contents });
    setProblem("problem" in answer ? answer.problem : null);
  };
  return (
    <Notice tone="wait" icon="merge" testid="sealed-conflict">
      {theirs && <Facts contents={theirs} />}
      {problem && <p>{sayProblem(problem)}</p>}
      <Button testid="sealed-take-mine" onPress={() => void take(mine)}>
        {t("sealed.take_mine")}
      </Button>
      {theirs && (
        <Button testid="sealed-take-theirs" onPress={() => void take(theirs)}>
          {t("sealed.take_theirs")}
        </Button>
      )}
    </Notice>
  );
}

function Delete({ id }: { id: string }) {
  const [asking, setAsking] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const remove = async () => {
    const answer = await call("unseal", { id });
    setProblem("problem" in answer ? answer.problem : null);
  };
  if (!asking) {
    return (
      <Button testid="sealed-delete" onPress={() => setAsking(true)}>
        {t("sealed.delete_here")}
      </Button>
    );
  }
  return (
    <>
      <p>{t("sealed.delete_explain")}</p>
      {problem && <Notice tone="bad">{sayProblem(problem)}</Notice>}
      <Button look="main" onPress={() => setAsking(false)}>
        {t("delete.keep")}
      </Button>
      <Button look="danger" testid="sealed-delete-sure" onPress={() => void remove()}>
        {t("sealed.delete_sure")}
      </Button>
    </>
  );
}

/** Taking down, or changing, the details of one villager. */
export function SealedFormPage({ voice, id }: { voice: RecordId; id: string | null }) {
  const answer = useSealed(voice);
  const before = answer && "ok" in answer ? answer.ok.find((one) => one.id === id) : undefined;
  const known = id === null || before !== undefined;
  return (
    <Screen title={t("sealed.title")}>
      {answer === null && <p class="empty">{t("home.opening")}</p>}
      {answer && "problem" in answer && <Notice tone="bad">{sayProblem(answer.problem)}</Notice>}
      {answer && "ok" in answer && known && <SealedForm voice={voice} id={id} before={before?.contents ?? null} />}
    </Screen>
  );
}

interface FormProperties {
  voice: RecordId;
  id: string | null;
  before: SealedContents | null;
}

const NOTHING: SealedContents = {
  alias: "",
  name: "",
  phone: "",
  address: "",
  note: "",
  basis: "consent",
  notice_version: "",
  noticed_ms: 0,
  consent_by: "",
  sensitive: [],
};

function SealedForm({ voice, id, before }: FormProperties) {
  const [values, setValues] = useState<SealedContents>(before ?? { ...NOTHING, phone: carried(voice) });
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  // The second of two quick taps comes before anything is drawn again.
  const saving = useRef(false);
  useEffect(() => withForm(), []);
  const change = (part: Partial<SealedContents>) => setValues((values) => ({ ...values, ...part }));
  const notice = (given: boolean) =>
    change(
      given ? { notice_version: schema.notice_version, noticed_ms: Date.now() } : { notice_version: "", noticed_ms: 0 },
    );
  const save = async () => {
    if (saving.current) return;
    saving.current = true;
    setBusy(true);
    const answer = await call("seal", { id, voice, contents: values });
    setBusy(false);
    saving.current = "ok" in answer;
    setProblem("problem" in answer ? answer.problem : null);
    if ("problem" in answer) return;
    if (id === null) letGo(voice);
    announce(t("saved.on_phone"));
    // Where it shows what is kept, and that it is on this phone.
    goInstead(`/record/${voice}`);
  };
  const remark = (field: string) => problem?.field === field && <p class="remark tone-bad">{sayProblem(problem)}</p>;
  return (
    <form
      class="form"
      noValidate
      data-testid="form-sealed"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      {id === null && <NotSealedYet voice={voice} />}
      <section class="card">
        <h2>{t("sealed.notice_title")}</h2>
        <p class="lead">{t("sealed.notice")}</p>
        <Check label={t("sealed.noticed")} name="noticed" value={values.noticed_ms > 0} onChange={notice}>
          {remark("notice_version")}
        </Check>
      </section>
      {values.noticed_ms > 0 && (
        <fieldset class="card" disabled={busy}>
          <p class="hint">{t("sealed.no_draft")}</p>
          {TEXT_FIELDS.map((key) => (
            <div class="field" key={key}>
              <label class="label" for={`sealed-${key}`}>
                {t(`sealed.field.${key}`)}
                {key === "alias" && <span class="need">{t("form.required")}</span>}
              </label>
              <input
                id={`sealed-${key}`}
                class="input"
                autocomplete="off"
                inputMode={key === "phone" ? "tel" : undefined}
                value={values[key]}
                data-testid={`field-${key}`}
                onInput={(event) => change({ [key]: event.currentTarget.value })}
              />
              {remark(key)}
            </div>
          ))}
          <ChooseOne
            legend={t("sealed.field.basis")}
            name="basis"
            options={BASES.map((key) => ({ key, label: t(`sealed.basis.${key}`) }))}
            value={values.basis}
            recent={[]}
            mayBeEmpty={false}
            onChange={(basis) => change({ basis: basis === "duty" ? "duty" : "consent" })}
          />
          <ChooseMany
            legend={t("sealed.field.sensitive")}
            name="sensitive"
            options={KINDS.map((key) => ({ key, label: t(`sealed.sensitive.${key}`) }))}
            value={values.sensitive}
            onChange={(chosen) => change({ sensitive: KINDS.filter((key) => chosen.includes(key)) })}
          />
          {values.sensitive.includes("minor") && (
            <div class="field">
              <label class="label" for="sealed-consent">
                {t("sealed.field.consent_by")}
              </label>
              <input
                id="sealed-consent"
                class="input"
                autocomplete="off"
                value={values.consent_by}
                data-testid="field-consent_by"
                onInput={(event) => change({ consent_by: event.currentTarget.value })}
              />
              {remark("consent_by")}
            </div>
          )}
        </fieldset>
      )}
      <div class="save-bar">
        {problem && !knownField(problem) && (
          <div role="alert">
            <Notice tone="bad">{sayProblem(problem)}</Notice>
          </div>
        )}
        <Button look="main" submit busy={busy} testid="save" icon="check">
          {t("form.save")}
        </Button>
      </div>
    </form>
  );
}

function knownField({ field }: Problem): boolean {
  return field !== undefined && [...TEXT_FIELDS, "notice_version", "consent_by"].includes(field);
}
