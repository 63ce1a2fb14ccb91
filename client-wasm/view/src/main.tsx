// Starts the app: the screen first, the engine beside it, keeping it for offline last.
import { render } from "preact";
import { App } from "./app";
import { followDrafts } from "./drafts";
import { call, engineState, followVisibility, startEngine, status } from "./engine";
import { fetchLater, followLater } from "./fetch_later";
import { followIdle } from "./idle";
import { followInstallOffer } from "./install";
import { followAccount } from "./lists";
import { followErrors } from "./log";
import { followNetwork, online } from "./network";
import { UnsupportedPage } from "./pages/unsupported";
import { askToKeepData, followRoom } from "./persistence";
import { applyPreferences } from "./preferences";
import { followRefs } from "./refs";
import { followAddress } from "./route";
import { followEngine } from "./session";
import { whatIsMissing } from "./support";
import { followLanguage } from "./texts";
import { keepAppOffline } from "./update";

function start(screen: HTMLElement): void {
  applyPreferences();
  const missing = whatIsMissing();
  screen.replaceChildren();
  if (missing) {
    render(<UnsupportedPage why={missing} />, screen);
    return;
  }
  followErrors();
  followLanguage(status);
  followAddress();
  followDrafts();
  followNetwork();
  followLater();
  followInstallOffer();
  followRefs();
  followEngine();
  followAccount();
  askToKeepData();
  followRoom();
  followIdle();
  render(<App />, screen);
  startEngine();
  keepOfflineOnceStarted();
  followVisibility();
  goOnWithSignal();
}

function keepOfflineOnceStarted(): void {
  const stop = engineState.watch(() => {
    if (engineState.get().at === "starting") return;
    stop();
    void keepAppOffline(() => void fetchLater());
  });
}

/** Workers of some browsers do not hear that the signal is back. And the first download may have broken off. */
function goOnWithSignal(): void {
  online.watch(() => {
    if (!online.get()) return;
    if (engineState.get().at === "failed") startEngine();
    else void call("sync_now", {});
  });
}

const screen = document.getElementById("app");
if (screen) start(screen);
