import { useEffect, useRef } from "preact/hooks";
import { layout, type Graph, type Place } from "../graph";
import { useSession } from "../hooks";
import { stepsOf } from "../steps";
import type { HistoryEntry, Order } from "../types";
import { Card } from "../ui";
import { words } from "../words";

const WIDTH = 112;
const HEIGHT = 34;
const COLUMN = 160;
const ROW = 46;
const MARGIN = 6;
const HOW_IT_ENDS =
  "Completing and undoing are one write each, which ends the order. So it stays at “provision” until one of them is done.";

interface Way {
  taken: string[];
  now: string[];
  failed: string[];
}

/** The lifecycle as it is defined, with the way that the order has taken. */
export function Lifecycle({ order, history }: { order: Order; history: HistoryEntry[] }) {
  const { statuses, machine } = useSession().definitions;
  const states: Graph = Object.fromEntries(
    Object.entries(machine.states).map(([name, { next, catch: caught }]) => [name, [...next, ...caught]]),
  );
  const unusual = (from: string, to: string) => machine.states[from]?.catch.includes(to) ?? false;
  const region = useRef<HTMLDivElement>(null);
  useEffect(() => showPresent(region.current), [order.status]);
  return (
    <Card name="Lifecycle">
      <div class="wide" tabIndex={0} role="region" aria-label="Pictures of the lifecycle" ref={region}>
        <Picture
          name="The order"
          graph={statuses}
          start="accepted"
          goal="completed"
          way={statusesOf(order, history)}
          unusual={() => false}
        />
        <Picture
          name="Inside “fulfilling”"
          graph={states}
          start={machine.start}
          goal="Complete"
          way={statesOf(order)}
          unusual={unusual}
        />
      </div>
      {order.reached_step === "provision" && <p class="note">{HOW_IT_ENDS}</p>}
    </Card>
  );
}

function statusesOf(order: Order, history: HistoryEntry[]): Way {
  const taken = [...new Set(history.map(({ status }) => status))];
  const bad = ["failed", "expired"].filter((status) => status === order.status);
  return { taken, now: bad.length ? [] : [order.status], failed: bad };
}

/** Return how far the state machine has come. */
function statesOf(order: Order): Way {
  const taken = stepsOf(order).map(stateOf);
  return {
    taken,
    now: order.reached_step ? taken.slice(-1) : [],
    failed: order.failure ? [stateOf(order.failure.step)] : [],
  };
}

const stateOf = (step: string): string => step.replace(/^./, (letter) => letter.toUpperCase());

/** Bring where the order is into sight, where there is no room for the whole picture. */
function showPresent(region: HTMLElement | null): void {
  const present = region?.querySelector(".now, .failed")?.getBoundingClientRect();
  if (!region || !present) return;
  const { left, width } = region.getBoundingClientRect();
  region.scrollLeft += present.left - left - (width - present.width) / 2;
}

interface PictureProps {
  name: string;
  graph: Graph;
  start: string;
  goal: string;
  way: Way;
  unusual: (from: string, to: string) => boolean;
}

function Picture({ name, graph, start, goal, way, unusual }: PictureProps) {
  const places = layout(graph, start, goal);
  const columns = Math.max(...[...places.values()].map(({ column }) => column)) + 1;
  const rows = Math.max(...[...places.values()].map(({ row }) => row)) + 1;
  const width = (columns - 1) * COLUMN + WIDTH + 2 * MARGIN;
  const height = (rows - 1) * ROW + HEIGHT + 2 * MARGIN;
  const edges = Object.entries(graph).flatMap(([from, following]) => following.map((to) => [from, to] as const));
  // What the way takes is drawn above the rest.
  edges.sort((one, other) => Number(goes(way, ...one)) - Number(goes(way, ...other)));
  const told = [way.taken.length ? way.taken.map(words).join(", then ") : "not entered"];
  if (way.now.length) told.push(`now ${way.now.map(words).join(" or ")}`);
  if (way.failed.length) told.push(`failed: ${way.failed.map(words).join(", ")}`);
  return (
    <figure class="lifecycle">
      <figcaption>{name}</figcaption>
      <svg
        viewBox={`0 0 ${width} ${height}`}
        width={width}
        height={height}
        role="img"
        aria-label={`${name}: ${told.join("; ")}`}
      >
        {edges.map(([from, to]) => (
          <Edge from={places.get(from)} to={places.get(to)} taken={goes(way, from, to)} unusual={unusual(from, to)} />
        ))}
        {[...places].map(([state, place]) => (
          <State name={state} place={place} mark={markOf(way, state)} />
        ))}
      </svg>
    </figure>
  );
}

/** Whether the way leads from one state to the other: one comes right after the other, or failed into it. */
function goes(way: Way, from: string, to: string): boolean {
  const at = way.taken.indexOf(from);
  return at >= 0 && way.taken[at + 1] === to;
}

function markOf(way: Way, state: string): string {
  if (way.failed.includes(state)) return "failed";
  if (way.now.includes(state)) return "now";
  return way.taken.includes(state) ? "taken" : "";
}

const x = ({ column }: Place) => MARGIN + column * COLUMN;
const y = ({ row }: Place) => MARGIN + row * ROW;

const State = ({ name, place, mark }: { name: string; place: Place; mark: string }) => (
  <g class={`node ${mark}`}>
    <rect x={x(place)} y={y(place)} width={WIDTH} height={HEIGHT} rx={HEIGHT / 2} />
    <text x={x(place) + WIDTH / 2} y={y(place) + HEIGHT / 2 + 4.5}>
      {words(name).replace(/(?<=[a-z])[A-Z]/, (letter) => ` ${letter.toLowerCase()}`)}
    </text>
  </g>
);

interface EdgeProps {
  from: Place | undefined;
  to: Place | undefined;
  taken: boolean;
  unusual: boolean;
}

function Edge({ from, to, taken, unusual }: EdgeProps) {
  if (!from || !to) return null;
  const end = { x: x(to) - 2, y: y(to) + HEIGHT / 2 };
  return (
    <g class={`edge ${taken ? "taken" : ""} ${unusual ? "unusual" : ""}`}>
      <path d={line(from, to, end)} />
      <path class="tip" d={`M${end.x - 7} ${end.y - 4.5} L${end.x} ${end.y} L${end.x - 7} ${end.y + 4.5}`} />
    </g>
  );
}

/** Return a line: straight within a row, down from below a state, up from its side. */
function line(from: Place, to: Place, end: { x: number; y: number }): string {
  if (to.row > from.row) {
    const start = { x: x(from) + WIDTH / 2, y: y(from) + HEIGHT };
    return `M${start.x} ${start.y} C${start.x} ${end.y} ${start.x} ${end.y} ${Math.min(start.x + 30, end.x - 10)} ${end.y} L${end.x} ${end.y}`;
  }
  const start = { x: x(from) + WIDTH, y: y(from) + HEIGHT / 2 };
  if (to.row === from.row) return `M${start.x} ${start.y} L${end.x} ${end.y}`;
  const middle = (start.x + end.x) / 2;
  return `M${start.x} ${start.y} C${middle} ${start.y} ${middle} ${end.y} ${end.x} ${end.y}`;
}
