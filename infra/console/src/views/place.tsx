import { useState } from "preact/hooks";
import { useSchemas } from "../form/description";
import { Send } from "../form/send";
import { useAction, useSession } from "../hooks";
import type { Json, Order } from "../types";
import { Button, Heading, Labeled, Loading, Trouble } from "../ui";
import { title } from "../words";
import { ORDER_TYPES } from "./orders";

interface Props {
  type: string | undefined;
  subscription: string | undefined;
}

/** Place an order of any type, by a form that follows from the API's description. */
export function PlaceOrder({ type = "activate_subscription", subscription }: Props) {
  const schemas = useSchemas();
  const path = `/orders/${type.replaceAll("_", "-")}`;
  const placed = (order: Order) => (location.hash = `#/orders/${order.id}`);
  return (
    <>
      <Heading>Place an order</Heading>
      <nav class="tabs" aria-label="Order types">
        {ORDER_TYPES.map((each) => (
          <a
            href={`#/new/${each}${subscription ? `/${subscription}` : ""}`}
            aria-current={each === type ? "page" : undefined}
          >
            {title(each)}
          </a>
        ))}
      </nav>
      <Trouble error={schemas.error} />
      {!schemas.value && !schemas.error && <Loading />}
      {schemas.value && ORDER_TYPES.includes(type) && (
        <Send<Order>
          schemas={schemas.value}
          path={path}
          body={schemas.value.body(path)}
          name="Place the order"
          without="type"
          given={subscription && type !== "activate_subscription" ? { subscription_id: subscription } : {}}
          sent={placed}
          more={(body) => <Check type={type} body={body} />}
        />
      )}
      {["activate_subscription", "swap_subscription_sim"].includes(type) && <Reserve />}
    </>
  );
}

/** Ask what placing it would answer, without doing anything. */
function Check({ type, body }: { type: string; body: Json }) {
  const { client } = useSession();
  const action = useAction();
  const [checked, check] = useState("");
  const text = JSON.stringify(body);
  const validate = async () => {
    check("");
    await client.post("orders/validate", { ...(body as { [name: string]: Json }), type });
    check(text);
  };
  return (
    <>
      <Button action={action} does={validate}>
        Only check it
      </Button>
      {checked === text && <span role="status">It would be accepted.</span>}
      <Trouble error={action.error} />
    </>
  );
}

/** A physical SIM is ordered by its reservation, which its activation code makes. */
function Reserve() {
  const { client } = useSession();
  const action = useAction();
  const [code, write] = useState("");
  const [reservation, show] = useState("");
  const reserve = async () => {
    const sim = await client.post<{ reservation_id: string }>("sim-profiles/reserve", { activation_code: code });
    show(sim.reservation_id);
  };
  return (
    <details class="card">
      <summary>For a physical SIM: reserve it by its activation code</summary>
      <Labeled name="Activation code" hint="In the sandbox, SANDBOX-0001 to SANDBOX-0100.">
        <input value={code} autocomplete="off" onInput={(event) => write(event.currentTarget.value.trim())} />
      </Labeled>
      <p class="buttons">
        <Button action={action} does={reserve}>
          Reserve
        </Button>
        {reservation && (
          <span role="status">
            Its reservation is <code>{reservation}</code>
          </span>
        )}
      </p>
      <Trouble error={action.error} />
    </details>
  );
}
