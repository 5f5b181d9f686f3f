import type { ParamSupport } from "./provider.ts";

/** What the engine does for every vendor, on the rows. A vendor that does one of these itself says so in its own table. */
export const PAGING = {
  limit: { how: "derived" },
  cursor: { how: "derived" },
  page: { how: "derived", note: "Counts pages of page_size rows from 1." },
  page_size: { how: "derived", note: "The same as limit." },
} as const satisfies Record<string, ParamSupport>;

export const SORTING = {
  sort_by: { how: "derived", note: "All rows of the period are read before the first is given." },
  sort_order: { how: "derived", note: "Without it: amounts and quantities descending, the rest ascending." },
} as const satisfies Record<string, ParamSupport>;

/** The reasons that more than one vendor has. */
export const NO_PEOPLE = "Its cost data names no users.";
export const NO_MODELS = "It is not an AI vendor: its rows have no models.";
export const NO_SURFACES = "Its rows have no product surfaces.";
export const NO_API_KEYS = "Its cost data is not split by API key.";
export const ROW_FIELDS = ["id", "start_date", "end_date", "metric_name", "remote_data"] as const;
export const PRODUCT_FIELDS = ["product", "product.id", "product.name"] as const;
export const MODEL_FIELDS = ["model", "model.id", "model.provider"] as const;
export const USER_FIELDS = ["user", "user.id", "user.email", "user.name"] as const;
export const CHARGE_FIELDS = ["charges", "charges[].amount", "charges[].currency", "charges[].type"] as const;
