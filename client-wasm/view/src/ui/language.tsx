// The choice of language, as the words of each are here or still to come.
import { prefer, preferences, type Language } from "../preferences";
import { useStore } from "../store";
import { lacksWords, t } from "../texts";

export function LanguageSwitch() {
  const { language } = useStore(preferences);
  const lacking = useStore(lacksWords);
  const choice = (value: Language, name: string) => (
    <label class="chip" lang={value === "zh" ? "zh-CN" : "en"}>
      <input
        type="radio"
        name="language"
        checked={language === value}
        data-testid={`language-${value}`}
        onChange={() => prefer({ language: value })}
      />
      <span>{name}</span>
    </label>
  );
  return (
    <fieldset class="field">
      <legend class="label">{t("account.language")}</legend>
      <div class="chips">
        {choice("zh", "中文")}
        {choice("en", "English")}
      </div>
      {lacking && (
        <p class="hint" data-testid="no-words">
          {t("account.language_coming")}
        </p>
      )}
    </fieldset>
  );
}
