// What every screen stands in: the bar with its name, the truth about the records, and the content.
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { announcement } from "../announce";
import { call, engineState, startEngine, status } from "../engine";
import { online } from "../network";
import { go, goBack, restoreScroll, route } from "../route";
import { useStore } from "../store";
import { t } from "../texts";
import { sayDuration } from "../time";
import { truth, type Truth } from "../truth";
import { updateNow } from "../update";
import { Icon } from "./icon";
import { Notice } from "./notice";

export function Screen(properties: { title: string; home?: ComponentChildren; children: ComponentChildren }) {
  const { title, home, children } = properties;
  useEffect(() => {
    document.title = home ? t("name") : `${title} · ${t("name")}`;
  }, [title]);
  return (
    <>
      <header class="top">
        {home ?? (
          <div class="bar">
            <button type="button" class="bar-button" data-testid="back" onClick={() => goBack()}>
              <Icon name="back" />
              <span>{t("nav.back")}</span>
            </button>
            <h1 tabIndex={-1}>{title}</h1>
            <HelpLink />
          </div>
        )}
        <TruthBanner />
      </header>
      <main>
        <ClockWarning />
        {children}
      </main>
    </>
  );
}

/** Help for the screen that is shown: a new record's is its kind's. */
export function HelpLink() {
  const [screen = "home", kind] = route.get().parts;
  if (screen === "help") return null;
  return (
    <a class="bar-button" href={`#/help/${screen === "new" ? (kind ?? "choose") : screen}`} data-testid="help-link">
      {t("help.title")}
    </a>
  );
}

/** Another screen begins at its top, or where it was left, and is spoken by its name. */
export function useArrival(): void {
  const { address } = useStore(route);
  useEffect(() => {
    restoreScroll();
    if (document.activeElement === document.body) {
      document.querySelector<HTMLElement>("h1")?.focus({ preventScroll: true });
    }
  }, [address]);
}

function TruthBanner() {
  const { tone, text, action, busy } = truth(useStore(engineState), useStore(status), useStore(online));
  return (
    <div class={`banner tone-${tone}`} data-testid="banner" data-tone={tone}>
      <span class={busy ? "dot dot-busy" : "dot"} aria-hidden="true" />
      <p role="status">{text}</p>
      {action && <BannerButton action={action} />}
    </div>
  );
}

function BannerButton({ action }: { action: NonNullable<Truth["action"]> }) {
  const unsent = status.get()?.unsent ?? 0;
  const words = {
    send: t(unsent > 0 ? "banner.do_send" : "banner.do_refresh"),
    sign_in: t("banner.do_sign_in"),
    update: t("banner.do_update"),
    retry: t("banner.do_retry"),
  };
  const acts = {
    send: () => void call("sync_now", {}),
    sign_in: () => go("/signin"),
    update: () => void updateNow(),
    retry: startEngine,
  };
  return (
    <button type="button" class="banner-button" data-testid={`banner-${action}`} onClick={acts[action]}>
      {words[action]}
    </button>
  );
}

function ClockWarning() {
  const ahead_ms = useStore(status)?.clock_ahead_ms ?? null;
  if (ahead_ms === null) return null;
  const by = sayDuration(ahead_ms);
  return (
    <Notice tone="wait" icon="alert" testid="clock-warning">
      {t(ahead_ms > 0 ? "clock.ahead" : "clock.behind", { by })}
    </Notice>
  );
}

/** Outside of the screens: what is spoken must outlive the screen that said it. */
export function Announcement() {
  const text = useStore(announcement);
  return (
    <div class="announcement" role="status" data-testid="announcement">
      {text && (
        <p>
          <Icon name="check" />
          {text}
        </p>
      )}
    </div>
  );
}
