// The forms of the pages that come later, and which records have one.
import type { Kind } from "../api";
import { RECORDED, type FormKind, type Layout } from "../form/layout";

const LAYOUTS: Record<FormKind, Layout> = {
  ...RECORDED,
  reception_day: {
    essential: ["deputies", "visitors", "minutes", "files"],
    more: ["slot", "venue", "notice", "cancelled"],
  },
  app_feedback: { essential: ["kind", "text"], more: ["files"] },
  suggestion: {
    essential: ["title", "facts", "analysis", "asks", "category", "tier"],
    more: ["cosigners", "wish_units", "wants_meeting", "themes", "may_be_public", "type", "date"],
  },
  duty_report: {
    essential: ["date", "venue", "listeners", "text", "files"],
    more: ["satisfied", "basically", "dissatisfied", "abstained", "questions"],
  },
  // The rest of it is the office's to keep.
  deputy: { essential: ["profile"], more: [] },
};

export function hasForm(kind: Kind): kind is FormKind {
  return kind in LAYOUTS;
}

/** `locked`: what this person may read but not change. */
export function layoutOf(kind: FormKind, locked: string[] = []): Layout {
  const { essential, more, later = [] } = LAYOUTS[kind];
  const open = (keys: string[]) => keys.filter((key) => !locked.includes(key));
  return { essential: open([...essential, ...later]), more: open(more) };
}
