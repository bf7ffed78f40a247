import type { Step } from './plan';
import type { Outcome, Phase, ReleaseStatus } from './status';

/** One line for a step, the same in plan, log, progress and Web UI. Pure. */
export function describe(step: Step): string {
  switch (step.kind) {
    case 'claim':
      if (step.undoes) return 'fence off what was begun';
      return step.pending ? `claim ${step.service} for revision ${step.revision}` : `claim ${step.service}`;
    case 'preflight':
      return step.external
        ? `check engine, ports, proxy and what it needs (${[...new Set(step.external.map(({ kind }) => kind))].join(', ')})`
        : 'check engine, ports and proxy';
    case 'proxy':
      return step.front
        ? `let proxy ${step.proxy} serve ${step.service}`
        : `take ${step.service} off proxy ${step.proxy}`;
    case 'publish':
      return step.lend
        ? `let proxy ${step.proxy} give port ${step.ports.join(', ')} back`
        : `let proxy ${step.proxy} publish port ${step.ports.join(', ')}`;
    case 'pull':
      return `pull ${step.image.ref}${step.image.local ? ' (only on this host)' : ''}`;
    case 'configure':
      if (step.remove) return `remove the configuration of revision ${step.revision}`;
      return step.kept === undefined
        ? `write the configuration of revision ${step.revision}`
        : `take the configuration of revision ${step.kept} again`;
    case 'launch':
      return `launch ${step.instance.name}`;
    case 'probe':
      return step.of ? `probe ${step.instance.name}, which depends on it` : `probe ${step.instance.name}`;
    case 'swap':
      return [step.enter && `${step.enter.name} into traffic`, step.leave && `${step.leave.name} out`]
        .filter(Boolean)
        .join(', ');
    case 'drain':
      return step.leaders ? `drain ${step.instance.name} at the proxy` : `drain ${step.instance.name}`;
    case 'retire':
      return `retire ${step.instance.name}`;
    case 'validate':
      return `validate: ${step.title}`;
    case 'weigh':
      return step.share === undefined
        ? 'every instance takes the same share again'
        : `${(step.share * 100).toFixed(1)} % of the traffic to the new version`;
    case 'switch':
      return `switch ${step.switches.map(({ key, from, to }) => `${key} from ${from} to ${to}`).join(', ')}`;
    case 'soak':
      return `soak for ${timeText(step.time)}`;
    case 'warm':
      return `keep ${step.instances.map(({ name }) => name).join(', ')} warm for ${timeText(step.time)}`;
    case 'approve':
      return 'wait for approval';
    case 'record':
      if (!step.state) return `give ${step.service} back`;
      if (step.state === 'pending') return `leave revision ${step.revision} pending`;
      return step.state === 'recorded'
        ? `record revision ${step.revision}`
        : `mark revision ${step.revision} abandoned`;
    case 'cleanup':
      return `clean up, keep ${step.keep} revisions`;
    case 'drop':
      return `remove images, logs and ledger of ${step.service}`;
    case 'prune':
      return `prune ${step.removal.platform}/${step.service}`;
  }
}

/** What a workflow is called in titles and sentences. */
export const nounOf = (kind: ReleaseStatus['kind']): string => (kind === 'retire' ? 'retirement' : kind);

/** What it does, or how it ended, where that is called otherwise of its kind than of a release. Pure. */
export const ownState = (kind: ReleaseStatus['kind'], state: Phase | Outcome): string | undefined => own[kind][state];

const own: Record<ReleaseStatus['kind'], Partial<Record<Phase | Outcome, string>>> = {
  release: {},
  // Its outcome says that what it leads to is in place; rolled-back is what a release is that has turned back.
  rollback: { releasing: 'rolling back', released: 'done' },
  // Until its time has come, the plan is not made.
  retire: {
    planning: 'kept warm',
    releasing: 'retiring',
    released: 'retired',
    cancelled: 'cancelled: the warm set goes on running',
  },
  drop: { releasing: 'dropping', removed: 'dropped' },
  prune: { releasing: 'pruning', removed: 'pruned' },
};

/** Of milliseconds: `1 h 30 min`. */
export const timeText = (time: number): string => {
  const parts = [Math.floor(time / 3_600_000), Math.floor(time / 60_000) % 60, Math.round(time / 1000) % 60];
  return parts.flatMap((part, index) => (part > 0 ? [`${part} ${['h', 'min', 's'][index]}`] : [])).join(' ') || '0 s';
};
