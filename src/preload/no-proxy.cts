// NO_PROXY as curl, Python and Go read it: the hosts that a program reaches without the proxy.

interface Entry {
  readonly suffix: string;
  readonly port: number | undefined;
}

type Bypass = (host: string, port: number) => boolean;

/**
 * @param list comma or space separated: `*`, `example.com` and `.example.com` (with subdomains), `*.example.com`,
 *   `127.0.0.1`, `[::1]`, each with an optional `:port`
 * @returns whether a connection leaves the proxy aside
 */
function parse(list: string): Bypass {
  const entries: Entry[] = [];
  for (const text of list.toLowerCase().split(/[\s,]+/)) {
    if (text === "*") return () => true;
    const entry = parseEntry(text);
    if (entry.suffix !== "") entries.push(entry);
  }
  if (entries.length === 0) return () => false;
  return (host, port) => {
    const name = host.toLowerCase().replace(/\.$/, "");
    return entries.some(
      (entry) =>
        (entry.port === undefined || entry.port === port) &&
        (name === entry.suffix || name.endsWith(`.${entry.suffix}`)),
    );
  };
}

function parseEntry(text: string): Entry {
  const bracketed = /^\[([^\]]*)\](?::(\d+))?$/.exec(text);
  const named = bracketed ?? /^([^:]*)(?::(\d+))?$/.exec(text);
  const host = named?.[1] ?? text;
  const port = named?.[2];
  return { suffix: host.replace(/^\*?\./, ""), port: port === undefined ? undefined : Number(port) };
}

export = { parse };
