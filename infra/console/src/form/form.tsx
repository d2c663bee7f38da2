/** A form made from a schema: each member gets the input that its schema asks for. */

import type { Json } from "../types";
import { Select } from "../ui";
import { title, words } from "../words";
import { type Edited, Faults, FormContext, plainText, Scalar, useForm } from "./scalar";
import { isMembers, type Members, type Schema, type Schemas } from "./schema";

interface FormProps {
  schemas: Schemas;
  schema: Schema;
  value: Json;
  change: (value: Json) => void;
  error: unknown;
  /** A member that is not asked for, as it is decided elsewhere. */
  without?: string;
}

export function SchemaForm({ schemas, schema, value, change, error, without }: FormProps) {
  const plain = schemas.plain(schema);
  const edited = {
    schema: plain,
    value,
    change: (next: Json | undefined) => change(next ?? {}),
    path: "$",
    name: "",
    required: true,
  };
  return (
    <FormContext.Provider value={{ schemas, root: value, error }}>
      {plain.discriminator ? <Variants {...edited} /> : <Members {...edited} without={without} />}
    </FormContext.Provider>
  );
}

function Field(edited: Edited) {
  const { schema, value, change, name, required } = edited;
  const { schemas } = useForm();
  const nested = schema.properties ?? schema.discriminator;
  if (schema.const !== undefined && required) return null;
  if (!nested && schema.type !== "array") return <Scalar {...edited} />;
  if (value === undefined && !required) {
    const begin = () => change(schema.type === "array" ? [""] : schemas.beginning(schema, null));
    return (
      <button type="button" class="add" onClick={begin}>
        Add {words(schema.type === "array" ? one(name) : name)}
      </button>
    );
  }
  return (
    <fieldset>
      <legend>
        {title(name)}
        {!required && (
          <button type="button" class="plain" aria-label={`Remove ${words(name)}`} onClick={() => change(undefined)}>
            Remove
          </button>
        )}
      </legend>
      {schema.description && <small>{plainText(schema.description)}</small>}
      {schema.type === "array" ? (
        <Items {...edited} />
      ) : schema.discriminator ? (
        <Variants {...edited} />
      ) : (
        <Members {...edited} />
      )}
      <Faults path={edited.path} />
    </fieldset>
  );
}

function Members({ schema, value, change, path, without }: Edited & { without?: string | undefined }) {
  const { schemas } = useForm();
  const members: Members = isMembers(value) ? value : {};
  return (
    <>
      {schemas.members(schema, without).map(([name, member, required]) => (
        <Field
          key={name}
          schema={member}
          value={members[name]}
          change={(next) => change(withMember(members, name, next))}
          path={`${path}.${name}`}
          name={name}
          required={required}
        />
      ))}
    </>
  );
}

function withMember(members: Members, name: string, value: Json | undefined): Members {
  const { [name]: _, ...others } = members;
  return value === undefined ? others : { ...others, [name]: value };
}

/** One of several shapes, which a member names. */
function Variants(edited: Edited) {
  const { schema, value, change } = edited;
  const { schemas } = useForm();
  const { propertyName = "", mapping = {} } = schema.discriminator ?? {};
  const kind = String(isMembers(value) ? value[propertyName] : "");
  const choose = (next: string) =>
    change({ ...(schemas.beginning({ $ref: mapping[next] ?? "" }, null) as Members), [propertyName]: next });
  return (
    <>
      <label class="field">
        <span>{title(propertyName)}</span>
        <Select value={kind} values={Object.keys(mapping)} onChange={choose} />
      </label>
      <Members {...edited} schema={schemas.variant(schema, value ?? null)} without={propertyName} />
    </>
  );
}

function Items({ schema, value, change, path, name }: Edited) {
  const { schemas } = useForm();
  const items = Array.isArray(value) ? value : [];
  const item = schemas.plain(schema.items ?? {});
  const begin = () => (item.properties ? (schemas.beginning(item, null) ?? {}) : "");
  return (
    <>
      {items.map((each, index) => (
        <div class="item" key={index}>
          <Field
            schema={item}
            value={each === "" && item.properties ? {} : each}
            change={(next) => change(items.map((other, at) => (at === index ? (next ?? "") : other)))}
            path={`${path}[${index}]`}
            name={one(name)}
            required
          />
          <button
            type="button"
            class="plain"
            aria-label={`Remove ${words(one(name))} ${index + 1}`}
            onClick={() => change(items.filter((_, at) => at !== index))}
          >
            Remove
          </button>
        </div>
      ))}
      {items.length < (schema.maxItems ?? Infinity) && (
        <button type="button" class="add" onClick={() => change([...items, begin()])}>
          Add {words(one(name))}
        </button>
      )}
    </>
  );
}

/** One of many. */
const one = (name: string): string => name.replace(/s$/, "");
