// The bodies that bench/redact.mjs reads: the sorts of traffic that redaction has to look at, the same in every run.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Numbers that are the same in every run (mulberry32). */
function randomFrom(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

export function createCorpus(seed = 7) {
  const random = randomFrom(seed);
  const below = (limit) => Math.floor(random() * limit);
  const pick = (list) => list[below(list.length)];
  const bytes = (length) => Buffer.from(Uint8Array.from({ length }, () => below(256)));
  const hex = (length) =>
    bytes(length / 2 + 1)
      .toString("hex")
      .slice(0, length);
  const uuid = () => `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`;
  const word = () => pick(WORDS);
  const words = (count) => Array.from({ length: count }, word).join(" ");
  const date = () => new Date(1.7e12 + below(1e10)).toISOString();

  const item = () => ({
    id: below(1e9),
    uuid: uuid(),
    name: words(2),
    type: word(),
    status: pick(["active", "closed", "pending"]),
    createdAt: date(),
    updated_at: date(),
    url: `https://api.example.com/v1/items/${below(1e6)}?page=${below(9)}&size=20`,
    description: words(30),
    price: below(10_000) / 100,
    tags: Array.from({ length: 4 }, word),
    owner: {
      id: uuid(),
      login: word(),
      email: `${word()}@example.com`,
      avatar_url: `https://cdn.example.com/a/${hex(32)}.png`,
    },
    flags: { enabled: true, archived: false, score: random() },
    html: `<p class="x">${words(8)}</p>`,
  });
  const list = (length) => ({ total: length, next: null, items: Array.from({ length }, item) });

  const bundles = () => {
    const folder = new URL(
      "../../node_modules/playwright-core/lib/vite/traceViewer/assets/",
      import.meta.url,
    );
    return readdirSync(folder)
      .filter((name) => name.endsWith(".js"))
      .map((name) => readFileSync(join(folder.pathname, name)))
      .filter((each) => each.length > 20_000);
  };
  const row = () =>
    `<div class="row item-${below(100)}" id="i${below(1e6)}" data-id="${uuid()}"><a href="/p/${word()}-${below(1e6)}?ref=list&amp;pos=${below(50)}" class="link" title="${words(3)}"><img src="https://cdn.example.com/i/${hex(32)}.jpg" alt="${words(2)}" loading="lazy"></a><p>${words(25)}</p><span style="color: #333; margin: 0 auto">${words(3)}</span></div>\n`;
  const page = () =>
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${words(4)}</title><link rel="stylesheet" href="/a.css"><script>window.__data = {page: 1, items: []}; function go(a){return a.b===1?{x:"y"}:null}</script></head><body>${Array.from({ length: 120 }, row).join("")}</body></html>`;
  const chunk = (content) =>
    `data: ${JSON.stringify({ id: "chatcmpl-1", object: "chat.completion.chunk", created: 1, model: "m-1", choices: [{ index: 0, delta: { content }, finish_reason: null }] })}\n\n`;

  const many = (count, make) => Array.from({ length: count }, make);
  const json = "application/json";
  /** By name: media type, and bodies without a secret. */
  return {
    "JSON API": { type: json, bodies: many(6, () => Buffer.from(JSON.stringify(list(80)))) },
    "JSON API, 2 KB": { type: json, bodies: many(200, () => Buffer.from(JSON.stringify(list(2)))) },
    "JSON, indented": { type: json, bodies: many(4, () => Buffer.from(JSON.stringify(list(80), null, 2))) },
    "JSON, escaped": {
      type: json,
      bodies: many(4, () =>
        Buffer.from(
          JSON.stringify(
            many(300, () => ({ n: below(99), text: `${words(6)} \u00e9t\u00e9\n${words(6)}` })),
          ).replaceAll("\u00e9", "\\u00e9"),
        ),
      ),
    },
    "UUID list": { type: json, bodies: many(4, () => Buffer.from(JSON.stringify(many(4000, uuid)))) },
    base64: {
      type: json,
      bodies: many(4, () =>
        Buffer.from(JSON.stringify({ name: "a.png", data: bytes(120_000).toString("base64") })),
      ),
    },
    HTML: { type: "text/html; charset=utf-8", bodies: many(6, () => Buffer.from(page())) },
    "JS bundles": { type: "application/javascript", bodies: bundles() },
    CSS: {
      type: "text/css",
      bodies: many(4, () =>
        Buffer.from(
          many(
            1500,
            () =>
              `.${word()}-${hex(5)}{color:#${hex(6)};margin:0 ${below(9)}px;background:url(/i/${word()}.png)}`,
          ).join(""),
        ),
      ),
    },
    "plain text": {
      type: "text/plain",
      bodies: many(4, () => Buffer.from(many(2000, () => `${words(12)}.`).join("\n"))),
    },
    log: {
      type: "text/plain",
      bodies: many(4, () =>
        Buffer.from(
          many(
            1200,
            () =>
              `${date()} INFO [${word()}] request_id=${uuid()} path=/v1/${word()} status=200 time=${below(99)}ms`,
          ).join("\n"),
        ),
      ),
    },
    events: {
      type: "text/event-stream",
      bodies: many(4, () => Buffer.from(many(900, () => chunk(` ${word()}`)).join(""))),
    },
    XML: {
      type: "application/xml",
      bodies: many(4, () =>
        Buffer.from(
          `<?xml version="1.0"?><items>${many(600, () => `<item id="${below(1e6)}"><name>${words(2)}</name><link>https://example.com/${word()}</link><date>${date()}</date><text>${words(14)}</text></item>`).join("")}</items>`,
        ),
      ),
    },
    form: {
      type: "application/x-www-form-urlencoded",
      bodies: many(40, () =>
        Buffer.from(new URLSearchParams(many(60, (_, at) => [`${word()}_${at}`, words(5)])).toString()),
      ),
    },
    picture: { type: "image/png", bodies: many(4, () => bytes(300_000)) },
    "bytes with text": {
      type: "application/octet-stream",
      bodies: many(4, () =>
        Buffer.concat(many(900, () => Buffer.concat([bytes(60), Buffer.from(words(30))]))),
      ),
    },
  };
}

/** A JSON body with so many secrets, as an answer that gives tokens has them. */
export function bodyWithSecrets(count) {
  const random = randomFrom(count);
  const token = () =>
    Array.from({ length: 32 }, () => LETTERS[Math.floor(random() * LETTERS.length)]).join("");
  return Buffer.from(
    JSON.stringify(Array.from({ length: count }, () => ({ access_token: `${token()}9aZ` }))),
  );
}

const LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

const WORDS =
  "the of and to in is you that it he was for on are with as his they be at one have this from or had by hot but some what there we can out other were all your when up use word how said an each she which do their time if will way about many then them would write like so these her long make thing see him two has look more day could go come did my sound no most number who over know water than call first people may down side been now find any new work part take get place made live where after back little only round man year came show every good me give our under name very through just form much great think say help low line before turn cause same mean differ move right boy old too does tell sentence set three want air well also play small end put home read hand port large spell add even land here must big high such follow act why ask men change went light kind off need house picture try us again animal point mother world near build self earth father head stand own page should country found answer school grow study still learn plant cover food sun four thought let keep eye never last door between city tree cross since hard start might story saw far sea draw left late run while press close night real life few stop open seem together next white children begin got walk example ease paper often always music those both mark book letter until mile river car feet care second group carry took rain eat room friend began idea fish mountain north once base hear horse cut sure watch color face wood main".split(
    " ",
  );
