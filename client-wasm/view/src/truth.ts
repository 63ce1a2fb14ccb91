// One sentence on where this person's records are. It never says more than is known.
import type { Status } from "./api";
import type { EngineState } from "./engine";
import { isTextKey, t, type TextKey } from "./texts";
import { sayMoment } from "./time";

export type Tone = "good" | "wait" | "bad" | "info";

export interface Truth {
  tone: Tone;
  text: string;
  /** What the person can do about it. */
  action: "send" | "sign_in" | "update" | "retry" | null;
  /** Something is going on right now. */
  busy: boolean;
}

export function truth(engine: EngineState, status: Status | null, online: boolean): Truth {
  if (engine.at === "failed") {
    const text = isTextKey(engine.text) ? t(engine.text) : t("engine.failed", { detail: engine.text });
    return { tone: "bad", text, action: "retry", busy: false };
  }
  if (engine.at === "starting" || !status) {
    return { tone: "info", text: t("banner.opening"), action: null, busy: true };
  }
  return status.unsent + status.refused > 0 ? ofUnsent(status, online) : ofNothingUnsent(status, online);
}

function ofUnsent(status: Status, online: boolean): Truth {
  const { phase, unsent, refused } = status;
  const kept = t("banner.phone_only", { n: unsent });
  const refusedToo = refused > 0 ? t("banner.refused", { n: refused }) : "";
  const say = (tone: Tone, sentence: string, action: Truth["action"], busy = false): Truth => ({
    tone: refused > 0 ? "bad" : tone,
    text: refusedToo + sentence,
    action,
    busy,
  });
  // What was refused does not go out by itself, so there is nothing to promise.
  if (unsent === 0) return say("bad", "", null);
  switch (phase.at) {
    case "exchanging":
      return say("wait", t("banner.sending", { n: unsent }), null, true);
    case "sign_in_needed":
      return phase.revoked
        ? say("bad", kept + t("banner.revoked"), null)
        : say("bad", kept + t("banner.sign_in"), "sign_in");
    case "update_needed":
      return say("bad", kept + t("banner.update"), "update");
    case "waiting":
      if (online && phase.problem === "server") {
        return say("wait", kept + t("banner.server", { time: sayMoment(phase.retry_at_ms) }), "send");
      }
      if (online && phase.problem === "smaller") return say("wait", kept + t("banner.smaller"), "send");
      return say("wait", kept + t("banner.no_signal"), "send");
    case "idle":
      return say("wait", kept + t(online ? "banner.soon" : "banner.no_signal"), "send");
  }
}

function ofNothingUnsent(status: Status, online: boolean): Truth {
  const { phase, last_success_ms } = status;
  const last = last_success_ms === null ? null : sayMoment(last_success_ms);
  const lastContact = last === null ? t("banner.never") : t("banner.last_contact", { time: last });
  switch (phase.at) {
    case "exchanging":
      return {
        tone: "info",
        text: status.files > 0 ? t("banner.sending_files", { n: status.files }) : t("banner.contacting"),
        action: null,
        busy: true,
      };
    case "sign_in_needed":
      return phase.revoked
        ? { tone: "bad", text: t("banner.revoked") + lastContact, action: null, busy: false }
        : { tone: "bad", text: t("banner.sign_in") + lastContact, action: "sign_in", busy: false };
    case "update_needed":
      return { tone: "bad", text: t("banner.update") + lastContact, action: "update", busy: false };
    case "waiting":
      if (status.files > 0) return ofFiles(status);
      return { tone: "info", text: t(troubleKey(phase.problem, online)) + lastContact, action: "send", busy: false };
    case "idle":
      if (status.files > 0) return ofFiles(status);
      if (last === null || !online) return { tone: "info", text: lastContact, action: "send", busy: false };
      return { tone: "good", text: t("banner.all_received", { time: last }), action: "send", busy: false };
  }
}

/** All text is at the server, and not all else. */
function ofFiles(status: Status): Truth {
  const key = status.text_only ? "banner.files_text_only" : "banner.files";
  return { tone: "wait", text: t(key, { n: status.files }), action: "send", busy: false };
}

function troubleKey(problem: "network" | "server" | "smaller", online: boolean): TextKey {
  if (!online || problem === "network") return "banner.offline";
  return problem === "server" ? "banner.server_down" : "banner.weak";
}
