import { statusRecord } from '../../src/cli/records';
import { renderStatus } from '../../src/cli/render/status';
import { renderWatch } from '../../src/cli/render/watch';
import { type Watch, watchesOf } from '../../src/cli/watches';
import type { WatchState } from '../../src/client/watches';
import { BelayError } from '../../src/errors';
import type { StepOf } from '../../src/model/plan';
import { localTime } from '../../src/model/quantities';
import { plain, samplePlan, status } from './support';

const workflowId = 'watch/shop/api-r2@web-1';
const until = '2030-01-01T10:30:00.000Z';
const command = `belay status ${workflowId}`;
const rollback = 'rollback/shop/api-r2@web-1';
const step = { id: 'api/later', kind: 'later', tests: [{ name: 'home', later: 1_800_000 }], needs: [] };

/** A release that has started a watch, which `note` names. */
const watched = (note = workflowId) =>
  status({
    plan: samplePlan({ steps: [step as unknown as StepOf<'later'>] }),
    phase: 'closed',
    outcome: 'released',
    steps: { 'api/later': { state: 'done', note, endedAt: '2030-01-01T10:00:00.000Z' } },
  });

const seen = (state: WatchState): Watch => ({ workflowId, tests: [{ name: 'home', until }], command, ...state });
const failed = { message: 'api stays at revision 2: home: hold', hint: 'look for yourself' };

test.each<[string, WatchState, string]>([
  ['measures', { open: true }, `a watch goes on measuring: home until ${localTime(until)}`],
  ['goes back', { open: true, rollback }, `its watch found it bad, and waits for ${rollback}`],
  ['passed', { open: false, outcome: 'passed', text: 'home: advance' }, '✓ its watch ended as passed: home: advance'],
  ['went back', { open: false, outcome: 'reverted', text: 'bad' }, '✗ its watch ended as reverted: bad'],
  ['was cancelled', { open: false, outcome: 'cancelled', text: 'no more' }, '✗ its watch ended as cancelled: no more'],
  ['failed', { open: false, outcome: 'failed', failed }, `✗ its watch ended as failed: ${failed.message}`],
  ['is of before outcomes', { open: false, text: 'home: advance' }, '✓ its watch ended: home: advance'],
])('a release tells first of a watch that %s', (_, state, line) => {
  const watches = [seen(state)];
  const text = renderStatus(watched(), { workflowId: 'release/shop/1', colors: plain, now: 0, watches });
  expect(text.split('\n\n')[1]).toBe(`${line}\n  → ${command}`);
  expect(statusRecord(watched(), { workflowId: 'release/shop/1', watches })).toMatchObject({ watches });
});

test.each<[string, WatchState, string]>([
  ['measures', { open: true }, `${workflowId} goes on measuring`],
  ['goes back', { open: true, rollback }, `${workflowId} waits for ${rollback}\n  → belay status ${rollback}`],
  ['passed', { open: false, outcome: 'passed', text: 'home: advance' }, '✓ home: advance'],
  ['went back', { open: false, outcome: 'reverted', text: 'bad' }, '✗ bad'],
  ['failed', { open: false, failed }, `✗ ${failed.message}\n  → ${failed.hint}`],
])('a watch that %s says so itself', (_, state, text) => {
  expect(renderWatch(workflowId, state, plain)).toBe(text);
});

test('a release names the watches that its steps have started, and no other', async () => {
  const belay = { watched: async () => ({ open: true }) };
  expect(await watchesOf(belay, watched())).toEqual([seen({ open: true })]);
  expect(await watchesOf(belay, watched('none: the platform had not passed them'))).toEqual([]);
  expect(await watchesOf(belay, status({ plan: undefined }))).toEqual([]);
});

test('a watch that Temporal has forgotten is left out, and an error is told', async () => {
  const fails = (code: 'input-invalid' | 'temporal-unreachable') => ({
    watched: () => Promise.reject(new BelayError(code, 'no')),
  });
  expect(await watchesOf(fails('input-invalid'), watched())).toEqual([]);
  await expect(watchesOf(fails('temporal-unreachable'), watched())).rejects.toThrow('no');
});
