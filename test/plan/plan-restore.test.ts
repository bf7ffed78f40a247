import type { Plan } from '../../src/model/plan';
import { planRestored } from '../workflows/restored';

const graphOf = (steps: Plan['steps'], ...claims: string[]) =>
  Object.fromEntries(
    steps
      .filter(({ kind }) => kind !== 'claim' && kind !== 'record')
      .map(({ id, needs }) => [id, needs.filter((need) => !claims.includes(need))]),
  );
const there = (plan: Plan) => graphOf(plan.steps, 'web/claim');
const back = (plan: Plan) => graphOf(plan.undo, 'api/undo/claim', 'db/undo/claim', 'web/undo/claim');
const undone = ({ undo }: Plan) => Object.fromEntries(undo.map(({ id, undoes }) => [id, undoes]));

test('prepares while all serves, stops dependents first, and starts each after what it needs', () => {
  expect(there(planRestored({ former: ['r0'] }))).toEqual({
    'db/restore/prepare': [],
    'web/halt/shop-web-r1-1': ['db/restore/prepare'],
    'api/swap/shop-api-r1-1': ['db/restore/prepare', 'web/halt/shop-web-r1-1'],
    'api/drain/shop-api-r1-1': ['api/swap/shop-api-r1-1'],
    'api/halt/shop-api-r1-1': ['api/drain/shop-api-r1-1'],
    'db/restore/commit': ['api/halt/shop-api-r1-1'],
    'api/resume/shop-api-r1-1': ['db/restore/commit'],
    'api/probe/shop-api-r1-1': ['api/resume/shop-api-r1-1'],
    'api/swap/again/shop-api-r1-1': ['api/probe/shop-api-r1-1'],
    'web/resume/shop-web-r1-1': [
      'db/restore/commit',
      'api/resume/shop-api-r1-1',
      'api/probe/shop-api-r1-1',
      'api/swap/again/shop-api-r1-1',
    ],
    'web/probe/shop-web-r1-1': ['web/resume/shop-web-r1-1'],
    'db/restore/forget/r0': ['web/probe/shop-web-r1-1'],
  });
});

test('stops the database itself only where its kind needs that, after its present data is kept', () => {
  const redis = there(planRestored({ halts: true, keeps: 'running' }));
  expect(redis).toMatchObject({
    'db/restore/keep': ['api/halt/shop-api-r1-1'],
    'db/halt/shop-db-1': ['db/restore/keep'],
    'db/restore/commit': ['db/halt/shop-db-1'],
    'db/resume/shop-db-1': ['db/restore/commit'],
    'db/restore/answer': ['db/probe/shop-db-1'],
    'api/resume/shop-api-r1-1': expect.arrayContaining(['db/restore/commit', 'db/restore/answer']),
  });
  const volume = there(planRestored({ halts: true, keeps: 'stopped' }));
  expect(volume).toMatchObject({
    'db/halt/shop-db-1': ['api/halt/shop-api-r1-1'],
    'db/restore/keep': ['db/halt/shop-db-1'],
    'db/restore/commit': ['db/restore/keep'],
  });
});

test('puts the former data back only while nothing writes, and starts everything again', () => {
  const plan = planRestored();
  expect(back(plan)).toMatchObject({
    'api/undo/halt/shop-api-r1-1': ['api/undo/drain/shop-api-r1-1'],
    'db/undo/restore/undo': expect.arrayContaining(['api/undo/halt/shop-api-r1-1', 'web/undo/halt/shop-web-r1-1']),
    'api/undo/resume/shop-api-r1-1': expect.arrayContaining(['db/undo/restore/undo', 'api/undo/halt/shop-api-r1-1']),
    'web/undo/resume/shop-web-r1-1': expect.arrayContaining(['db/undo/restore/undo', 'api/undo/swap/shop-api-r1-1']),
    'db/undo/restore/discard': ['db/undo/restore/undo'],
  });
  expect(undone(plan)).toMatchObject({
    'db/undo/restore/undo': 'db/restore/commit',
    'db/undo/restore/discard': 'db/restore/prepare',
    'api/undo/halt/shop-api-r1-1': 'api/resume/shop-api-r1-1',
    'api/undo/resume/shop-api-r1-1': 'api/halt/shop-api-r1-1',
    'api/undo/swap/shop-api-r1-1': 'api/swap/shop-api-r1-1',
    'api/undo/swap/again/shop-api-r1-1': 'api/swap/again/shop-api-r1-1',
  });
});

test('an undo exchanges the data again, and goes back by a commit', () => {
  const plan = planRestored({ act: 'undo', chosen: undefined });
  expect(there(plan)).toMatchObject({ 'db/restore/undo': ['api/halt/shop-api-r1-1'], 'web/halt/shop-web-r1-1': [] });
  expect(undone(plan)).toMatchObject({ 'db/undo/restore/commit': 'db/restore/undo' });
  expect(plan.steps.some(({ id }) => id === 'db/restore/prepare')).toBe(false);
});

test('to forget stops nothing, and takes the fence of the one service alone', () => {
  const plan = planRestored({ act: 'forget' });
  expect(plan.steps.map(({ id }) => id)).toEqual(['db/claim', 'db/restore/forget', 'db/record']);
  expect(plan.undo.map(({ id }) => id)).toEqual(['db/undo/claim', 'db/undo/record']);
});

test('all services are claimed by their names, and what Compose has started is found by its project', () => {
  const { steps, undo } = planRestored();
  const claims = steps.filter(({ kind }) => kind === 'claim').map(({ id, needs, epoch }) => ({ id, needs, epoch }));
  expect(claims).toEqual([
    { id: 'api/claim', needs: [], epoch: 4 },
    { id: 'db/claim', needs: ['api/claim'], epoch: 1 },
    { id: 'web/claim', needs: ['db/claim'], epoch: 6 },
  ]);
  const projects = new Set([...steps, ...undo].map(({ service, project }) => `${service} ${project}`));
  expect([...projects].sort()).toEqual(['api undefined', 'db shop', 'web undefined']);
});

test('refuses where the engine starts what writes over and over', () => {
  const plan = () => planRestored({}, { state: 'exited', restarting: true });
  expect(plan).toThrow('shop-web-r1-1: ends and is started again, over and over');
});
