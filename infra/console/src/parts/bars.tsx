import { useSandboxTime } from "../hooks";
import { day, duration, span, utc } from "../time";
import type { HistoryEntry, Order } from "../types";
import { Card, Time } from "../ui";
import { words } from "../words";

const WAITS = ["scheduled", "on_hold"];
const FOLDED = 0.22;
const LEAST = 0.012;

interface Bar {
  name: string;
  from: number;
  to: number;
  kind: "step" | "part" | "wait" | "open";
}

/** How long the order was in each status, against the time by which it should have been completed. */
export function Bars({ order, history }: { order: Order; history: HistoryEntry[] }) {
  const { now } = useSandboxTime();
  const bars = barsOf(order, history, now);
  const scale = scaleOf(bars, order.expected_by ? Date.parse(order.expected_by) : undefined);
  const deadline = order.expected_by && scale.at(Date.parse(order.expected_by));
  return (
    <Card name="Steps">
      <div class="bars">
        {bars.map((bar) => (
          <Row bar={bar} left={scale.at(bar.from)} right={scale.at(bar.to)} />
        ))}
        {deadline !== undefined && deadline !== "" && (
          <div class="row deadline">
            <span>expected by</span>
            <span class="track">
              <i style={{ left: `${deadline * 100}%` }} />
            </span>
            <span>{order.expected_by && <Time at={order.expected_by} />}</span>
          </div>
        )}
      </div>
      <p class="note">{verdict(order, now)}</p>
    </Card>
  );
}

const Row = ({ bar, left, right }: { bar: Bar; left: number; right: number }) => (
  <div class={`row ${bar.kind}`}>
    <span>{words(bar.name)}</span>
    <span class="track">
      <b style={{ left: `${Math.min(left, 1 - LEAST) * 100}%`, width: `${Math.max(right - left, LEAST) * 100}%` }} />
    </span>
    <span title={`${utc(new Date(bar.from).toISOString())} to ${utc(new Date(bar.to).toISOString())}`}>
      {bar.kind === "wait" ? `${day(bar.from)} to ${day(bar.to)}` : duration(bar.to - bar.from)}
    </span>
  </div>
);

function barsOf(order: Order, history: HistoryEntry[], now: number): Bar[] {
  return history.flatMap(({ status, at }, index) => {
    const next = history[index + 1];
    if (!next && !["accepted", "fulfilling", ...WAITS].includes(status)) return [];
    const from = Date.parse(at);
    const to = next ? Date.parse(next.at) : Math.max(now, from);
    const kind = WAITS.includes(status) ? "wait" : next ? "step" : "open";
    return [{ name: status, from, to, kind } as Bar, ...(status === "fulfilling" ? partsOf(order, from, to) : [])];
  });
}

/** Return the steps within the fulfilling of an activation: it makes the subscription at the end of the first one. */
function partsOf(order: Order, from: number, to: number): Bar[] {
  const made = order.type === "activate_subscription" && Date.parse(order._embedded?.subscription.created_at ?? "");
  if (!made || made < from || made > to) return [];
  return [
    { name: "prepare", from, to: made, kind: "part" },
    { name: "provision, complete", from: made, to, kind: "part" },
  ];
}

/** Return where a moment lies on the line: waits are folded, as they may take months. */
function scaleOf(bars: Bar[], deadline: number | undefined): { at: (moment: number) => number } {
  const waits = bars.filter(({ kind }) => kind === "wait");
  const start = Math.min(...bars.map(({ from }) => from));
  const end = Math.max(...bars.map(({ to }) => to), deadline ?? 0);
  const folded = waits.reduce((sum, wait) => sum + wait.to - wait.from, 0);
  const moving = Math.max(end - start - folded, 1);
  const room = 1 - waits.length * FOLDED;
  const at = (moment: number) => {
    const passed = waits.map((wait) => Math.min(Math.max(moment - wait.from, 0), wait.to - wait.from));
    const asleep = passed.reduce((sum, each) => sum + each, 0);
    const folds = waits.map((wait, index) => ((passed[index] ?? 0) / Math.max(wait.to - wait.from, 1)) * FOLDED);
    return ((moment - start - asleep) / moving) * room + folds.reduce((sum, each) => sum + each, 0);
  };
  return { at };
}

function verdict(order: Order, now: number): string {
  const end = order.completed_at ?? (order.status === "failed" ? order.updated_at : undefined);
  if (!order.expected_by) return "Its time counts from the moment it is fulfilled.";
  if (!end) return Date.parse(order.expected_by) < now ? "Later than expected." : "Within its time so far.";
  return end <= order.expected_by
    ? `Final ${span(end, order.expected_by)} before it was expected.`
    : `Final ${span(order.expected_by, end)} later than expected.`;
}
