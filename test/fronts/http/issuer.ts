import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

export interface SigningKey {
  alg: string;
  kid: string;
  privateKey: CryptoKey;
  publicJwk: JWK;
}

export async function signingKey(alg: string, kid: string): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { alg, kid, privateKey, publicJwk: { ...(await exportJWK(publicKey)), kid, alg, use: "sig" } };
}

export const AUDIENCE = "https://usage.example.com/mcp";

/** An authorization server on loopback, as far as a resource server meets it: its metadata and its keys. */
export class Issuer {
  readonly url: string;
  /** Paths it was asked for, in order. */
  readonly asked: string[] = [];
  /** What it publishes. */
  keys: SigningKey[];
  /** Answers besides, or in place of, its own. */
  readonly answers = new Map<string, Answer>();
  readonly close: () => Promise<void>;

  private constructor(url: string, keys: SigningKey[], close: () => Promise<void>) {
    this.url = url;
    this.keys = keys;
    this.close = close;
  }

  /** @param path of the issuer's identifier, behind its host */
  static async start(keys: SigningKey[], path = ""): Promise<Issuer> {
    const server = createServer((request, response) => {
      const { url = "" } = request;
      issuer.asked.push(url);
      issuer.#answer(url)(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const issuer: Issuer = new Issuer(`http://127.0.0.1:${port}${path}`, keys, async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    });
    return issuer;
  }

  get host(): string {
    return new URL(this.url).origin;
  }

  get jwksUri(): string {
    return `${this.host}/keys`;
  }

  /** A good token, or with what is given in place of what makes it good; undefined leaves a claim out. */
  token(
    claims: Record<string, unknown> = {},
    key = this.keys[0],
    header: Record<string, unknown> = {},
  ): Promise<string> {
    if (!key) throw new Error("The issuer has no key.");
    const now = Math.floor(Date.now() / 1000);
    const usual = { iss: this.url, aud: AUDIENCE, sub: "ada", iat: now, exp: now + 300, scope: "usage:ai" };
    return new SignJWT(JSON.parse(JSON.stringify({ ...usual, ...claims })))
      .setProtectedHeader({ alg: key.alg, kid: key.kid, typ: "at+jwt", ...header })
      .sign(key.privateKey);
  }

  #answer(path: string): Answer {
    const given = this.answers.get(path);
    if (given) return given;
    if (path === "/keys") return json({ keys: this.keys.map(({ publicJwk }) => publicJwk) });
    const behind = new URL(this.url).pathname.replace(/\/+$/, "");
    if (path === `/.well-known/oauth-authorization-server${behind}`)
      return json({ issuer: this.url, jwks_uri: this.jwksUri });
    return json({}, 404);
  }
}

export function json(body: unknown, status = 200, headers = {}): Answer {
  return (_, response) => {
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(JSON.stringify(body));
  };
}

/** Cuts the connection: nobody is there. */
export const gone: Answer = (request) => {
  request.socket.destroy();
};
