import type { DesiredService, FoundBackup } from '../model/desired';
import type { Observed } from '../model/observed';
import type { Plan, Step } from '../model/plan';
import { chainClaims } from './order';
import { forgetting, replacing } from './restore-graph';
import { type Part, partOf } from './restore-part';

/** A service that a restore claims, as it runs. */
export interface RestoredService {
  /** `after` has the services that it needs. */
  desired: DesiredService;
  /** The Compose project of its instances, if the ledger does not know them. */
  project?: string;
}

export interface RestoreRequest {
  platform: string;
  observed: Observed;
  /** The service of the thing. */
  owner: RestoredService;
  /** The services that stop meanwhile, each after those that it needs. */
  writers: RestoredService[];
  act: 'restore' | 'undo' | 'forget';
  backup: FoundBackup;
  /** The id of the restore to make, to undo or to forget. */
  restore: string;
  /** The id of the backup to restore. */
  chosen?: string;
  /** ISO 8601, or `latest`: what happened after it is replayed until then. */
  until?: string;
  /** The state of the owner in which its present data is kept; absent if that is kept beside the live data. */
  keeps?: 'running' | 'stopped';
  /** True if the owner's instances stop too. */
  halts: boolean;
  /** Earlier restores of the thing, whose kept data goes. */
  former: string[];
  takeOver: boolean;
  notices: string[];
  warnings: string[];
}

/**
 * Returns the plan of a restore. The backup is prepared while everything serves. Then the services that write stop, the
 * data changes places, and everything starts again. A failure leads back to the former data. Pure.
 */
export function planRestore(request: RestoreRequest): Plan {
  const { platform, observed, notices, warnings } = request;
  const owner = partOf(observed, request.owner.desired);
  const writers = request.act === 'forget' ? [] : request.writers.map(({ desired }) => partOf(observed, desired));
  const core = request.act === 'forget' ? forgetting(request, owner) : replacing(request, { owner, writers });
  return {
    format: 1,
    platform,
    host: observed.host,
    engine: observed.engine,
    ...withProjects(framed([owner, ...writers], core, request), request),
    onFailure: {},
    services: [],
    notices,
    warnings,
    proxies: observed.proxies,
    source: { folder: '', versions: {}, files: {} },
  };
}

type Graphs = Pick<Plan, 'steps' | 'undo'>;

/** Returns the steps within the fences of all services, there and back. */
function framed(parts: Part[], { steps, undo }: Graphs, { takeOver }: RestoreRequest): Graphs {
  const byName = [...parts].sort((a, b) => (a.service < b.service ? -1 : 1));
  const claims = chainClaims(byName.map(({ there, revision }) => there('claim', { revision, takeOver, needs: [] })));
  const unclaims = byName.map(({ back, revision, moves }) =>
    back('claim', { revision, takeOver: false, undoes: moves.forward.id('claim'), needs: [] }),
  );
  const claimed = claims.slice(-1).map(({ id }) => id);
  const unclaimed = unclaims.map(({ id }) => id);
  const records = byName.map(({ there, revision, seen: { head } }) =>
    there('record', { revision, head, instances: [], needs: [...claimed, ...steps.map(({ id }) => id)] }),
  );
  const unrecords = byName.map(({ back, revision, moves, seen: { head } }) => {
    const needs = [...unclaimed, ...undo.map(({ id }) => id)];
    return back('record', { revision, head, undoes: moves.forward.id('claim'), needs });
  });
  return {
    steps: [...claims, ...steps.map((step) => (step.needs.length > 0 ? step : needing(step, claimed))), ...records],
    undo: [...unclaims, ...undo.map((step) => needing(step, unclaimed)), ...unrecords],
  };
}

/** A need that has no part in a rollback counts as past, so each undo step names the fences itself. */
const needing = (step: Step, ids: string[]): Step => ({ ...step, needs: [...ids, ...step.needs] });

/** The ledger does not tell where to find what only Compose has started. */
function withProjects({ steps, undo }: Graphs, { owner, writers }: RestoreRequest): Graphs {
  const projects = new Map([owner, ...writers].map(({ desired, project }) => [desired.service, project]));
  const placed = (step: Step): Step => {
    const project = projects.get(step.service);
    return project === undefined ? step : { ...step, project };
  };
  return { steps: steps.map(placed), undo: undo.map(placed) };
}
