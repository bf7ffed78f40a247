import type { Step } from '../src/model/plan';

/** Steps by their needs. It updates the due steps with each change, without a look at all steps. */
export interface Graph {
  /** Returns the unfinished steps whose needs are all past, in the order of the plan. */
  due(): Step[];
  /** True if all steps are past. */
  isDone(): boolean;
  /** Returns the steps that are not past. */
  left(): Step[];
  step(id: string): Step | undefined;
  isPast(id: string): boolean;
  /** Records that a step is past, or no longer past. */
  mark(id: string, past: boolean): void;
}

/** Returns a graph. Needs outside of the graph count as past. */
export function createGraph(steps: Step[]): Graph {
  const places = new Map(steps.map(({ id }, place) => [id, place]));
  const followers: number[][] = steps.map(() => []);
  const missing = steps.map(() => 0);
  const isPast = steps.map(() => false);
  const due = new Set<number>();
  let left = steps.length;
  for (const [place, { needs }] of steps.entries()) {
    for (const need of needs) {
      const before = places.get(need);
      if (before === undefined) continue;
      followers[before]!.push(place);
      missing[place]! += 1;
    }
  }
  for (const place of steps.keys()) look(place);
  return {
    due: () => [...due].sort((a, b) => a - b).map((place) => steps[place]!),
    isDone: () => left === 0,
    left: () => steps.filter((_, place) => !isPast[place]),
    step: (id) => steps[places.get(id) ?? -1],
    isPast: (id) => isPast[places.get(id) ?? -1] ?? false,
    mark(id, past) {
      const place = places.get(id);
      if (place === undefined || isPast[place] === past) return;
      isPast[place] = past;
      left += past ? -1 : 1;
      look(place);
      for (const next of followers[place]!) {
        missing[next]! += past ? -1 : 1;
        look(next);
      }
    },
  };

  function look(place: number): void {
    if (!isPast[place] && missing[place] === 0) due.add(place);
    else due.delete(place);
  }
}
