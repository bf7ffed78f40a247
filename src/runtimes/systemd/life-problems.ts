import type { SourceFacts } from '../runtime';
import type { KnownService } from './known';
import { valueOf, valuesOf } from './unit-lines';

type Problem = SourceFacts['problems'][number];

/** Obstacles in how a unit starts with the host, runs and stops. Pure. */
export const lifeProblems = (one: KnownService): Problem[] => [
  ...neverStarted(one),
  ...endsByItself(one),
  ...leftStopped(one),
  ...upheld(one),
];

/** A unit that its socket starts needs no [Install] of its own. */
function neverStarted({ unit, hostLines, triggers }: KnownService): Problem[] {
  if (triggers.length > 0) return [];
  const isWanted = valuesOf(hostLines, ['WantedBy', 'RequiredBy', 'UpheldBy'], 'Install').length > 0;
  if (isWanted) return [];
  return [
    {
      why: `${unit} has no WantedBy= in [Install], so that it would not start again with the host`,
      hint: 'write WantedBy=multi-user.target into its section [Install]',
    },
  ];
}

/** Such a unit is active only while its command runs, and its start waits for the end. */
function endsByItself({ unit, lines }: KnownService): Problem[] {
  const isOneshot = valueOf(lines, 'Type') === 'oneshot';
  if (!isOneshot || isYes(valueOf(lines, 'RemainAfterExit'))) return [];
  return [
    {
      why: `${unit} ends by itself (Type=oneshot), and an instance has to keep running`,
      hint: 'write RemainAfterExit=yes into it, or another Type=, or leave the service out of the spec',
    },
  ];
}

const isYes = (text = ''): boolean => /^(1|yes|y|true|t|on)$/i.test(text);

/** Strategies other than in-place stop a unit by a job of its own. */
function leftStopped({ unit, service, dependents: { restarted, stopped } }: KnownService): Problem[] {
  const all = [...restarted, ...stopped];
  if (service.strategy.kind === 'in-place' || all.length === 0) return [];
  return [
    {
      why: `${service.strategy.kind} stops ${unit}, and systemd stops ${all.join(', ')} with it; nothing starts ${all.length > 1 ? 'these' : 'that'} again`,
      hint: 'write strategy: { kind: in-place }, which restarts the unit, or Wants= in place of Requires=, BindsTo=, PartOf= and PropagatesStopTo=',
    },
  ];
}

function upheld({ unit, service, dependents: { upholding } }: KnownService): Problem[] {
  if (service.strategy.kind === 'in-place' || upholding.length === 0) return [];
  return [
    {
      why: `${service.strategy.kind} stops ${unit}, and ${upholding.join(', ')} would start it again at once (Upholds=)`,
      hint: 'write strategy: { kind: in-place }, which restarts the unit, or Wants= in place of Upholds=',
    },
  ];
}
