// One input for one field, chosen by what the schema says of it.
import type { ComponentChildren } from "preact";
import { useId, useState } from "preact/hooks";
import type { Account, RecordId } from "../api";
import { deputies, refTitle, villages, type Ref } from "../refs";
import { codeLabel, codeListOf, codesOf, refKindOf, sidesOf, type Field } from "../schema";
import { isTextKey, t, words } from "../texts";
import { FilesInput } from "../files/input";
import { Button } from "../ui/button";
import { Check, ChooseMany, ChooseOne, type Option } from "../ui/choice";
import { Icon } from "../ui/icon";
import { Prose } from "../ui/prose";
import { recentChoices } from "./recent";
import type { FormValue } from "./values";

interface InputProperties {
  field: Field;
  value: FormValue;
  person: Account;
  /** The record that is being changed; null for a new one. */
  record: RecordId | null;
  /** What was counted so far; a form only adds to a counter. */
  counted: number;
  problem: string | null;
  warning: string | null;
  /** What can be done about the warning. */
  remedy: ComponentChildren;
  onChange: (value: FormValue) => void;
}

export function FieldInput(properties: InputProperties) {
  const { field, value, person, problem, warning, remedy, onChange } = properties;
  const id = useId();
  const legend = <Label field={field} />;
  const error = (
    <>
      <Remarks id={id} field={field} problem={problem} warning={warning} />
      {remedy}
    </>
  );
  const options = optionsOf(field, person, value);
  if (Array.isArray(value) && sidesOf(field).element.type === "blob") {
    return <Files {...{ field, legend, value, onChange }} record={properties.record} />;
  }
  if (Array.isArray(value)) {
    return options ? (
      <ChooseMany {...{ legend, error, options, value, onChange }} name={field.key} />
    ) : (
      <Names {...{ field, value, error, onChange }} />
    );
  }
  if (typeof value === "boolean") {
    return (
      <Check label={words(field.label)} name={field.key} value={value} onChange={onChange}>
        {error}
      </Check>
    );
  }
  if (options) {
    const recent = recentChoices(field.key);
    const mayBeEmpty = field.need !== "create";
    return <ChooseOne {...{ legend, error, options, value, onChange, recent, mayBeEmpty }} name={field.key} />;
  }
  if (field.class === "counter") return <Tally {...properties} value={value} />;
  return (
    <div class="field">
      <label class="label" for={id}>
        {legend}
      </label>
      <TextInput id={id} field={field} value={value} invalid={problem !== null} onInput={onChange} />
      {error}
    </div>
  );
}

/** The villager's own words are heard, whatever else is seen. */
function Files(properties: {
  field: Field;
  legend: ComponentChildren;
  value: string[];
  record: RecordId | null;
  onChange: (value: string[]) => void;
}) {
  const { field, legend, value, record, onChange } = properties;
  const heard = field.key === "audio";
  return <FilesInput {...{ legend, value, record, onChange }} name={field.key} photos={!heard} recordings={heard} />;
}

function TextInput(properties: {
  id: string;
  field: Field;
  value: string;
  invalid: boolean;
  onInput: (value: string) => void;
}) {
  const { id, field, value, invalid, onInput } = properties;
  const { type } = field;
  const describedBy = `${id}-remarks`;
  if (type === "prose" || field.class === "log") {
    return <Prose {...{ id, value, invalid, describedBy, onInput }} name={field.key} rows={3} />;
  }
  const shared = {
    id,
    class: "input",
    autocomplete: "off",
    value,
    "aria-invalid": invalid,
    "aria-describedby": describedBy,
    "data-testid": `field-${field.key}`,
    onInput: (event: { currentTarget: HTMLInputElement }) => onInput(event.currentTarget.value),
  };
  if (type === "date") return <input {...shared} type="date" />;
  if (type === "date_time") return <input {...shared} type="datetime-local" />;
  if (type === "number") return <input {...shared} inputMode="numeric" maxLength={9} />;
  const line = typeof type === "object" && "line" in type ? type.line : null;
  return <input {...shared} maxLength={line?.chars_max} />;
}

function Label({ field }: { field: Field }) {
  return (
    <>
      {words(field.label)}
      {field.need === "create" && <span class="need">{t("form.required")}</span>}
    </>
  );
}

function Remarks(properties: { id: string; field: Field; problem: string | null; warning: string | null }) {
  const { id, field, problem, warning } = properties;
  const hint = `hint.${field.key}`;
  const show = (text: string, look: string, icon: ComponentChildren) => (
    <p class={look}>
      {icon}
      {text}
    </p>
  );
  return (
    <div id={`${id}-remarks`} aria-live="polite">
      {problem && show(problem, "remark tone-bad", <Icon name="alert" />)}
      {warning && show(warning, "remark tone-wait", <Icon name="alert" />)}
      {isTextKey(hint) && show(t(hint), "hint", null)}
    </div>
  );
}

function optionsOf(field: Field, person: Account, value: FormValue): Option[] | null {
  const list = codeListOf(field);
  const offered = list ? codesOf(list).map((key) => ({ key, label: codeLabel(list, key) })) : refOptions(field, person);
  if (!offered) return null;
  // What is chosen is shown even where this list does not offer it: a colleague of another station, a newer code.
  const chosen = Array.isArray(value) ? value : typeof value === "string" && value ? [value] : [];
  const missing = chosen.filter((key) => !offered.some((option) => option.key === key));
  return [...offered, ...missing.map((key) => ({ key, label: list ? codeLabel(list, key) : refTitle(key) || key }))];
}

function refOptions(field: Field, person: Account): Option[] | null {
  const kind = refKindOf(field);
  if (kind === "admin_unit") return villages(person).map(({ id, title }) => ({ key: id, label: title }));
  if (kind !== "mandate") return null;
  const offered = deputies(person);
  return offered.map((deputy) => ({
    key: deputy.id,
    label: deputy.id === person.mandate ? t("form.me", { name: deputy.title }) : toldApart(deputy, offered),
  }));
}

/** Names repeat, and one person may hold two mandates: then the level says which, and the station if that does not. */
function toldApart(deputy: Ref, offered: Ref[]): string {
  const namesakes = offered.filter(({ id, title }) => id !== deputy.id && title === deputy.title);
  if (namesakes.length === 0) return deputy.title;
  const level = codeLabel("mandate_level", deputy.code);
  const station = namesakes.some(({ code }) => code === deputy.code) ? refTitle(deputy.station) : "";
  return t("form.namesake", { name: deputy.title, which: [level, station].filter(Boolean).join(" · ") });
}

/** Names typed one after the other. */
function Names(properties: {
  field: Field;
  value: string[];
  error: ComponentChildren;
  onChange: (value: string[]) => void;
}) {
  const { field, value, error, onChange } = properties;
  const [typed, setTyped] = useState("");
  const id = useId();
  const add = () => {
    const name = typed.trim();
    if (name && !value.includes(name)) onChange([...value, name]);
    setTyped("");
  };
  return (
    <div class="field">
      <label class="label" for={id}>
        <Label field={field} />
      </label>
      <div class="with-button">
        <input
          id={id}
          class="input"
          maxLength={60}
          autocomplete="off"
          value={typed}
          data-testid={`field-${field.key}`}
          onInput={(event) => setTyped(event.currentTarget.value)}
          // What was typed counts even if nobody presses the button.
          onBlur={add}
          onKeyDown={(event) => {
            if (event.key !== "Enter" || event.isComposing) return;
            event.preventDefault();
            add();
          }}
        />
        <Button onPress={add}>{t("form.add")}</Button>
      </div>
      {value.length > 0 && (
        <ul class="chips">
          {value.map((name) => (
            <li key={name}>
              <button
                type="button"
                class="name"
                aria-label={t("form.remove", { name })}
                onClick={() => onChange(value.filter((other) => other !== name))}
              >
                {name}
                <Icon name="close" />
              </button>
            </li>
          ))}
        </ul>
      )}
      {error}
    </div>
  );
}

/** A tally: taps add up, also with the taps of a colleague on another phone. */
function Tally({ field, value, counted, problem, onChange }: InputProperties & { value: string }) {
  const added = Number(value) || 0;
  const step = (by: number) => onChange(added + by > 0 ? String(added + by) : "");
  const name = words(field.label);
  return (
    <div class="field" role="group" aria-label={name}>
      <span class="label">{name}</span>
      <div class="tally">
        <output class="tally-count" data-testid={`field-${field.key}`}>
          {counted + added}
        </output>
        <Button testid={`tally-${field.key}-1`} onPress={() => step(1)}>
          +1
        </Button>
        <Button testid={`tally-${field.key}-10`} onPress={() => step(10)}>
          +10
        </Button>
        {added > 0 && <Button onPress={() => step(-1)}>−1</Button>}
      </div>
      {problem && <p class="remark tone-bad">{problem}</p>}
    </div>
  );
}
