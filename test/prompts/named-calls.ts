/** A tool call that a prompt tells an agent to make. */
export interface NamedCall {
  tool: string;
  args: unknown;
}

/** Every call in a prompt's text: a tool's name and its arguments as JSON, between backticks. */
export function namedCalls(text: string): NamedCall[] {
  return [...text.matchAll(/`(\w+) (\{[^`]*\})`/g)].map(([, tool = "", json = ""]) => ({
    tool,
    args: JSON.parse(json),
  }));
}
