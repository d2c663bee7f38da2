import { useEffect, useState } from "preact/hooks";
import { address, Client } from "../api";

interface Props {
  enter: (client: Client) => Promise<void>;
  reason: string;
}

interface Known {
  client_id: string;
  client_secret: string;
}

/** Sign in with a client's id and secret, which stay in this page's memory. */
export function SignIn({ enter, reason }: Props) {
  const [id, setId] = useState("");
  const [secret, setSecret] = useState("");
  const [trouble, setTrouble] = useState(reason);
  const [known, setKnown] = useState<Known[]>([]);
  useEffect(() => {
    fetch(address("sandbox"))
      .then(async (answer) => setKnown((await answer.json()).clients))
      .catch(() => setKnown([]));
  }, []);
  const signIn = async (id: string, secret: string) => {
    try {
      const client = new Client(id, secret);
      await client.signIn();
      setSecret("");
      await enter(client);
    } catch (error) {
      setTrouble(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <main class="sign-in">
      <h1>Console</h1>
      <p>See what your orders do, as they do it.</p>
      {trouble && (
        <p class="trouble" role="alert">
          {trouble}
        </p>
      )}
      <form onSubmit={(event) => (event.preventDefault(), void signIn(id, secret))}>
        <label class="field">
          <span>Client id</span>
          <input
            required
            autocomplete="off"
            spellcheck={false}
            value={id}
            onInput={(event) => setId(event.currentTarget.value)}
          />
        </label>
        <label class="field">
          <span>Client secret</span>
          <input
            required
            type="password"
            autocomplete="off"
            value={secret}
            onInput={(event) => setSecret(event.currentTarget.value)}
          />
          <small>It stays in the memory of this page: reload it, and you sign in again.</small>
        </label>
        <button class="main">Sign in</button>
      </form>
      {known.length > 0 && (
        <p class="buttons">
          {known.map(({ client_id, client_secret }) => (
            <button type="button" onClick={() => void signIn(client_id, client_secret)}>
              Sign in as {client_id}
            </button>
          ))}
        </p>
      )}
    </main>
  );
}
