import type { Step } from '../../src/model/plan';
import type { Script } from './script';
import type { Play } from './stage';

export const ann = { by: 'ann', reason: 'told to' };
export const isHeld = ({ phase }: { phase: string }): boolean => phase === 'held';
export const refusal = (message: string) => ({ cause: { type: 'refused', message } });

/** Refused, and nothing of it stands in history. */
export async function expectRefused(
  play: Play,
  message: Parameters<Play['update']>[0],
  sentence: string,
): Promise<void> {
  const before = await play.events();
  await expect(play.update(message, ann)).rejects.toMatchObject(refusal(sentence));
  expect(await play.events()).toBe(before);
}

/** No step began before everything it needs had been done; `except` names steps whose failure is let pass. */
export function expectNeedsFirst({ plan, events }: Script, except: string[] = []): void {
  const early = [...plan.steps, ...plan.undo].flatMap((step) => tooEarly(step, { plan, events, except }));
  expect(early).toEqual([]);
}

/**
 * Expects undo steps for exactly the steps that had begun, and only after everything else had settled. A step counts as
 * begun once the workflow has asked for it: it may be cancelled before a worker takes it.
 * @param untouched a step that failed before it had changed anything.
 */
export async function expectUndone(play: Play, untouched?: string): Promise<void> {
  const { plan, events, begun } = play.script;
  const asked = Object.keys((await play.status()).steps);
  expect(asked).toEqual(expect.arrayContaining(begun().filter((id) => id !== 'plan')));
  const due = plan.undo.filter(({ undoes }) => undoes !== untouched && asked.includes(undoes!)).map(({ id }) => id);
  expect(undone(play.script).sort()).toEqual(due.sort());
  const turned = events.findIndex(isUndo);
  const late = events.slice(turned === -1 ? events.length : turned).filter((event) => !isUndo(event));
  expect(late).toEqual([]);
}

/** Returns the undo steps that began. */
export const undone = (script: Script): string[] => script.begun().filter(isUndo);

/** Returns the forward steps that began. */
export const forward = (script: Script): string[] => script.begun().filter((id) => id !== 'plan' && !isUndo(id));

export const isUndo = (id: string): boolean => id.includes('/undo/');

type Told = Pick<Script, 'plan' | 'events'> & { except: string[] };

function tooEarly(step: Step, { plan, events, except }: Told): string[] {
  const began = events.indexOf(`+${step.id}`);
  if (began === -1) return [];
  const graph = step.undoes ? plan.undo : plan.steps;
  const ran = (id: string) => graph.some((one) => one.id === id) && events.includes(`+${id}`);
  // A drain whose rest is skipped, and a watch that is over, end by a cancellation.
  const ended = (id: string) => Math.max(events.lastIndexOf(`-${id}`), events.lastIndexOf(`~${id}`));
  const bad = (need: string) => !except.includes(need) && ran(need) && (ended(need) === -1 || ended(need) > began);
  return step.needs.filter(bad).map((need) => `${step.id} began before ${need} was done`);
}
