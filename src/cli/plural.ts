// Counts in words.

/** `1 exchange`, `2 exchanges`. */
export function plural(count: number, noun: string, several = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : several}`;
}
