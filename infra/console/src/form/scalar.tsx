/** The input for one value, and what every part of a form knows. */

import { createContext } from "preact";
import { useContext, useEffect, useRef, useState } from "preact/hooks";
import { Problem } from "../api";
import type { Json } from "../types";
import { Select } from "../ui";
import { title } from "../words";
import { ANOTHER, useChoices } from "./choices";
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
  const values = (schema.const !== undefined ? [schema.const] : schema.enum)?.map((each) => named(String(each)));
  return (
    <label class="field">
      <span>
        {title(name)} {!required && <em>optional</em>}
      </span>
      {choices ? (
        <Chosen choices={choices} text={text} change={change} required={required} />
      ) : values ? (
        <Select value={text} values={values} none={none(required)} required={required} onChange={change} />
      ) : (
        <Input schema={schema} text={text} change={change} required={required} />
      )}
      {schema.description && <small>{plainText(schema.description)}</small>}
      <Faults path={path} />
    </label>
  );
}

const none = (required: boolean): string => (required ? "choose …" : "none");

const COUNTRY = /^[A-Z]{2}$/;
const COUNTRIES = new Intl.DisplayNames(undefined, { type: "region" });
/** What a code meant that is no longer given; browsers name its successor. */
const FORMER: { [code: string]: string } = { AN: "Netherlands Antilles" };

/** Return a value with what people call it. */
const named = (value: string): [value: string, name: string] => [
  value,
  COUNTRY.test(value) ? `${value} · ${FORMER[value] ?? COUNTRIES.of(value)}` : title(value),
];

/** One of the newest things that there are, or any other one by its id. */
function Chosen({ choices, text, change, required }: ChosenProps) {
  const [typed, type] = useState(false);
  const known = !text || choices.some(([id]) => id === text);
  const choose = (value: string) => (value === ANOTHER[0] ? (type(true), change("")) : change(value));
  if (typed) return <Typed text={text} change={change} required={required} />;
  return (
    <Select
      value={text}
      values={known ? choices : [...choices, [text, text]]}
      none={none(required)}
      required={required}
      onChange={choose}
    />
  );
}

function Typed(props: Omit<InputProps, "schema">) {
  const place = useRef<HTMLSpanElement>(null);
  useEffect(() => place.current?.querySelector("input")?.focus(), []);
  return (
    <span ref={place}>
      <Input schema={{}} {...props} />
    </span>
  );
}

interface ChosenProps extends Omit<InputProps, "schema"> {
  choices: [id: string, name: string][];
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
  if (schema.format === "password") return <input {...typed} type="password" autocomplete="new-password" />;
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
