import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";
import { newKey } from "../api";
import { useAction, useSession } from "../hooks";
import type { Json } from "../types";
import { Code, Trouble } from "../ui";
import { SchemaForm } from "./form";
import { type Body, filled, isMembers, type Members, type Schemas } from "./schema";

interface Props<T> {
  schemas: Schemas;
  path: string;
  body: Body;
  name: string;
  /** What the form has from the start, beside what its schema decides. */
  given?: Members;
  without?: string;
  sent: (answer: T) => void;
  more?: (body: Json) => ComponentChildren;
}

/** A form for the body of a POST. The same body is sent under the same key, so that a second click does nothing twice. */
export function Send<T>({ schemas, path, body, name, given = {}, without, sent, more }: Props<T>) {
  const { client } = useSession();
  const action = useAction();
  const keys = useRef(new Map<string, string>());
  const [value, change] = useState<Json>(() => {
    const begun = schemas.beginning(body.schema, body.example);
    return { ...(isMembers(begun) ? begun : {}), ...given };
  });
  const send = async () => {
    const content = filled(value);
    const text = JSON.stringify(content);
    const key = keys.current.get(text) ?? newKey();
    keys.current.set(text, key);
    const answer = await client.post<T>(path, content, key);
    keys.current.delete(text);
    sent(answer);
  };
  return (
    <form class="schema" aria-label={name} onSubmit={(event) => (event.preventDefault(), void action.run(send))}>
      <SchemaForm
        schemas={schemas}
        schema={body.schema}
        value={value}
        change={change}
        error={action.error}
        {...(without ? { without } : {})}
      />
      <Trouble error={action.error} />
      <p class="buttons">
        <button class="main" disabled={action.running}>
          {name}
        </button>
        {more?.(filled(value))}
      </p>
      <details>
        <summary>What is sent</summary>
        <Code value={withoutPassword(filled(value))} />
      </details>
    </form>
  );
}

/** Return what is sent as it may be shown: a password is for the endpoint alone. */
const withoutPassword = (value: Json): Json =>
  JSON.parse(JSON.stringify(value, (name, each) => (name === "password" ? "…" : each)));
