import type { Usage } from "../usage/row.ts";
import { tokenTypeOf } from "./token-type.ts";

/** What was charged for, for people: the metric, the product, the resource. */
export function describe({ metric_name, product, resources }: Usage): string | null {
  const resource = resources?.[0];
  const words = [metric_name, product?.name ?? product?.id, resource?.name ?? resource?.id];
  return present([...new Set(words.filter(Boolean))].join(", "));
}

/** The model and the kind of its tokens; what is no model's, by its metric. */
export function skuOf(row: Usage): string | null {
  const model = present(row.model?.id);
  const kind = tokenTypeOf(row);
  return model && kind ? `${model}/${kind}` : (model ?? present(row.metric_name));
}

/** A JSON object of texts, as FOCUS has tags. People are named only where that was asked for. */
export function tagsOf({ surface, user }: Usage, withPeople: boolean): string | null {
  const person = withPeople ? (present(user?.email) ?? present(user?.id)) : null;
  const tags = { ...(surface ? { surface } : {}), ...(person ? { user: person } : {}) };
  return Object.keys(tags).length > 0 ? JSON.stringify(tags) : null;
}

/** An empty text says as little as none. */
export function present(text: string | undefined): string | null {
  return text ? text : null;
}
