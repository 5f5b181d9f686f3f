import { type Command, Option } from "commander";
import * as z from "zod";
import { badParameter } from "../../errors.ts";

/** Arguments of a tool, under their unified names, as the command line gave them. Checked by the tool. */
export type Arguments = Record<string, unknown>;

/** What a flag takes: how it is shown, and how its text becomes an argument. */
interface FlagKind {
  placeholder: string;
  read(text: string, name: string, before: unknown): unknown;
}

/** A flag whose value lands under the parameter's own name, however the flag is spelled. */
class ParameterFlag extends Option {
  readonly parameter: string;

  constructor(flags: string, description: string, parameter: string) {
    super(flags, description);
    this.parameter = parameter;
  }

  override attributeName(): string {
    return this.parameter;
  }
}

/**
 * A flag for every parameter of a schema: `--start-date`, and `--start_date` as the parameter is written.
 * @param hints for parameters whose description says nothing
 * @param account the parameter that `-a, --account` stands for
 */
export function addParameterFlags(
  command: Command,
  schema: z.ZodObject,
  hints: Readonly<Record<string, string>>,
  account?: string,
): void {
  for (const [name, member] of Object.entries(schema.shape)) {
    const { type, description } = unwrapped(member);
    const dashed = `--${name.replaceAll("_", "-")}`;
    const help = describe(type, [hints[name], description]);
    if (name === account) {
      add(command, `-a, --account ${kindOf(type).placeholder}`, `${help} (${dashed})`, name, type);
      add(command, dashed, help, name, type, true);
    } else add(command, dashed, help, name, type);
    if (name.includes("_")) add(command, `--${name}`, help, name, type, true);
  }
}

function add(command: Command, flags: string, help: string, name: string, type: unknown, hidden = false): void {
  const kind = kindOf(type);
  const spelled = flags.includes(" ") ? flags : `${flags} ${kind.placeholder}`;
  const option = new ParameterFlag(spelled, help, name);
  option.argParser((text: string, before: unknown) => kind.read(text, name, before));
  if (hidden) option.hideHelp();
  command.addOption(option);
}

/** The parameters among a command's options: those that were given. */
export function givenArguments(command: Command, schema: z.ZodObject): Arguments {
  const options: Arguments = command.opts();
  return Object.fromEntries(
    Object.keys(schema.shape).flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]])),
  );
}

/**
 * Texts become what the parameter is where they can; where not they stay text, and the tool's own check says what is wrong,
 * in the words it has for every front.
 */
function kindOf(type: unknown): FlagKind {
  if (type instanceof z.ZodArray) return { placeholder: "<list>", read: readList };
  if (type instanceof z.ZodNumber) return { placeholder: "<number>", read: readNumber };
  if (type instanceof z.ZodBoolean) return { placeholder: "[boolean]", read: readBoolean };
  if (type instanceof z.ZodObject) return { placeholder: "<key=value>", read: readPair };
  return { placeholder: "<text>", read: filled };
}

/** An empty value on a command line is a shell variable that is not set; taking it as "all" would answer another question. */
function filled(text: string, name: string): string {
  if (text.trim() !== "") return text;
  throw badParameter(name, "its value is empty; give one, or leave the flag out.");
}

function readList(text: string, name: string, before: unknown): string[] {
  const earlier: unknown[] = Array.isArray(before) ? before : [];
  // A comma that belongs to a value is written "\,".
  const values = filled(text, name)
    .split(/(?<!\\),/)
    .map((value) => value.replaceAll("\\,", ",").trim());
  return [...earlier.map(String), ...values.map((value) => filled(value, name))];
}

function readNumber(text: string, name: string): number | string {
  const value = Number(filled(text, name));
  return Number.isFinite(value) ? value : text;
}

function readBoolean(text: string, name: string): boolean | string {
  return text === "true" ? true : text === "false" ? false : filled(text, name);
}

/** `key=value`; `key[]=value` makes a list of those that are given. */
function readPair(text: string, name: string, before: unknown): Arguments {
  const at = text.indexOf("=");
  if (at < 1)
    throw badParameter(name, `'${text}' is not key=value, for example --${name.replaceAll("_", "-")} view=sub-org.`);
  const [key, value] = [text.slice(0, at), text.slice(at + 1)];
  const pairs = new Map(typeof before === "object" && before !== null ? Object.entries(before) : []);
  if (key.endsWith("[]")) {
    const earlier: unknown = pairs.get(key.slice(0, -2));
    pairs.set(key.slice(0, -2), [...(Array.isArray(earlier) ? earlier : []), value]);
  } else if (pairs.has(key)) throw badParameter(name, `${key} is given twice; ${key}[]=... makes a list.`);
  else pairs.set(key, value);
  return Object.fromEntries(pairs);
}

function unwrapped(member: unknown): { type: unknown; description: string | undefined } {
  let type = member;
  let description: string | undefined;
  for (;;) {
    if (type instanceof z.ZodType) description ??= type.description;
    if (!(type instanceof z.ZodOptional || type instanceof z.ZodDefault)) return { type, description };
    type = type.unwrap();
  }
}

function describe(type: unknown, texts: readonly (string | undefined)[]): string {
  const values = type instanceof z.ZodArray ? valuesOf(type.element) : valuesOf(type);
  return [texts.find((text) => text !== undefined), ...(values.length > 0 ? [values.join(", ")] : [])]
    .filter((text) => text !== undefined)
    .join(": ");
}

function valuesOf(type: unknown): string[] {
  return type instanceof z.ZodEnum ? type.options.map(String) : [];
}
