// What does the person want to record?
import type { Account } from "../api";
import { kindLabel } from "../schema";
import { privateSpace } from "../session";
import { t, type TextKey } from "../texts";
import { Screen } from "../ui/frame";
import { Icon, type IconName } from "../ui/icon";

export function ChoosePage({ person }: { person: Account }) {
  return (
    <Screen title={t("choose.title")}>
      <ul class="choices">
        <Choice to="/new/voice" icon="voice" name={kindLabel("voice")} help="choose.voice" testid="new-voice" />
        <Choice
          to="/new/activity"
          icon="activity"
          name={kindLabel("activity")}
          help="choose.activity"
          testid="new-activity"
        />
        {privateSpace(person) !== null && (
          <Choice
            to="/new/suggestion"
            icon="edit"
            name={kindLabel("suggestion")}
            help="choose.suggestion"
            testid="new-suggestion"
          />
        )}
        {person.station && (
          <Choice to="/new/day" icon="day" name={t("choose.open_day")} help="choose.day" testid="new-day" />
        )}
      </ul>
    </Screen>
  );
}

function Choice(properties: { to: string; icon: IconName; name: string; help: TextKey; testid: string }) {
  const { to, icon, name, help, testid } = properties;
  return (
    <li>
      <a class="choice" href={`#${to}`} data-testid={testid}>
        <Icon name={icon} />
        <span>
          <strong>{name}</strong>
          <span class="hint">{t(help)}</span>
        </span>
        <Icon name="next" />
      </a>
    </li>
  );
}
