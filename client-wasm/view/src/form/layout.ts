// Which fields a form asks for first and which wait behind "more". What each field is, only the schema says.
import type { Kind } from "../api";

export type FormKind = Extract<Kind, "activity" | "voice" | "reception_day" | "suggestion" | "app_feedback">;

interface Layout {
  essential: string[];
  more: string[];
  /** What only makes sense once the record exists. */
  later?: string[];
}

const LAYOUTS: Record<FormKind, Layout> = {
  activity: {
    essential: ["kind", "title", "start", "village", "attendees", "body", "files"],
    more: [
      "place",
      "crowd",
      "role",
      "focus",
      "themes",
      "outcome",
      "households",
      "leaflets",
      "jobs",
      "guests",
      "organizer",
      "chair_mandate",
      "chair",
      "end",
    ],
    later: ["points", "issues"],
  },
  voice: {
    essential: ["verbatim", "audio", "summary", "files", "village", "category", "urgency", "channel", "confidential"],
    more: ["group", "affected", "sensitive", "tier_suggest", "focus", "date", "collectors"],
    later: ["follow_ups"],
  },
  reception_day: {
    essential: ["deputies", "visitors", "minutes", "files"],
    more: ["slot", "venue", "notice", "cancelled"],
  },
  app_feedback: { essential: ["kind", "text"], more: ["files"] },
  suggestion: {
    essential: ["title", "facts", "analysis", "asks", "category", "tier"],
    more: ["cosigners", "wish_units", "wants_meeting", "themes", "may_be_public", "type", "date"],
  },
};

export function hasForm(kind: Kind): kind is FormKind {
  return kind in LAYOUTS;
}

/**
 * `given`: what the place where the form was opened has answered already; it can still be changed under "more".
 * `wanted`: what cannot be answered for this person, although it can for most.
 */
export function newLayout(kind: FormKind, given: string[], wanted: string[] = []): Layout {
  const { essential, more } = LAYOUTS[kind];
  return {
    essential: [...essential.filter((key) => !given.includes(key)), ...wanted],
    more: [...essential.filter((key) => given.includes(key)), ...more.filter((key) => !wanted.includes(key))],
  };
}

/** `locked`: what this person may read but not change. */
export function editLayout(kind: FormKind, locked: string[]): Layout {
  const { essential, more, later = [] } = LAYOUTS[kind];
  const open = (keys: string[]) => keys.filter((key) => !locked.includes(key));
  return { essential: open([...essential, ...later]), more: open(more) };
}
