import type { ComponentChildren, RefObject } from "preact";
import { useEffect } from "preact/hooks";

interface Props {
  name: string;
  label: string;
  value: string;
  onValue: (value: string) => void;
  hint?: ComponentChildren;
  fault?: string | undefined;
  required?: boolean;
  type?: "text" | "email" | "password" | "datetime-local";
  autocomplete?: "email" | "username" | "new-password" | "current-password";
  inputMode?: "email" | "decimal";
  autoCapitalize?: "characters";
  placeholder?: string;
  maxLength?: number;
  class?: string;
}

/** One labelled input with its hint and its fault, tied together for screen readers. */
export function Field(props: Props) {
  const { name, label, value, onValue, hint, fault, required = false, ...rest } = props;
  // Preact's types tie a type to its roles and want one at a time; any of ours is a plain field.
  const type = (props.type ?? "text") as "text";
  const id = `field-${name}`;
  const described = [
    hint === undefined ? "" : `${id}-hint`,
    fault === undefined ? "" : `${id}-fault`,
  ]
    .filter((part) => part !== "")
    .join(" ");
  return (
    <div class={fault === undefined ? "field" : "field field-bad"}>
      <label for={id}>
        {label}
        {!required && <span class="optional"> (optional)</span>}
      </label>
      <input
        {...rest}
        type={type}
        id={id}
        name={name}
        value={value}
        aria-required={required}
        aria-invalid={fault !== undefined}
        {...(described === "" ? {} : { "aria-describedby": described })}
        onInput={(event) => onValue(event.currentTarget.value)}
      />
      {hint !== undefined && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {fault !== undefined && (
        <p class="fault" id={`${id}-fault`}>
          {fault}
        </p>
      )}
    </div>
  );
}

/** Moves the focus to the first bad field when there are new faults. */
export function useFocusOnFault(
  form: RefObject<HTMLFormElement | null>,
  faults: Map<string, string>,
): void {
  useEffect(() => {
    if (faults.size === 0) return;
    form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [form, faults]);
}
