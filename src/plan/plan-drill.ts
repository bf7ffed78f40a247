import type { Artifact } from '../model/artifact';
import type { DrillScenario, Plan, Source, Step } from '../model/plan';
import type { RuntimeKindName } from '../spec/runtimes';
import { stepId, stepMaker } from './graph';

/** A service whose shutdown is to be tested. */
export interface DrilledService {
  service: string;
  runtime?: RuntimeKindName;
  image: Artifact;
  /** The revision whose configuration the instance gets; absent: the files as they are. */
  revision?: number;
  scenario: DrillScenario;
  /** The epoch of its fence. */
  epoch: number;
  /** Its present revision. */
  head?: number;
}

export interface DrillPlanRequest extends Pick<Plan, 'platform' | 'host' | 'engine' | 'warnings'> {
  services: DrilledService[];
  source: Source;
  takeOver: boolean;
}

/** Most instances of drills at once: each takes the memory of one more instance. */
const beside = 3;

/** Returns the plan that tests shutdowns. The undo steps remove what is left, and give the fences back. Pure. */
export function planDrill({ services, takeOver, ...rest }: DrillPlanRequest): Plan {
  const lenient = services.length > 1;
  const steps = services.flatMap((one, index) => {
    const ahead = services[index - beside];
    return forward(one, { host: rest.host, takeOver, lenient, after: ahead && recordOf(ahead.service) });
  });
  return {
    ...rest,
    format: 1,
    steps,
    undo: services.flatMap((one) => backward(one, rest.host)),
    onFailure: {},
    services: [],
    proxies: {},
  };
}

const recordOf = (service: string): string => stepId({ service, way: 'forward', kind: 'record' });
const drillOf = (service: string): string => stepId({ service, way: 'forward', kind: 'drill' });

interface Way {
  host: string;
  takeOver: boolean;
  lenient: boolean;
  /** The end of the drill whose instance has to go first. */
  after?: string;
}

function forward(service: DrilledService, { host, takeOver, lenient, after }: Way): Step[] {
  const { image, revision, scenario, head } = service;
  const make = stepMaker({ host, epoch: service.epoch + 1, desired: service }, 'forward');
  // Releases of a service are refused for the time of its own drill alone.
  const needs = after === undefined ? [] : [after];
  const claim = make('claim', { revision: head ?? 0, takeOver, ...(lenient && { lenient }), needs });
  const drill = make('drill', { image, revision, scenario, needs: [claim.id] });
  return [claim, drill, make('record', { revision: head ?? 0, head, needs: [drill.id] })];
}

function backward(drilled: DrilledService, host: string): Step[] {
  const { service, image, scenario, epoch, head } = drilled;
  const make = stepMaker({ host, epoch: epoch + 1, desired: drilled }, 'undo');
  const undoes = stepId({ service, way: 'forward', kind: 'claim' });
  const claim = make('claim', { revision: head ?? 0, takeOver: false, undoes, needs: [] });
  const needs = [claim.id];
  const removal = make('drill', { image, scenario, remove: true, undoes: drillOf(service), needs });
  return [claim, removal, make('record', { revision: head ?? 0, head, undoes, needs: [claim.id, removal.id] })];
}
