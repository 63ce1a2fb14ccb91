// What each screen is for, in a few words.
import { t, textOf } from "../texts";
import { Screen } from "../ui/frame";

/** The screens, in the order in which people meet them; the words are in texts `help.<screen>`. */
const SCREENS = [
  "home",
  "choose",
  "day",
  "voice",
  "activity",
  "suggestion",
  "record",
  "edit",
  "sealed",
  "work",
  "report",
  "dossier",
  "account",
  "feedback",
];

/** `screen`: the one from which help was asked for, told first. */
export function HelpPage({ screen }: { screen: string }) {
  const first = SCREENS.includes(screen) ? screen : "home";
  const others = SCREENS.filter((one) => one !== first);
  return (
    <Screen title={t("help.title")}>
      <section class="card" data-testid="help">
        <h2>{textOf(`help.${first}.title`)}</h2>
        <p>{textOf(`help.${first}`)}</p>
      </section>
      <section class="card">
        <h2>{t("help.others")}</h2>
        {others.map((one) => (
          <details key={one}>
            <summary>{textOf(`help.${one}.title`)}</summary>
            <p>{textOf(`help.${one}`)}</p>
          </details>
        ))}
      </section>
    </Screen>
  );
}
