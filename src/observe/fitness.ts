import { clockFinding } from '../checks/clock';
import { engineFinding } from '../checks/engine';
import type { Finding } from '../checks/finding';
import type { Deps } from '../host';
import type { Artifact } from '../model/artifact';
import type { Fit } from '../model/plan';
import type { RuntimeKindName } from '../spec/runtimes';
import { downloadFindings } from './fit-download';
import { loadFindings } from './fit-load';
import { known } from './known';

export interface FitnessQuestion {
  platform: string;
  service: string;
  /** The Compose project of instances that Compose started. */
  project?: string;
  runtime?: RuntimeKindName;
  /** The artifact that a release fetches; absent if the host has kept it. */
  artifact?: Artifact;
  /** Absent where only room is asked for. */
  fit?: Fit;
}

/**
 * Checks if the host is fit for a release of a service: disk, engine, image, memory, stop and clock. All facts are read at
 * the same time, and a fact that cannot be had gives no finding. Changes nothing.
 */
export async function fitness(deps: Pick<Deps, 'home' | 'runtimeOf'>, question: FitnessQuestion): Promise<Finding[]> {
  const runtime = deps.runtimeOf(question.runtime);
  const engine = known(() => runtime.engine?.());
  const found = await Promise.all([
    downloadFindings({ home: deps.home, runtime, engine }, question),
    engine.then((one) => (one && question.fit ? [engineFinding(one), clockFinding('the engine', one.ahead)] : [])),
    question.fit ? loadFindings(runtime, question.fit, question) : [],
  ]);
  return found.flat().filter((one) => one !== undefined);
}
