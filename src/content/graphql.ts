// GraphQL over HTTP: which operation a request asks for, with its variables as they were sent.
import { isJson, jsonMembers } from "./json-tokens.js";
import { parseQuery } from "./query.js";

export interface GraphqlOperation {
  /** `query`, `mutation`, `subscription`; absent where only a persisted query's hash was sent. */
  readonly type?: string;
  readonly name?: string;
  /** The document as sent. */
  readonly query?: string;
  /** JSON as sent; absent where there are none. */
  readonly variables?: string;
  /** JSON as sent, such as a persisted query's hash. */
  readonly extensions?: string;
}

const MOST_OPERATIONS = 1000;

/** Operations of a JSON body, one or a batch; null where it is not GraphQL. */
export function graphqlOfJson(text: string): GraphqlOperation[] | null {
  const batch = text.trimStart().startsWith("[");
  const texts = batch ? batchItems(text) : [text];
  if (texts === null || texts.length === 0) return null;
  const operations = texts
    .slice(0, MOST_OPERATIONS)
    .map((item) => operationOf(new Map(jsonMembers(item) ?? [])));
  return operations.every((operation) => operation !== null) ? operations : null;
}

/** The operation of a GET request, in its URL's parameters; null where there is none. */
export function graphqlOfUrl(url: string): GraphqlOperation[] | null {
  const parameters = new Map<string, string>();
  for (const { name, value } of parseQuery(url)) {
    const isText = name === "query" || name === "operationName";
    if (isText) parameters.set(name, JSON.stringify(value));
    else if (isJson(value)) parameters.set(name, value);
  }
  const operation = operationOf(parameters);
  return operation === null ? null : [operation];
}

/** The operation of an `application/graphql` body. */
export function graphqlOfDocument(text: string): GraphqlOperation[] {
  return [{ ...operationHead(text, undefined), query: text }];
}

function batchItems(text: string): string[] | null {
  if (!isJson(text)) return null;
  const value: unknown = JSON.parse(text);
  if (!Array.isArray(value) || value.length > MOST_OPERATIONS) return null;
  // Taken from the text again, where numbers have all their digits.
  const items = splitItems(text);
  return items.length === value.length ? items : null;
}

function splitItems(text: string): string[] {
  const items: string[] = [];
  let depth = 0;
  let start = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (quoted) {
      if (character === "\\") at++;
      else if (character === '"') quoted = false;
      continue;
    }
    if (character === '"') quoted = true;
    else if (character === "{" || character === "[") {
      if (depth++ === 1) start = at;
    } else if (character === "}" || character === "]") {
      if (--depth === 1) items.push(text.slice(start, at + 1));
    }
  }
  return items;
}

/** @param members values are JSON. */
function operationOf(members: ReadonlyMap<string, string>): GraphqlOperation | null {
  const query = stringOf(members.get("query"));
  const name = stringOf(members.get("operationName"));
  const variables = present(members.get("variables"));
  const extensions = present(members.get("extensions"));
  const isDocument =
    query !== undefined &&
    /^(?:[\s,\ufeff]|#[^\n]*\n)*(?:query|mutation|subscription|fragment|\{)/.test(query);
  const isPersisted = query === undefined && extensions?.includes('"persistedQuery"') === true;
  if (!isDocument && !isPersisted) return null;
  return {
    ...(query === undefined
      ? name === undefined
        ? {}
        : { name }
      : { ...operationHead(query, name), query }),
    ...(variables === undefined ? {} : { variables }),
    ...(extensions === undefined ? {} : { extensions }),
  };
}

/** Kind and name of the operation that runs: the named one, else the first. */
function operationHead(query: string, name: string | undefined): { type?: string; name?: string } {
  const bare = query.replace(/"""[\s\S]*?(?:"""|$)|"(?:[^"\\\n]|\\.)*"?|#[^\n]*/g, "");
  const heads = [...bare.matchAll(/(?:^|[}\s])(query|mutation|subscription)\b\s*([_A-Za-z]\w*)?/g)];
  const head = heads.find((match) => name !== undefined && match[2] === name) ?? heads[0];
  const found = name ?? head?.[2];
  return { type: head?.[1] ?? "query", ...(found === undefined ? {} : { name: found }) };
}

function stringOf(json: string | undefined): string | undefined {
  const value: unknown = json === undefined ? undefined : JSON.parse(json);
  return typeof value === "string" && value !== "" ? value : undefined;
}

function present(json: string | undefined): string | undefined {
  return json === undefined || json === "null" || json === "{}" ? undefined : json;
}
