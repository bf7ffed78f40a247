import type { FoundBackup } from '../model/desired';
import type { Plan, Step } from '../model/plan';
import type { RuntimeKindName } from '../spec/runtimes';
import { backupSteps, nameOf } from './backups';
import { stepId, stepMaker } from './graph';
import { chainClaims } from './order';

/** A service to back up, or to verify backups of. */
export interface BackedUpService {
  service: string;
  runtime?: RuntimeKindName;
  /** The epoch of its fence. */
  epoch: number;
  /** Its present revision. */
  head?: number;
  backups: FoundBackup[];
}

export interface BackupPlanRequest extends Pick<Plan, 'platform' | 'host' | 'engine' | 'warnings'> {
  services: BackedUpService[];
  /** The backup to verify of each thing, by the name of its step; absent: backups are made. */
  chosen?: Record<string, string>;
  takeOver: boolean;
}

/**
 * Returns the plan that makes backups, or verifies chosen ones. The things of a service come one after the other. The
 * undo steps only give the fences back. Pure.
 */
export function planBackup({ services, chosen, takeOver, ...rest }: BackupPlanRequest): Plan {
  const busy = services.filter(({ backups }) => backups.length > 0);
  const parts = busy.map((one) => forward(one, { host: rest.host, chosen, takeOver }));
  // Nothing begins before all services are claimed: where another workflow is faster, nothing has to be undone.
  const claims = parts.map(([claim]) => claim!.id);
  return {
    ...rest,
    format: 1,
    steps: chainClaims(
      parts.flat().map((step) => (step.needs.length === 0 ? { ...step, needs: claims.slice(-1) } : step)),
    ),
    undo: busy.flatMap((one) => backward(one, rest.host)),
    onFailure: {},
    services: [],
    proxies: {},
    source: { folder: '', versions: {}, files: {} },
  };
}

type Way = Pick<BackupPlanRequest, 'host' | 'chosen' | 'takeOver'>;

function forward(service: BackedUpService, { host, chosen, takeOver }: Way): Step[] {
  const place = { ...service, host, epoch: service.epoch + 1 };
  const make = stepMaker({ ...place, desired: service }, 'forward');
  const claim = make('claim', { revision: service.head ?? 0, takeOver, needs: [] });
  const copies: Step[] = [];
  for (const backup of service.backups) {
    const needs = copies.slice(-1).map(({ id }) => id);
    const name = nameOf(backup);
    if (!chosen) copies.push(...backupSteps(backup, place, needs));
    else copies.push(make('verify', { name, backup, chosen: chosen[name], needs }));
  }
  const { head } = service;
  return [claim, ...copies, make('record', { revision: head ?? 0, head, needs: [copies.at(-1)!.id] })];
}

function backward(service: BackedUpService, host: string): Step[] {
  const { head } = service;
  const make = stepMaker({ host, epoch: service.epoch + 1, desired: service }, 'undo');
  const undoes = stepId({ service: service.service, way: 'forward', kind: 'claim' });
  const claim = make('claim', { revision: head ?? 0, takeOver: false, undoes, needs: [] });
  return [claim, make('record', { revision: head ?? 0, head, undoes, needs: [claim.id] })];
}
