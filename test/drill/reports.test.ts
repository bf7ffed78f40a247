import pc from 'picocolors';
import { renderDrills } from '../../src/cli/render/drills';
import type { DrillRecord } from '../../src/drill';
import { verdictOf } from '../../src/drill';
import { type DrillReport, junit, markdown } from '../../src/drill/reports';
import { goodDrill, goodRun } from './evidence';

const colors = pc.createColors(false);
const recordOf = (service: string, evidence = goodDrill()): DrillRecord => ({
  format: 1,
  service,
  at: '2026-11-30T09:00:00Z',
  by: 'ana',
  release: 'drill/shop/1',
  artifact: `shop/${service}:1`,
  ...verdictOf(evidence),
});
const lost = { exit: undefined, left: { children: [], sockets: [] }, log: 'closing <a|b>\nclosing <a|b>' };
const report: DrillReport = {
  platform: 'shop',
  workflowId: 'drill/shop/1',
  at: '2026-11-30T09:00:00Z',
  drills: [recordOf('api'), recordOf('worker', goodDrill(lost, { second: goodRun({ exit: undefined }) }))],
  undone: [{ service: 'web', why: 'it was not ready\nits log' }],
};

test('JUnit has a case for each service: failures, and errors for what could not be done', () => {
  const text = junit(report);
  expect(text).toContain(
    '<testsuite name="shutdown drill of shop" timestamp="2026-11-30T09:00:00Z" tests="3" failures="1" errors="1">',
  );
  expect(text).toContain('<testcase classname="shop" name="api" time="0.300">');
  expect(text).toContain('<failure message="killed, risk medium (45)">forced-kill (high): it still ran 30.0 s after');
  expect(text).toContain('closing &lt;a|b&gt;');
  expect(text).toContain('<error message="it was not ready\nits log"/>');
});

test('Markdown has a line for each service, and what to mend', () => {
  const text = markdown(report);
  expect(text.split('\n').slice(0, 9)).toEqual([
    '# Shutdown drill of shop',
    '',
    '2026-11-30T09:00:00Z: 1 of 3 passed (`drill/shop/1`)',
    '',
    '| service | verdict | seconds to exit | exit code | risk | findings |',
    '| --- | --- | ---: | ---: | --- | --- |',
    '| api | pass | 0.3 | 0 | low (0) |  |',
    '| worker | **fail** | killed | – | medium (45) | forced-kill, repeated-cleanup |',
    '| web | **not done** | | | | |',
  ]);
  expect(text).toContain('Not done: it was not ready; its log');
  expect(text).toContain('closing <a\\|b>. Fix: run each clean-up once');
});

test('the terminal shows a table, and the fixes below it', () => {
  const text = renderDrills(report, colors);
  expect(text).toMatch(/^service +verdict +exit +code +risk +when +findings\n/);
  expect(text).toMatch(/api +pass +0\.3 s +0 +low \(0\)/);
  expect(text).toContain('forced-kill (high): it still ran 30.0 s');
  expect(renderDrills({ platform: 'shop', drills: [] }, colors)).toContain('belay drill --all');
});
