// Times in the person's own zone.

/** `10:15:30.123` */
export function timeOfDay(date: Date): string {
  return `${clock(date)}.${String(date.getMilliseconds()).padStart(3, "0")}`;
}

/** `2026-11-20 10:15:30` of an ISO time. */
export function dayAndTime(iso: string): string {
  const date = new Date(iso);
  return `${[date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join("-")} ${clock(date)}`;
}

function clock(date: Date): string {
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":");
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
