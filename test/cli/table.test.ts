import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Column, renderTable } from "../../src/cli/table.js";

interface Row {
  readonly name: string;
  readonly count: number;
}
const columns: readonly Column<Row>[] = [
  { title: "NAME", value: ({ name }) => name, minWidth: 4 },
  { title: "COUNT", value: ({ count }) => String(count), align: "right" },
];
const rows: Row[] = [
  { name: "a long name", count: 7 },
  { name: "b", count: 12_345_678 },
];

describe("renderTable", () => {
  it("aligns, and makes columns as wide as they need", () => {
    expect(renderTable(rows, columns)).toBe(
      ["NAME            COUNT", "a long name         7", "b            12345678", ""].join("\n"),
    );
  });

  it("cuts what may be cut to fit", () => {
    expect(renderTable(rows, columns, { width: 16 })).toBe(
      ["NAME       COUNT", "a lon\u2026         7", "b       12345678", ""].join("\n"),
    );
    // No further than the column allows.
    expect(renderTable(rows, columns, { width: 3 }).split("\n")[1]).toBe("a l\u2026         7");
  });

  it("colours cells without counting the colour", () => {
    const painted = columns.map((column) => ({ ...column, paint: (text: string) => `<${text}>` }));
    expect(renderTable(rows, painted, { width: 16, paintTitle: (text) => `[${text}]` })).toBe(
      ["[NAME  ]  [   COUNT]", "<a lon\u2026>  <       7>", "<b     >  <12345678>", ""].join("\n"),
    );
  });

  it("lets no text steer the terminal or break the line", () => {
    const [, line] = renderTable([{ name: "\u001b[31m\r\nx\u009b", count: 1 }], columns).split("\n");
    expect(line).toBe("\ufffd[31m\ufffd\ufffdx\ufffd      1");
  });

  it("fits whatever the text, where the columns allow it", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: "grapheme" })),
        fc.integer({ min: 11, max: 60 }),
        (names, width) => {
          const text = renderTable(
            names.map((name) => ({ name, count: 1 })),
            columns,
            { width },
          );
          const lines = text.trimEnd().split("\n");
          expect(lines).toHaveLength(names.length + 1);
          for (const line of lines) expect([...line].length).toBeLessThanOrEqual(width);
        },
      ),
    );
  });
});
