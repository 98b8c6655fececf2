// A small bar plot for a terminal. Pure.

export interface Bar {
  readonly value: number;
  /** Part of `value` that is drawn in the warning colour. */
  readonly marked: number;
}

export interface PlotOptions {
  /** Lines of bars. */
  readonly height: number;
  /** Columns of the terminal; bars are two columns wide where there is room. */
  readonly width: number | undefined;
  readonly paint: (text: string) => string;
  readonly paintMarked: (text: string) => string;
}

const EIGHTHS = " ▁▂▃▄▅▆▇█";

/** @returns lines from top to bottom: the largest value to the left of the first, 0 to the left of the last. */
export function plotBars(bars: readonly Bar[], options: PlotOptions): string[] {
  const most = bars.reduce((largest, bar) => Math.max(largest, bar.value), 1);
  const label = String(most);
  const room = (options.width ?? 80) - label.length - 1;
  const columns = bars.length * 2 <= room ? 2 : 1;
  const lines: string[] = [];
  for (let row = options.height - 1; row >= 0; row--) {
    const cells = bars.map((bar) => cell(bar, row, most, options, columns));
    const left = row === options.height - 1 ? label : row === 0 ? "0".padStart(label.length) : "";
    lines.push(`${left.padEnd(label.length)} ${cells.join("")}`.trimEnd());
  }
  return lines;
}

function cell(bar: Bar, row: number, most: number, options: PlotOptions, columns: number): string {
  const eighths = (value: number): number => {
    // What happened is seen, however small.
    const whole = value === 0 ? 0 : Math.max(1, Math.round((value / most) * options.height * 8));
    return Math.max(0, Math.min(8, whole - row * 8));
  };
  const filled = eighths(bar.value);
  if (filled === 0) return " ".repeat(columns);
  const text = EIGHTHS[filled]!.repeat(columns);
  return eighths(bar.marked) > 0 ? options.paintMarked(text) : options.paint(text);
}
