import { describe, expect, test } from "vitest";
import { responseFraming } from "../../../src/proxy/http1/framing.js";
import { parseRequestHead, parseResponseHead } from "../../../src/proxy/http1/head.js";
import { MalformedMessage } from "../../../src/proxy/http1/malformed.js";
import { forwardedHead } from "../../../src/proxy/http1/rewrite.js";

const bytes = (text: string) => Buffer.from(text, "latin1");
const request = (...lines: string[]) => parseRequestHead(bytes(`${lines.join("\r\n")}\r\n\r\n`));
const response = (...lines: string[]) => parseResponseHead(bytes(`${lines.join("\r\n")}\r\n\r\n`));

describe("a request head", () => {
  test("keeps names, order, duplicates, empty and latin-1 values", () => {
    const head = request(
      "GET /a HTTP/1.1",
      "HOST: x",
      "Cookie: a=1",
      "cookie: b=2",
      "X-Empty:",
      "X-L: caf\xe9",
      "X-Sp: \t v \t",
    );
    expect(head.headers).toEqual([
      ["HOST", "x"],
      ["Cookie", "a=1"],
      ["cookie", "b=2"],
      ["X-Empty", ""],
      ["X-L", "caf\xe9"],
      ["X-Sp", "v"],
    ]);
  });

  test.each(["/", "//a", "/a%2Fb", "/?q=%zz", "/?", "/|{}", "*", "http://h:1/x", "/\xe9"])(
    "target %j as sent",
    (target) => {
      expect(request(`GET ${target} HTTP/1.1`, "Host: x").target).toBe(target);
    },
  );

  test.each([
    ["no version", "GET /"],
    ["two spaces", "GET  / HTTP/1.1"],
    ["a space in the target", "GET /a b HTTP/1.1"],
    ["a tab in the target", "GET /a\tb HTTP/1.1"],
    ["a strange method", "G(T / HTTP/1.1"],
    ["an unknown protocol", "GET / HTPP/1.1"],
    ["a version without a dot", "GET / HTTP/11"],
  ])("refuses %s", (_name, line) => {
    expect(() => request(line, "Host: x")).toThrow(MalformedMessage);
  });

  test.each([
    ["a space before the colon", "Host : x"],
    ["no colon", "Host"],
    ["an empty name", ": x"],
    ["a folded line", "X: a\r\n b"],
    ["a NUL", "X: a\0b"],
    ["a bare CR", "X: a\rb"],
    ["a bare LF", "X: a\nY: b"],
    ["a control character in a name", "X\x01: a"],
    ["a second Host", "Host: a\r\nHost: b"],
    ["a Transfer-Encoding that is not chunked", "Transfer-Encoding: xchunked"],
    ["chunked twice", "Transfer-Encoding: chunked, chunked"],
    ["gzip as transfer coding", "Transfer-Encoding: gzip, chunked"],
    ["both lengths", "Content-Length: 3\r\nTransfer-Encoding: chunked"],
    ["two lengths", "Content-Length: 3\r\nContent-Length: 3"],
    ["a list of lengths", "Content-Length: 3, 3"],
    ["a negative length", "Content-Length: -1"],
    ["a signed length", "Content-Length: +1"],
    ["a hexadecimal length", "Content-Length: 0x10"],
    ["an empty length", "Content-Length:"],
    ["an absurd length", "Content-Length: 9999999999999999999"],
  ])("refuses %s", (_name, line) => {
    expect(() => request("POST / HTTP/1.1", line)).toThrow(MalformedMessage);
  });

  test("another major version is 505", () => {
    expect(() => request("GET / HTTP/2.0", "Host: x")).toThrow(expect.objectContaining({ status: 505 }));
  });

  test("Transfer-Encoding in HTTP/1.0 is refused, since 1.0 peers ignore it", () => {
    expect(() => request("POST / HTTP/1.0", "Transfer-Encoding: chunked")).toThrow(MalformedMessage);
  });
});

describe("forwarding", () => {
  test("the very bytes where nothing is for the proxy", () => {
    const head = request("GET /a HTTP/1.1", "hOST:x", "A:  1");
    expect(forwardedHead(head, "/a", true)).toBe(head.bytes);
  });

  test("only the target changes and only Proxy-* go", () => {
    const head = request(
      "GET http://h/a HTTP/1.1",
      "hOST:x",
      "Proxy-Connection: keep-alive",
      "A:  1",
      "proxy-authorization: Basic x",
    );
    expect(forwardedHead(head, "/a", true).toString("latin1")).toBe(
      "GET /a HTTP/1.1\r\nhOST:x\r\nA:  1\r\n\r\n",
    );
  });
  test("the close of Connection stays on this hop, the rest of the line goes on", () => {
    const forwarded = (...lines: string[]) =>
      forwardedHead(request("GET / HTTP/1.1", ...lines), "/", true).toString("latin1");
    expect(forwarded("A: 1", "Connection: close", "B: 2")).toBe("GET / HTTP/1.1\r\nA: 1\r\nB: 2\r\n\r\n");
    expect(forwarded("connection:close, TE", "TE: trailers")).toBe(
      "GET / HTTP/1.1\r\nconnection: TE\r\nTE: trailers\r\n\r\n",
    );
    expect(forwarded("X-Connection: close")).toBe("GET / HTTP/1.1\r\nX-Connection: close\r\n\r\n");
  });
});

describe("a response head", () => {
  test("reason phrase, unusual codes, none at all", () => {
    expect(response("HTTP/1.1 299 It's   odd")).toMatchObject({ status: 299, reason: "It's   odd" });
    expect(response("HTTP/1.1 200 ")).toMatchObject({ status: 200, reason: "" });
    expect(response("HTTP/1.0 200")).toMatchObject({ status: 200, reason: "", httpVersion: "HTTP/1.0" });
  });

  test.each([
    "HTTP/1.1 20 OK",
    "HTTP/1.1 abc OK",
    "HTTP/2 200 OK",
    "ICY 200 OK",
    "HTTP/1.1  200 OK",
    "HTTP/1.1 099 x",
  ])("refuses %j", (line) => {
    expect(() => response(line)).toThrow(MalformedMessage);
  });

  test("bare line feeds and folded lines are read and written anew, in one reading", () => {
    const head = parseResponseHead(bytes("HTTP/1.1 200 OK\nA: 1\r\n  2\nB: 3\n\n"));
    expect(head.headers).toEqual([
      ["A", "1 2"],
      ["B", "3"],
    ]);
    expect(head.bytes.toString("latin1")).toBe("HTTP/1.1 200 OK\r\nA: 1 2\r\nB: 3\r\n\r\n");
  });

  test.each([
    ["HEAD", 200, "Content-Length: 5", "none"],
    ["GET", 204, "Content-Length: 5", "none"],
    ["GET", 304, "Content-Length: 5", "none"],
    ["GET", 200, "Content-Length: 5", "length"],
    ["GET", 200, "Content-Length: 0", "none"],
    ["GET", 200, "Transfer-Encoding: chunked", "chunked"],
    ["GET", 200, "Transfer-Encoding: gzip", "close"],
    ["GET", 200, "X: y", "close"],
    ["GET", 200, "Content-Length: 5\r\nContent-Length: 5", "length"],
  ] as const)("%s %d with %j is framed by %s", (method, status, line, kind) => {
    const head = response(`HTTP/1.1 ${status} x`, line);
    expect(responseFraming(method, status, head.facts).kind).toBe(kind);
  });

  test("lengths that differ are refused", () => {
    const head = response("HTTP/1.1 200 x", "Content-Length: 5", "Content-Length: 6");
    expect(() => responseFraming("GET", 200, head.facts)).toThrow(MalformedMessage);
  });
});
