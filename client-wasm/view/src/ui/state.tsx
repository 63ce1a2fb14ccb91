import type { RecordState } from "../api";
import { sayState } from "../say";
import { Icon, type IconName } from "./icon";

const ICONS: Record<RecordState["at"], IconName> = {
  phone: "phone",
  received: "check",
  refused: "alert",
  theirs: "check",
};

/** Where a record has got to: a drawing and words, never colour alone. */
export function State({ state }: { state: RecordState }) {
  return (
    <span class={`state state-${state.at}`} data-testid="record-state" data-at={state.at}>
      <Icon name={ICONS[state.at]} />
      {sayState(state)}
    </span>
  );
}
