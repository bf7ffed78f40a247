import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { BelayError } from '../errors';
import { hints } from '../hints';
import { retries } from './retries';
import { tracing } from './tracing';

/**
 * Returns the address of Temporal and its options: TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY,
 * TEMPORAL_TLS… and profiles, as the SDK reads them. The default is 127.0.0.1:7233 and namespace `default`.
 */
export function connectOptions(env: NodeJS.ProcessEnv = process.env) {
  const { connectionOptions, namespace } = profileOf(env);
  return {
    ...connectionOptions,
    address: connectionOptions.address ?? '127.0.0.1:7233',
    namespace: namespace ?? 'default',
  };
}

/** Throws `input-invalid` if the file of profiles, or the chosen profile, is invalid. */
function profileOf(env: NodeJS.ProcessEnv) {
  try {
    return loadClientConnectConfig({ overrideEnvVars: env as Record<string, string> });
  } catch (cause) {
    const file = env.TEMPORAL_CONFIG_FILE ?? "the SDK's temporal.toml";
    throw new BelayError('input-invalid', `${file}: has no valid profile for Temporal (${(cause as Error).message})`, {
      hint: 'write [profile.default] into it, or name another profile in TEMPORAL_PROFILE',
      cause,
    });
  }
}

/** Connects a client to Temporal. Throws `temporal-unreachable`. */
export async function connectClient(env: NodeJS.ProcessEnv = process.env): Promise<Client> {
  const { namespace, ...options } = connectOptions(env);
  try {
    const connection = await Connection.connect({ connectTimeout: '5s', interceptors: retries, ...options });
    const workflow = tracing(env, 'belay')?.interceptors;
    return new Client({ connection, namespace, ...(workflow && { interceptors: { workflow } }) });
  } catch (cause) {
    throw new BelayError('temporal-unreachable', `Temporal does not answer at ${options.address}`, {
      hint: hints(env).temporalAway,
      cause,
    });
  }
}
