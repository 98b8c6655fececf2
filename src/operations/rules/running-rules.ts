// `trafficctl rules list|add|update|remove|enable|disable`: the rules of a running proxy.
import {
  addRulesMethod,
  enableRulesMethod,
  listRulesMethod,
  type RunningRules,
  removeRulesMethod,
  updateRulesMethod,
} from "../../control/rule-methods.js";
import { readRuleFile } from "../../rules/load.js";
import { connectProxy, type ProxyReference } from "../control.js";

export interface RulesOfProxy extends RunningRules {
  readonly session: string;
}

/** Rules that are in no file, YAML or JSON. */
export interface RuleText {
  readonly text: string;
  /** That the files they name are relative to. */
  readonly folder: string;
  /** How mistakes name them. */
  readonly name: string;
}

type Change =
  /** Rules of a file, or of standard input (`-`): new ones, or in the place of those of their names. */
  | { readonly kind: "add" | "update"; readonly file: string }
  | { readonly kind: "add" | "update"; readonly rules: RuleText }
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
  const rules =
    "rules" in change ? change.rules : "file" in change ? await readRuleFile(change.file) : undefined;
  using client = await connectProxy(input);
  const { session } = client.proxy;
  if (rules !== undefined) {
    const { text, name: path, folder } = rules;
    const method = change.kind === "add" ? addRulesMethod : updateRulesMethod;
    return { session, ...(await client.call(method, { text, path, folder })) };
  }
  const names = "names" in change ? [...change.names] : [];
  if (change.kind === "remove") return { session, ...(await client.call(removeRulesMethod, { names })) };
  const enabled = change.kind === "enable";
  return { session, ...(await client.call(enableRulesMethod, { names, enabled })) };
}
