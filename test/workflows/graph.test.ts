import fc from 'fast-check';
import type { Step } from '../../src/model/plan';
import { createGraph } from '../../workflows/graph';

/** Steps that need some of those before them, and what is not in the graph. */
const steps = fc.array(fc.array(fc.nat(), { maxLength: 4 }), { minLength: 1, maxLength: 15 }).map((all) =>
  all.map(
    (needs, place): Step => ({
      kind: 'drop',
      id: `${place}`,
      service: 'api',
      host: 'h',
      epoch: 1,
      needs: needs.map((need) => (place === 0 || need % 7 === 0 ? 'elsewhere' : `${need % place}`)),
    }),
  ),
);
const marks = fc.array(fc.tuple(fc.nat(14), fc.boolean()), { maxLength: 40 });

test('after any changes those are due whose needs are past, in the order of the plan', () => {
  fc.assert(
    fc.property(steps, marks, (given, changes) => {
      const graph = createGraph(given);
      const past = new Set<string>();
      for (const [place, isPast] of changes) {
        graph.mark(`${place}`, isPast);
        if (isPast && place < given.length) past.add(`${place}`);
        else past.delete(`${place}`);
        const isMet = (need: string) => need === 'elsewhere' || past.has(need);
        const left = given.filter(({ id }) => !past.has(id));
        expect(graph.due()).toEqual(left.filter(({ needs }) => needs.every(isMet)));
        expect(graph.left()).toEqual(left);
        expect(graph.isDone()).toBe(left.length === 0);
      }
    }),
  );
});
