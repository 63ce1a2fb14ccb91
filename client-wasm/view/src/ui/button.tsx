import type { ComponentChildren } from "preact";
import { Icon, type IconName } from "./icon";

interface Look {
  /** `record`: the one red button. `main`: what this screen is for. `quiet`: everything else. */
  look?: "record" | "main" | "quiet" | "danger";
  icon?: IconName;
  testid?: string;
  children: ComponentChildren;
}

interface Press {
  onPress?: () => void;
  submit?: boolean;
  busy?: boolean;
  expanded?: boolean;
}

export function Button({ look = "quiet", icon, testid, children, ...press }: Look & Press) {
  const { onPress, submit, busy, expanded } = press;
  return (
    <button
      type={submit ? "submit" : "button"}
      class={`button button-${look}`}
      data-testid={testid}
      // Not `disabled`: that would take the focus away from a person who uses the keyboard.
      aria-disabled={busy ? "true" : undefined}
      aria-expanded={expanded}
      onClick={busy ? undefined : onPress}
    >
      {icon && <Icon name={icon} />}
      <span>{children}</span>
    </button>
  );
}

/** A link that looks like a button, for what leads to another screen. */
export function LinkButton({ look = "quiet", icon, testid, children, to }: Look & { to: string }) {
  return (
    <a class={`button button-${look}`} href={`#${to}`} data-testid={testid}>
      {icon && <Icon name={icon} />}
      <span>{children}</span>
    </a>
  );
}
