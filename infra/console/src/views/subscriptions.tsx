import { useState } from "preact/hooks";
import { type Client, type Found, PAGE_SIZE, unlessForbidden } from "../api";
import { useLive, useSession } from "../hooks";
import { Older } from "../parts/older";
import type { Subscription } from "../types";
import { Badge, Empty, Heading, Labeled, Loading, Time, Trouble } from "../ui";
import { tail } from "../words";

/** Return the newest subscriptions, or those that have or had what was asked for. */
async function search(client: Client, asked: string, wanted: number): Promise<Found<Subscription>> {
  if (asked.startsWith("subs_"))
    return { items: [await client.get<Subscription>(`subscriptions/${encodeURIComponent(asked)}`)], more: false };
  const by = asked.startsWith("89") ? "iccid" : "msisdn";
  const query = asked ? `?${by}=${encodeURIComponent(asked)}` : "";
  return client.find<Subscription>(`subscriptions${query}`, "subscriptions", wanted);
}

/** The partner's subscriptions, newest first; found by a SIM or a number that they have, or ever had. */
export function Subscriptions() {
  const { client } = useSession();
  const [asked, ask] = useState("");
  const [wanted, want] = useState(PAGE_SIZE);
  const found = useLive(() => search(client, asked, wanted), [client, asked, wanted], {
    keep: true,
    touchedBy: ({ type }) => type.startsWith("subscription."),
  });
  const subscriptions = found.value?.items;
  return (
    <>
      <Heading>Subscriptions</Heading>
      <form class="filters" role="search" aria-label="Subscriptions" onSubmit={(event) => event.preventDefault()}>
        <Labeled name="ICCID, phone number or id">
          <input
            type="search"
            onChange={(event) => (want(PAGE_SIZE), ask(event.currentTarget.value.replaceAll(" ", "")))}
          />
        </Labeled>
      </form>
      <Trouble error={found.error} />
      {!found.value && !found.error && <Loading />}
      {subscriptions && !subscriptions.length && (
        <Empty>
          No subscription{asked ? " has or had this." : " yet. An activation makes one:"}{" "}
          {!asked && <a href="#/new/activate_subscription">place an order</a>}
        </Empty>
      )}
      {subscriptions && subscriptions.length > 0 && <Table subscriptions={subscriptions} />}
      <Older what="subscriptions" of={found.value} wanted={wanted} want={want} />
    </>
  );
}

const Table = ({ subscriptions }: { subscriptions: Subscription[] }) => (
  <div class="wide" tabIndex={0} role="region" aria-label="Table of subscriptions">
    <table>
      <thead>
        <tr>
          <th scope="col">Subscription</th>
          <th scope="col">Status</th>
          <th scope="col">ICCID</th>
          <th scope="col">Phone number</th>
          <th scope="col">Created</th>
        </tr>
      </thead>
      <tbody>
        {subscriptions.map(({ id, status, created_at, _embedded }) => (
          <tr key={id}>
            <th scope="row">
              <a href={`#/subscriptions/${id}`}>
                Subscription <span class="id">{tail(id)}</span>
              </a>
            </th>
            <td>
              <Badge status={status} />
            </td>
            <td data-name="ICCID">
              <code>{_embedded.sim_profile.iccid}</code>
            </td>
            <td data-name="Number">{_embedded.active_phone_numbers?.map(({ msisdn }) => msisdn).join(", ")}</td>
            <td data-name="Created">
              <Time at={created_at} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
);

/** Return the newest subscriptions to choose from, if the client may see them. */
export const choices = (client: Client): Promise<Subscription[]> =>
  unlessForbidden(client.list<Subscription>("subscriptions", "subscriptions"), []);
