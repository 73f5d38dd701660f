/** Counts, sizes and durations as people read them. */

/** A count with a comma between thousands: `1,234,567`. */
export function countText(count: number): string {
  return String(Math.round(count)).replaceAll(/\B(?=(?:\d{3})+$)/gu, ",");
}

/** A count with what is counted: `1 row`, `2,000 rows`. */
export function countedText(count: number, what: string): string {
  return `${countText(count)} ${what}${Math.round(count) === 1 ? "" : "s"}`;
}

const units = ["kB", "MB", "GB", "TB", "PB"];

/** Bytes in decimal units: `999 B`, `1.2 kB`, `12.3 MB`. */
export function bytesText(bytes: number): string {
  if (bytes < 1000) return `${Math.round(bytes)} B`;
  let value = bytes / 1000;
  let index = 0;
  // What would round to 1000.0 is 1.0 of the next unit.
  while (value >= 999.95 && index < units.length - 1) {
    value /= 1000;
    index += 1;
  }
  return `${value.toFixed(1)} ${units[index] ?? ""}`;
}

/** A duration in its two largest units: `0 s`, `59 s`, `3 min 4 s`, `1 h 2 min`. */
export function durationText(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  if (minutes === 0) return `${seconds} s`;
  const hours = Math.floor(minutes / 60);
  return hours === 0 ? `${minutes} min ${seconds % 60} s` : `${hours} h ${minutes % 60} min`;
}

/** Rows for each second, on average; empty before there is a time to divide by. */
export function rateText(rows: number, elapsedMs: number): string {
  return elapsedMs < 1 ? "" : `${countText((rows * 1000) / elapsedMs)} rows/s`;
}
