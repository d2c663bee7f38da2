import { address } from "../api";
import { useLive, type Live } from "../hooks";
import { type Description, Schemas } from "./schema";

let loading: Promise<Schemas> | undefined;

/** Return the API's description, which is loaded when the first form needs it. */
export function useSchemas(): Live<Schemas> {
  return useLive(() => (loading ??= load()), []);
}

async function load(): Promise<Schemas> {
  const description: Description = await (await fetch(address("openapi.json"))).json();
  return new Schemas(description);
}
