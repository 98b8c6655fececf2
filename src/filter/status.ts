// Status conditions in their simplest form: a code (`404`) or a class (`5xx`).
import { TrafficError } from "../errors.js";

/**
 * @param text one or more of `404` and `5xx`, separated by commas
 * @throws TrafficError BAD_OPTION
 */
export function compileStatus(text: string): (status: number) => boolean {
  const conditions = text.split(",").map((part) => condition(part.trim(), text));
  return (status) => conditions.some((holds) => holds(status));
}

function condition(part: string, whole: string): (status: number) => boolean {
  const match = /^([1-9])(?:(\d\d)|xx)$/i.exec(part);
  if (match === null) {
    throw new TrafficError("BAD_OPTION", `'${whole}' is no status condition`, {
      hint: "use a code such as 404, a class such as 5xx, or several: 404,5xx",
    });
  }
  if (match[2] !== undefined) return (status) => status === Number(part);
  return (status) => Math.floor(status / 100) === Number(match[1]);
}
