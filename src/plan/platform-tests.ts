import type { DesiredValidation, OnFailure, PlannedService } from '../model/desired';
import type { Observed } from '../model/observed';
import type { Step, StepOf, WholeRelease } from '../model/plan';
import { span } from '../model/quantities';
import { seriesDefaults } from '../model/series';
import { isWatch } from '../model/steps';
import { wholePlatform } from '../model/whole-platform';
import type { Moment } from '../spec/validation';
import { stepMaker } from './graph';
import { lateJobs } from './order-jobs';
import { goesOn } from './validations';

interface Asked {
  tests?: DesiredValidation[];
  observed: Pick<Observed, 'services' | 'released'>;
  services: PlannedService[];
}

/**
 * Returns a release's steps with the tests of the whole platform. `before` comes once all is pulled, and before anything
 * else. A series runs from there to the last change. `after` comes once nothing is left but records and late jobs, from
 * which nothing may lead back. `later` comes once all is recorded.
 */
export function withPlatformTests(steps: Step[], { tests = [], observed, services }: Asked): Step[] {
  const claim = steps.find((step) => step.kind === 'claim');
  if (tests.length === 0 || !claim) return steps;
  const make = testMakerOf(claim);
  const prepared = idsOf(steps, isPrepared);
  const late = lateJobs(steps);
  const before = serves(observed)
    ? at(tests, 'before').map((smoke) => make('before', smoke, { first: true, needs: prepared }))
    : [];
  const checked = before.map(({ id }) => id);
  const ready = [...prepared, ...checked];
  const apart = new Set([...late, ...idsOf(steps, isWatch)]);
  const last = unique(steps.flatMap((step) => (step.kind === 'record' ? step.needs : []))).filter(
    (id) => !apart.has(id),
  );
  const after = tests.filter(isAtEnd).map((smoke) => {
    const first = before.find(({ id }) => id === idOf('before', smoke));
    return make('after', smoke, { ...(first && { before: first.id }), needs: unique([...last, ...checked]) });
  });
  const decided = after.map(({ id }) => id);
  const during = at(tests, 'during').map((smoke) =>
    make('during', smoke, { series: true, until: [...last, ...decided], needs: ready }),
  );
  const isGated = before.length + during.length > 0;
  const placed = steps.map((step) => {
    if (late.has(step.id)) return needing(step, decided);
    if (step.kind === 'record') return needing(step, [...decided, ...during.map(({ id }) => id)]);
    return isGated && isFollower(step, prepared) ? needing(step, ready) : step;
  });
  const [first, end] = [placed.findIndex((step) => isFollower(step, prepared)), lastRecord(placed)];
  const later = laterSteps(tests, {
    claim,
    whole: wholeRelease(steps, { observed, services }),
    records: idsOf(steps, isRecord),
  });
  return [
    ...placed.slice(0, first),
    ...before,
    ...during,
    ...placed.slice(first, end),
    ...after,
    ...placed.slice(end),
    ...later,
  ];
}

interface Recorded {
  claim: StepOf<'claim'>;
  whole: WholeRelease;
  records: string[];
}

/** Returns the step that lets tests go on once all services are recorded; none if no service has a way back. */
function laterSteps(tests: DesiredValidation[], { claim, whole, records }: Recorded): Step[] {
  const watched = tests.flatMap(goesOn);
  if (watched.length === 0 || Object.keys(whole.to).length === 0) return [];
  return [
    { ...makerOf(claim)('later', { instances: [], tests: watched, whole, needs: records }), id: 'platform/later' },
  ];
}

/** A job that nothing takes back has no way back. */
function wholeRelease(steps: Step[], { observed, services }: Pick<Asked, 'observed' | 'services'>): WholeRelease {
  const made = steps.flatMap((step) => (step.kind === 'record' && step.head !== undefined ? [step] : []));
  const stays = services.filter(({ strategy, jobs = [] }) => strategy.kind === 'job' && !jobs.some(({ undo }) => undo));
  const to = made.flatMap(({ service }): Array<[string, number]> => {
    const head = observed.services[service]?.head;
    return head === undefined || stays.some((one) => one.service === service) ? [] : [[service, head]];
  });
  return { from: Object.fromEntries(made.map(({ service, head }) => [service, head!])), to: Object.fromEntries(to) };
}

/** Returns the policy for the tests: on what all changed services agree, else a person decides. */
export function platformPolicy(changed: Array<{ on_failure: OnFailure }>): OnFailure {
  const [first = 'rollback', ...others] = new Set(changed.map((one) => one.on_failure));
  return others.length === 0 ? first : 'hold';
}

const idOf = (moment: Moment, { name }: DesiredValidation): string => `platform/test/${moment}/${name}`;

const makerOf = ({ host, runtime, epoch }: StepOf<'claim'>) =>
  stepMaker({ host, epoch, desired: { service: wholePlatform, runtime } }, 'forward');

function testMakerOf(claim: StepOf<'claim'>) {
  const make = makerOf(claim);
  type More = Pick<StepOf<'validate'>, 'needs'> & Partial<StepOf<'validate'>>;
  return (moment: Moment, smoke: DesiredValidation, more: More): StepOf<'validate'> => ({
    ...make('validate', { title: titleOf(moment, smoke), instances: [], smoke, ...more }),
    id: idOf(moment, smoke),
  });
}

function titleOf(moment: Moment, { name, every = seriesDefaults.every }: DesiredValidation): string {
  if (moment === 'during') return `${name}, every ${span(every)}, as long as the release changes something`;
  return moment === 'before' ? `${name}, before any change` : `${name}, with all services in traffic`;
}

/** A series ends with one more measurement, of what stays. */
const isAtEnd = ({ when }: DesiredValidation): boolean => when.includes('after') || when.includes('during');
const at = (tests: DesiredValidation[], moment: Moment): DesiredValidation[] =>
  tests.filter(({ when }) => when.includes(moment));

/** Before its first release a platform answers nobody, unless something else has started it. */
const serves = ({ services, released }: Asked['observed']): boolean =>
  released === true ||
  Object.values(services).some(({ instances }) =>
    instances.some((one) => one.state === 'running' && one.traffic === 'in'),
  );

const isPrepared = ({ kind }: Step): boolean => kind === 'preflight' || kind === 'pull';
const isFollower = (step: Step, prepared: string[]): boolean =>
  step.kind !== 'pull' && !(step.kind === 'validate' && step.former) && step.needs.some((id) => prepared.includes(id));
const isRecord = ({ kind }: Step): boolean => kind === 'record';
const lastRecord = (steps: Step[]): number => steps.findLastIndex(isRecord);
const needing = (step: Step, more: string[]): Step => ({ ...step, needs: unique([...step.needs, ...more]) });
const idsOf = (steps: Step[], isMeant: (step: Step) => boolean): string[] => steps.filter(isMeant).map(({ id }) => id);
const unique = (ids: string[]): string[] => [...new Set(ids)];
