/** What the suite finds wanting in a server that is not made for the suite, and why it does not apply. */
export interface Excuse {
  why: string;
  /** How the check that did not pass words it; what says something else is not excused. */
  says: RegExp;
  scenarios: readonly string[];
}

/** Each is needed: one whose check passes now fails the test until it is taken out. */
export const EXCUSES: readonly Excuse[] = [
  {
    why: "calls a tool that only a test server has",
    says: /\b[Tt]ool '?(?:test_\w+|json_schema_2020_12_tool)'? not found/,
    scenarios: [
      "tools-call-simple-text",
      "tools-call-image",
      "tools-call-audio",
      "tools-call-embedded-resource",
      "tools-call-mixed-content",
      "tools-call-error",
      "tools-call-with-progress",
      "tools-call-sampling",
      "tools-call-elicitation",
      "json-schema-2020-12",
      "elicitation-sep1034-defaults",
      "elicitation-sep1330-enums",
      "input-required-result-basic-elicitation",
      "input-required-result-basic-sampling",
      "input-required-result-basic-list-roots",
      "input-required-result-request-state",
      "input-required-result-multiple-input-requests",
      "input-required-result-result-type",
      "input-required-result-capability-check",
      "input-required-result-ignore-extra-params",
      "input-required-result-validate-input",
    ],
  },
  {
    why: "watches what only a test server's tool does",
    says: /does not list the diagnostic tool 'test_\w+'/,
    scenarios: ["server-stateless"],
  },
  {
    why: "no tool asks its caller for more: there is nothing to be answered",
    says: /InputRequiredResult/,
    scenarios: [
      "input-required-result-missing-input-response",
      "input-required-result-multi-round",
      "input-required-result-tampered-state",
    ],
  },
  {
    why: "no argument is mirrored into a header of its own (x-mcp-header is optional)",
    says: /exposes no tool with x-mcp-header annotations/,
    scenarios: ["http-custom-header-server-validation"],
  },
  {
    why: "asks for a prompt that only a test server has",
    says: /^(?:Failed|JSON-RPC error): name: there is no prompt 'test_\w+'/,
    scenarios: [
      "prompts-get-simple",
      "prompts-get-with-args",
      "prompts-get-embedded-resource",
      "prompts-get-with-image",
      "input-required-result-non-tool-request",
      "completion-complete",
    ],
  },
  {
    why: "asks for a resource that only a test server has",
    says: /^Failed: uri: there is no resource 'test:\/\/[\w/-]+'/,
    scenarios: ["resources-read-text", "resources-read-binary", "resources-templates-read"],
  },
  {
    why: "what can be read never changes while a copy runs: there is nothing to subscribe to",
    says: /^Failed: Method not found$/,
    scenarios: ["resources-subscribe", "resources-unsubscribe"],
  },
  {
    why: "the log is the operator's, on stderr: hosts set no level and get no messages",
    says: /Method not found/,
    scenarios: ["logging-set-level", "tools-call-with-logging"],
  },
  {
    why: "the lists of tools and prompts never change while a copy runs: no change is announced",
    says: /did not declare (?:tools|prompts)\.listChanged/,
    scenarios: ["server-stateless"],
  },
  {
    why: "any copy answers any request: there are no sessions, and no streams to go on with",
    says: /MCP-Session-Id|session ID|resumability|reconnection timing/,
    scenarios: ["server-session-lifecycle", "server-sse-polling", "server-sse-multiple-streams"],
  },
];
