import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromSetup } from '../../testbed/root';
import { plan } from '../workflows/plans';
import { blocks, createScript, type Script } from '../workflows/script';
import { createStage, type Stage } from '../workflows/stage';
import { interrupted, type Session } from './pty';

/** The built command in a real terminal, where Ctrl-C is a key. */

const folder = mkdtempSync(join(tmpdir(), 'belay-interrupt-'));
const launch = 'api/launch/shop-api-r2-1';
let stage: Stage;
let script: Script;

beforeAll(async () => {
  writeFileSync(join(folder, 'belay.yaml'), 'platform: shop\nservices: { api: { image: "shop/api:2" } }\n');
  script = createScript(plan()).on(launch, blocks, blocks);
  stage = await createStage({ others: script });
});
afterAll(async () => {
  await stage.close();
  rmSync(folder, { recursive: true });
});

/** Ctrl-C comes, that many times, when the step that runs is drawn, or when `until` has happened. */
const belay = (
  args: string[],
  { times = 1, until }: { times?: number; until?: Promise<void> } = {},
): Promise<Session> =>
  interrupted({
    argv: [process.execPath, fromSetup('dist', 'src', 'cli', 'main.js'), ...args],
    until: until ?? 'launch shop-api-r2-1',
    times,
    cwd: folder,
    env: {
      ...process.env,
      TEMPORAL_ADDRESS: stage.address,
      BELAY_HOME: join(folder, 'home'),
      TERM: 'xterm',
      NO_COLOR: '1',
    },
  });

/** Its id, where it goes on and how to come back stand at the end. */
const goesOn = /(release\/shop\/\S+) goes on\r\n {2}→ belay status --follow \1\r\n/;

test('Ctrl-C calls a plan off, and says that nothing was changed', async () => {
  script.on('plan', blocks);
  const { out, code } = await belay(['plan'], { until: script.until('+plan') });
  expect(out).toContain('interrupted; nothing was changed');
  expect(code).not.toBe(0);
  expect(script.begun()).toEqual(['plan']);
  const ids: string[] = [];
  for await (const { workflowId } of stage.client.workflow.list()) ids.push(workflowId);
  expect(ids).toEqual([expect.stringMatching(/^plan\/shop\//)]);
  script.release('plan');
});

test('Ctrl-C says that the release goes on and how to come back, and the way back says so too; so do two at once', async () => {
  const { out, code } = await belay(['release']);
  expect(out).toMatch(goesOn);
  expect(code).toBe(0);
  const id = goesOn.exec(out)![1]!;
  const again = await belay(['status', '--follow', id]);
  expect(again).toMatchObject({ out: expect.stringMatching(goesOn), code: 0 });
  const twice = await belay(['status', '--follow', id], { times: 2 });
  expect(twice.out).toMatch(goesOn);
  expect([0, 130]).toContain(twice.code);
  const other = await belay(['release'], { times: 2 });
  expect(other.out).toMatch(goesOn);
  expect([0, 130]).toContain(other.code);
  script.releaseAll();
  for (const one of [id, goesOn.exec(other.out)![1]!])
    expect(await stage.client.workflow.getHandle(one).result()).toMatchObject({ outcome: 'released' });
});
