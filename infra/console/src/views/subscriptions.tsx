import { useState } from "preact/hooks";
import { type Client, unlessForbidden } from "../api";
import { useLive, useSession } from "../hooks";
import type { Subscription } from "../types";
import { Badge, Empty, Heading, Labeled, Loading, Time, Trouble } from "../ui";
import { tail } from "../words";

const search = (client: Client, by: string, value: string): Promise<Subscription[]> =>
  client.list<Subscription>(
    value ? `subscriptions?${by}=${encodeURIComponent(value)}` : "subscriptions",
    "subscriptions",
  );

/** The partner's subscriptions, newest first; found by a SIM or a number that they have, or ever had. */
export function Subscriptions() {
  const { client } = useSession();
  const [asked, ask] = useState("");
  const by = asked.startsWith("89") ? "iccid" : asked.startsWith("subs_") ? "" : "msisdn";
  const found = useLive(
    async () => (asked && !by ? [await client.get<Subscription>(`subscriptions/${asked}`)] : search(client, by, asked)),
    [client, asked],
    { touchedBy: ({ type }) => type.startsWith("subscription.") },
  );
  return (
    <>
      <Heading>Subscriptions</Heading>
      <form class="filters" role="search" aria-label="Subscriptions" onSubmit={(event) => event.preventDefault()}>
        <Labeled name="ICCID, phone number or id">
          <input type="search" onChange={(event) => ask(event.currentTarget.value.replaceAll(" ", ""))} />
        </Labeled>
      </form>
      <Trouble error={found.error} />
      {!found.value && !found.error && <Loading />}
      {found.value && !found.value.length && (
        <Empty>
          No subscription{asked ? " has or had this." : " yet. An activation makes one:"}{" "}
          {!asked && <a href="#/new/activate_subscription">place an order</a>}
        </Empty>
      )}
      {found.value && found.value.length > 0 && <Table subscriptions={found.value} />}
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
            <td>
              <code>{_embedded.sim_profile.iccid}</code>
            </td>
            <td>{_embedded.active_phone_numbers?.map(({ msisdn }) => msisdn).join(", ")}</td>
            <td>
              <Time at={created_at} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
);

/** Return all subscriptions to choose from, if the client may see them. */
export const choices = (client: Client): Promise<Subscription[]> => unlessForbidden(search(client, "", ""), []);
