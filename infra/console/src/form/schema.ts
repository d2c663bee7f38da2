/** The description of the API, as far as forms are made from it. */

import type { Json } from "../types";

export interface Schema {
  $ref?: string;
  type?: string;
  const?: Json;
  enum?: Json[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  discriminator?: { propertyName: string; mapping: { [value: string]: string } };
  properties?: { [name: string]: Schema };
  required?: string[];
  items?: Schema;
  format?: string;
  description?: string;
  pattern?: string;
  minItems?: number;
  maxItems?: number;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
}

interface Operation {
  summary: string;
  requestBody: { content: { [type: string]: { schema: Schema; examples?: { [name: string]: { value: Json } } } } };
}

export interface Description {
  paths: { [path: string]: { [method: string]: Operation } };
  components: { schemas: { [name: string]: Schema } };
}

export type Members = { [name: string]: Json };

export interface Body {
  schema: Schema;
  example: Json;
}

/** Other names for members, which would ask for the same thing twice. */
const ALIASES: { [name: string]: string } = { type: "mode" };

export class Schemas {
  constructor(private readonly description: Description) {}

  /** Return what may be sent to an operation, with its first example. */
  body(path: string): Body {
    const content = this.description.paths[path]?.["post"]?.requestBody.content["application/json"];
    if (!content) throw new Error(`POST ${path} is not described`);
    return { schema: content.schema, example: Object.values(content.examples ?? {})[0]?.value ?? null };
  }

  /** Return a schema without references, and without `null` for what may be left out. */
  plain(schema: Schema): Schema {
    const { $ref, ...rest } = schema;
    if ($ref)
      return { ...this.plain(this.description.components.schemas[$ref.split("/").at(-1) ?? ""] ?? {}), ...rest };
    const some = schema.anyOf?.filter(({ type }) => type !== "null");
    if (some?.length !== 1 || !some[0]) return schema;
    const { anyOf: _, ...outer } = schema;
    return { ...this.plain(some[0]), ...outer };
  }

  /** Return the members of an object that are asked for, the required ones first. */
  members(schema: Schema, without = ""): [name: string, schema: Schema, required: boolean][] {
    const properties = schema.properties ?? {};
    const asked = Object.entries(properties).filter(
      ([name]) => name !== without && !((ALIASES[name] ?? "") in properties),
    );
    // Of a member with another name, one of both is required.
    const isRequired = (name: string) =>
      schema.required?.includes(name) || Object.keys(properties).some((other) => ALIASES[other] === name);
    const all = asked.map(([name, each]) => [name, this.plain(each), isRequired(name)] as [string, Schema, boolean]);
    return all.sort((one, other) => Number(other[2]) - Number(one[2]));
  }

  /** Return the variant that a value is of. */
  variant(schema: Schema, value: Json): Schema {
    const { propertyName = "", mapping = {} } = schema.discriminator ?? {};
    const kind = String(isMembers(value) ? value[propertyName] : "");
    return this.plain({ $ref: mapping[kind] ?? Object.values(mapping)[0] ?? "" });
  }

  /** Return what a form begins with: what there is no choice about, and choices that an example makes. */
  beginning(schema: Schema, example: Json): Json | undefined {
    const plain = this.plain(schema);
    if (plain.const !== undefined) return plain.const;
    if (plain.enum) return example ?? undefined;
    if (plain.discriminator) {
      const kind = isMembers(example) ? example[plain.discriminator.propertyName] : undefined;
      return { [plain.discriminator.propertyName]: kind ?? Object.keys(plain.discriminator.mapping)[0] ?? "" };
    }
    if (plain.type === "array") return plain.minItems ? [] : undefined;
    if (!plain.properties) return undefined;
    const begun: Members = {};
    for (const [name, member, required] of this.members(plain)) {
      const value = required ? this.beginning(member, isMembers(example) ? (example[name] ?? null) : null) : undefined;
      if (value !== undefined) begun[name] = value;
    }
    return begun;
  }
}

export const isMembers = (value: unknown): value is Members =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Return a value without what was left empty. */
export function filled(value: Json): Json {
  if (Array.isArray(value)) return value.filter((each) => each !== "").map(filled);
  if (!isMembers(value)) return value;
  const kept = Object.entries(value).filter(([, member]) => member !== undefined && member !== "");
  return Object.fromEntries(kept.map(([name, member]) => [name, filled(member)]));
}
