// The dates of Expires (RFC 6265 section 5.1.1), which come in every form that was ever in use.

const DELIMITERS = /[\t\x20-\x2f\x3b-\x40\x5b-\x60\x7b-\x7e]+/;
const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/** @returns milliseconds since 1970, or null for what is not a date. */
export function parseCookieDate(text: string): number | null {
  let time: readonly [number, number, number] | undefined;
  let day: number | undefined;
  let month: number | undefined;
  let year: number | undefined;
  // The order of these tests is the RFC's.
  for (const token of text.slice(0, 200).split(DELIMITERS)) {
    const clock = /^(\d{1,2}):(\d{1,2}):(\d{1,2})(?:\D|$)/.exec(token);
    if (time === undefined && clock !== null) {
      time = [Number(clock[1]), Number(clock[2]), Number(clock[3])];
      continue;
    }
    const number = /^(\d{1,4})(?:\D|$)/.exec(token)?.[1];
    if (day === undefined && number !== undefined && number.length <= 2) day = Number(number);
    else if (month === undefined && MONTHS.includes(token.slice(0, 3).toLowerCase())) {
      month = MONTHS.indexOf(token.slice(0, 3).toLowerCase());
    } else if (year === undefined && number !== undefined && (number.length === 2 || number.length === 4)) {
      year = fullYear(Number(number));
    }
  }
  if (time === undefined || day === undefined || month === undefined || year === undefined) return null;
  const [hour, minute, second] = time;
  if (day < 1 || day > 31 || year < 1601 || hour > 23 || minute > 59 || second > 59) return null;
  const date = Date.UTC(year, month, day, hour, minute, second);
  return new Date(date).getUTCDate() === day ? date : null;
}

function fullYear(year: number): number {
  if (year >= 70 && year <= 99) return year + 1900;
  return year <= 69 ? year + 2000 : year;
}
