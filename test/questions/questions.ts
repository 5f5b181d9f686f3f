import type { Question } from "./question.ts";
import { COMPARISONS } from "./themes/comparisons.ts";
import { COVERAGE } from "./themes/coverage.ts";
import { EXPLANATIONS } from "./themes/explanations.ts";
import { FORECASTS } from "./themes/forecast.ts";
import { GROSS_AND_NET } from "./themes/gross-and-net.ts";
import { GROUPS } from "./themes/groups.ts";
import { PEOPLE } from "./themes/people.ts";
import { RATIOS } from "./themes/ratios.ts";
import { SERIES } from "./themes/series.ts";
import { SINGLE_FACTS } from "./themes/single-facts.ts";
import { TOTALS } from "./themes/totals.ts";
import { USAGE_QUESTIONS } from "./themes/usage.ts";

export const QUESTIONS: readonly Question[] = [
  ...TOTALS,
  ...GROSS_AND_NET,
  ...GROUPS,
  ...SERIES,
  ...COMPARISONS,
  ...PEOPLE,
  ...COVERAGE,
  ...USAGE_QUESTIONS,
  ...RATIOS,
  ...EXPLANATIONS,
  ...FORECASTS,
  ...SINGLE_FACTS,
];
