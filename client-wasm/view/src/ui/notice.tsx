import type { ComponentChildren } from "preact";
import type { Problem } from "../api";
import { isTextKey, t } from "../texts";
import type { Tone } from "../truth";
import { Icon, type IconName } from "./icon";

const ICONS: Record<Tone, IconName> = { good: "check", wait: "phone", bad: "alert", info: "voice" };

export function Notice(properties: { tone: Tone; icon?: IconName; testid?: string; children: ComponentChildren }) {
  const { tone, icon = ICONS[tone], testid, children } = properties;
  return (
    <div class={`notice tone-${tone}`} data-testid={testid}>
      <Icon name={icon} />
      <div class="notice-text">{children}</div>
    </div>
  );
}

/** What went wrong, what is safe, what to do. */
export function sayProblem(problem: Problem): string {
  if (isTextKey(problem.text)) return t(problem.text, { seconds: problem.seconds ?? "" });
  return t("problem.unknown", { detail: problem.text });
}
