// A form while somebody fills it in: its values, its draft on the phone, and saving exactly once.
import { useEffect, useRef, useState } from "preact/hooks";
import type { Account, ChangeHash, Problem, RecordId, Target } from "../api";
import { call } from "../engine";
import { FormDraft, type Draft, type DraftState } from "../drafts";
import { route } from "../route";
import { beginning } from "../say";
import { useStore } from "../store";
import type { TextKey } from "../texts";
import { withForm } from "../update";
import type { FormKind } from "./layout";
import { findTwin } from "./once";
import { noteChoices } from "./recent";
import { problemsIn } from "./validate";
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
  problems: Record<string, TextKey>;
  saving: Saving;
  /** When what is shown was typed, if it was typed before this form was opened. */
  restored_ms: number | null;
  draft: DraftState;
  touched: boolean;
  change: (key: string, value: FormValues[string]) => void;
  save: () => void;
  startAgain: () => void;
}

/** Given by the app and not by the person: neither makes a form worth keeping nor is lost when it is emptied. */
const GIVEN = "slip_no";

export function useForm(task: FormTask): Form {
  const [keeper] = useState(() => new FormDraft(route.get().address));
  const [opened] = useState(() => open(keeper.found, task));
  const [values, setValues] = useState(opened.draft.values);
  const [problems, setProblems] = useState<Record<string, TextKey>>({});
  const [saving, setSaving] = useState<Saving>({ at: "no" });
  const [restored, setRestored] = useState(opened.restored_ms);
  const draft = useStore(keeper.state);
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
    const found = problemsIn(task.kind, task.keys, present.current);
    setProblems(found);
    if (Object.keys(found).length > 0) return;
    busy.current = true;
    setSaving({ at: "saving" });
    const problem = await saveOnce();
    // After success it stays busy: this screen is about to go, and a late tap must not save once more.
    if (!problem) return;
    busy.current = false;
    mayBeStored.current = true;
    setSaving({ at: "problem", problem });
    const { field } = problem;
    if (field && task.keys.includes(field)) setProblems({ [field]: "form.check_this" });
  };

  const saveOnce = async (): Promise<Problem | null> => {
    if (mayBeStored.current && present.current[GIVEN] !== undefined) {
      const twin = await findTwin(present.current);
      if (twin?.same) {
        finish(task, twin.id, present.current, keeper);
        return null;
      }
      if (twin) change(GIVEN, "");
    }
    return (await slip()) ?? (await write(task, opened.draft, present.current, keeper));
  };

  const startAgain = () => {
    const given = present.current[GIVEN];
    put(given === undefined ? opened.startedWith : { ...opened.startedWith, [GIVEN]: given });
    setRestored(null);
    setProblems({});
  };

  const touched = isTouched(opened.startedWith, values);
  const start = () => void save();
  return { values, problems, saving, restored_ms: restored, draft, touched, change, save: start, startAgain };
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
): Promise<Problem | null> {
  const edits = editsBetween(task.kind, initial, values);
  const answer = await call("edit", { target: task.target, base, edits });
  if ("problem" in answer) return answer.problem;
  finish(task, answer.ok.id, values, keeper);
  return null;
}

function finish(task: FormTask, id: RecordId, values: FormValues, keeper: FormDraft): void {
  keeper.drop();
  noteChoices(values);
  if (route.get().address === keeper.address) task.onSaved(id, values);
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
