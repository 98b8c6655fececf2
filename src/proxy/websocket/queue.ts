// First in, first out, at constant cost (Array.shift moves a long array's every element).

interface Node<T> {
  readonly value: T;
  next: Node<T> | null;
}

export class Queue<T> {
  #first: Node<T> | null = null;
  #last: Node<T> | null = null;

  get isEmpty(): boolean {
    return this.#first === null;
  }

  /** The oldest value, left in place; undefined when the queue is empty. */
  peek(): T | undefined {
    return this.#first?.value;
  }

  push(value: T): void {
    const node: Node<T> = { value, next: null };
    if (this.#last === null) this.#first = node;
    else this.#last.next = node;
    this.#last = node;
  }

  /** Takes the oldest value; undefined when the queue is empty. */
  shift(): T | undefined {
    const node = this.#first;
    if (node === null) return undefined;
    this.#first = node.next;
    if (node.next === null) this.#last = null;
    return node.value;
  }
}
