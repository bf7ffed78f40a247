import type { Stage } from './stage';

/** Stages of the same kind, for tests that run at the same time. */
export interface Stages {
  /** Waits for one that nobody has, and has it until the end. */
  take<T>(act: (stage: Stage) => Promise<T>): Promise<T>;
  stop(): Promise<void>;
}

export function shared(stages: Stage[]): Stages {
  const free = [...stages];
  const waiting: Array<(stage: Stage) => void> = [];
  const next = async (): Promise<Stage> => free.shift() ?? (await new Promise((resolve) => waiting.push(resolve)));
  const giveBack = (stage: Stage) => {
    const first = waiting.shift();
    if (first) first(stage);
    else free.push(stage);
  };
  return {
    async take(act) {
      const stage = await next();
      try {
        return await act(stage);
      } finally {
        await stage.quiet();
        giveBack(stage);
      }
    },
    stop: async () => void (await Promise.all(stages.map((stage) => stage.stop()))),
  };
}
