import { ApplicationFailure, WorkflowUpdateFailedError } from '@temporalio/client';
import fc from 'fast-check';
import { isMessage } from '../../src/model/messages';
import type { ReleaseStatus } from '../../src/model/status';
import { createScript } from './script';
import { createStage, type Play, type Stage } from './stage';
import { gate, given, isDecision, number, type Word, words } from './words';

/** Messages to running releases at an open gate are refused, or have their effect; random-checks has many more. */

const most = { words: 800, releases: 4, batch: 40, lanes: 8 };

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage.close());

/** Returns the refusal of an update; undefined if it has an effect. */
async function update(play: Play, { name, data }: Word): Promise<string | undefined> {
  try {
    await play.handle.executeUpdate(name, { args: data as [unknown] });
    return undefined;
  } catch (error) {
    if (!(error instanceof WorkflowUpdateFailedError) || !(error.cause instanceof ApplicationFailure)) throw error;
    expect(error.cause.type).toBe('refused');
    return error.cause.message;
  }
}

/** Says a batch; every signal has to stand among what was heard, and every update to be answered. */
async function flood(play: Play, batch: Word[]): Promise<void> {
  const signals = batch.filter(({ how }) => how === 'signal');
  const updates = batch.filter(({ how }) => how === 'update');
  const taken: string[] = [];
  for (const { name, data } of signals) await play.handle.signal(name, ...data);
  const lanes = Array.from({ length: most.lanes }, (_, lane) => updates.filter((_, at) => at % most.lanes === lane));
  const talk = async (lane: Word[]) => {
    for (const word of lane) if (!(await update(play, word))) taken.push(word.name);
  };
  await Promise.all(lanes.map(talk));
  expect(taken.filter((name) => !['pause', 'resume'].includes(name))).toEqual([]);
  const expected = [...signals.map(({ name }) => (isMessage(name) || name === 'progress' ? name : 'signal')), ...taken];
  const { heard, waiting, phase } = await play.status();
  const last = heard.slice(heard.length - expected.length).map(({ message }) => message);
  expect(last.map((message) => message.split(' ')[0]).sort()).toEqual(expected.sort());
  expect(last.filter((message) => !/^(pause|resume)$|^\w+ \(without effect: /.test(message))).toEqual([]);
  expect({ waiting: waiting.map((one) => one.step), phase }).toEqual({ waiting: [gate], phase: 'releasing' });
}

/** Returns the reasons of failed workflow tasks, which would stop a release. */
async function failedTasks({ handle }: Play): Promise<unknown[]> {
  const { events } = await handle.fetchHistory();
  return (events ?? []).flatMap(({ workflowTaskFailedEventAttributes, workflowTaskTimedOutEventAttributes }) => {
    const failed = workflowTaskFailedEventAttributes?.failure?.message ?? workflowTaskTimedOutEventAttributes;
    return failed ? [failed] : [];
  });
}

const isOpen = ({ waiting }: ReleaseStatus): boolean => waiting.some((one) => one.kind === 'approval');

test(`${most.words} sent to running releases: each is answered or recorded, none approves, and they go on afterwards`, async () => {
  const seed = Date.now();
  const all = fc.sample(words, { numRuns: most.words, seed }).filter((word) => !isDecision(word));
  const lots = Array.from({ length: most.releases }, (_, lot) => all.filter((_, at) => at % most.releases === lot));
  await Promise.all(
    lots.map(async (lot) => {
      const play = await stage.play(createScript(given));
      await play.until('at the gate', isOpen);
      for (let at = 0; at < lot.length; at += most.batch)
        await flood(play, lot.slice(at, at + most.batch)).catch(async (cause: Error) => {
          const failed = JSON.stringify(await failedTasks(play));
          throw new Error(`${cause.message} (seed ${seed}, words from ${at}; failed tasks: ${failed})`, { cause });
        });
      expect(play.script.begun()).not.toContain('api/launch/shop-api-r2-2');
      if ((await play.status()).paused) await play.update('resume', { by: 'ann' });
      await play.update('approve', { by: 'ann', reason: 'good', step: number });
      expect(await play.end()).toMatchObject({ outcome: 'released' });
    }),
  );
});
