import type { Day } from "./calendar.ts";
import { dayOf, parseDay } from "./calendar.ts";
import { COMPANY } from "./company.ts";
import type { Workload } from "./openai-estate.ts";
import { ORGANIZATION_ID, seconds, userId, WORKLOADS } from "./openai-estate.ts";
import { failure } from "./openai-failure.ts";
import type { Parts, Span } from "./openai-usage.ts";
import { modelOf, used } from "./openai-usage.ts";
import type { SandboxRequest, SandboxResponse } from "./vendor.ts";

/**
 * `/v1/usage?date=`, which nobody documents. It has the organization's rows by the hour, or, as of late, nothing:
 * 200 all the same.
 */
export function legacyUsage(request: SandboxRequest, isAlive: boolean): SandboxResponse {
  const { searchParams } = request.url;
  const date = searchParams.get("date");
  if (date === null) return failure(400, "Missing query parameter 'date'");
  const day = parseDay(date);
  if (day === undefined) return failure(400, `Invalid date '${date}': expected YYYY-MM-DD`);
  const rows = isAlive ? rowsOf(day, request.now, searchParams.get("user_public_id")) : [];
  return {
    status: 200,
    body: {
      object: "list",
      data: shaped(rows, ["completions", "embeddings"], text),
      ft_data: [],
      dalle_api_data: shaped(rows, ["images"], image),
      whisper_api_data: shaped(rows, ["audio_transcriptions"], (row) => spoken(row, "num_seconds")),
      tts_api_data: shaped(rows, ["audio_speeches"], (row) => spoken(row, "num_characters")),
      assistant_code_interpreter_data: [],
      retrieval_storage_data: [],
    },
  };
}

interface Row {
  readonly workload: Workload;
  readonly at: number;
  readonly model: string | null;
  readonly parts: Parts;
}

function rowsOf(day: Day, now: Date, user: string | null): Row[] {
  const rows: Row[] = [];
  const end = day < dayOf(now) ? 86_400 : Math.floor(now.getTime() / 60_000) * 60 - seconds(day);
  for (let from = 0; from < end; from += 3_600) {
    const span: Span = { day, from, to: Math.min(from + 3_600, end) };
    for (const workload of WORKLOADS) {
      if (user !== null && (workload.user === null || userId(workload.user) !== user)) continue;
      const parts = used(workload, span);
      if (parts !== undefined) rows.push({ workload, at: seconds(day) + from, model: modelOf(workload, day), parts });
    }
  }
  return rows;
}

function shaped(rows: readonly Row[], families: readonly string[], shape: (row: Row) => unknown): unknown[] {
  return rows.filter(({ workload }) => families.includes(workload.family)).map(shape);
}

function text({ workload, at, model, parts }: Row) {
  const cached = parts.cachedText + parts.cachedAudio + parts.cachedImage;
  const uncached = parts.uncachedText + parts.uncachedAudio + parts.uncachedImage + parts.cacheWrite;
  return {
    organization_id: ORGANIZATION_ID,
    organization_name: COMPANY.name,
    aggregation_timestamp: at,
    n_requests: parts.requests,
    operation: operation(workload, model),
    snapshot_id: model,
    n_context_tokens_total: workload.family === "embeddings" ? parts.units : uncached + cached,
    n_generated_tokens_total: parts.outputText + parts.outputAudio + parts.outputImage,
    email: workload.user?.email ?? null,
    ...keyOf(workload),
    ...projectOf(workload),
    request_type: "",
    n_cached_context_tokens_total: cached,
  };
}

function operation({ family }: Workload, model: string | null): string {
  if (family === "embeddings") return "embeddings";
  return model?.includes("realtime") === true ? "completion-realtime" : "completion";
}

/** Its user id is an e-mail, and its project id the project's name. */
function image({ workload, at, model, parts }: Row) {
  return {
    timestamp: at,
    num_images: parts.units,
    num_requests: parts.requests,
    image_size: workload.size,
    operation: workload.source === "image.edit" ? "edits" : "generations",
    user_id: workload.user?.email ?? null,
    organization_id: ORGANIZATION_ID,
    ...keyOf(workload),
    organization_name: COMPANY.name,
    model_id: model,
    project_id: workload.project.name,
    project_name: workload.project.name,
  };
}

function spoken({ workload, at, model, parts }: Row, unit: "num_seconds" | "num_characters") {
  return {
    timestamp: at,
    model_id: model,
    [unit]: parts.units,
    num_requests: parts.requests,
    user_id: workload.user === null ? null : userId(workload.user),
    organization_id: ORGANIZATION_ID,
    ...keyOf(workload),
    organization_name: COMPANY.name,
    ...projectOf(workload),
  };
}

function keyOf({ key }: Workload) {
  return {
    api_key_id: key?.id ?? null,
    api_key_name: key?.name ?? null,
    api_key_redacted: key?.redacted ?? null,
    api_key_type: key === null ? null : "organization",
  };
}

function projectOf({ project }: Workload) {
  return { project_id: project.id, project_name: project.name };
}
