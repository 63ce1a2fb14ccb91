// Choosing by tapping words: radio buttons and checkboxes underneath, so keyboards and screen readers know them.
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { t } from "../texts";

export interface Option {
  key: string;
  label: string;
}

interface ChoiceProperties {
  legend: ComponentChildren;
  name: string;
  options: Option[];
  error?: ComponentChildren;
}

/** More than this many words side by side are no longer seen at a glance. */
const CHIPS_MAX = 14;

export function ChooseOne(
  properties: ChoiceProperties & {
    value: string;
    onChange: (value: string) => void;
    /** Shown first where there are many. */
    recent: string[];
    mayBeEmpty: boolean;
  },
) {
  const { legend, name, options, error, value, onChange, recent, mayBeEmpty } = properties;
  const many = options.length > CHIPS_MAX;
  const first = options.filter(({ key }) => recent.includes(key));
  const chips = many ? first : [...first, ...options.filter(({ key }) => !recent.includes(key))];
  const id = useId();
  return (
    <fieldset class="field" data-testid={`field-${name}`}>
      <legend class="label">{legend}</legend>
      {chips.length > 0 && (
        <div class="chips">
          {chips.map(({ key, label }) => (
            <label class="chip" key={key}>
              <input
                type="radio"
                name={id}
                value={key}
                checked={value === key}
                data-testid={`option-${name}-${key}`}
                onChange={() => onChange(key)}
                // A second tap takes an optional answer back, which a radio button alone does not know.
                onClick={() => mayBeEmpty && value === key && onChange("")}
              />
              <span>{label}</span>
            </label>
          ))}
        </div>
      )}
      {many && (
        <select
          class="input"
          aria-label={t("choice.all")}
          data-testid={`select-${name}`}
          value={value}
          onChange={(event) => onChange(event.currentTarget.value)}
        >
          <option value="">{t("choice.choose")}</option>
          {options.map(({ key, label }) => (
            <option key={key} value={key}>
              {label}
            </option>
          ))}
        </select>
      )}
      {options.length === 0 && <p class="hint">{t("choice.none_yet")}</p>}
      {error}
    </fieldset>
  );
}

export function ChooseMany(properties: ChoiceProperties & { value: string[]; onChange: (value: string[]) => void }) {
  const { legend, name, options, error, value, onChange } = properties;
  const toggle = (key: string, on: boolean) =>
    onChange(on ? [...value, key] : value.filter((element) => element !== key));
  return (
    <fieldset class="field" data-testid={`field-${name}`}>
      <legend class="label">{legend}</legend>
      <div class="chips">
        {options.map(({ key, label }) => (
          <label class="chip" key={key}>
            <input
              type="checkbox"
              checked={value.includes(key)}
              data-testid={`option-${name}-${key}`}
              onChange={(event) => toggle(key, event.currentTarget.checked)}
            />
            <span>{label}</span>
          </label>
        ))}
      </div>
      {options.length === 0 && <p class="hint">{t("choice.none_yet")}</p>}
      {error}
    </fieldset>
  );
}

export function Check(properties: {
  label: string;
  name: string;
  value: boolean;
  onChange: (value: boolean) => void;
  children?: ComponentChildren;
}) {
  const { label, name, value, onChange, children } = properties;
  return (
    <div class="field">
      <label class="check">
        <input
          type="checkbox"
          checked={value}
          data-testid={`field-${name}`}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
        <span>{label}</span>
      </label>
      {children}
    </div>
  );
}
