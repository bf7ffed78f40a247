import type { Evidence, Run } from '../../src/drill/evidence';
import { type FindingId, findingIds } from '../../src/drill/finding';
import { riskOf, scoreOf, weights } from '../../src/drill/score';
import { verdictLine, verdictOf } from '../../src/drill/verdict';
import { goodDrill, goodRun } from './evidence';

const shell = { name: 'sh', shell: true, catches: false, handles: false };
const deaf = { name: 'node', shell: false, catches: false, handles: false };
const java = { name: 'java', shell: false, catches: true, handles: true, javaVm: true as const };
const running = [
  { at: 2, reply: 'answered' as const },
  { at: 902, reply: 'answered' as const },
];
const killed = { exit: undefined, requests: [], left: { threads: 3, children: [], sockets: [] } };
/** It had to be killed, in both runs. */
const lost = (first: Partial<Run>) => goodDrill({ ...killed, ...first }, { second: goodRun(killed) });
/** Each stop ends with this code. */
const signalled = (code: number, more: Partial<Evidence> = {}, first: Partial<Run> = {}) =>
  goodDrill({ exit: { after: 9, code }, ...first }, { second: goodRun({ exit: { after: 9, code } }), ...more });
const stillReady = [{ at: 1_200, ready: true }];

type Case = [title: string, evidence: Evidence, verdict: 'pass' | 'fail', ids: FindingId[]];
const cases: Case[] = [
  ['a stop by the book', goodDrill(), 'pass', []],
  ['no handler', lost({ leader: deaf }), 'fail', ['no-handler', 'forced-kill']],
  ['a handler without any effect', lost({ requests: running }), 'fail', ['no-handler', 'forced-kill', 'still-answers']],
  ['a shell that keeps the signal', lost({ leader: shell }), 'fail', ['shell-form', 'forced-kill']],
  ['an init, which shows no handler', goodDrill({ leader: { ...deaf, name: 'tini' } }), 'pass', []],
  ['a shell with a trap', goodDrill({ leader: { ...shell, catches: true } }), 'pass', []],
  ['an instance that had to be killed', goodDrill(killed, { second: goodRun(killed) }), 'fail', ['forced-kill']],
  [
    'open sockets at the kill',
    goodDrill({ ...killed, left: { ...killed.left, sockets: [8080] } }, { second: goodRun(killed) }),
    'fail',
    ['forced-kill', 'sockets'],
  ],
  [
    'children at the kill',
    goodDrill({ ...killed, left: { ...killed.left, children: ['sh'] } }, { second: goodRun(killed) }),
    'fail',
    ['forced-kill', 'children'],
  ],
  [
    'a long stop',
    goodDrill(
      { exit: { after: 11_000, code: 0 } },
      { second: goodRun({ exit: { after: 10_900, code: 0 } }), interrupt: undefined },
    ),
    'pass',
    ['slow'],
  ],
  [
    'another exit code',
    goodDrill({ exit: { after: 1, code: 1 } }, { second: goodRun({ exit: { after: 1, code: 1 } }) }),
    'fail',
    ['exit-code'],
  ],
  ['a Java VM, and the code of its signal', signalled(143, {}, { leader: java }), 'pass', ['signal-code']],
  [
    'the same with SIGINT',
    signalled(130, { signal: 'SIGINT', interrupt: undefined }, { leader: java }),
    'pass',
    ['signal-code'],
  ],
  ['a handler that may be that of Go, and the code of its signal', signalled(143), 'fail', ['exit-code']],
  ['a Java VM with a code of its own', signalled(1, {}, { leader: java }), 'fail', ['exit-code']],
  ['the code of another signal', signalled(130), 'fail', ['exit-code']],
  ['the code of its signal without a handler', signalled(143, {}, { leader: deaf }), 'fail', ['exit-code']],
  ['cut requests', goodDrill({ flight: { requests: 8, cut: 3 } }), 'fail', ['cut']],
  ['late answers', goodDrill({ requests: running }), 'pass', ['still-answers']],
  ['503 without Connection: close', goodDrill({ requests: [{ at: 5, reply: 'unavailable' }] }), 'pass', ['no-close']],
  ['readiness for more than a second', goodDrill({ readiness: stillReady }), 'pass', ['ready-late']],
  ['readiness while it refuses', goodDrill({ readiness: [{ at: 300, ready: true }] }), 'pass', ['ready-late']],
  ['an idle connection', goodDrill({ exit: { after: 9_000, code: 0 } }), 'pass', ['keep-alive']],
  [
    'a second signal that shortens the stop',
    goodDrill({ exit: { after: 9_000, code: 0 } }, { interrupt: goodRun({ exit: { after: 8_900, code: 0 } }) }),
    'pass',
    [],
  ],
  [
    'children that nobody waits for',
    goodDrill({ children: 1 }, { held: { after: 310, names: ['sh'] } }),
    'fail',
    ['children'],
  ],
  ['children that it waits for', goodDrill({ children: 1 }, { held: { names: ['sh'] } }), 'pass', []],
  [
    'children that outlive it, with their port',
    goodDrill({ children: 1, left: { children: ['sleep'], sockets: [9000] } }, { orphans: 'left' }),
    'fail',
    ['children', 'sockets'],
  ],
  ['children that its runtime stops with it', goodDrill({ children: 1 }, { orphans: 'stopped' }), 'pass', []],
  ['a signal that it ignores', lost({ leader: { ...deaf, ignores: true } }), 'fail', ['no-handler', 'forced-kill']],
  ['zombies', goodDrill({ zombies: 2 }), 'pass', ['zombies']],
  [
    'a second signal with another end',
    goodDrill({}, { second: goodRun({ twice: true, exit: { after: 9, code: 1 } }) }),
    'fail',
    ['second-signal'],
  ],
  [
    'another end before the second signal',
    goodDrill({}, { second: goodRun({ exit: { after: 9, code: 1 } }) }),
    'pass',
    [],
  ],
  [
    'a second signal that cuts requests',
    goodDrill({}, { second: goodRun({ twice: true, flight: { requests: 8, cut: 8 } }) }),
    'fail',
    ['second-signal'],
  ],
  ['SIGINT without effect', goodDrill({}, { interrupt: goodRun({ exit: undefined }) }), 'pass', ['sigint']],
  ['a clean-up twice', goodDrill({ log: 'clean-up done\nclean-up done\n' }), 'pass', ['repeated-cleanup']],
  [
    'no second start',
    goodDrill({}, { second: undefined, interrupt: undefined, notAgain: 'it exited with code 1' }),
    'fail',
    ['no-restart'],
  ],
];

test.each(cases)('%s', (_title, evidence, verdict, ids) => {
  const found = verdictOf(evidence);
  expect({ verdict: found.verdict, ids: found.findings.map(({ id }) => id) }).toEqual({ verdict, ids });
  for (const { text, fix } of found.findings) expect(`${text}${fix}`).not.toMatch(/undefined|NaN/);
});

test('every finding is found by a case', () => {
  const found = cases.flatMap(([, , , ids]) => ids);
  expect(findingIds.filter((id) => !found.includes(id))).toEqual([]);
});

test('a fact that nobody could see is unknown, and is no finding', () => {
  const unseen = { leader: undefined, children: undefined, zombies: undefined, flight: undefined };
  const { verdict, findings, unknown } = verdictOf(goodDrill(unseen));
  expect({ verdict, findings }).toEqual({ verdict: 'pass', findings: [] });
  expect(unknown.map(({ id }) => id)).toEqual(['cut', 'children', 'zombies']);
});

test('children for which it may have waited a while are unknown', () => {
  const { findings, unknown } = verdictOf(goodDrill({ children: 1 }, { held: { after: 900, names: ['sh'] } }));
  expect({ findings, unknown: unknown.map(({ id }) => id) }).toEqual({ findings: [], unknown: ['children'] });
});

test('the code of a signal is told as its default action, and a kill by what was left', () => {
  const textOf = (evidence: Evidence) => verdictOf(evidence).findings[0]?.text;
  const exit = { after: 10, code: 143 };
  expect(textOf(goodDrill({ exit, leader: { ...deaf, name: 'docker-init' } }))).toContain('no handler ran');
  expect(textOf(goodDrill({ exit, leader: java }, { signal: '15', second: goodRun({ exit }) }))).toContain(
    'as a Java VM does after its shutdown hooks',
  );
  expect(textOf(goodDrill({ exit }))).toContain('let your own handler exit with 0, and the code tells which one ran');
  expect(textOf(goodDrill({ exit, leader: undefined }))).toContain('as by the default action of SIGTERM');
  expect(textOf(goodDrill({ ...killed, left: { threads: 1, children: ['a', 'b'], sockets: [80] } }))).toBe(
    'it still ran 30.0 s after the signal, and had to be killed, with 1 thread, 2 child processes, 1 listening socket',
  );
});

test('the score is the sum of the weights, at most 100, and tells the risk', () => {
  expect(scoreOf([])).toBe(0);
  expect(scoreOf([{ id: 'slow' }, { id: 'sigint' }])).toBe(weights.slow.points + weights.sigint.points);
  expect(scoreOf(findingIds.map((id) => ({ id })))).toBe(100);
  expect([0, 19, 20, 49, 50, 100].map(riskOf)).toEqual(['low', 'low', 'medium', 'medium', 'high', 'high']);
});

test('the verdict in a line', () => {
  expect(verdictLine(verdictOf(goodDrill()))).toBe('pass: exit 0 after 0.3 s, risk low (0)');
  expect(verdictLine(verdictOf(goodDrill(killed, { second: goodRun(killed) })))).toBe(
    'fail: killed, risk medium (40): forced-kill',
  );
});
