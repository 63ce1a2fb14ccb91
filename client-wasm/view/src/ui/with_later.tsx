// What comes with the part that is fetched last. Whoever opens it before is told, and sees it as soon as it is here.
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { fetchLater, later, type Later } from "../fetch_later";
import { useStore } from "../store";
import { t } from "../texts";
import { Screen } from "./frame";

interface LaterProperties {
  title: string;
  children: (later: Later) => ComponentChildren;
}

export function LaterPage({ title, children }: LaterProperties) {
  const here = useLater();
  if (here) return <>{children(here)}</>;
  return (
    <Screen title={title}>
      <Coming />
    </Screen>
  );
}

export function LaterCard({ title, children }: LaterProperties) {
  const here = useLater();
  if (here) return <>{children(here)}</>;
  return (
    <section class="card">
      <h2>{title}</h2>
      <Coming />
    </section>
  );
}

function useLater(): Later | null {
  useEffect(() => void fetchLater(), []);
  return useStore(later);
}

function Coming() {
  return (
    <p class="hint" data-testid="later-coming">
      {t("home.later")}
    </p>
  );
}
