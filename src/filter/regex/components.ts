// The strongly connected components of a graph (Tarjan, 1972).

/** @returns the nodes of each component; a node without a way back to itself is a component of its own. */
export function componentsOf(count: number, next: (node: number) => Iterable<number>): number[][] {
  const order = new Int32Array(count).fill(-1);
  const lowest = new Int32Array(count);
  const onStack = new Uint8Array(count);
  const stack: number[] = [];
  const components: number[][] = [];
  let visited = 0;

  const enter = (node: number): Visit => {
    order[node] = lowest[node] = visited++;
    stack.push(node);
    onStack[node] = 1;
    return { node, rest: next(node)[Symbol.iterator]() };
  };
  const leave = (node: number): void => {
    if (lowest[node] !== order[node]) return;
    const members: number[] = [];
    for (let member = -1; member !== node; ) {
      member = stack.pop()!;
      onStack[member] = 0;
      members.push(member);
    }
    components.push(members);
  };

  for (let root = 0; root < count; root++) {
    if (order[root] !== -1) continue;
    // Its own stack instead of recursion: a pattern must not be able to overflow ours.
    const visits = [enter(root)];
    for (let visit = visits.at(-1); visit !== undefined; visit = visits.at(-1)) {
      const step = visit.rest.next();
      if (step.done === true) {
        visits.pop();
        leave(visit.node);
        const parent = visits.at(-1)?.node;
        if (parent !== undefined) lowest[parent] = Math.min(lowest[parent]!, lowest[visit.node]!);
      } else if (order[step.value] === -1) visits.push(enter(step.value));
      else if (onStack[step.value] === 1)
        lowest[visit.node] = Math.min(lowest[visit.node]!, order[step.value]!);
    }
  }
  return components;
}

interface Visit {
  readonly node: number;
  readonly rest: Iterator<number>;
}
