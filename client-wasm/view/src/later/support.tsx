// For whoever helps from afar: log and state in one file, without anything that a person wrote or is called.
import { useState } from "preact/hooks";
import type { Account } from "../api";
import { call, engineState, status } from "../engine";
import { unfinishedDrafts } from "../drafts";
import { log } from "../log";
import { preferences } from "../preferences";
import { t } from "../texts";
import { Button } from "../ui/button";
import { download } from "./download";
import { WORK } from "./mine";

export function SupportCard({ person }: { person: Account }) {
  const [done, setDone] = useState(false);
  const save = async () => {
    download(`lianxin-${Date.now()}.json`, "application/json", JSON.stringify(await bundle(person), null, 2));
    setDone(true);
  };
  return (
    <section class="card">
      <h2>{t("bundle.title")}</h2>
      <p>{t("bundle.what")}</p>
      <Button testid="support-bundle" onPress={() => void save()}>
        {t("bundle.do")}
      </Button>
      <p role="status">{done && t("bundle.done")}</p>
    </section>
  );
}

async function bundle({ posts, spaces }: Account): Promise<unknown> {
  const { width, height } = screen;
  return {
    version: document.documentElement.dataset.version,
    at: new Date().toISOString(),
    zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    browser: navigator.userAgent,
    screen: { width, height, pixels: devicePixelRatio },
    online: navigator.onLine,
    installed: matchMedia("(display-mode: standalone)").matches,
    worker: (await navigator.serviceWorker?.getRegistration())?.active?.state ?? null,
    caches: await caches.keys(),
    storage: await navigator.storage?.estimate?.(),
    preferences: preferences.get(),
    engine: engineState.get(),
    status: stateOnly(),
    // Roles and kinds of spaces; no names, and not of which village.
    posts: posts.map(({ role }) => role),
    spaces: spaces.map(({ space, access }) => ({ id: space.id, kind: space.kind, access })),
    drafts: unfinishedDrafts().map(({ kind, saved_ms }) => ({ kind, saved_ms })),
    records: await counts(),
    log,
  };
}

/** The status without what names people, places or devices. */
function stateOnly(): unknown {
  const now = status.get();
  return now && { ...now, notices: now.notices.map(({ what }) => what) };
}

/** Records by kind and by where they have got to. */
async function counts(): Promise<Record<string, number>> {
  const answer = await call("list", { kinds: [...WORK, "app_feedback"] });
  const found: Record<string, number> = {};
  for (const { kind, state, conflicts } of "ok" in answer ? answer.ok : []) {
    for (const key of [`${kind} ${state.at}`, ...(conflicts > 0 ? [`${kind} conflict`] : [])]) {
      found[key] = (found[key] ?? 0) + 1;
    }
  }
  return found;
}
