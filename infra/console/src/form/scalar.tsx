/** The input for one value, and what every part of a form knows. */

import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { Problem } from "../api";
import type { Json } from "../types";
import { Select } from "../ui";
import { title } from "../words";
import { useChoices } from "./choices";
import type { Schema, Schemas } from "./schema";

interface Form {
  schemas: Schemas;
  root: Json;
  error: unknown;
}

export const FormContext = createContext<Form | null>(null);

export interface Edited {
  schema: Schema;
  value: Json | undefined;
  change: (value: Json | undefined) => void;
  path: string;
  name: string;
  required: boolean;
}

export function useForm(): Form {
  const form = useContext(FormContext);
  if (!form) throw new Error("a field needs a form");
  return form;
}

export function Scalar(edited: Edited) {
  const { schema, name, path, required } = edited;
  const { root } = useForm();
  const choices = useChoices(name, path, root);
  const text = edited.value === undefined ? "" : String(edited.value);
  const change = (value: string) =>
    edited.change(value === "" ? undefined : schema.type === "integer" ? Number(value) : value);
  const values = choices ?? schema.enum?.map((each) => [String(each), title(String(each))] as [string, string]);
  return (
    <label class="field">
      <span>
        {title(name)} {!required && <em>optional</em>}
      </span>
      {values ? (
        <Select
          value={text}
          values={values}
          none={required ? "choose …" : "none"}
          required={required}
          onChange={change}
        />
      ) : (
        <Input schema={schema} text={text} change={change} required={required} />
      )}
      {schema.description && <small>{plainText(schema.description)}</small>}
      <Faults path={path} />
    </label>
  );
}

interface InputProps {
  schema: Schema;
  text: string;
  change: (text: string) => void;
  required: boolean;
}

function Input({ schema, text, change, required }: InputProps) {
  const common = { autocomplete: "off" as const, required };
  if (schema.format === "date-time") {
    const moment = (value: string) => (value ? new Date(value).toISOString() : "");
    const value = text && local(text);
    return (
      <input
        {...common}
        type="datetime-local"
        value={value}
        onInput={(event) => change(moment(event.currentTarget.value))}
      />
    );
  }
  const typed = {
    ...common,
    value: text,
    onInput: (event: { currentTarget: HTMLInputElement }) => change(event.currentTarget.value),
  };
  if (schema.format === "date") return <input {...typed} type="date" />;
  if (schema.type === "integer") return <input {...typed} type="number" min={schema.minimum} max={schema.maximum} />;
  return <input {...typed} pattern={schema.pattern} maxLength={schema.maxLength} />;
}

/** The moment as the browser's input writes it, in the reader's zone. */
function local(moment: string): string {
  const date = new Date(moment);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

export function Faults({ path }: { path: string }) {
  const { error } = useForm();
  const faults = error instanceof Problem ? error.faults.filter(({ pointer }) => pointer === path) : [];
  if (!faults.length) return null;
  return <span class="fault">{faults.map(({ detail }) => detail).join(" ")}</span>;
}

export const plainText = (text: string): string => text.replaceAll("`", "");
