import { useAction, useSandboxTime, useSession, type Live } from "../hooks";
import { endedAt, releaseOf } from "../release";
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
  around: Around;
  deliveries: Delivery[];
  live: Live<unknown>;
}

/** What the subscription has beside an order that waits or is done: the orders that wait, and all of its products. */
export interface Around {
  waiting: Order[];
  others: Product[];
}

interface Ahead {
  what: string;
  at?: string | undefined;
}

/** What happens next to the order, and when; and what one can do about it. */
export function Next({ order, history, products, around, deliveries, live }: Props) {
  const { client, definitions } = useSession();
  const { now } = useSandboxTime();
  const action = useAction();
  const changes = products.flatMap((each) => changeOf(each, around.waiting, around.others));
  const ahead = aheadOf(
    order,
    changes.length > 0,
    now,
    releaseOf(order, around.others),
    expiry(history, definitions.held_days),
  );
  const act = (what: string) => () => client.post(`orders/${order.id}/${what}`).then(live.reload);
  return (
    <section class="next" aria-label="What happens next">
      <h2>What happens next</h2>
      <ul>
        {[...ahead, ...changes, ...sendings(deliveries)].map(({ what, at }) => (
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

function aheadOf(
  order: Order,
  goesOn: boolean,
  now: number,
  releasedAt: string | undefined,
  expiry: string | undefined,
): Ahead[] {
  switch (order.status) {
    case "accepted":
      return [{ what: "It is stored, and moves on at once." }];
    case "scheduled":
      return [release(order.schedule, releasedAt)];
    case "on_hold":
      return [{ what: `It waits for the ${order.on_hold_condition}. Resume it, or it expires:`, at: expiry }];
    case "fulfilling":
      return [{ what: `${doing(order)} ${promise(order, now)}`, at: order.expected_by }];
    case "failed":
      return [{ what: "Nothing more: all that it began has been undone. What to do is said below." }];
    case "completed":
      return [{ what: `The order is done.${goesOn ? " What it made goes on:" : ""}` }];
    default:
      return [{ what: `Nothing more: the order is ${order.status}.` }];
  }
}

/** When a scheduled order is fulfilled. */
function release(schedule: Order["schedule"], at: string | undefined): Ahead {
  const what = `It waits for ${schedule?.mode === "end_of_cycle" ? "the end of the cycle" : "its date"}, and is fulfilled then:`;
  return at || !schedule ? { what, at } : { what: `${what} ${plainDay(schedule.effective_at)} in UTC.` };
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

/** Return the next change of a product; an order that waits may end it. */
export function changeOf(product: Product, waiting: Order[], products: Product[]): Ahead[] {
  const { name } = product._embedded.product_offering;
  const ended = endedAt(product, waiting, products);
  if (product.status === "scheduled") return [{ what: `${name} starts`, at: product.start_at }];
  if (product.status === "pending")
    return [{ what: `${name} starts with its first usage, or expires`, at: product.expire_at }];
  if (product.status !== "active") return [];
  if (ended ?? product.end_at) return [{ what: `${name} ends`, at: ended ?? product.end_at }];
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
