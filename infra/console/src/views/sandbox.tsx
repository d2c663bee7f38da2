import { useState } from "preact/hooks";
import { address } from "../api";
import { useSchemas } from "../form/description";
import { Send } from "../form/send";
import { useAction, useLive, useSandboxTime, useSession } from "../hooks";
import { inFull, utc } from "../time";
import { Button, Card, Careful, Heading, Labeled, Trouble } from "../ui";

const STEPS: [duration: string, name: string][] = [
  ["PT1H", "1 hour"],
  ["P1D", "1 day"],
  ["P7D", "7 days"],
  ["P1M", "1 month"],
];
const REPORTS = "/sandbox/network-events";

interface Conditions {
  network: string;
  esim_stock: string;
}

/** What only the sandbox has: its time, its network, its stock, and a way back. */
export function Sandbox() {
  const { client, announce } = useSession();
  const action = useAction();
  const schemas = useSchemas();
  const reset = async () => {
    await client.post("sandbox/reset");
    announce("The sandbox was reset");
  };
  return (
    <>
      <Heading>Sandbox</Heading>
      <p class="quiet">All of this concerns every partner of this sandbox.</p>
      <div class="columns even">
        <MoveTime />
        <Meets />
      </div>
      <Card name="Report of the mobile network">
        {schemas.value && (
          <Send<{ id: string }>
            schemas={schemas.value}
            path={REPORTS}
            body={schemas.value.body(REPORTS)}
            name="Send the report"
            sent={({ id }) => announce(`The report ${id} was sent`)}
          />
        )}
      </Card>
      <Card name="Start again">
        <p>
          Every partner's data, webhooks and the time are brought back to the first state. Partners added since are
          gone.
        </p>
        <Careful action={action} does={reset}>
          Reset the sandbox
        </Careful>
        <Trouble error={action.error} />
      </Card>
      <Tries />
    </>
  );
}

function MoveTime() {
  const { client, announce } = useSession();
  const { now, moving, reload } = useSandboxTime();
  const action = useAction();
  const [custom, write] = useState("P14D");
  const move = (advance: string) => async () => {
    setTimeout(reload, 300);
    const clock = await client.post<{ now: string }>("sandbox/clock", { advance });
    announce(`It is now ${inFull(clock.now)}`);
    reload();
  };
  const moment = new Date(now).toISOString();
  return (
    <Card name="Time">
      <p class="large" title={utc(moment)}>
        {inFull(moment)}
      </p>
      <p class="quiet">
        {moving
          ? `Moving to ${inFull(moving)}; what becomes due on the way happens.`
          : "Move it on, and what becomes due on the way happens."}
      </p>
      <p class="buttons">
        {STEPS.map(([advance, name]) => (
          <Button action={action} does={move(advance)}>
            + {name}
          </Button>
        ))}
      </p>
      <form class="inline" onSubmit={(event) => (event.preventDefault(), void action.run(move(custom)))}>
        <Labeled name="by an ISO-8601 duration">
          <input value={custom} required onInput={(event) => write(event.currentTarget.value.trim())} />
        </Labeled>
        <button disabled={action.running}>Move the time</button>
      </form>
      <Trouble error={action.error} />
    </Card>
  );
}

/** What orders meet from now on: how the network behaves, and whether there are eSIMs. */
function Meets() {
  const { client } = useSession();
  const action = useAction();
  const conditions = useLive(() => client.get<Conditions>("sandbox/conditions"), [client]);
  // What is chosen shows at once, and stays if the sandbox agrees.
  const [chosen, choose] = useState<Partial<Conditions>>({});
  const change = async (wish: Partial<Conditions>) => {
    choose(wish);
    choose(await client.post<Conditions>("sandbox/conditions", wish).finally(() => choose({})));
  };
  const current = { ...conditions.value, ...chosen };
  const choice = (name: keyof Conditions, value: string, text: string) => (
    <label class="choice">
      <input
        type="radio"
        name={name}
        checked={current[name] === value}
        disabled={action.running}
        onChange={() => void action.run(() => change({ [name]: value }))}
      />
      {text}
    </label>
  );
  return (
    <Card name="What orders meet">
      <fieldset class="choices">
        <legend>The mobile network</legend>
        {choice("network", "normal", "does what it is asked")}
        {choice("network", "slow", "takes five seconds")}
        {choice("network", "refusing", "refuses every order")}
      </fieldset>
      <fieldset class="choices">
        <legend>The stock of eSIMs</legend>
        {choice("esim_stock", "filled", "is filled")}
        {choice("esim_stock", "empty", "is empty")}
      </fieldset>
      <Trouble error={action.error ?? conditions.error} />
    </Card>
  );
}

function Tries() {
  const tries = useLive(async () => {
    const answer: { tries: { what: string; how: string }[] } = await (await fetch(address("sandbox"))).json();
    return answer.tries;
  }, []);
  return (
    <Card name="What else can be tried">
      <dl class="tries">
        {tries.value?.map(({ what, how }) => (
          <>
            <dt>{what}</dt>
            <dd>{how.replaceAll("`", "").replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")}</dd>
          </>
        ))}
      </dl>
    </Card>
  );
}
