import { useSandboxTime } from "../hooks";
import { day, utc } from "../time";
import type { Product } from "../types";
import { Card } from "../ui";
import { words } from "../words";

const AROUND = 0.04;
const LEAST_DAYS = 30;

interface Line {
  product: Product;
  from: number;
  to: number;
  end: string;
}

/** When each product started, and when its cycle or the product itself ends. */
export function Calendar({ products }: { products: Product[] }) {
  const { now } = useSandboxTime();
  const lines = products.flatMap((product) => lineOf(product));
  if (!lines.length) return null;
  const moments = [now, ...lines.flatMap(({ from, to }) => [from, to])];
  const [least, most] = [Math.min(...moments), Math.max(...moments)];
  const length = Math.max(most - least, LEAST_DAYS * 86_400_000);
  const at = (moment: number) => (AROUND + ((moment - least) / length) * (1 - 2 * AROUND)) * 100;
  return (
    <Card name="Calendar">
      <div class="calendar">
        {lines.map(({ product, from, to, end }) => (
          <div class={`row ${product.status}`} key={product.id}>
            <span>{product._embedded.product_offering.name}</span>
            <span class="track">
              <b style={{ left: `${at(from)}%`, width: `${Math.max(at(to) - at(from), 0.6)}%` }} />
              <i style={{ left: `${at(now)}%` }} />
            </span>
            <span title={`${utc(new Date(from).toISOString())} to ${utc(new Date(to).toISOString())}`}>
              {words(end)} {day(to)}
            </span>
          </div>
        ))}
        <div class="row scale">
          <span />
          <span class="track">
            {months(least, least + length).map((month) => (
              <small style={{ left: `${at(month)}%` }}>{day(month)}</small>
            ))}
          </span>
          <span class="quiet">│ is now</span>
        </div>
      </div>
    </Card>
  );
}

function lineOf(product: Product): Line[] {
  const from = product.started_at ?? product.start_at ?? product.created_at;
  const ends: [string, string | undefined][] = [
    ["ended", product.ended_at],
    ["expired", product.expired_at],
    ["ends", product.end_at],
    ["renews", product.billing_cycle_end_at],
    ["expires", product.expire_at],
  ];
  const [end, to] = ends.find(([, moment]) => moment) ?? ["since", from];
  return [{ product, from: Date.parse(from), to: Date.parse(to ?? from), end }];
}

/** Return up to four moments between two. */
function months(from: number, to: number): number[] {
  const parts = 3;
  return Array.from({ length: parts + 1 }, (_, index) => from + ((to - from) * index) / parts);
}
