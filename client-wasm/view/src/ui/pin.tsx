// Asking for a PIN.
import { useId, useState } from "preact/hooks";
import type { Answer, Problem } from "../api";
import { t } from "../texts";
import { Button } from "./button";
import { Notice, sayProblem } from "./notice";

interface PinProperties {
  label: string;
  action: string;
  enter: (pin: string) => Promise<Answer<unknown>>;
}

export function PinForm({ label, action, enter }: PinProperties) {
  const [pin, setPin] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const id = useId();
  const submit = async () => {
    if (busy || !pin) return;
    setBusy(true);
    setProblem(null);
    const answer = await enter(pin);
    setBusy(false);
    setPin("");
    if ("problem" in answer) setProblem(answer.problem);
  };
  return (
    <form
      class="pin"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <div class="field">
        <label class="label" for={id}>
          {label}
        </label>
        <input
          id={id}
          class="input"
          type="password"
          inputMode="numeric"
          autocomplete="off"
          value={pin}
          data-testid="pin"
          onInput={(event) => setPin(event.currentTarget.value)}
        />
      </div>
      <div role="alert" data-testid="pin-problem">
        {problem && <Notice tone="bad">{sayProblem(problem)}</Notice>}
      </div>
      <Button look="main" submit busy={busy} testid="pin-enter">
        {busy ? t("pin.busy") : action}
      </Button>
    </form>
  );
}
