// The PIN of an account: to set, to change, to take away, and to hide the screens behind it at once.
import { useState } from "preact/hooks";
import { call, status } from "../engine";
import { useStore } from "../store";
import { t } from "../texts";
import { Button } from "../ui/button";
import { Notice, sayProblem } from "../ui/notice";
import { PinForm } from "../ui/pin";

type Step = "none" | "first" | "again";

export function PinCard() {
  const lock = useStore(status)?.lock ?? "none";
  const [step, setStep] = useState<Step>("none");
  const [first, setFirst] = useState("");
  const [said, setSaid] = useState("");
  const [busy, setBusy] = useState(false);
  const has = lock !== "none";
  const begin = () => {
    setSaid("");
    setStep("first");
  };
  const enterFirst = (pin: string) => {
    if (!/^\d{6,}$/.test(pin)) return Promise.resolve({ problem: { text: "pin.short" } });
    setFirst(pin);
    setStep("again");
    return Promise.resolve({ ok: null });
  };
  const enterAgain = async (pin: string) => {
    if (pin !== first) {
      setStep("first");
      setSaid(t("pin.differ"));
      return { ok: null };
    }
    const answer = await call("set_pin", { pin });
    if ("ok" in answer) {
      setStep("none");
      setSaid(t("pin.done"));
    }
    return answer;
  };
  const drop = async () => {
    if (busy) return;
    setBusy(true);
    const answer = await call("drop_pin", {});
    setBusy(false);
    setSaid("problem" in answer ? sayProblem(answer.problem) : t("pin.dropped"));
  };
  return (
    <section class="card" data-testid="pin-card">
      <h2>{t("pin.title")}</h2>
      <p>{t(has ? "pin.has" : "pin.what")}</p>
      <div role="status" data-testid="pin-said">
        {said && <Notice tone="info">{said}</Notice>}
      </div>
      {step === "first" && <PinForm key="first" label={t("pin.new")} action={t("pin.next")} enter={enterFirst} />}
      {step === "again" && <PinForm key="again" label={t("pin.again")} action={t("pin.set")} enter={enterAgain} />}
      {step === "none" && (
        <Button testid="pin-begin" onPress={begin}>
          {t(has ? "pin.change" : "pin.begin")}
        </Button>
      )}
      {step === "none" && has && (
        <>
          <Button testid="pin-shut" onPress={() => void call("shut", {})}>
            {t("pin.now")}
          </Button>
          <Button testid="pin-drop" busy={busy} onPress={() => void drop()}>
            {t(busy ? "pin.busy" : "pin.drop")}
          </Button>
        </>
      )}
    </section>
  );
}
