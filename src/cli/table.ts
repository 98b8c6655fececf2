// Tables for a terminal: columns as wide as their content, cut with "…" where they don't fit. Pure.

export interface Column<Row> {
  readonly title: string;
  readonly value: (row: Row) => string;
  /** Default left; numbers go right. */
  readonly align?: "left" | "right";
  /** Gives way when the table is too wide, down to `minWidth`. */
  readonly minWidth?: number;
  /** Colours a cell that has its final width. */
  readonly paint?: (text: string, row: Row) => string;
}

export interface TableOptions {
  /** Columns of the terminal; without it nothing is cut. */
  readonly width?: number | undefined;
  readonly paintTitle?: (text: string) => string;
}

const GAP = "  ";

/** A table whose columns have their widths. */
export interface TableLayout<Row> {
  /** The line of titles. */
  readonly head: string;
  /** A line for each row; a value that is wider than its column pushes the others. */
  readonly body: (rows: readonly Row[]) => string;
}

/** @returns a line of titles and one for each row, each ending in a newline. */
export function renderTable<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  options: TableOptions = {},
): string {
  const { head, body } = layOutTable(rows, columns, options);
  return head + body(rows);
}

/** @param sample rows that give the columns their widths: for a table that is written piece by piece, its first ones. */
export function layOutTable<Row>(
  sample: readonly Row[],
  columns: readonly Column<Row>[],
  options: TableOptions = {},
): TableLayout<Row> {
  const cellsOf = (row: Row): string[] => columns.map((column) => printable(column.value(row)));
  const natural = columns.map((column) => lengthOf(column.title));
  for (const row of sample) {
    for (const [i, text] of cellsOf(row).entries()) natural[i] = Math.max(natural[i]!, lengthOf(text));
  }
  const widths = fitWidths(natural, columns, options.width);
  const line = (texts: readonly string[], paint: (text: string, column: number) => string): string =>
    `${columns
      .map((column, i) => {
        const isLast = i === columns.length - 1;
        const text = options.width === undefined ? texts[i]! : cut(texts[i]!, widths[i]!);
        return paint(aligned(text, widths[i]!, column.align, isLast), i);
      })
      .join(GAP)}\n`;
  const paintTitle = options.paintTitle ?? ((text: string) => text);
  return {
    head: line(
      columns.map((column) => column.title),
      paintTitle,
    ),
    body: (rows) =>
      rows.map((row) => line(cellsOf(row), (text, i) => columns[i]!.paint?.(text, row) ?? text)).join(""),
  };
}

/** Takes what is too much from the columns that may shrink, the widest first. */
function fitWidths<Row>(
  natural: readonly number[],
  columns: readonly Column<Row>[],
  width: number | undefined,
): number[] {
  const widths = [...natural];
  if (width === undefined) return widths;
  const gaps = GAP.length * (columns.length - 1);
  let excess = widths.reduce((sum, w) => sum + w, gaps) - width;
  while (excess > 0) {
    const room = widths.map((w, i) => w - (columns[i]!.minWidth ?? w));
    const widest = room.reduce(
      (best, r, i) => (r > 0 && (best < 0 || widths[i]! > widths[best]!) ? i : best),
      -1,
    );
    if (widest < 0) break;
    widths[widest]!--;
    excess--;
  }
  return widths;
}

function cut(text: string, width: number): string {
  if (lengthOf(text) <= width) return text;
  return `${[...text].slice(0, Math.max(0, width - 1)).join("")}…`;
}

/** The last column gets no blanks behind it: they would wrap in a narrow terminal. */
function aligned(text: string, width: number, align: "left" | "right" = "left", isLast: boolean): string {
  const blanks = " ".repeat(Math.max(0, width - lengthOf(text)));
  if (align === "right") return blanks + text;
  return isLast ? text : text + blanks;
}

/** Nothing from a recording steers the terminal. */
function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, "\ufffd");
}

function lengthOf(text: string): number {
  return [...text].length;
}
