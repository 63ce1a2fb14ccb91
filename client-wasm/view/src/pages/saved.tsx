// Shown only after the engine has stored the record durably.
import type { RecordId } from "../api";
import { useRecord } from "../lists";
import { sayTitle } from "../say";
import { t } from "../texts";
import { LinkButton } from "../ui/button";
import { Screen } from "../ui/frame";
import { Icon } from "../ui/icon";
import { State } from "../ui/state";
import { SlipNumber } from "./new_record";

export function SavedPage({ id, slip, again }: { id: RecordId; slip: string; again: string }) {
  const answer = useRecord(id);
  const row = answer && "ok" in answer ? answer.ok.row : null;
  return (
    <Screen title={t("saved.title")}>
      <section class="card saved" data-testid="saved">
        <p class="saved-mark" role="status">
          <Icon name="check" />
          {t("saved.on_phone")}
        </p>
        {row && (
          <>
            <p class="lead">{sayTitle(row)}</p>
            <State state={row.state} />
          </>
        )}
        {slip && <SlipNumber number={slip} />}
        <p class="hint">{t("saved.sent_by_itself")}</p>
      </section>
      <div class="buttons">
        {again && (
          <LinkButton look="record" icon="plus" to={again} testid="another">
            {t("saved.another")}
          </LinkButton>
        )}
        {row?.kind === "voice" && (
          <LinkButton to={`/sealed/${id}`} testid="sealed-add">
            {t("sealed.add")}
          </LinkButton>
        )}
        <LinkButton to={`/record/${id}`} testid="see-record">
          {t("saved.see")}
        </LinkButton>
        <LinkButton to="/" testid="go-home">
          {t("nav.home")}
        </LinkButton>
      </div>
    </Screen>
  );
}
