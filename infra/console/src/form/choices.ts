/** What can be chosen where the API asks for an id. */

import { type Client, unlessForbidden } from "../api";
import { useLive, useSession } from "../hooks";
import type { Json, Product } from "../types";
import { OPEN } from "../views/subscription";
import { choices as subscriptions } from "../views/subscriptions";
import { tail, words } from "../words";
import { isMembers } from "./schema";

type Choice = [id: string, name: string];

interface Offering {
  id: string;
  name: string;
  type: string;
}

interface Subscriber {
  id: string;
  first_name: string;
  last_name: string;
}

/** What is not among the newest is named by its id. */
export const ANOTHER: Choice = ["…", "another one, by its ID …"];
const MAX_CHOICES = 200;

/** Return the choices for a member, or nothing if any text may be written. */
export function useChoices(name: string, path: string, root: Json): Choice[] | undefined {
  const { client } = useSession();
  const kind = kindOf(name, path);
  const subscription = isMembers(root) && kind === "product" ? String(root["subscription_id"] ?? "") : "";
  const choices = useLive(() => load(client, kind, subscription), [client, kind, subscription], {
    touchedBy: ({ type }) => type.startsWith("subscription.") && kind !== "plan" && kind !== "addon",
  });
  return kind ? (choices.value ? [...choices.value, ANOTHER] : []) : undefined;
}

function kindOf(name: string, path: string): string {
  if (name === "product_offering_id") return path.includes(".addons") ? "addon" : "plan";
  if (path.includes(".product_ids[")) return "product";
  return ["subscriber_id", "subscription_id", "sim_profile_id"].includes(name) ? name : "";
}

async function load(client: Client, kind: string, subscription: string): Promise<Choice[]> {
  switch (kind) {
    case "plan":
    case "addon": {
      const path = `product-offerings?status=active&type=${kind}`;
      const offerings = await unlessForbidden(client.list<Offering>(path, "product_offerings", MAX_CHOICES), []);
      return offerings.map(({ id, name }) => [id, name]);
    }
    case "subscriber_id": {
      const all = await unlessForbidden(client.list<Subscriber>("subscribers", "subscribers", MAX_CHOICES), []);
      return all.map(({ id, first_name, last_name }) => [id, `${first_name} ${last_name} ${tail(id)}`]);
    }
    case "subscription_id":
    case "sim_profile_id":
      return (await subscriptions(client)).map(({ id, status, _embedded: { sim_profile } }) => [
        kind === "subscription_id" ? id : sim_profile.id,
        `${words(status)} · ICCID ${sim_profile.iccid} · ${tail(id)}`,
      ]);
    case "product":
      return subscription ? products(client, subscription) : [];
    default:
      return [];
  }
}

async function products(client: Client, subscription: string): Promise<Choice[]> {
  const all = await client.list<Product>(
    `products?subscription-id=${encodeURIComponent(subscription)}`,
    "products",
    MAX_CHOICES,
  );
  const open = all.filter(({ status }) => OPEN.includes(status));
  return open.map(({ id, status, _embedded }) => [id, `${_embedded.product_offering.name} · ${words(status)}`]);
}
