import { useState } from "preact/hooks";
import { address, type Client, type Found, NOTHING, PAGE_SIZE, unlessForbidden } from "../api";
import { useAction, useLive, useSession } from "../hooks";
import { Calendar } from "../parts/calendar";
import { Events } from "../parts/events";
import { Products } from "../parts/products";
import { Older } from "../parts/older";
import type { ApiEvent, Order, Product, Subscription } from "../types";
import { Badge, Button, Card, CopyLink, Download, Facts, Heading, Loading, Time, Trouble } from "../ui";
import { title } from "../words";
import { ORDER_TYPES, Table } from "./orders";

export const OPEN = ["active", "pending", "scheduled"];
const MAX_PRODUCTS = 400;
const CHANGES = ["grace", "suspend", "deactivate", "resume"];

interface Whole {
  subscription: Subscription;
  products: Product[];
  orders: Found<Order>;
  events: Found<ApiEvent>;
}

async function load(client: Client, id: string, wantedOrders: number, wantedEvents: number): Promise<Whole> {
  const [subscription, products, orders, events] = await Promise.all([
    client.get<Subscription>(`subscriptions/${id}`),
    unlessForbidden(client.list<Product>(`products?subscription-id=${id}`, "products", MAX_PRODUCTS), []),
    unlessForbidden(client.find<Order>(`orders?subscription-id=${id}`, "orders", wantedOrders), NOTHING),
    unlessForbidden(client.find<ApiEvent>(`events?subscription-id=${id}`, "events", wantedEvents), NOTHING),
  ]);
  const open = (product: Product) => Number(!OPEN.includes(product.status));
  return { subscription, products: products.sort((one, other) => open(one) - open(other)), orders, events };
}

/** One subscription: what is left of it, what comes, its SIM, and the orders it has had. */
export function SubscriptionPage({ id }: { id: string }) {
  const { client } = useSession();
  const action = useAction();
  const [wantedOrders, wantOrders] = useState(PAGE_SIZE);
  const [wantedEvents, wantEvents] = useState(PAGE_SIZE);
  const inputs = [client, id, wantedOrders, wantedEvents];
  const whole = useLive(() => load(client, id, wantedOrders, wantedEvents), inputs, {
    keep: true,
    touchedBy: ({ data }) => JSON.stringify(data).includes(id),
  });
  if (!whole.value) return <>{whole.error ? <Trouble error={whole.error} /> : <Loading />}</>;
  const { subscription, products, orders, events } = whole.value;
  const change = (what: string) => () => client.post(`subscriptions/${id}/${what}`).then(whole.reload);
  const ended = subscription.ended_at !== undefined;
  return (
    <>
      <Heading
        aside={
          <span class="buttons">
            <CopyLink />
            <Download name={`${id}.json`} value={{ ...whole.value, orders: orders.items, events: events.items }} />
          </span>
        }
      >
        Subscription <Badge status={subscription.status} />
      </Heading>
      <Trouble error={whole.error ?? action.error} />
      <Facts
        of={[
          ["Subscription", <code>{id}</code>],
          ["Created", <Time at={subscription.created_at} />],
          ["Ended", subscription.ended_at && <Time at={subscription.ended_at} />],
          ["Phone number", subscription._embedded.active_phone_numbers?.map(({ msisdn }) => msisdn).join(", ")],
        ]}
      />
      {!ended && (
        <div class="actions">
          <p class="buttons" role="group" aria-label="Place an order">
            <span class="quiet">Order</span>
            {ORDER_TYPES.slice(1).map((type) => (
              <a class="button" href={`#/new/${type}/${id}`}>
                {title(type.replace(/_subscription(?=_|$)/, ""))}
              </a>
            ))}
          </p>
          <p class="buttons" role="group" aria-label="Change the status">
            <span class="quiet">Status</span>
            {CHANGES.filter((each) => subscription._links[each]).map((each) => (
              <Button action={action} does={change(each)}>
                {title(each)}
              </Button>
            ))}
          </p>
        </div>
      )}
      <div class="columns">
        <Products products={products} waiting={orders.items} changed={whole.reload} />
        <Sim subscription={subscription} />
      </div>
      <Calendar products={products} waiting={orders.items} />
      <Card name="Orders">
        <Table orders={orders.items} filtered />
        <Older what="orders" of={orders} wanted={wantedOrders} want={wantOrders} />
      </Card>
      <Events events={events.items} name="Latest events">
        <Older what="events" of={events} wanted={wantedEvents} want={wantEvents} />
      </Events>
    </>
  );
}

function Sim({ subscription }: { subscription: Subscription }) {
  const sim = subscription._embedded.sim_profile;
  const code = subscription._links["qrcode"]?.href.split("/qrcode/")[1];
  return (
    <Card name="SIM">
      {code && (
        <img class="qr" src={address(`qrcode/${code}`)} width={160} height={160} alt="QR code that installs the eSIM" />
      )}
      <dl>
        <dt>ICCID</dt>
        <dd>
          <code>{sim.iccid}</code>
        </dd>
        <dt>Kind</dt>
        <dd>
          {sim.sim_type === "esim" ? "eSIM" : "physical SIM"} <Badge status={sim.status} />
        </dd>
        {sim.profile_status && <dt>Profile</dt>}
        {sim.profile_status && <dd>{sim.profile_status.replaceAll("_", " ")}</dd>}
        {sim._embedded && <dt>EID</dt>}
        {sim._embedded && (
          <dd>
            <code>{sim._embedded.device.uicc.eid}</code>
          </dd>
        )}
        {sim.smdp_address && <dt>SM-DP+</dt>}
        {sim.smdp_address && <dd>{sim.smdp_address}</dd>}
      </dl>
    </Card>
  );
}
