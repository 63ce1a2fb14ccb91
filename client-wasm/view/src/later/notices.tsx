// What has happened to this phone's data, until the person has read it.
import type { PhoneNotice, Status } from "../api";
import { call } from "../engine";
import { isNearlyFull } from "../persistence";
import { t } from "../texts";
import { sayMoment } from "../time";
import { Button } from "../ui/button";
import { Notice } from "../ui/notice";

export function Notices({ notices, lacks_kinds }: Status) {
  return (
    <>
      {notices.map((notice) => (
        <Notice
          key={notice.what}
          tone={notice.what === "left_behind" ? "bad" : "info"}
          testid={`notice-${notice.what}`}
        >
          <p>{sayNotice(notice)}</p>
          <Button onPress={() => void call("put_away", { what: notice.what })}>{t("notice.put_away")}</Button>
        </Notice>
      ))}
      {isNearlyFull() && (
        <Notice tone="bad" testid="notice-room">
          {t("notice.room")}
        </Notice>
      )}
      {lacks_kinds && (
        <Notice tone="info" testid="notice-lacks-kinds">
          {t("notice.lacks_kinds")}
        </Notice>
      )}
    </>
  );
}

function sayNotice(notice: PhoneNotice): string {
  switch (notice.what) {
    case "server_restored":
      return notice.again > 0 ? t("notice.server_restored", { n: notice.again }) : t("notice.server_restored_none");
    case "doubled":
      return t("notice.doubled");
    case "spaces_lost": {
      const kept = notice.kept > 0 ? t("notice.spaces_kept", { n: notice.kept }) : "";
      return t("notice.spaces_lost", { names: notice.names.join("、") }) + kept;
    }
    case "left_behind":
      return t("notice.left_behind", {
        label: notice.label || t("name"),
        time: sayMoment(notice.seen_ms),
        n: notice.unsent,
      });
  }
}
