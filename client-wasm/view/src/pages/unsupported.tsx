import type { Unsupported } from "../support";
import { t } from "../texts";

export function UnsupportedPage({ why }: { why: Unsupported }) {
  return (
    <main class="before">
      <p class="before-name">{t("name")}</p>
      <p data-testid="unsupported">{t(why)}</p>
    </main>
  );
}
