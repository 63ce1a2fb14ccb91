import { useEffect, useRef, useState } from "preact/hooks";
import type { Answer, OtherAccount, Problem } from "../api";
import { call, engineState, startEngine, status } from "../engine";
import { goInstead } from "../route";
import { account, evicted, lostUnsent, setAccount } from "../session";
import { useStore } from "../store";
import { t } from "../texts";
import { truth } from "../truth";
import { Button, LinkButton } from "../ui/button";
import { Check } from "../ui/choice";
import { LanguageSwitch } from "../ui/language";
import { Notice, sayProblem } from "../ui/notice";
import { PinForm } from "../ui/pin";
import { withForm } from "../update";

export function SignInPage() {
  const engine = useStore(engineState);
  const lost = useStore(evicted);
  const ended = useStore(status)?.ended;
  const others = useOthers();
  const form = useSignIn();
  useEffect(() => withForm(), []);
  useEffect(() => {
    document.title = `${t("sign_in.title")} · ${t("name")}`;
  }, []);
  const password = {
    id: "password",
    class: "input",
    name: "password",
    autocomplete: "current-password",
    autocapitalize: "none",
    spellcheck: false,
    value: form.password,
    "data-testid": "password",
    onInput: (event: { currentTarget: HTMLInputElement }) => form.setPassword(event.currentTarget.value),
  } as const;
  return (
    <main class="sign-in">
      <header class="sign-in-head">
        <img src="/icons/icon.svg" width="72" height="72" alt="" />
        <h1 tabIndex={-1}>{t("name")}</h1>
        <p>{t("sign_in.purpose")}</p>
      </header>
      {ended && (
        <Notice tone="bad" testid="ended">
          {t("sign_in.ended")}
        </Notice>
      )}
      {lost && (
        <Notice tone="bad" testid="evicted">
          {t("sign_in.evicted")}
          {lostUnsent() > 0 && t("sign_in.evicted_unsent", { n: lostUnsent() })}
        </Notice>
      )}
      {others.filter(isLocked).map(card)}
      <form
        class="card"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void form.submit();
        }}
      >
        <div class="field">
          <label class="label" for="login">
            {t("sign_in.login")}
          </label>
          <input
            id="login"
            class="input"
            name="username"
            autocomplete="username"
            autocapitalize="none"
            spellcheck={false}
            value={form.login}
            data-testid="login"
            onInput={(event) => form.setLogin(event.currentTarget.value)}
          />
        </div>
        <div class="field">
          <label class="label" for="password">
            {t("sign_in.password")}
          </label>
          {form.shown ? <input {...password} type="text" /> : <input {...password} type="password" />}
        </div>
        <Check name="show-password" label={t("sign_in.show")} value={form.shown} onChange={form.setShown} />
        <div role="alert" data-testid="sign-in-problem">
          {form.problem && <Notice tone="bad">{sayProblem(form.problem)}</Notice>}
        </div>
        <Button look="main" submit busy={form.busy} testid="sign-in">
          {form.busy ? t(engine.at === "starting" ? "sign_in.opening" : "sign_in.busy") : t("sign_in.do")}
        </Button>
        {engine.at === "failed" && (
          <Notice tone="bad" testid="engine-failed">
            {truth(engine, null, true).text}
            <Button onPress={startEngine}>{t("banner.do_retry")}</Button>
          </Notice>
        )}
        <p class="hint">{t("sign_in.first_needs_network")}</p>
      </form>
      {others.filter((other) => !isLocked(other)).map(card)}
      {account.get() && <LinkButton to="/">{t("nav.home")}</LinkButton>}
      <LanguageSwitch />
    </main>
  );
}

/** Closed by a PIN only: whoever opens the app is most likely this person. */
const isLocked = ({ open, pin }: OtherAccount) => open && pin;
const card = (other: OtherAccount) => <Other key={other.user} {...other} />;

function useOthers(): OtherAccount[] {
  const ready = useStore(engineState).at === "ready";
  const [others, setOthers] = useState<OtherAccount[]>([]);
  useEffect(() => {
    if (ready) void call("others", {}).then((answer) => "ok" in answer && setOthers(answer.ok));
  }, [ready]);
  return others;
}

/** Opens an account that lies on this phone. */
async function open(user: number, pin?: string): Promise<Answer<unknown>> {
  const switched = await call("switch", pin === undefined ? { user } : { user, pin });
  if ("problem" in switched) return switched;
  const answer = await call("account", {});
  if ("ok" in answer) {
    setAccount(answer.ok);
    goInstead("/");
  }
  return answer;
}

/** Somebody who uses this phone: nothing of one is shown to another, and what was not sent waits. */
function Other({ user, name, open: opens, unsent, pin }: OtherAccount) {
  const [problem, setProblem] = useState<Problem | null>(null);
  const press = async () => {
    const answer = await open(user);
    if ("problem" in answer) setProblem(answer.problem);
  };
  return (
    <section class="card" data-testid="other-account">
      <p>{unsent === null ? t("sign_in.other_locked", { name }) : t("sign_in.other", { name, n: unsent })}</p>
      {!opens && <p class="hint">{t("sign_in.closed")}</p>}
      {opens && pin && (
        <>
          <PinForm label={t("pin.of", { name })} action={t("pin.open")} enter={(pin) => open(user, pin)} />
          <p class="hint">{t("pin.forgot")}</p>
        </>
      )}
      {opens && !pin && (
        <Button testid="switch" onPress={() => void press()}>
          {t("sign_in.switch", { name })}
        </Button>
      )}
      <div role="alert">{problem && <Notice tone="bad">{sayProblem(problem)}</Notice>}</div>
    </section>
  );
}

function useSignIn() {
  const [login, setLogin] = useState("");
  const [password, setPassword] = useState("");
  const [shown, setShown] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const running = useRef(false);

  const submit = async () => {
    if (running.current) return;
    if (!login.trim() || !password) return setProblem({ text: "sign_in.empty" });
    running.current = true;
    setBusy(true);
    setProblem(null);
    const answer = await call("sign_in", { login: login.trim(), password });
    running.current = false;
    setBusy(false);
    if ("problem" in answer) return setProblem(answer.problem);
    const again = account.get() !== null;
    setAccount(answer.ok);
    if (again) goInstead("/");
  };

  return { login, setLogin, password, setPassword, shown, setShown, busy, problem, submit };
}
