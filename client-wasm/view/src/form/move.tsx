// The offer to carry a telephone number out of a voice's text into the sealed record. Until the voice is saved the number
// stays in the text, and so in the draft: nothing that was kept is lost.
import { useEffect } from "preact/hooks";
import { fetchLater, later } from "../fetch_later";
import { useStore } from "../store";
import { t } from "../texts";
import { Button } from "../ui/button";
import type { Form } from "./use_form";

export function Move({ form }: { form: Form }) {
  useEffect(() => void fetchLater(), []);
  // Without its form on the phone the number would have nowhere to go.
  if (!useStore(later)) return null;
  return (
    <Button testid="move" onPress={() => form.setMoving(!form.moving)}>
      {t(form.moving ? "move.not" : "move.do")}
    </Button>
  );
}
