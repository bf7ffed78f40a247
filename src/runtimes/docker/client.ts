import type Docker from 'dockerode';
import { dockerOptions } from './options';

/** A client of the engine that the `docker` command of this environment talks to. Throws `input-invalid`. */
export function dockerClient(env: NodeJS.ProcessEnv = process.env): Docker {
  // Loaded here: it takes as long as a command that asks no engine.
  const Client: typeof Docker = require('dockerode');
  return new Client(dockerOptions(env));
}
