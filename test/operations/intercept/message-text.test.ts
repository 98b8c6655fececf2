// Held messages as text, there and back: nothing that was not touched is an edit.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { editOf, messageText } from "../../../src/operations/intercept/message-text.js";

type Shown = Parameters<typeof messageText>[0];

function request(fields: Partial<Shown["message"]> = {}): Shown {
  return {
    phase: "request",
    message: {
      method: "POST",
      url: "https://a.test/x?y=1",
      httpVersion: "HTTP/1.1",
      status: null,
      reason: "",
      headers: [
        ["Host", "a.test"],
        ["Content-Type", "text/plain"],
      ],
      body: Buffer.from("a\nb").toString("base64"),
      note: null,
      ...fields,
    },
  };
}

const response = (fields: Partial<Shown["message"]> = {}): Shown => ({
  phase: "response",
  message: { ...request().message, status: 404, reason: "Not Found", ...fields },
});

const binary = (): Shown => request({ body: Buffer.from([0, 255, 10]).toString("base64") });

const changed = (shown: Shown, change: (text: string) => string): unknown =>
  editOf(Buffer.from(change(messageText(shown, ["a remark"]).toString("latin1")), "latin1"), shown);

describe("an edit", () => {
  test.each<[string, Shown, (text: string) => string, unknown]>([
    ["nothing", request(), (text) => text, undefined],
    ["emptied", request(), () => "", undefined],
    ["only the remarks are left", request(), () => "# a remark\n\n", undefined],
    ["a line end that the editor adds", request(), (text) => `${text}\n`, undefined],
    [
      "line ends of Windows in the head",
      request(),
      (text) => text.replace(/\n(?=[\s\S]*\n\n)/g, "\r\n"),
      undefined,
    ],
    ["the method", request(), (text) => text.replace("POST", "PUT"), { method: "PUT" }],
    ["the URL", request(), (text) => text.replace("y=1", "y=2"), { url: "https://a.test/x?y=2" }],
    [
      "a field less",
      request(),
      (text) => text.replace("Content-Type: text/plain\n", ""),
      { headers: [["Host", "a.test"]] },
    ],
    [
      "the body",
      request(),
      (text) => text.replace("a\nb", "c"),
      { body: Buffer.from("c").toString("base64") },
    ],
    ["no body", request(), (text) => text.replace("\n\na\nb", "\n"), { body: "" }],
    [
      "the status",
      response(),
      (text) => text.replace("404 Not Found", "200 OK"),
      { status: 200, reason: "OK" },
    ],
    ["a version", response(), (text) => text.replace("404 Not", "HTTP/1.1 404 Not"), undefined],
    [
      "a body that is not at hand, and its line without its end",
      request({ body: null, note: "too large" }),
      (text) => text.replace("y=1", "y=2").trimEnd(),
      { url: "https://a.test/x?y=2" },
    ],
    [
      "bytes that are no text, by text",
      binary(),
      (text) => text.replace(/\[3 bytes.*\n/, "ab"),
      { body: "YWI=" },
    ],
    [
      "a URL beyond ASCII, as UTF-8",
      request(),
      (text) => text.replace("y=1", "y=\xc3\xa4"),
      { url: "https://a.test/x?y=ä" },
    ],
    [
      "a URL of other bytes",
      request(),
      (text) => text.replace("y=1", "y=\xe4"),
      { url: "https://a.test/x?y=\xe4" },
    ],
    ["a reason with blanks around it", response({ reason: " Not  Found " }), (text) => text, undefined],
  ])("%s", (_, shown, change, edit) => {
    expect(changed(shown, change)).toEqual(edit);
  });

  test.each<[Shown, (text: string) => string, string]>([
    [request(), (text) => text.replace("POST ", "POST"), "line 2: this is no request line"],
    [response(), (text) => text.replace("404", "99"), "line 2: this is no status line"],
    [request(), (text) => text.replace("Host: ", "Host "), "line 3: this is no header field"],
    [
      request({ body: null, note: "the body is too large" }),
      (text) => `${text}x`,
      "line 6: the body is too large",
    ],
    [
      request({ body: null, note: "the body is too large" }),
      (text) => text.replace(/\n\n.*/, ""),
      "line 6: the body is too large",
    ],
    [binary(), (text) => `${text}x`, "line 6: this line stands for bytes that are no text"],
  ])("%#", (shown, change, message) => {
    expect(() => changed(shown, change)).toThrow(message);
  });
});

test("any body, and any bytes in fields, stay what they are", () => {
  const value = fc.string({
    unit: fc.integer({ min: 0x21, max: 0xff }).map((code) => String.fromCharCode(code)),
  });
  fc.assert(
    fc.property(
      fc.uint8Array(),
      value,
      fc.constantFrom("text/plain", "image/png", ""),
      (bytes, field, type) => {
        const headers: [string, string][] = [
          ["X-Value", field],
          ["Content-Type", type],
        ];
        const shown = request({ headers, body: Buffer.from(bytes).toString("base64") });
        expect(editOf(messageText(shown, ["one", "two"]), shown)).toBeUndefined();
      },
    ),
  );
});
