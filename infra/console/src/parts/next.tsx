import { useAction, useSandboxTime, useSession, type Live } from "../hooks";
import { distance } from "../time";
import type { Delivery, HistoryEntry, Order, Product } from "../types";
import { Button, Careful, Time, Trouble } from "../ui";
import { count, title } from "../words";

const HELD_DAYS = 30;

interface Props {
  order: Order;
  history: HistoryEntry[];
  products: Product[];
  deliveries: Delivery[];
  live: Live<unknown>;
}

interface Ahead {
  what: string;
  at?: string | undefined;
}

/** What happens next to the order, and when; and what one can do about it. */
export function Next({ order, history, products, deliveries, live }: Props) {
  const { client } = useSession();
  const { now } = useSandboxTime();
  const action = useAction();
  const act = (what: string) => () => client.post(`orders/${order.id}/${what}`).then(live.reload);
  return (
    <section class="next" aria-label="What happens next">
      <h2>What happens next</h2>
      <ul>
        {[...aheadOf(order, history), ...products.flatMap(changeOf), ...sendings(deliveries)].map(({ what, at }) => (
          <li>
            <span>{what}</span> {at && <Time at={at} />}{" "}
            {at && <span class="quiet">{Date.parse(at) > now ? distance(at, now) : "due now"}</span>}
          </li>
        ))}
      </ul>
      <p class="buttons">
        {order._links["resume"] && (
          <Button action={action} kind="main" does={act("resume")}>
            Resume
          </Button>
        )}
        {order._links["cancel"] && (
          <Careful action={action} does={act("cancel")}>
            Cancel the order
          </Careful>
        )}
      </p>
      <Trouble error={action.error} />
    </section>
  );
}

function aheadOf(order: Order, history: HistoryEntry[]): Ahead[] {
  switch (order.status) {
    case "accepted":
      return [{ what: "It is stored, and about to be fulfilled." }];
    case "scheduled":
      return [
        { what: "It waits for its date, and is fulfilled then:", at: `${order.schedule?.effective_at}T00:00:00.000Z` },
      ];
    case "on_hold":
      return [{ what: `It waits for the ${order.on_hold_condition}. Resume it, or it expires:`, at: expiry(history) }];
    case "fulfilling":
      return [{ what: "The mobile network is asked. It should be completed by", at: order.expected_by }];
    case "failed":
      return [{ what: "Nothing more: all that it began has been undone. What to do is said below." }];
    case "completed":
      return [{ what: "The order is done. What it made goes on:" }];
    default:
      return [{ what: `Nothing more: the order is ${order.status}.` }];
  }
}

function expiry(history: HistoryEntry[]): string | undefined {
  const held = history.findLast(({ status }) => status === "on_hold");
  return held && new Date(Date.parse(held.at) + HELD_DAYS * 86_400_000).toISOString();
}

/** Return the next change of a product. */
export function changeOf(product: Product): Ahead[] {
  const { name } = product._embedded.product_offering;
  if (product.status === "scheduled") return [{ what: `${name} starts`, at: product.start_at }];
  if (product.status === "pending")
    return [{ what: `${name} starts with its first usage, or expires`, at: product.expire_at }];
  if (product.status !== "active") return [];
  if (product.end_at) return [{ what: `${name} ends`, at: product.end_at }];
  return product.billing_cycle_end_at ? [{ what: `${name} renews`, at: product.billing_cycle_end_at }] : [];
}

function sendings(deliveries: Delivery[]): Ahead[] {
  const waiting = deliveries.filter(({ status }) => status === "pending");
  const failed = deliveries.filter(({ status }) => status === "failed");
  const at = waiting.flatMap(({ next_attempt_at }) => next_attempt_at ?? []).sort()[0];
  return [
    ...(waiting.length
      ? [
          {
            what: `${title(count(waiting.length, "webhook delivery").replace("deliverys", "deliveries"))} to come${at ? ", the next attempt" : ""}`,
            at,
          },
        ]
      : []),
    ...(failed.length
      ? [{ what: `${failed.length} of its webhook deliveries failed, and can be retried below.` }]
      : []),
  ];
}
