import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../testbed/root';

const { budgets } = require('./budgets') as { budgets: Record<string, number> };

test('each budget is of a file that is there', () => {
  expect(Object.keys(budgets).filter((file) => !existsSync(join(projectRoot, file)))).toEqual([]);
});
