// The form on the screen: essential fields, the rest behind "more", and the bar that saves.
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Finding } from "../api";
import { engineState } from "../engine";
import { refs } from "../refs";
import { fieldOf } from "../schema";
import { useStore } from "../store";
import { t } from "../texts";
import { sayMoment } from "../time";
import { Button } from "../ui/button";
import { Notice, sayProblem } from "../ui/notice";
import { isTelephone, sayFinding } from "./check";
import { FieldInput } from "./inputs";
import { Move } from "./move";
import { useForm, type Form, type FormTask } from "./use_form";
import { valueOf } from "./values";

interface FormViewProperties {
  task: Omit<FormTask, "keys">;
  essential: string[];
  more: string[];
  /** What was counted so far, by field. */
  counted?: Record<string, number>;
  /** Above the fields; may show what the form holds. */
  intro?: (form: Form) => ComponentChildren;
}

export function FormView({ task, essential, more, counted = {}, intro }: FormViewProperties) {
  const form = useForm({ ...task, keys: [...essential, ...more] });
  // Villages and deputies may arrive while the form is open.
  useStore(refs);
  const [opened, setOpened] = useState(false);
  const hiddenProblem = more.some((key) => key in form.problems);
  const shown = opened || hiddenProblem;
  const doubts = form.findings.filter(({ weight }) => weight !== "mend");
  const scope = useFocusOnProblem(form);
  // What would be typed now would not be in what is being saved.
  const saving = form.saving.at === "saving";

  const inputs = (keys: string[]) =>
    keys.map((key) => {
      const field = fieldOf(task.kind, key);
      const doubt = doubts.find((finding) => finding.field === key);
      const isMoved = form.moving && doubt && isTelephone(doubt);
      return (
        <FieldInput
          key={key}
          field={field}
          value={valueOf(form.values, field)}
          person={task.person}
          record={"record" in task.target ? task.target.record : null}
          counted={counted[key] ?? 0}
          problem={form.problems[key] ?? null}
          warning={isMoved ? t("move.planned") : doubt ? sayFinding(doubt) : null}
          remedy={task.kind === "voice" && doubt && isTelephone(doubt) && <Move form={form} />}
          onChange={(value) => form.change(key, value)}
        />
      );
    });

  return (
    <form
      ref={scope}
      class="form"
      noValidate
      data-testid={`form-${task.kind}`}
      onSubmit={(event) => {
        event.preventDefault();
        form.save();
      }}
    >
      <Restored form={form} />
      {intro?.(form)}
      <fieldset class="card" disabled={saving}>
        {inputs(essential)}
      </fieldset>
      {more.length > 0 && (
        <Button icon={shown ? "close" : "plus"} expanded={shown} testid="more" onPress={() => setOpened(!shown)}>
          {t(shown ? "form.less" : "form.more")}
        </Button>
      )}
      {shown && (
        <fieldset class="card" disabled={saving}>
          {inputs(more)}
        </fieldset>
      )}
      <SaveBar form={form} warning={doubts.find(({ weight }) => weight === "private")} />
    </form>
  );
}

function Restored({ form }: { form: Form }) {
  if (form.restored_ms === null) return null;
  return (
    <Notice tone="info" icon="edit" testid="draft-restored">
      <p>{t("form.restored", { time: sayMoment(form.restored_ms) })}</p>
      <Button testid="draft-drop" onPress={form.startAgain}>
        {t("form.start_again")}
      </Button>
    </Notice>
  );
}

const SLOW_MS = 4000;

function SaveBar({ form, warning }: { form: Form; warning: Finding | undefined }) {
  const { saving } = form;
  const starting = useStore(engineState).at === "starting";
  const slow = useSlow(saving.at === "saving");
  const waiting = starting ? t("form.waiting_for_engine") : t(slow ? "form.saving_slowly" : "form.saving");
  return (
    <div class="save-bar">
      {saving.at === "problem" && (
        <div role="alert" data-testid="save-problem">
          <Notice tone="bad">
            <p>{sayProblem(saving.problem)}</p>
            <p>{t("form.text_is_safe")}</p>
          </Notice>
        </div>
      )}
      <p class="save-state" role="status" data-testid="save-state">
        {saving.at === "saving" ? waiting : sayDraft(form, warning)}
      </p>
      <Button look="main" submit busy={saving.at === "saving"} testid="save" icon="check">
        {saving.at === "saving" ? t("form.saving") : t("form.save")}
      </Button>
    </div>
  );
}

function sayDraft(form: Form, warning: Finding | undefined): string {
  if (Object.keys(form.problems).length > 0) return t("form.has_problems");
  if (form.draft === "failed") return t("form.draft_not_kept");
  if (form.draft === "late") return t("form.draft_late");
  if (warning && !form.moving) return sayFinding(warning);
  return form.touched && form.draft === "kept" ? t("form.draft_kept") : "";
}

function useSlow(running: boolean): boolean {
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    setSlow(false);
    if (!running) return;
    const timer = setTimeout(() => setSlow(true), SLOW_MS);
    return () => clearTimeout(timer);
  }, [running]);
  return slow;
}

/** After a vain attempt to save, the first field to mend is in front of the person. */
function useFocusOnProblem(form: Form) {
  const scope = useRef<HTMLFormElement>(null);
  const count = Object.keys(form.problems).length;
  const before = useRef(0);
  useEffect(() => {
    if (count > before.current) {
      const remark = scope.current?.querySelector(".remark.tone-bad");
      const field = remark?.closest(".field");
      field?.querySelector<HTMLElement>("input, select, textarea")?.focus({ preventScroll: true });
      field?.scrollIntoView({ block: "center" });
    }
    before.current = count;
  }, [count]);
  return scope;
}
