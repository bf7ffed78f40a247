import Docker from 'dockerode';
import { dockerOptions } from './docker-endpoint';

/** A client of the engine that the `docker` command of this environment talks to. Throws `input-invalid`. */
export const dockerClient = (env: NodeJS.ProcessEnv = process.env): Docker => new Docker(dockerOptions(env));
