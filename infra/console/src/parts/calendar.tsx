import { cyclesOf } from "../cycles";
import { useSandboxTime } from "../hooks";
import { day, utc } from "../time";
import { endedAt } from "../release";
import type { Order, Product } from "../types";
import { Card } from "../ui";

const MARGIN = 0.02;
const DAY_MS = 86_400_000;
const LEAST_MS = 30 * DAY_MS;
const MOST_AHEAD_MS = 92 * DAY_MS;
const MARKS = 4;

interface Line {
  product: Product;
  from: number;
  to: number;
  end: string;
  /** Whether it goes on after that. */
  renews: boolean;
}

/** When each product started, its cycles, and when it ends; what is far ahead is cut off. */
export function Calendar({ products, waiting }: { products: Product[]; waiting: Order[] }) {
  const { now } = useSandboxTime();
  const lines = products.map((product) => lineOf(product, endedAt(product, waiting, products)));
  if (!lines.length) return null;
  const first = Math.min(now, ...lines.map(({ from }) => from));
  const last = Math.max(now, first + LEAST_MS, ...lines.map(({ to }) => Math.min(to, now + MOST_AHEAD_MS)));
  const at = (moment: number) => (MARGIN + ((moment - first) / (last - first)) * (1 - 2 * MARGIN)) * 100;
  return (
    <Card name="Calendar">
      <div class="calendar">
        {lines.map((line) => (
          <Row key={line.product.id} line={line} at={at} now={now} last={last} />
        ))}
        <div class="row scale">
          <span />
          <span class="track">
            {Array.from({ length: MARKS }, (_, mark) => first + ((last - first) * mark) / (MARKS - 1)).map((moment) => (
              <small style={{ left: `${at(moment)}%` }}>{day(moment)}</small>
            ))}
          </span>
          <span class="quiet">│ is now</span>
        </div>
      </div>
    </Card>
  );
}

interface RowProps {
  line: Line;
  at: (moment: number) => number;
  now: number;
  last: number;
}

const Row = ({ line: { product, from, to, end, renews }, at, now, last }: RowProps) => (
  <div class={`row ${product.status}`}>
    <span>{product._embedded.product_offering.name}</span>
    <span class="track">
      <b style={{ left: `${at(from)}%`, width: `${Math.max(Math.min(at(to), 100) - at(from), 0.6)}%` }} />
      {cyclesOf(product, renews ? last : to).map((moment) => (
        <u style={{ left: `${at(moment)}%` }} />
      ))}
      <i style={{ left: `${at(now)}%` }} />
    </span>
    <span title={`${utc(new Date(from).toISOString())} to ${utc(new Date(to).toISOString())}`}>
      {end} {day(to)}
    </span>
  </div>
);

function lineOf(product: Product, decided: string | undefined): Line {
  const from = product.started_at ?? product.start_at ?? product.created_at;
  const ends: [string, string | undefined][] = [
    ["ended", product.ended_at],
    ["expired", product.expired_at],
    ["ends", decided ?? product.end_at],
    ["renews", product.billing_cycle_end_at],
    ["expires", product.expire_at],
  ];
  const [end, to] = ends.find(([, moment]) => moment) ?? ["since", from];
  return { product, from: Date.parse(from), to: Date.parse(to ?? from), end, renews: end === "renews" };
}
