import { useSandboxTime } from "../hooks";
import { spansOf } from "../steps";
import { day, duration, span, utc } from "../time";
import type { HistoryEntry, Order } from "../types";
import { Card, Time } from "../ui";
import { words } from "../words";

const WAITS = ["scheduled", "on_hold"];
/** The part of the line that a wait has: most of it, unless the order has been fulfilled. */
const FOLDED = { fulfilled: 0.3, waiting: 0.8 };
const LEAST = 0.012;

interface Bar {
  name: string;
  from: number;
  to: number;
  kind: "step" | "part" | "wait";
  open?: boolean;
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
  <div class={`row ${bar.kind} ${bar.open ? "open" : ""}`}>
    <span>{words(bar.name)}</span>
    <span class="track">
      <b style={{ left: `${Math.min(left, 1 - LEAST) * 100}%`, width: `${Math.max(right - left, LEAST) * 100}%` }} />
    </span>
    <span title={`${utc(new Date(bar.from).toISOString())} to ${utc(new Date(bar.to).toISOString())}`}>
      {bar.kind === "wait" ? dates(bar) : duration(bar.to - bar.from)}
    </span>
  </div>
);

function dates({ from, to, open }: Bar): string {
  if (open) return `since ${day(from)}`;
  return day(from) === day(to) ? `${day(from)}, ${duration(to - from)}` : `${day(from)} to ${day(to)}`;
}

function barsOf(order: Order, history: HistoryEntry[], now: number): Bar[] {
  return history.flatMap(({ status, at }, index) => {
    const next = history[index + 1];
    if (!next && !["accepted", "fulfilling", ...WAITS].includes(status)) return [];
    const from = Date.parse(at);
    const to = next ? Date.parse(next.at) : Math.max(now, from);
    const bar: Bar = { name: status, from, to, kind: WAITS.includes(status) ? "wait" : "step", open: !next };
    return status === "fulfilling" ? [bar, ...partsOf(order, bar)] : [bar];
  });
}

function partsOf(order: Order, { from, to, open }: Bar): Bar[] {
  const spans = spansOf(order, from, to);
  return spans.map(({ steps, ...span }, index) => ({
    ...span,
    name: steps.join(", "),
    kind: "part",
    open: open === true && index === spans.length - 1,
  }));
}

/** Return where a moment lies on the line. A wait is folded, as it may take months; an order has one at most. */
function scaleOf(bars: Bar[], deadline: number | undefined): { at: (moment: number) => number } {
  const wait = bars.find(({ kind }) => kind === "wait");
  const length = wait ? wait.to - wait.from : 0;
  const fold = wait ? FOLDED[deadline ? "fulfilled" : "waiting"] : 0;
  const start = Math.min(...bars.map(({ from }) => from));
  const end = Math.max(...bars.map(({ to }) => to), deadline ?? 0);
  const moving = Math.max(end - start - length, 1);
  const at = (moment: number) => {
    const waited = Math.min(Math.max(moment - (wait?.from ?? moment), 0), length);
    return ((moment - start - waited) / moving) * (1 - fold) + (waited / Math.max(length, 1)) * fold;
  };
  return { at };
}

function verdict(order: Order, now: number): string {
  const end = order.completed_at ?? (order.status === "failed" ? order.updated_at : undefined);
  if (["canceled", "expired"].includes(order.status)) return "It was never fulfilled.";
  if (!order.expected_by) return "Its time counts from the moment it is fulfilled.";
  if (!end) return Date.parse(order.expected_by) < now ? "Later than expected." : "Within its time so far.";
  return end <= order.expected_by
    ? `Final ${span(end, order.expected_by)} before it was expected.`
    : `Final ${span(order.expected_by, end)} later than expected.`;
}
