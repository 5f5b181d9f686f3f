import type { SandboxResponse } from "./vendor.ts";

/** The envelope of every error of api.openai.com. */
export function failure(
  status: number,
  message: string,
  param: string | null = null,
  code: string | null = null,
): SandboxResponse {
  return { status, body: { error: { message, type: "invalid_request_error", param, code } } };
}

export function isFailure(value: object): value is SandboxResponse {
  return "status" in value;
}
