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

/** Where an event, or one that was so many before it, stands among those of its resource. */
const place = (event: ApiEvent, back = 0): string => `${subject(event).id} ${event.sequence - back}`;

interface EventsProps {
  events: ApiEvent[];
  /** Others, which are only compared with. */
  earlier?: ApiEvent[];
  name?: string;
  /** What leads to older ones. */
  children?: ComponentChildren;
}

/** Every event, oldest first, with what is different from the one before of the same resource. */
export function Events({ events, earlier = [], name = "Events", children }: EventsProps) {
  const oldestFirst = [...events].sort((one, other) => one.id.localeCompare(other.id));
  const known = new Map([...earlier, ...events].map((event) => [place(event), subject(event).value]));
  return (
    <Card name={name}>
      {children}
      {!events.length && <Empty>None yet. They appear by themselves.</Empty>}
      <ol class="events">
        {oldestFirst.map((event) => {
          const before = known.get(place(event, 1));
          const changed = before === undefined ? undefined : differences(before, subject(event).value);
          return <Row key={event.id} event={event} changed={changed} />;
        })}
      </ol>
    </Card>
  );
}

/** Whether the one before an event is not among them. */
export const lacksOneBefore = (events: ApiEvent[]): boolean => {
  const known = new Set(events.map((event) => place(event)));
  return events.some((event) => event.sequence > 1 && !known.has(place(event, 1)));
};

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
