// Server-sent events: the examples of the standard and the web platform tests' cases, places and times.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseEvents, timesOf } from "../../src/content/events.js";

const brief = (text: string | Buffer) => parseEvents(text).map(({ event, data, id }) => [event, data, id]);

describe("parseEvents", () => {
  test.each<[name: string, stream: string, expected: string[][]]>([
    ["two lines of data", "data: YHOO\ndata: +2\ndata: 10\n\n", [["message", "YHOO\n+2\n10", ""]]],
    [
      "comment, ids, a space kept",
      ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n",
      [
        ["message", "first event", "1"],
        ["message", "second event", ""],
        ["message", " third event", ""],
      ],
    ],
    [
      "empty data makes events",
      "data\n\ndata\ndata\n\ndata:\n\n",
      [
        ["message", "", ""],
        ["message", "\n", ""],
        ["message", "", ""],
      ],
    ],
    [
      "a space after the colon only",
      "data:test\n\ndata: test\n\n",
      [
        ["message", "test", ""],
        ["message", "test", ""],
      ],
    ],
    [
      "names",
      "event: add\ndata: 1\n\nevent: x\n\ndata: 2\n\n",
      [
        ["add", "1", ""],
        ["message", "2", ""],
      ],
    ],
    [
      "line ends of all kinds",
      "data: a\r\ndata: b\rdata: c\n\r\ndata: d\r\rdata: e\n\n",
      [
        ["message", "a\nb\nc", ""],
        ["message", "d", ""],
        ["message", "e", ""],
      ],
    ],
    [
      "an id stays",
      "id: 7\ndata: a\n\ndata: b\n\n",
      [
        ["message", "a", "7"],
        ["message", "b", "7"],
      ],
    ],
    ["an id without data stays as well", "id: 7\n\ndata: b\n\n", [["message", "b", "7"]]],
    [
      "an id with NUL is ignored",
      "id: 1\ndata: a\n\nid: 2\0\ndata: b\n\n",
      [
        ["message", "a", "1"],
        ["message", "b", "1"],
      ],
    ],
    ["one byte order mark", "\ufeffdata: a\n\n", [["message", "a", ""]]],
    ["not two", "\ufeff\ufeffdata: a\n\n", []],
    [
      "unknown fields, wrong case, leading space",
      "DATA: x\n data: y\nfoo: z\ndata: a\n\n",
      [["message", "a", ""]],
    ],
    ["NUL in data", "data: a\0b\n\n", [["message", "a\0b", ""]]],
    ["nothing", "", []],
  ])("%s", (_name, stream, expected) => {
    expect(brief(stream)).toEqual(expected);
    expect(brief(Buffer.from(stream))).toEqual(expected);
  });

  test("retry and comments belong to the event after them", () => {
    expect(parseEvents(":one\nretry: 1500\nretry: 2x\n\n: two\ndata: a\n\ndata: b\n\n")).toEqual([
      { event: "message", data: "a", id: "", retry: 1500, comments: ["one", "two"], start: 0, end: 43 },
      { event: "message", data: "b", id: "", start: 43, end: 52 },
    ]);
  });

  test("what has no blank line after it is incomplete", () => {
    expect(parseEvents("data: a\n\nevent: x\ndata: b")).toEqual([
      { event: "message", data: "a", id: "", start: 0, end: 9 },
      { event: "x", data: "b", id: "", start: 9, end: 25, incomplete: true },
    ]);
  });

  test("places are bytes, one behind the other, in any stream", () => {
    const line = fc.constantFrom("data: é", "data", ":c", "id: 1", "event: x", "", "retry: 3", "x");
    fc.assert(
      fc.property(fc.array(fc.tuple(line, fc.constantFrom("\n", "\r", "\r\n"))), (lines) => {
        const bytes = Buffer.from(lines.flat().join(""));
        const events = parseEvents(bytes);
        let last = 0;
        for (const { start, end } of events) {
          expect(start).toBeGreaterThanOrEqual(last);
          expect(end).toBeGreaterThan(start);
          last = end;
        }
        expect(last).toBeLessThanOrEqual(bytes.length);
        for (const event of events.filter(({ incomplete }) => !incomplete)) {
          const alone = parseEvents(bytes.subarray(event.start, event.end));
          expect(alone.map(({ event, data }) => [event, data])).toEqual([[event.event, event.data]]);
        }
      }),
    );
  });
});

test("timesOf takes the time at which an event's last byte came", () => {
  const events = parseEvents("data: a\n\ndata: b\n\ndata: c\n\n");
  expect(
    timesOf(events, [
      [10, 5],
      [20, 4],
      [30, 10],
      [40, 8],
    ]),
  ).toEqual([20, 30, 40]);
  expect(timesOf(events, [[10, 27]])).toEqual([10, 10, 10]);
  expect(timesOf(events, [[10, 9]])).toEqual([10, null, null]);
  expect(timesOf(events, [])).toEqual([null, null, null]);
});
