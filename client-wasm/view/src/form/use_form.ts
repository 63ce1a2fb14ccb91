// A form while somebody fills it in: its values, its draft on the phone, and saving exactly once.
import { useEffect, useRef, useState } from "preact/hooks";
import { announce } from "../announce";
import type { Account, Answer, ChangeHash, Finding, Problem, RecordId, Target } from "../api";
import { call } from "../engine";
import { FormDraft, type Draft, type DraftState } from "../drafts";
import { go, goInstead, route } from "../route";
import { beginning } from "../say";
import { useStore } from "../store";
import { t } from "../texts";
import { withForm } from "../update";
import { findingsIn, isTelephone, mistyped, sayFinding, useFindings } from "./check";
import type { FormKind } from "./layout";
import { carry } from "./moved";
import { findTwin } from "./once";
import { noteChoices } from "./recent";
import { editsBetween, sameValues, type FormValues } from "./values";

export interface FormTask {
  kind: FormKind;
  person: Account;
  target: Target;
  /** What a new form starts with. */
  defaults: FormValues;
  /** What the record to be edited said; nothing for a new one. */
  initial: FormValues;
  base: ChangeHash[] | null;
  /** The fields on the screen. */
  keys: string[];
  onSaved: (id: RecordId, values: FormValues) => void;
}

export type Saving = { at: "no" } | { at: "saving" } | { at: "problem"; problem: Problem };

export interface Form {
  values: FormValues;
  /** What has to be mended, in words, by field. */
  problems: Record<string, string>;
  findings: Finding[];
  /** Whether telephone numbers go into the sealed record when this is saved. */
  moving: boolean;
  saving: Saving;
  /** When what is shown was typed, if it was typed before this form was opened. */
  restored_ms: number | null;
  draft: DraftState;
  touched: boolean;
  change: (key: string, value: FormValues[string]) => void;
  setMoving: (moving: boolean) => void;
  save: () => void;
  startAgain: () => void;
}

/** Given by the app and not by the person: neither makes a form worth keeping nor is lost when it is emptied. */
const GIVEN = "slip_no";

export function useForm(task: FormTask): Form {
  const [keeper] = useState(() => new FormDraft(route.get().address));
  const [opened] = useState(() => open(keeper.found, task));
  const [values, setValues] = useState(opened.draft.values);
  const [problems, setProblems] = useState<Record<string, string>>({});
  const [moving, setMoving] = useState(false);
  const [saving, setSaving] = useState<Saving>({ at: "no" });
  const [restored, setRestored] = useState(opened.restored_ms);
  const draft = useStore(keeper.state);
  const findings = useFindings(task.kind, task.keys, opened.draft.initial, values);
  // Read by what happens between two drawings: the second of two quick taps must see the first.
  const present = useRef(values);
  const busy = useRef(false);
  const mayBeStored = useRef(opened.draft.touched);

  useEffect(() => withForm(), []);

  const put = (next: FormValues) => {
    present.current = next;
    setValues(next);
    keeper.keep({ ...opened.draft, ...describe(task, opened.startedWith, next) });
  };
  const change = (key: string, value: FormValues[string]) => {
    put({ ...present.current, [key]: value });
    setProblems(({ [key]: _, ...others }) => others);
  };
  const slip = useSlipNumber(task, present, (number) => change(GIVEN, number));

  const save = async () => {
    if (busy.current) return;
    const notNumbers = mistyped(task.kind, task.keys, present.current);
    setProblems(Object.fromEntries(notNumbers.map((key) => [key, t("form.not_a_number")])));
    if (notNumbers.length > 0) return;
    busy.current = true;
    setSaving({ at: "saving" });
    const failure = await checkAndSave();
    // After success it stays busy: this screen is about to go, and a late tap must not save once more.
    if (!failure) return;
    busy.current = false;
    if ("toMend" in failure) {
      setSaving({ at: "no" });
      return setProblems(failure.toMend);
    }
    mayBeStored.current = true;
    setSaving({ at: "problem", problem: failure });
    const { field } = failure;
    if (field && task.keys.includes(field)) setProblems({ [field]: t("form.check_this") });
  };

  const checkAndSave = async (): Promise<Failure | null> => {
    const taken = moving ? await takeOut(task.kind, opened.draft.initial, present.current) : NOTHING_TAKEN;
    if ("problem" in taken) return taken.problem;
    const { texts, phone } = taken.ok;
    const found = await findingsIn(task.kind, opened.draft.initial, { ...present.current, ...texts });
    if ("problem" in found) return found.problem;
    const toMend = wordsByField(found.ok.filter(({ field, weight }) => weight === "mend" && task.keys.includes(field)));
    if (Object.keys(toMend).length > 0) return { toMend };
    return saveOnce(texts, phone);
  };

  const saveOnce = async (texts: FormValues, phone: string): Promise<Problem | null> => {
    if (mayBeStored.current && present.current[GIVEN] !== undefined) {
      const values = { ...present.current, ...texts };
      const twin = await findTwin(values);
      if (twin?.same) {
        finish(task, twin.id, values, keeper, phone);
        return null;
      }
      if (twin) change(GIVEN, "");
    }
    const problem = await slip();
    return problem ?? (await write(task, opened.draft, { ...present.current, ...texts }, keeper, phone));
  };

  const startAgain = () => {
    const given = present.current[GIVEN];
    put(given === undefined ? opened.startedWith : { ...opened.startedWith, [GIVEN]: given });
    setRestored(null);
    setProblems({});
  };

  const touched = isTouched(opened.startedWith, values);
  const start = () => void save();
  return {
    values,
    problems,
    findings,
    moving,
    saving,
    restored_ms: restored,
    draft,
    touched,
    change,
    setMoving,
    save: start,
    startAgain,
  };
}

type Failure = Problem | { toMend: Record<string, string> };
type Taken = Answer<{ texts: FormValues; phone: string }>;

const NOTHING_TAKEN: Taken = { ok: { texts: {}, phone: "" } };

/** The texts that hold telephone numbers, without these. */
async function takeOut(kind: FormKind, initial: FormValues, values: FormValues): Promise<Taken> {
  const found = await findingsIn(kind, initial, values);
  if ("problem" in found) return found;
  const texts: Record<string, string> = {};
  for (const { field } of found.ok.filter(isTelephone)) texts[field] = String(values[field]);
  return call("take_out", { texts });
}

/** The weightiest of each field comes first. */
function wordsByField(findings: Finding[]): Record<string, string> {
  return Object.fromEntries(findings.map((finding) => [finding.field, sayFinding(finding)] as const).reverse());
}

interface Opened {
  draft: Draft;
  startedWith: FormValues;
  restored_ms: number | null;
}

function open(kept: Draft | null, task: FormTask): Opened {
  const { kind, defaults, initial, base } = task;
  const startedWith = { ...initial, ...defaults };
  if (kept?.touched && kept.kind === kind) {
    return { draft: kept, startedWith, restored_ms: kept.saved_ms };
  }
  const given = kept?.values[GIVEN];
  const values = given === undefined ? startedWith : { ...startedWith, [GIVEN]: given };
  const draft = { kind, initial, base, saved_ms: 0, touched: false, excerpt: "", values };
  return { draft, startedWith, restored_ms: null };
}

function isTouched(startedWith: FormValues, values: FormValues): boolean {
  const { [GIVEN]: _, ...typed } = values;
  return !sameValues(startedWith, typed);
}

function describe(task: FormTask, startedWith: FormValues, values: FormValues) {
  const texts = task.keys.map((key) => values[key]).filter((value) => typeof value === "string" && value !== "");
  const typed = texts.filter((value) => !Object.values(startedWith).includes(value as string)) as string[];
  const longest = typed.sort((a, b) => b.length - a.length)[0] ?? "";
  return { values, saved_ms: Date.now(), touched: isTouched(startedWith, values), excerpt: beginning(longest) };
}

/** Only after the engine has the edit is the draft let go, also when the person has left the screen meanwhile. */
async function write(
  task: FormTask,
  { initial, base }: Draft,
  values: FormValues,
  keeper: FormDraft,
  phone: string,
): Promise<Problem | null> {
  const edits = editsBetween(task.kind, initial, values);
  const answer = await call("edit", { target: task.target, base, edits });
  if ("problem" in answer) return answer.problem;
  finish(task, answer.ok.id, values, keeper, phone);
  return null;
}

function finish(task: FormTask, id: RecordId, values: FormValues, keeper: FormDraft, phone: string): void {
  keeper.drop();
  noteChoices(values);
  const here = route.get().address === keeper.address;
  if (phone === "") {
    if (here) task.onSaved(id, values);
    return;
  }
  // The number is nowhere else now: its form opens wherever the person is.
  carry(id, phone);
  announce(t("saved.on_phone"));
  (here ? goInstead : go)(`/sealed/${id}`);
}

/** Asks for the number as soon as the form is open, so that it can be read to the villager at once. */
function useSlipNumber(
  task: FormTask,
  present: { current: FormValues },
  onNumber: (number: string) => void,
): () => Promise<Problem | null> {
  const asked = useRef<Promise<Problem | null> | null>(null);
  const needed = task.kind === "voice" && "new" in task.target;
  const ask = async (): Promise<Problem | null> => {
    const answer = await call("slip_number", {});
    asked.current = null;
    if ("problem" in answer) return answer.problem;
    onNumber(answer.ok);
    return null;
  };
  const have = () => !needed || Boolean(present.current[GIVEN]);
  const obtain = () => (have() ? Promise.resolve(null) : (asked.current ??= ask()));
  useEffect(() => void obtain(), []);
  return obtain;
}
