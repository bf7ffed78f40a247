import { delimiter, resolve } from 'node:path';
import { z } from 'zod';
import { BelayError } from '../errors';
import { belayHome } from '../hosts/home';
import { hasLastingName, hostName } from '../hosts/machine';
import { hostNamePattern, hostNameSentence } from '../spec/host-name';

/** The worker's configuration, from the environment. Temporal's SDK reads its address, namespace, TLS and API key. */
const Environment = z.object({
  BELAY_SPECS: z.string().optional(),
  BELAY_HOST: z.string().regex(hostNamePattern, hostNameSentence).optional(),
  BELAY_HEALTH_PORT: z.coerce.number().int().min(0).max(65535).default(0),
  BELAY_METRICS_PORT: z.coerce.number().int().min(0).max(65535).default(0),
  BELAY_REDIRECT: z.enum(['on', 'off']).default('on'),
  BELAY_LOG: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
});

export interface WorkerConfig {
  home: string;
  host: string;
  /** Folders in which the worker finds platforms. */
  specs: string[];
  /** Port of /health on loopback; 0: none. */
  healthPort: number;
  /** Port of Prometheus' /metrics on loopback; 0: none. */
  metricsPort: number;
  /** The kernel may lead new connections from a port of the host to another one. */
  redirect: boolean;
  logLevel: 'debug' | 'info' | 'warn' | 'error';
}

/** Returns the configuration. Throws `input-invalid` with every invalid variable. */
export function workerConfig(env: NodeJS.ProcessEnv, cwd = process.cwd()): WorkerConfig {
  const parsed = Environment.safeParse(env);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`);
    throw new BelayError('input-invalid', `the worker's environment is invalid: ${problems.join('; ')}`, {
      hint: 'correct it and start the worker again',
    });
  }
  if (!parsed.data.BELAY_HOST && !hasLastingName()) throw nameless();
  const { BELAY_SPECS, BELAY_HOST, BELAY_HEALTH_PORT, BELAY_METRICS_PORT, BELAY_REDIRECT, BELAY_LOG } = parsed.data;
  return {
    home: belayHome(env),
    host: BELAY_HOST ?? hostName(),
    specs: (BELAY_SPECS ?? cwd).split(delimiter).map((folder) => resolve(cwd, folder)),
    healthPort: BELAY_HEALTH_PORT,
    metricsPort: BELAY_METRICS_PORT,
    redirect: BELAY_REDIRECT === 'on',
    logLevel: BELAY_LOG,
  };
}

/** A container's own name changes at each start, and open releases would wait for the former one for ever. */
const nameless = (): BelayError =>
  new BelayError('input-invalid', 'BELAY_HOST is missing: a worker in a container cannot tell its host by itself', {
    hint: 'set BELAY_HOST to a name that stays the same for as long as the host does, and start the worker again',
  });
