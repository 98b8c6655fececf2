// A day of work in a browser and with APIs as HAR items, for bench/redact-export.mjs: every exchange has the headers that
// browsers and servers send, cookies and tokens that stay for a while, and another body than those before it.
import { createCorpus } from "./corpus.mjs";

/** Shares of the bytes, by the names of the corpus. */
const SHARES = {
  "JSON API": 20,
  "JSON API, 2 KB": 15,
  "JSON, indented": 3,
  "JSON, escaped": 2,
  HTML: 12,
  "JS bundles": 16,
  CSS: 4,
  "plain text": 1,
  log: 1,
  events: 6,
  XML: 2,
  form: 2,
  picture: 14,
  "bytes with text": 2,
};
/** Sorts of which two of three bodies come as they are. */
const CACHED = new Set(["JS bundles", "CSS", "picture"]);
const ALPHANUMERIC = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

export function* traffic(megabytes, entryOf) {
  let state = 42;
  const below = (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 4294967296) * limit);
  };
  const token = (length) => Array.from({ length }, () => ALPHANUMERIC[below(62)]).join("");
  const hex = (length) => Array.from({ length }, () => below(16).toString(16)).join("");
  const corpus = createCorpus();
  const done = Object.fromEntries(Object.keys(SHARES).map((name) => [name, 0]));
  const counts = { ...done };
  const behind = () =>
    Object.keys(SHARES).reduce((one, other) =>
      done[one] / SHARES[one] <= done[other] / SHARES[other] ? one : other,
    );
  const login = () => ({
    cookie: `theme=dark; _ga=GA1.2.${below(1e9)}.${below(1e9)}; sessionid=${token(32)}; csrftoken=${token(32)}`,
    bearer: `Bearer ${token(40)}`,
  });

  let who = login();
  let total = 0;
  for (let index = 1; total < megabytes * 1e6; index++) {
    if (index % 200 === 0) who = login();
    const sort = behind();
    const { type, bodies } = corpus[sort];
    const count = counts[sort]++;
    let body = bodies[count % bodies.length];
    if (!CACHED.has(sort) || count % 3 === 0) body = varied(body, count);
    const isApi = /json|event/.test(type);
    if (index % 100 === 0 && sort.startsWith("JSON API"))
      body = Buffer.from(`{"access_token":"${token(40)}","expires_in":3600,${body.toString().slice(1)}`);
    const isForm = sort === "form";
    const host = isApi ? "api.example.com" : "www.example.com";
    const path = isApi
      ? `/v1/items/${below(1e6)}?page=${below(9)}&size=20`
      : `/static/${hex(8)}/${token(6)}.${below(9)}?v=${hex(8)}`;
    const method = isForm ? "POST" : "GET";
    const asked = [
      [":method", method],
      [":authority", host],
      [":scheme", "https"],
      [":path", path],
      ["accept", "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"],
      ["accept-encoding", "gzip, deflate, br, zstd"],
      ["accept-language", "en-US,en;q=0.9"],
      ["cookie", who.cookie],
      ["referer", `https://www.example.com/p/${below(50)}?tab=${below(5)}`],
      ["sec-ch-ua", '"Chromium";v="130", "Not?A_Brand";v="99"'],
      ["sec-fetch-mode", "cors"],
      ["user-agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0"],
      ...(isApi
        ? [
            ["authorization", who.bearer],
            ["x-request-id", `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`],
          ]
        : []),
      ...(isForm ? [["content-type", type]] : []),
    ];
    const answered = [
      [":status", "200"],
      ["content-type", type],
      ["date", new Date(1.7e12 + index * 1000).toUTCString()],
      ["etag", `W/"${hex(20)}"`],
      ["server", "nginx"],
      ["cache-control", "max-age=0, private, must-revalidate"],
      ["content-length", String(body.length)],
      ["strict-transport-security", "max-age=31536000; includeSubDomains; preload"],
      ["vary", "Accept-Encoding, Origin"],
      ["content-security-policy", "default-src 'none'; script-src 'self' https://cdn.example.com"],
      ["x-runtime", (below(1e6) / 1e6).toFixed(6)],
      ["cf-ray", `${hex(16)}-FRA`],
      ...(index % 20 === 0 ? [["set-cookie", `sessionid=${token(32)}; Path=/; HttpOnly; Secure`]] : []),
    ];
    const empty = { kind: "empty", size: 0 };
    done[sort] += body.length;
    total += body.length + 3000;
    yield entryOf({
      exchange: {
        kind: "http",
        id: "0".repeat(26),
        seq: index,
        startedAt: new Date(1.7e12 + index).toISOString(),
        duration: 24.5,
        request: {
          method,
          url: `https://${host}${path}`,
          target: path,
          httpVersion: "HTTP/2",
          headers: asked,
          headersSize: 900,
          body: empty,
        },
        response: {
          status: 200,
          reason: "",
          httpVersion: "HTTP/2",
          headers: answered,
          headersSize: 700,
          body: empty,
        },
        timings: { blocked: 1, dns: -1, connect: -1, ssl: -1, send: 0.5, wait: 20, receive: 3 },
      },
      open: false,
      requestContent: isForm ? { bytes: body } : {},
      responseContent: isForm ? { bytes: Buffer.from('{"ok":true}') } : { bytes: body },
    });
  }
}

/** A copy whose last three bytes that are letters are a number. */
function varied(body, number) {
  const copy = Buffer.from(body);
  const at = copy.lastIndexOf("the");
  if (at !== -1) copy.write(number.toString(36).padStart(3, "z").slice(-3), at, "latin1");
  else copy.writeUInt16LE(0x6161 + (number % 20), copy.length >> 1);
  return copy;
}
