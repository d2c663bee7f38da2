/** The console: see an order live. It shows nothing that its client could not get from the API. */

import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import { address, type Client } from "./api";
import { Follower } from "./follow";
import { SessionContext, TimeContext, useClock, useRoute, useSandboxTime, type Session } from "./hooks";
import { inFull, utc } from "./time";
import type { Definitions } from "./types";
import { OrderPage } from "./views/order";
import { Orders } from "./views/orders";
import { PlaceOrder } from "./views/place";
import { Sandbox } from "./views/sandbox";
import { SignIn } from "./views/sign_in";
import { SubscriptionPage } from "./views/subscription";
import { Subscriptions } from "./views/subscriptions";
import { WebhookPage } from "./views/webhook";
import { Webhooks } from "./views/webhooks";

const VIEWS = ["orders", "subscriptions", "webhooks", "sandbox"];

function View({ route }: { route: string[] }) {
  const [view = "orders", id, more] = route;
  if (view === "new") return <PlaceOrder key={route.join()} type={id} subscription={more} />;
  if (view === "orders") return id ? <OrderPage key={id} id={id} /> : <Orders />;
  if (view === "subscriptions") return id ? <SubscriptionPage key={id} id={id} /> : <Subscriptions />;
  if (view === "webhooks") return id ? <WebhookPage key={id} id={id} /> : <Webhooks />;
  return <Sandbox />;
}

function Clock() {
  const { now, moving } = useSandboxTime();
  const moment = new Date(now).toISOString();
  return (
    <a class="clock" href="#/sandbox" title={utc(moment)}>
      {moving ? `moving to ${inFull(moving)} …` : inFull(moment)}
    </a>
  );
}

function Frame({ name, state, said, leave }: { name: string; state: string; said: string; leave: () => void }) {
  const route = useRoute();
  const clock = useClock();
  const [view = "orders"] = route;
  return (
    <TimeContext.Provider value={clock}>
      <a class="skip" href="#main" onClick={(event) => (event.preventDefault(), document.querySelector("h1")?.focus())}>
        Skip to the content
      </a>
      <header class="top">
        <nav aria-label="Views">
          <strong>Console</strong>
          {VIEWS.map((each) => (
            <a href={`#/${each}`} aria-current={each === view ? "page" : undefined}>
              {each.replace(/^./, (letter) => letter.toUpperCase())}
            </a>
          ))}
        </nav>
        <div class="who">
          <Clock />
          <span class={`state ${state}`}>{state === "live" ? "live" : "reconnecting …"}</span>
          <span class="name">{name}</span>
          <button type="button" class="plain" onClick={leave}>
            Sign out
          </button>
        </div>
      </header>
      <main id="main">
        <View route={route} />
      </main>
      <p class="unseen" role="status">
        {said}
      </p>
    </TimeContext.Provider>
  );
}

function Console() {
  const [session, open] = useState<Session>();
  const [state, setState] = useState("live");
  const [said, announce] = useState("");
  const [reason, giveReason] = useState("");
  const leave = (why = "") => {
    session?.follower.stop();
    giveReason(why);
    open(undefined);
  };
  useEffect(() => {
    session?.follower.start();
    return () => session?.follower.stop();
  }, [session]);
  const enter = async (client: Client) => {
    const definitions: Definitions = await (await fetch(address("console/definitions.json"))).json();
    const follower = new Follower(client);
    follower.onState = setState;
    follower.onSignedOut = () => (follower.stop(), giveReason("This client is no longer known."), open(undefined));
    open({ client, follower, definitions, announce });
  };
  if (!session) return <SignIn enter={enter} reason={reason} />;
  return (
    <SessionContext.Provider value={session}>
      <Frame name={session.client.id} state={state} said={said} leave={() => leave()} />
    </SessionContext.Provider>
  );
}

const place = document.getElementById("console");
if (place) render(<Console />, place);
