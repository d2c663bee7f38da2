import { useAction, useSandboxTime, useSession, type Live } from "../hooks";
import { distance, plainDay } from "../time";
import type { Delivery, HistoryEntry, Order, Product } from "../types";
import { Button, Careful, Time, Trouble } from "../ui";
import { count, title } from "../words";

/** What is due is done within moments; only what has been so for longer is late. */
const DUE_MS = 5000;

interface Props {
  order: Order;
  history: HistoryEntry[];
  products: Product[];
  deliveries: Delivery[];
  /** The end of the cycle that it waits for, if that is known. */
  cycleEnd: string | undefined;
  live: Live<unknown>;
}

interface Ahead {
  what: string;
  at?: string | undefined;
}

/** What happens next to the order, and when; and what one can do about it. */
export function Next({ order, history, products, deliveries, cycleEnd, live }: Props) {
  const { client, definitions } = useSession();
  const { now } = useSandboxTime();
  const action = useAction();
  const ahead = aheadOf(order, now, cycleEnd, expiry(history, definitions.held_days));
  const act = (what: string) => () => client.post(`orders/${order.id}/${what}`).then(live.reload);
  return (
    <section class="next" aria-label="What happens next">
      <h2>What happens next</h2>
      <ul>
        {[...ahead, ...products.flatMap(changeOf), ...sendings(deliveries)].map(({ what, at }) => (
          <li>
            <span>{what}</span> {at && <Time at={at} />} {at && <span class="quiet">{away(at, now)}</span>}
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

const away = (at: string, now: number): string =>
  now - DUE_MS < Date.parse(at) && Date.parse(at) <= now ? "due now" : distance(at, now);

function aheadOf(order: Order, now: number, cycleEnd: string | undefined, expiry: string | undefined): Ahead[] {
  switch (order.status) {
    case "accepted":
      return [{ what: "It is stored, and moves on at once." }];
    case "scheduled":
      return [release(order.schedule, cycleEnd)];
    case "on_hold":
      return [{ what: `It waits for the ${order.on_hold_condition}. Resume it, or it expires:`, at: expiry }];
    case "fulfilling":
      return [{ what: `${doing(order)} ${promise(order, now)}`, at: order.expected_by }];
    case "failed":
      return [{ what: "Nothing more: all that it began has been undone. What to do is said below." }];
    case "completed":
      return [{ what: "The order is done. What it made goes on:" }];
    default:
      return [{ what: `Nothing more: the order is ${order.status}.` }];
  }
}

/** When a scheduled order is fulfilled: at the beginning of a day, or at the end of a cycle, of which it tells the day. */
function release(schedule: Order["schedule"], cycleEnd: string | undefined): Ahead {
  if (!schedule) return { what: "It waits for its date." };
  if (schedule.mode === "specific_date")
    return { what: "It waits for its date, and is fulfilled then:", at: `${schedule.effective_at}T00:00:00.000Z` };
  if (cycleEnd) return { what: "It waits for the end of the cycle, and is fulfilled then:", at: cycleEnd };
  return {
    what: `It waits for the end of the cycle, and is fulfilled then: ${plainDay(schedule.effective_at)} in UTC.`,
  };
}

const doing = ({ reached_step }: Order): string =>
  reached_step === "prepare" ? "What it needs is being taken." : "The mobile network is asked.";

const promise = ({ expected_by }: Order, now: number): string =>
  expected_by && Date.parse(expected_by) < now
    ? "It takes longer than expected; it should have been completed by"
    : "It should be completed by";

function expiry(history: HistoryEntry[], days: number): string | undefined {
  const held = history.findLast(({ status }) => status === "on_hold");
  return held && new Date(Date.parse(held.at) + days * 86_400_000).toISOString();
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
