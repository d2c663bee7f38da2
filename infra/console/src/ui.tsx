/** The small parts that every view is made of. */

import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Problem } from "./api";
import { useSession, type Action } from "./hooks";
import type { Json } from "./types";
import { shown, utc } from "./time";
import { title, words } from "./words";

const TONES: { [status: string]: string } = {
  completed: "good",
  active: "good",
  delivered: "good",
  enabled: "good",
  failed: "bad",
  disabled: "bad",
  expired: "bad",
  terminated: "over",
  canceled: "over",
  depleted: "over",
  fulfilling: "busy",
  accepted: "busy",
  pending: "waits",
  scheduled: "waits",
  on_hold: "waits",
  resting: "waits",
  grace: "waits",
  suspended: "waits",
  deactivated: "waits",
};

export const Badge = ({ status }: { status: string }) => (
  <span class={`badge ${TONES[status] ?? "over"}`}>{words(status)}</span>
);

/** A moment in the reader's zone; in UTC for who points at it. */
export const Time = ({ at }: { at: string }) => (
  <time dateTime={at} title={utc(at)}>
    {shown(at)}
  </time>
);

/** The heading of a view, which keyboards and screen readers come to first. */
export function Heading({ children, aside }: { children: ComponentChildren; aside?: ComponentChildren }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <header class="heading">
      <h1 tabIndex={-1} ref={heading}>
        {children}
      </h1>
      {aside}
    </header>
  );
}

export const Card = ({
  name,
  aside,
  children,
}: {
  name: string;
  aside?: ComponentChildren;
  children: ComponentChildren;
}) => (
  <section class="card" aria-label={name}>
    <header>
      <h2>{name}</h2>
      {aside}
    </header>
    {children}
  </section>
);

/** What is known at a glance; what is not there is left out. */
export const Facts = ({ of }: { of: [name: string, value: ComponentChildren][] }) => (
  <dl class="facts">
    {of
      .filter(([, value]) => value)
      .map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
  </dl>
);

export const Empty = ({ children }: { children: ComponentChildren }) => <p class="empty">{children}</p>;

export const Loading = () => <p class="empty">Loading …</p>;

/** What went wrong, and what to do about it. */
export function Trouble({ error }: { error: unknown }) {
  const { definitions } = useSession();
  if (!error) return null;
  if (!(error instanceof Problem))
    return <p class="trouble" role="alert">{`${error instanceof Error ? error.message : error}`}</p>;
  return (
    <div class="trouble" role="alert">
      <strong>{error.title}</strong> {error.detail}
      <ul>
        {error.faults.map((fault) => (
          <li>
            <code>{fault.code}</code> {fault.pointer && <code>{fault.pointer}</code>} {fault.detail}
          </li>
        ))}
      </ul>
      {[...new Set(error.faults.map(({ code }) => definitions.advice[code]?.remedy))].map((remedy) => (
        <p>{remedy?.replaceAll("`", "")}</p>
      ))}
      {error.correlationId && (
        <small>
          Correlation id <code>{error.correlationId}</code>
        </small>
      )}
    </div>
  );
}

interface ButtonProps {
  action: Action;
  does: () => Promise<unknown>;
  children: ComponentChildren;
  kind?: "main" | "danger";
  label?: string;
}

export const Button = ({ action, does, children, kind, label }: ButtonProps) => (
  <button type="button" class={kind} aria-label={label} disabled={action.running} onClick={() => void action.run(does)}>
    {children}
  </button>
);

const focusFirst = (group: HTMLElement | null): void => group?.querySelector("button")?.focus();

/** A button that asks once more before it does something that cannot be taken back; the keyboard stays with it. */
export function Careful({ action, does, children }: ButtonProps) {
  const [asked, ask] = useState(false);
  const group = useRef<HTMLSpanElement>(null);
  const turn = (next: boolean) => {
    ask(next);
    setTimeout(() => focusFirst(group.current));
  };
  if (!asked)
    return (
      <span ref={group}>
        <button type="button" class="danger" onClick={() => turn(true)}>
          {children}
        </button>
      </span>
    );
  return (
    <span class="buttons" ref={group}>
      <Button action={action} kind="danger" does={() => does().finally(() => ask(false))}>
        Yes, {children}
      </Button>
      <button type="button" onClick={() => turn(false)}>
        Keep it
      </button>
    </span>
  );
}

export function CopyLink() {
  const { announce } = useSession();
  const [copied, copy] = useState(false);
  const write = async () => {
    // Browsers offer the clipboard on secure pages only; elsewhere the address line has the same link.
    await navigator.clipboard?.writeText(location.href).catch(() => undefined);
    copy(true);
    announce("Link copied");
  };
  return (
    <button type="button" onClick={() => void write()}>
      {copied ? "Link copied" : "Copy link"}
    </button>
  );
}

/** Let the reader keep a value as a file. */
export function Download({ name, value }: { name: string; value: unknown }) {
  const save = () => {
    const file = new Blob([JSON.stringify(value, null, 2)], { type: "application/json" });
    const link = document.createElement("a");
    link.href = URL.createObjectURL(file);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };
  return (
    <button type="button" onClick={save}>
      Download JSON
    </button>
  );
}

export const Code = ({ value }: { value: Json | unknown }) => (
  <pre tabIndex={0}>
    <code>{JSON.stringify(value, null, 2)}</code>
  </pre>
);

interface FieldProps {
  name: string;
  children: ComponentChildren;
  hint?: string;
}

export const Labeled = ({ name, hint, children }: FieldProps) => (
  <label class="field">
    <span>{title(name)}</span>
    {children}
    {hint && <small>{hint}</small>}
  </label>
);

interface SelectProps {
  value: string;
  values: (string | [value: string, name: string])[];
  none?: string;
  onChange: (value: string) => void;
  required?: boolean | undefined;
}

export const Select = ({ value, values, none, onChange, required }: SelectProps) => (
  <select value={value} required={required} onChange={(event) => onChange(event.currentTarget.value)}>
    {none !== undefined && <option value="">{none}</option>}
    {values.map((each) => {
      const [option, name] = typeof each === "string" ? [each, words(each)] : each;
      return <option value={option}>{name}</option>;
    })}
  </select>
);
