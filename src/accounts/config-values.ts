import { UsageError } from "../errors.ts";

/** Replaces `${NAME}` in every string by the environment's value. */
export function expand(value: unknown, path: string, file: string, env: NodeJS.ProcessEnv): unknown {
  if (typeof value === "string") {
    return value.replace(/\$\{([^}]*)\}/g, (_, name: string) => {
      const found = env[name.trim()];
      if (!found) throw broken(file, `${path}: the environment variable ${name.trim()} is not set.`);
      return found;
    });
  }
  if (Array.isArray(value)) return value.map((item, index) => expand(item, `${path}[${index}]`, file, env));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, expand(item, `${path}.${key}`, file, env)]),
  );
}

/** https anywhere, http on loopback only; nothing but an origin and a path. */
export function checkUrl(text: string | undefined, path: string, file: string): string | undefined {
  if (text === undefined) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !["https:", "http:"].includes(url.protocol)) throw broken(file, `${path}: is not a URL; use https://...`);
  if (url.username || url.password || url.search || url.hash)
    throw broken(file, `${path}: must hold a host and a path only, no user, query or fragment.`);
  if (url.protocol === "http:" && !isLoopback(url.hostname)) {
    throw broken(
      file,
      `${path}: http is allowed on loopback only; ${url.hostname} needs https, or the key would travel in the open.`,
    );
  }
  return url.href.replace(/\/+$/, "");
}

export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(host);
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function broken(file: string, what: string): UsageError {
  return new UsageError("configuration", `Config ${file}: ${what}`);
}
