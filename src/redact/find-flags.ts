// Finds credentials on command lines that stand in texts: `--password x`, `curl -u user:x`.
import type { Scan } from "./scan.js";
import { isBlank } from "./values.js";

const FLAG = /--([A-Za-z][\w-]{1,40}) +(?:\\?["'])?([^\s"'\\-][^\s"'\\]{3,2000})/y;
const USER = / (?:-u|--user|--proxy-user) *(?:\\?["'])?([\w.@+-]{1,100}):([^\s"'\\]{3,2000})/y;

export function findFlags(scan: Scan): void {
  const { text, work } = scan;
  for (let at = text.indexOf("--"); at !== -1; at = text.indexOf("--", at + 2)) {
    FLAG.lastIndex = at;
    const match = FLAG.exec(text);
    if (match === null || isBlank(match[2]!) || work.names.of(match[1]!) !== "secret") continue;
    scan.secret(FLAG.lastIndex - match[2]!.length, FLAG.lastIndex, "text", match[2]!, "secret");
  }
  for (let at = text.indexOf(" -"); at !== -1; at = text.indexOf(" -", at + 2)) {
    USER.lastIndex = at;
    const password = USER.exec(text)?.[2];
    if (password === undefined || isBlank(password)) continue;
    scan.secret(USER.lastIndex - password.length, USER.lastIndex, "text", password, "secret");
  }
}
