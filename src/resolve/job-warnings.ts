import type { ServiceSpec } from '../spec/spec';

/** A PostgreSQL client reads one of these, or a URL. */
const postgresNames = /^(PG(HOST|SERVICE|DATABASE)|POSTGRES(QL)?_(HOST|URL|DSN)|DB_HOST)$/;
const postgresUrl = /^postgres(ql)?:\/\//;

/**
 * A warning about a job that may wait for a lock without a limit: while it waits, PostgreSQL lets nobody else at the
 * table. Names variables, never values. Pure.
 */
export function lockWarnings(
  { jobs, strategy }: Pick<ServiceSpec, 'jobs' | 'strategy'>,
  environment: Record<string, string>,
): string[] {
  const own = strategy.kind === 'job' ? [{ name: undefined, command: [] as string[] }] : jobs;
  const entries = Object.entries(environment);
  const to = entries.find(([name, value]) => postgresUrl.test(value) || postgresNames.test(name))?.[0];
  const limited = (texts: string[]) => texts.some((text) => text.includes('lock_timeout'));
  if (!to || limited(entries.map(([, value]) => value))) return [];
  return own
    .filter(({ command }) => !limited(command))
    .map(
      ({ name }) =>
        `${name ? `job ${name} reaches` : 'reaches'} PostgreSQL (${to}) without a lock_timeout: a migration that waits for a lock stops every request to the table behind it. Set a lock_timeout of a few seconds in its migrations, or by PGOPTIONS in its environment`,
    );
}
