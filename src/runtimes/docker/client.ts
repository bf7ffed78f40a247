import type Docker from 'dockerode';
import { dockerOptions } from './options';

/** A client of the engine that this environment's `docker` command uses. Throws `input-invalid`. */
export function dockerClient(env: NodeJS.ProcessEnv = process.env): Docker {
  // Loaded here, because loading takes as long as a command that needs no engine.
  const Client: typeof Docker = require('dockerode');
  return new Client(dockerOptions(env));
}
