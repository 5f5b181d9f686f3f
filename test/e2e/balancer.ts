/** A load balancer in a client's own process: each request goes to the next copy. */
export interface Balancer {
  /** To be given to a client in place of the global one; what stands before the path in its URL does not matter. */
  fetch: typeof fetch;
  /** Requests that each copy was sent. */
  sent: number[];
  /** A copy that was started anew has another port. */
  replace(index: number, url: string): void;
}

export function roundRobin(urls: readonly string[]): Balancer {
  const copies = [...urls];
  const sent = copies.map(() => 0);
  let requests = 0;
  return {
    sent,
    replace: (index, url) => {
      copies[index] = url;
    },
    fetch: (input, init) => {
      if (input instanceof Request) throw new Error("The clients are expected to name a URL.");
      const index = requests++ % copies.length;
      sent[index] = (sent[index] ?? 0) + 1;
      const { pathname, search } = new URL(input);
      return fetch(new URL(`${pathname}${search}`, copies[index]), init);
    },
  };
}
