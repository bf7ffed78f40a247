import type { FoundBackup } from '../../src/model/desired';
import type { Plan } from '../../src/model/plan';
import { planBackup } from '../../src/plan/plan-backup';

/** A database that has a backup. */
export const postgresOf = (more: Partial<FoundBackup> = {}): FoundBackup => ({
  service: 'db',
  what: { postgres: { database: 'shop' } },
  place: { folder: '/srv/backups' },
  before: ['job'],
  keep: 7,
  encrypt: [],
  verify: { query: 'SELECT 1' },
  container: 'shop-db-1',
  ...more,
});

/** Backups of two services, or a drill of one. */
export function planCopies({ drill = false } = {}): Plan {
  const crm = { service: 'crm', epoch: 2, head: 1, backups: [postgresOf({ service: 'crm', verify: undefined })] };
  const db = { service: 'db', epoch: 4, head: 1, backups: [postgresOf()] };
  return planBackup({
    platform: 'shop',
    host: 'h',
    engine: 'e',
    warnings: [],
    takeOver: false,
    services: drill ? [db] : [crm, db],
    ...(drill && { chosen: { 'db/postgres/shop': '20261129T221643123Z' } }),
  });
}
