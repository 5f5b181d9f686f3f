import { budgetCheck } from "./budget-check.ts";
import { costPerDeveloper } from "./cost-per-developer.ts";
import { monthlyReview } from "./monthly-review.ts";
import type { Prompt } from "./prompt.ts";
import { unusedSeats } from "./unused-seats.ts";
import { whyDidTheBillGrow } from "./why-did-the-bill-grow.ts";

export const PROMPTS: readonly Prompt[] = [
  monthlyReview,
  whyDidTheBillGrow,
  costPerDeveloper,
  unusedSeats,
  budgetCheck,
];
