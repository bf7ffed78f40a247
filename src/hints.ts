/** What to do next about what is not there, in the commands by which Belay was started here. */
export interface Hints {
  /** Nobody answers at Temporal's address. */
  temporalAway: string;
  /** Nobody answers for a release. */
  workerAway: string;
  /** No worker polls a task queue. */
  unpolled: string;
  /** No folder that the worker of this process looks into has the platform. */
  platformUnknown(specs: string[]): string;
  /** A worker looks into `specs`, folders as BELAY_SPECS, and not into all of them yet. */
  workerFor(specs: string): string;
  /** A Temporal beside one that is itself released. */
  anotherTemporal: string;
  /** `belay serve` is how a Temporal is started here. */
  servesTemporal: boolean;
}

/** Where this process runs: BELAY_STACK is set by docker-compose.yml in the worker's container. */
export const hints = (env: NodeJS.ProcessEnv = process.env): Hints =>
  env.BELAY_STACK === 'compose' ? ofStack : ofCommands;

const ofCommands: Hints = {
  temporalAway: '`belay serve` starts one here, or TEMPORAL_ADDRESS names another',
  workerAway: 'is a worker running? `belay serve` or `belay worker` starts one',
  unpolled:
    'a worker that was just started takes some seconds (docker compose up -d --wait waits for it); else start one: belay serve, or belay worker',
  platformUnknown: (specs) =>
    `put the folder of its belay.yaml into one of these, or start the worker for it too: belay serve --stop && belay serve --detach ${specs.join(' ')} FOLDER; a platform of another host needs --host`,
  workerFor: (specs) => `start it again for all of them: BELAY_SPECS=${specs} belay worker`,
  anotherTemporal: 'let Belay use another one: belay serve',
  servesTemporal: true,
};

const ofStack: Hints = {
  temporalAway:
    'docker compose up -d --wait starts it, docker compose logs temporal says what keeps it; TEMPORAL_ADDRESS in .env names one of your own',
  workerAway:
    'is the worker running? docker compose up -d --wait starts it, docker compose logs worker says what keeps it',
  unpolled:
    'a worker that was just started takes some seconds: docker compose up -d --wait waits for it, docker compose logs worker says what keeps it',
  platformUnknown: (specs) =>
    `put the folder of its belay.yaml into ${specs.join(' or ')}, or name another folder in BELAY_SPECS of .env: docker compose up -d --wait takes it up; a platform of another host needs --host`,
  workerFor: (specs) =>
    `put all of these into one folder, and name that in BELAY_SPECS of .env: ${specs}; docker compose up -d --wait takes it up`,
  anotherTemporal: 'name another one in TEMPORAL_ADDRESS of .env: docker compose up -d --wait takes it up',
  servesTemporal: false,
};
