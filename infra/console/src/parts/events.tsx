import type { ComponentChildren } from "preact";
import { differences, type Difference } from "../diff";
import type { ApiEvent, Json } from "../types";
import { Card, Code, Empty, Time } from "../ui";

const MAX_SHOWN = 80;

/** The resource that an event is about: its type's first word, but for thresholds, which are a product's. */
function subject(event: ApiEvent): { id: string; value: Json } {
  const word = event.type.split(".")[0] ?? "";
  const value = event.data[word === "balance" ? "product" : word] ?? null;
  const id = value && typeof value === "object" && !Array.isArray(value) ? value["id"] : undefined;
  return { id: String(id), value };
}

interface EventsProps {
  events: ApiEvent[];
  name?: string;
  /** What leads to older ones. */
  children?: ComponentChildren;
}

/** Every event, oldest first, with what is different from the one before of the same resource. */
export function Events({ events, name = "Events", children }: EventsProps) {
  const oldestFirst = [...events].sort((one, other) => one.id.localeCompare(other.id));
  const before = new Map<string, Json>();
  return (
    <Card name={name}>
      {children}
      {!events.length && <Empty>None yet. They appear by themselves.</Empty>}
      <ol class="events">
        {oldestFirst.map((event) => {
          const { id, value } = subject(event);
          const earlier = before.get(id);
          before.set(id, value);
          return (
            <Row
              key={event.id}
              event={event}
              changed={earlier === undefined ? undefined : differences(earlier, value)}
            />
          );
        })}
      </ol>
    </Card>
  );
}

const Row = ({ event, changed }: { event: ApiEvent; changed: Difference[] | undefined }) => (
  <li>
    <div class="line">
      <Time at={event.created_at} />
      <code class="type">{event.type}</code>
      <span class="id">{`no. ${event.sequence} of ${subject(event).id}`}</span>
    </div>
    {changed && changed.length > 0 && (
      <ul class="diff">
        {changed.map((difference) => (
          <Change difference={difference} />
        ))}
      </ul>
    )}
    <details>
      <summary>Payload</summary>
      <Code value={event} />
    </details>
  </li>
);

const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** A value as people read it: a moment in their own zone, the beginning of a long text. */
function Value({ text }: { text: string }) {
  if (MOMENT.test(text)) return <Time at={text} />;
  return <>{text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text}</>;
}

const Change = ({ difference: { path, before, after } }: { difference: Difference }) => (
  <li>
    <span class="path">{path}</span>{" "}
    {before !== undefined && (
      <del>
        <Value text={before} />
      </del>
    )}{" "}
    {after !== undefined && (
      <ins>
        <Value text={after} />
      </ins>
    )}
  </li>
);
