/**
 * Datadog's sites: they share nothing, and a key works on one only. A request is built for a site of this list or not at all.
 * @see https://docs.datadoghq.com/getting_started/site/
 */
export const DATADOG_SITES = [
  "datadoghq.com",
  "us3.datadoghq.com",
  "us5.datadoghq.com",
  "datadoghq.eu",
  "ap1.datadoghq.com",
  "ap2.datadoghq.com",
  "uk1.datadoghq.com",
  "ddog-gov.com",
  "us2.ddog-gov.com",
] as const;
export const DEFAULT_DATADOG_SITE = "datadoghq.com";
