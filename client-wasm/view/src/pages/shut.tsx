// An account's screens while they are hidden behind its PIN.
import { useEffect } from "preact/hooks";
import { call } from "../engine";
import { account } from "../session";
import { t } from "../texts";
import { PinForm } from "../ui/pin";

export function ShutPage() {
  useEffect(() => {
    document.title = `${t("pin.shut")} · ${t("name")}`;
  }, []);
  return (
    <main class="sign-in" data-testid="shut">
      <header class="sign-in-head">
        <img src="/icons/icon.svg" width="72" height="72" alt="" />
        <h1 tabIndex={-1}>{t("pin.shut")}</h1>
        <p>{t("pin.shut_what")}</p>
      </header>
      <section class="card">
        <PinForm
          label={t("pin.of", { name: account.get()?.name ?? "" })}
          action={t("pin.open")}
          enter={(pin) => call("unlock", { pin })}
        />
        <p class="hint">{t("pin.forgot_shut")}</p>
      </section>
    </main>
  );
}
