import { useAction, useSession } from "../hooks";
import type { Balance, Order, Product } from "../types";
import { Badge, Button, Card, Empty, Time, Trouble } from "../ui";
import { balanceText, priceText, title, words } from "../words";
import { changeOf } from "./next";

interface ProductsProps {
  products: Product[];
  waiting: Order[];
  changed: () => void;
}

/** The products of a subscription: what is left of them, and what one can do with them. */
export function Products({ products, waiting, changed }: ProductsProps) {
  const { client } = useSession();
  const action = useAction();
  const cancel = (id: string) => () =>
    client.post(`products/${id}/cancel`, { cancellation_mode: "end_of_cycle" }).then(changed);
  const activate = (id: string) => () => client.post(`products/${id}/activate`).then(changed);
  return (
    <Card name="Products">
      <Trouble error={action.error} />
      {!products.length && <Empty>None.</Empty>}
      <ul class="products">
        {products.map((product) => (
          <li key={product.id} class={product.status}>
            <div class="line">
              <strong>{product._embedded.product_offering.name}</strong>
              <Badge status={product.status} />
              <span class="quiet">{words(product._embedded.product_offering.type)}</span>
              {product._links["activate"] && (
                <Button action={action} does={activate(product.id)}>
                  Start now
                </Button>
              )}
              {product._links["cancel"] && !product.end_at && product.status === "active" && (
                <Button action={action} does={cancel(product.id)}>
                  End with its cycle
                </Button>
              )}
            </div>
            {product._embedded.balances.map((balance) => (
              <BalanceBar balance={balance} of={product._embedded.product_offering.name} />
            ))}
            <p class="quiet">
              {product._embedded.prices.map(priceText).join(" + ")}
              {changeOf(product, waiting, products).map(({ what, at }) => (
                <>
                  {" "}
                  · {what.slice(product._embedded.product_offering.name.length)} {at && <Time at={at} />}
                </>
              ))}
            </p>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function BalanceBar({ balance, of }: { balance: Balance; of: string }) {
  const text = balanceText(balance);
  const left = balance.type === "unlimited" ? 1 : (balance.remaining ?? 0) / Math.max(balance.initial ?? 1, 1);
  return (
    <div class="balance">
      <span>{title(balance.allowance_type)}</span>
      <span
        class={`meter ${left <= 0.2 ? "low" : ""}`}
        role="meter"
        aria-label={`${title(balance.allowance_type)} of ${of}`}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(left * 100)}
        aria-valuetext={text}
      >
        <b style={{ width: `${left * 100}%` }} />
      </span>
      <span>{text}</span>
    </div>
  );
}
