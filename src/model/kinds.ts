import type { Step, StepKind, StepOf } from './plan';

interface Kind {
  /** Preparing comes before anything that serves is changed, and concluding with the record and after it. */
  phase: 'preparing' | 'moving' | 'concluding';
  /** With it an instance has come in. */
  entering?: true;
  /** With it a release succeeds. */
  decisive?: true;
}

const kinds: Record<StepKind, Kind> = {
  claim: { phase: 'preparing' },
  preflight: { phase: 'preparing' },
  pull: { phase: 'preparing' },
  configure: { phase: 'preparing' },
  proxy: { phase: 'preparing' },
  launch: { phase: 'moving' },
  probe: { phase: 'moving', entering: true },
  swap: { phase: 'moving', entering: true, decisive: true },
  switch: { phase: 'moving', entering: true, decisive: true },
  weigh: { phase: 'moving', decisive: true },
  publish: { phase: 'moving', decisive: true },
  drain: { phase: 'moving' },
  retire: { phase: 'moving', decisive: true },
  validate: { phase: 'moving', decisive: true },
  soak: { phase: 'moving', decisive: true },
  approve: { phase: 'moving', decisive: true },
  record: { phase: 'concluding' },
  warm: { phase: 'concluding' },
  cleanup: { phase: 'concluding' },
  drop: { phase: 'moving' },
  prune: { phase: 'moving' },
};

/** A proxy serves the service no more, now that the release is on record. */
export const takesProxyOff = (step: Step): boolean => step.kind === 'proxy' && !step.front && step.undoes === undefined;

/** Where in a release of its service a step stands. A proxy is brought up first, and taken off last. */
export const phaseOf = (step: Step): Kind['phase'] => (takesProxyOff(step) ? 'concluding' : kinds[step.kind].phase);

/** One that looks at what depends on the service brings nothing in. */
export const isEntering = (step: Step): boolean =>
  kinds[step.kind].entering === true && !(step.kind === 'probe' && step.of !== undefined);

export const isDecisive = ({ kind }: Step): boolean => kinds[kind].decisive ?? false;

/** It goes on until others are done, instead of ending by itself. */
export const isWatch = (step: Step): step is StepOf<'validate'> & { until: string[] } =>
  step.kind === 'validate' && step.until !== undefined;
