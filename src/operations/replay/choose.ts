// The exchanges that a replay is of.
import { TrafficError } from "../../errors.js";
import { query, type Selection } from "../query.js";
import type { ReplayInput } from "./types.js";

const DEFAULT_LIMIT = 100;

/** @throws EXCHANGE_NOT_FOUND where there is none, or an id means several; and what `query` throws. */
export async function chosenExchanges(input: ReplayInput): Promise<Selection> {
  const { id, limit = DEFAULT_LIMIT, onIndexing } = input;
  const filters = [input.filter ?? "", id === undefined ? "" : `~id "${id.replace(/["\\]/g, "\\$&")}"`];
  const selection = await query({
    home: input.home,
    words: input.words,
    ...(input.flags === undefined ? {} : { flags: input.flags }),
    filter: filters
      .filter((each) => each.trim() !== "")
      .map((each) => `(${each})`)
      .join(" "),
    limit: id === undefined ? limit : 2,
    signal: input.signal,
    onProgress: onIndexing && (({ what, done }) => what === "indexing" && onIndexing(done)),
  });
  const fault = choiceFault(selection, id);
  if (fault === undefined) return selection;
  await selection.close();
  throw fault;
}

function choiceFault({ total }: Selection, id: string | undefined): TrafficError | undefined {
  const hint = "`trafficctl query` with the same words shows what is chosen, --fields id,seq,url the ids";
  if (total === 0) {
    const what = id === undefined ? "there is no exchange to replay" : `there is no exchange '${id}'`;
    return new TrafficError("EXCHANGE_NOT_FOUND", what, { hint });
  }
  if (id === undefined || total === 1) return undefined;
  return new TrafficError("EXCHANGE_NOT_FOUND", `${total} exchanges are meant by '${id}'`, { hint });
}
