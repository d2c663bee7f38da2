/** Where the states of a machine stand in its picture: the usual way in the first row, what can happen beside it below. */

export type Graph = { [state: string]: string[] };

export interface Place {
  column: number;
  row: number;
}

/**
 * Return the place of each state: its column is as far to the right as the longest way to it. Below the usual way, a row
 * begins with what leaves it last, so that no line passes a state that it does not lead to.
 */
export function layout(graph: Graph, start: string, goal: string): Map<string, Place> {
  const columns = columnsOf(graph, start);
  const places = new Map(
    shortestWay(graph, start, goal).map((state) => [state, { column: columns.get(state) ?? 0, row: 0 }]),
  );
  const column = (state: string) => columns.get(state) ?? 0;
  const leftAt = (state: string) =>
    Math.max(-1, ...[...places.keys()].filter((usual) => graph[usual]?.includes(state)).map(column));
  const beside = [...columns.keys()].filter((state) => !places.has(state));
  const first = beside.filter((state) => leftAt(state) >= 0).sort((one, other) => leftAt(other) - leftAt(one));
  let rows = 0;
  for (const state of first) places.set(state, { column: column(state), row: ++rows });
  for (const state of beside.filter((each) => !places.has(each))) {
    const taken = [...places.values()].filter((place) => place.column === column(state)).map(({ row }) => row);
    const from = [...places].filter(([other]) => graph[other]?.includes(state)).map(([, { row }]) => row);
    places.set(state, { column: column(state), row: from.find((row) => !taken.includes(row)) ?? ++rows });
  }
  return places;
}

function columnsOf(graph: Graph, start: string): Map<string, number> {
  const columns = new Map<string, number>();
  const visit = (state: string, column: number) => {
    if ((columns.get(state) ?? -1) >= column) return;
    columns.set(state, column);
    for (const next of graph[state] ?? []) visit(next, column + 1);
  };
  visit(start, 0);
  return columns;
}

function shortestWay(graph: Graph, start: string, goal: string): string[] {
  const ways = [[start]];
  for (const way of ways) {
    const last = way.at(-1) ?? start;
    if (last === goal) return way;
    ways.push(...(graph[last] ?? []).filter((next) => !way.includes(next)).map((next) => [...way, next]));
  }
  return [start];
}
