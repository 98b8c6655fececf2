// The dynamic table of HPACK (RFC 7541 sections 2.3.2 and 4): entries by age, newest first, within a capacity in octets.

export class DynamicTable<Entry extends { readonly size: number }> {
  readonly #onEvict: ((entry: Entry, sequence: number) => void) | undefined;
  /** Oldest first from `#first` on; slots before it are empty and cut off now and then. */
  #entries: (Entry | undefined)[] = [];
  #first = 0;
  #size = 0;
  #capacity: number;
  #added = 0;

  constructor(capacity: number, onEvict?: (entry: Entry, sequence: number) => void) {
    this.#capacity = capacity;
    this.#onEvict = onEvict;
  }

  get capacity(): number {
    return this.#capacity;
  }

  get length(): number {
    return this.#entries.length - this.#first;
  }

  get size(): number {
    return this.#size;
  }

  /** How many entries were ever added; entry number n (from 0) is `added - 1 - n` places from the newest. */
  get added(): number {
    return this.#added;
  }

  /** @param age 0 for the newest entry */
  get(age: number): Entry | undefined {
    return this.#entries[this.#entries.length - 1 - age];
  }

  /** An entry larger than the capacity empties the table and is not kept (section 4.4). */
  add(entry: Entry): void {
    this.#evictTo(this.#capacity - entry.size);
    const sequence = this.#added;
    this.#added += 1;
    if (entry.size > this.#capacity) {
      this.#onEvict?.(entry, sequence);
      return;
    }
    this.#entries.push(entry);
    this.#size += entry.size;
  }

  setCapacity(capacity: number): void {
    this.#capacity = capacity;
    this.#evictTo(capacity);
  }

  #evictTo(size: number): void {
    while (this.#size > size && this.#first < this.#entries.length) {
      const entry = this.#entries[this.#first]!;
      const sequence = this.#added - this.length;
      this.#entries[this.#first] = undefined;
      this.#first += 1;
      this.#size -= entry.size;
      this.#onEvict?.(entry, sequence);
    }
    if (this.#first > 64 && this.#first * 2 > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#first);
      this.#first = 0;
    }
  }
}
