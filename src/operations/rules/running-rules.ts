// `trafficctl rules list|add|update|remove|enable|disable`: the rules of a running proxy.
import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import {
  addRulesMethod,
  enableRulesMethod,
  listRulesMethod,
  type RunningRules,
  removeRulesMethod,
  updateRulesMethod,
} from "../../control/rule-methods.js";
import { systemCode, TrafficError } from "../../errors.js";
import { connectProxy, type ProxyReference } from "../control.js";

export interface RulesOfProxy extends RunningRules {
  readonly session: string;
}

type Change =
  /** Rules of a file: new ones, or in the place of those of their names. */
  | { readonly kind: "add" | "update"; readonly file: string }
  | { readonly kind: "remove" | "enable" | "disable"; readonly names: readonly string[] };

/** @throws TrafficError NOT_RUNNING, SESSION_AMBIGUOUS */
export async function rulesOf(input: ProxyReference): Promise<RulesOfProxy> {
  using client = await connectProxy(input);
  return { session: client.proxy.session, ...(await client.call(listRulesMethod, {})) };
}

/** @returns the rules that hold then. @throws TrafficError NOT_RUNNING, RULES_INVALID, BAD_OPTION, FILE_NOT_FOUND */
export async function changeRules(
  input: ProxyReference & { readonly change: Change },
): Promise<RulesOfProxy> {
  const { change } = input;
  const text = "file" in change ? await ruleText(change.file) : undefined;
  using client = await connectProxy(input);
  const { session } = client.proxy;
  if (text !== undefined) {
    const method = change.kind === "add" ? addRulesMethod : updateRulesMethod;
    return { session, ...(await client.call(method, text)) };
  }
  const names = "names" in change ? [...change.names] : [];
  if (change.kind === "remove") return { session, ...(await client.call(removeRulesMethod, { names })) };
  const enabled = change.kind === "enable";
  return { session, ...(await client.call(enableRulesMethod, { names, enabled })) };
}

async function ruleText(file: string): Promise<{ text: string; path: string; folder: string }> {
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    const why = systemCode(cause) ?? String(cause);
    throw new TrafficError("FILE_NOT_FOUND", `${file} can't be read (${why})`, { cause });
  });
  return { text, path: file, folder: dirname(resolve(file)) };
}
