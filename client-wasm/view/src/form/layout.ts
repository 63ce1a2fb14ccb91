// Which fields a form asks for first and which wait behind "more". What each field is, only the schema says.
import type { Kind } from "../api";

export type FormKind = Extract<
  Kind,
  "activity" | "voice" | "reception_day" | "suggestion" | "app_feedback" | "duty_report" | "deputy"
>;

export interface Layout {
  essential: string[];
  more: string[];
  /** What only makes sense once the record exists. */
  later?: string[];
}

/** Of what is recorded in the field; the others are in ../later/layout.ts. */
export const RECORDED = {
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
};

/**
 * `given`: what the place where the form was opened has answered already; it can still be changed under "more".
 * `wanted`: what cannot be answered for this person, although it can for most.
 */
export function newLayout(kind: keyof typeof RECORDED, given: string[], wanted: string[] = []): Layout {
  const { essential, more } = RECORDED[kind];
  return {
    essential: [...essential.filter((key) => !given.includes(key)), ...wanted],
    more: [...essential.filter((key) => given.includes(key)), ...more.filter((key) => !wanted.includes(key))],
  };
}
