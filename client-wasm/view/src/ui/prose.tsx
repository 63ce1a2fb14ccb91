import { useEffect, useLayoutEffect, useRef } from "preact/hooks";

/** A text box that is as high as its text, so that nothing of it is hidden. */
export function Prose(properties: {
  id: string;
  name: string;
  value: string;
  rows: number;
  invalid: boolean;
  describedBy?: string;
  onInput: (value: string) => void;
}) {
  const { id, name, value, rows, invalid, describedBy, onInput } = properties;
  const box = useRef<HTMLTextAreaElement>(null);
  const fit = () => {
    const element = box.current;
    if (!element) return;
    element.style.height = "auto";
    element.style.height = `${element.scrollHeight + 4}px`;
  };
  useLayoutEffect(fit, [value]);
  // A phone that is turned has lines of another length.
  useEffect(() => {
    addEventListener("resize", fit);
    return () => removeEventListener("resize", fit);
  }, []);
  return (
    <textarea
      ref={box}
      id={id}
      class="input prose"
      rows={rows}
      value={value}
      aria-invalid={invalid}
      aria-describedby={describedBy}
      data-testid={`field-${name}`}
      onInput={(event) => onInput(event.currentTarget.value)}
    />
  );
}
